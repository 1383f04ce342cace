package journal

import (
	"errors"
	"fmt"
	"io/fs"
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
	for n := 0; !ok && err == nil && n < glances && glanced(path); n++ {
		time.Sleep(glance)
		ok, err = l.lock.TryLock()
	}
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

// A look at the lock, as AtWork takes it, shares it for less than that.
const (
	glance  = 5 * time.Millisecond
	glances = 100
)

// glanced tells whether nobody has the lock but those who look at it.
func glanced(path string) bool {
	l := flock.New(path, flock.SetFlag(os.O_RDONLY))
	shared, err := l.TryRLock()
	l.Close()
	return shared && err == nil
}

// Holder is who is at work in a folder, as it says of itself.
type Holder struct {
	PID   int // 0: it did not say it (yet)
	Host  string
	Since time.Time
}

// AtWork tells whether a run is at work in the folder of a journal, and which. Neither waits for the other.
func AtWork(dir string) (h Holder, held bool, err error) {
	path := filepath.Join(dir, "lock")
	l := flock.New(path, flock.SetFlag(os.O_RDONLY)) // it makes none
	free, err := l.TryRLock()
	l.Close()
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return h, false, nil
	case err != nil:
		return h, false, fmt.Errorf("looking at %s: %w", path, err)
	case free:
		return h, false, nil
	}
	said, _ := os.ReadFile(path + ".holder")
	var since string
	if _, err := fmt.Sscanf(printable(string(said)), "process %d on %s since %s", &h.PID, &h.Host, &since); err == nil {
		h.Since, _ = time.Parse(time.RFC3339, since)
	}
	return h, true, nil
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
