package durable

import (
	"os"
	"path/filepath"
	"runtime"
	"sync"
)

// folder is synced by one after the other. Who comes while a sync is under way shares the next one, for that one began after
// all of their changes.
type folder struct {
	syncing sync.Mutex
	next    *shared // has not begun
}

// shared is one sync of a folder.
type shared struct {
	done chan struct{}
	err  error
}

var (
	folders   = map[string]*folder{}
	foldersMu sync.Mutex
)

// syncDir makes a rename in dir durable. Windows has no such call; there a rename is as durable as NTFS makes it.
func syncDir(dir string) error {
	if runtime.GOOS == "windows" {
		return nil
	}
	step(dir)
	foldersMu.Lock()
	f := folders[dir]
	if f == nil {
		f = &folder{}
		folders[dir] = f
	}
	s := f.next
	if s != nil {
		foldersMu.Unlock()
		<-s.done
		return s.err
	}
	s = &shared{done: make(chan struct{})}
	f.next = s
	foldersMu.Unlock()

	f.syncing.Lock()
	foldersMu.Lock()
	f.next = nil
	foldersMu.Unlock()
	s.err = syncNow(dir)
	f.syncing.Unlock()
	close(s.done)
	return s.err
}

func syncNow(dir string) error {
	d, err := os.Open(dir)
	if err != nil {
		return NewError("open", dir, err)
	}
	defer d.Close()
	return NewError("sync", dir, d.Sync())
}

// Rename moves a file or folder to a name that is free, durably.
func Rename(from, to string) error {
	step(to)
	if err := os.Rename(from, to); err != nil {
		return NewError("rename to", to, err)
	}
	return syncDir(filepath.Dir(to))
}
