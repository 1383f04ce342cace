package journal

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/gofrs/flock"
)

// folderLock keeps a second run out of the folder. The operating system frees it with the process, however that ends.
// Who holds it stands in a file beside it, since a locked file cannot be read everywhere.
type folderLock struct {
	lock   *flock.Flock
	holder string
	says   string
}

func lockFolder(dir string) (*folderLock, error) {
	path := filepath.Join(dir, "lock")
	l := &folderLock{lock: flock.New(path), holder: path + ".holder"}
	ok, err := l.lock.TryLock()
	if err != nil {
		return nil, fmt.Errorf("locking %s: %w", path, err)
	}
	if !ok {
		said, _ := os.ReadFile(l.holder)
		return nil, &LockedError{Path: path, Holder: printable(string(said))}
	}
	host, _ := os.Hostname()
	l.says = fmt.Sprintf("process %d on %s since %s", os.Getpid(), host, time.Now().UTC().Format(time.RFC3339))
	if err := os.WriteFile(l.holder, []byte(l.says+"\n"), 0o600); err != nil {
		l.lock.Close()
		return nil, err
	}
	return l, nil
}

// Alone does what no run may be at work in the folder for, but this one, and keeps others from starting meanwhile. Without doing
// it, it returns a *LockedError when one is.
func (j *Journal) Alone(do func() error) error {
	if j.lock != nil {
		return do()
	}
	lock, err := lockFolder(filepath.Dir(j.path))
	if err != nil {
		return err
	}
	return errors.Join(do(), lock.release())
}

func (l *folderLock) release() error {
	// Only our own words: the folder may have been taken over.
	if said, err := os.ReadFile(l.holder); err == nil && strings.TrimSpace(string(said)) == l.says {
		os.Remove(l.holder)
	}
	return l.lock.Close()
}

// printable bounds what a file says before it is shown.
func printable(s string) string {
	s = strings.Map(func(r rune) rune {
		if r < ' ' || r == 0x7f {
			return -1
		}
		return r
	}, s)
	return s[:min(len(s), 200)]
}
