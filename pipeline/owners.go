package pipeline

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"time"

	"wirobatch/pipeline/journal"
)

// unreadable is a journal of another run that can't be asked. What it owns may be anything: nothing is adopted then, and
// nothing is proven absent.
type unreadable struct {
	path string
	err  error
}

func (u *unreadable) Error() string {
	return fmt.Sprintf("whether a task is that of another run, in %s, can't be told: %v", u.path, u.err)
}

func (u *unreadable) Unwrap() error { return u.err }

// lookup begins one. The journals of the others are open while there is any, not longer: a run whose journal is open elsewhere
// leaves its log behind.
func (n *neighbours) lookup() (done func()) {
	n.turn <- struct{}{}
	defer func() { <-n.turn }()
	n.lookups++
	if n.why != nil && !n.told[""] {
		n.told[""] = true
		n.warn(fmt.Sprintf("what other runs have submitted can't be seen (%v): if another asks for the same now, a cell may come to show its task", n.why))
	}
	return func() {
		n.turn <- struct{}{}
		defer func() { <-n.turn }()
		if n.lookups--; n.lookups == 0 {
			for path := range n.open {
				n.shut(path)
			}
		}
	}
}

// each asks all journals of others that may have to say anything of a submit of that time.
func (n *neighbours) each(ctx context.Context, intended time.Time, ask func(path string, j *journal.Journal) error) error {
	if n.dir == "" {
		return nil
	}
	n.turn <- struct{}{}
	defer func() { <-n.turn }()
	entries, err := n.entries()
	if err != nil {
		return n.hold(ctx, n.dir, err)
	}
	named := map[string]bool{}
	for _, path := range entries {
		if named[path] {
			continue
		}
		named[path] = true
		j, err := n.reach(ctx, path, intended.Add(-n.month))
		if j != nil {
			err = ask(path, j)
		}
		if err != nil {
			n.shut(path)
			return n.hold(ctx, path, err)
		}
	}
	for path := range n.open {
		if !named[path] {
			n.shut(path)
		}
	}
	return nil
}

func (n *neighbours) hold(ctx context.Context, path string, err error) error {
	if ctx.Err() != nil {
		return ctx.Err()
	}
	if !n.told[path] {
		n.told[path] = true
		n.warn(fmt.Sprintf("the journal of another run, in %s, can't be read: %v; while it is there, submits whose answer never came are held: mend it, or move the folder away", path, err))
	}
	return &unreadable{path, err}
}

// reach opens the journal of a folder, nil when it is our own or has nothing to say.
func (n *neighbours) reach(ctx context.Context, path string, since time.Time) (*journal.Journal, error) {
	file := journalOf(path)
	is, err := os.Stat(file)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		n.shut(path)
		return nil, nil
	case err != nil:
		return nil, err
	case os.SameFile(is, n.own) || rests(file, is, since):
		return nil, nil
	}
	if b := n.open[path]; b != nil && os.SameFile(b.file, is) {
		return b.journal, nil
	}
	n.shut(path)
	j, err := journal.OpenReadOnly(ctx, filepath.Dir(file))
	if errors.Is(err, fs.ErrNotExist) { // it is empty as yet
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	if service, err := j.Service(ctx); err != nil || service != n.service { // made anew, for another one
		return nil, errors.Join(err, j.Close())
	}
	n.open[path] = &neighbour{j, is}
	return j, nil
}

// rests reports whether no run has the folder, and none has written to it since.
func rests(file string, is fs.FileInfo, since time.Time) bool {
	written := is.ModTime()
	if log, err := os.Stat(file + "-wal"); err == nil && log.ModTime().After(written) {
		written = log.ModTime()
	}
	_, held := os.Stat(filepath.Join(filepath.Dir(file), "lock.holder"))
	return written.Before(since) && errors.Is(held, fs.ErrNotExist)
}

func (n *neighbours) shut(path string) {
	if b := n.open[path]; b != nil {
		b.journal.Close() // it was only read
		delete(n.open, path)
	}
}
