//go:build !linux

package durable

import (
	"io/fs"
	"os"
	"path/filepath"
)

// SyncAll makes all that was placed in dir durable.
func SyncAll(dir string) error {
	step(dir)
	return filepath.WalkDir(dir, func(path string, d fs.DirEntry, err error) error {
		if err != nil {
			return NewError("read", path, err)
		}
		if d.IsDir() {
			return syncDir(path)
		}
		f, err := os.OpenFile(path, os.O_RDWR, 0) // Windows syncs no file that is open for reading
		if err != nil {
			return NewError("open", path, err)
		}
		defer f.Close()
		return NewError("sync", path, f.Sync())
	})
}
