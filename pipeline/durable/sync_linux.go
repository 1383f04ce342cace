package durable

import (
	"os"

	"golang.org/x/sys/unix"
)

// SyncAll makes all that was placed in dir durable, at once: many files take no longer than their bytes.
func SyncAll(dir string) error {
	step(dir)
	d, err := os.Open(dir)
	if err != nil {
		return NewError("open", dir, err)
	}
	defer d.Close()
	return NewError("sync", dir, unix.Syncfs(int(d.Fd())))
}
