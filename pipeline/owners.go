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

// each asks all journals of others that were written since, or that a run has. What can't be asked is told when all others
// were.
func (n *neighbours) each(ctx context.Context, since time.Time, ask func(*journal.Journal) error) error {
	if n.dir == "" {
		return nil
	}
	n.turn <- struct{}{}
	defer func() { <-n.turn }()
	entries, err := n.entries()
	if err != nil {
		return n.hold(ctx, n.dir, n.dir, err)
	}
	var held error
	named := map[string]bool{}
	for name, path := range entries {
		if named[path] {
			continue
		}
		named[path] = true
		j, done, err := n.reach(ctx, path, since)
		if j != nil {
			err = ask(j)
			done()
		}
		switch {
		case err == nil:
		case ctx.Err() != nil:
			return ctx.Err()
		default:
			n.shut(path)
			held = n.hold(ctx, path, filepath.Join(n.dir, name), err)
		}
	}
	for path := range n.open {
		if !named[path] {
			n.shut(path)
		}
	}
	return held
}

func (n *neighbours) hold(ctx context.Context, path, entry string, err error) error {
	if ctx.Err() != nil {
		return ctx.Err()
	}
	if !n.told[path] {
		n.told[path] = true
		n.warn(fmt.Sprintf("the journal of another run, in %s, can't be read: %v; while it is there, submits whose answer never came are held: mend it, move the folder away, or remove %s, by which it is found", path, err, entry))
	}
	return &unreadable{path, err}
}

// reach opens the journal of a folder, nil when it is our own or has nothing to say. done is called when it was asked.
func (n *neighbours) reach(ctx context.Context, path string, since time.Time) (_ *journal.Journal, done func(), err error) {
	file := journalOf(path)
	is, err := os.Stat(file)
	switch {
	case gone(err):
		n.shut(path)
		return nil, nil, nil
	case closed(err):
		n.shut(path)
		n.unseen(path, err)
		return nil, nil, nil
	case err != nil:
		return nil, nil, err
	case os.SameFile(is, n.own) || !is.Mode().IsRegular() || rests(file, is, since):
		return nil, nil, nil
	}
	if b := n.open[path]; b != nil && os.SameFile(b.file, is) {
		return b.journal, func() {}, nil
	}
	n.shut(path)
	stays := len(n.open) < mostOpen
	j, err := journal.OpenReadOnly(ctx, filepath.Dir(file))
	if unread := (*journal.ReadError)(nil); errors.As(err, &unread) && finished(file) { // where nothing can be written, SQLite can't read either
		if still, failed := journal.OpenFinished(ctx, filepath.Dir(file)); failed == nil {
			j, err, stays = still, nil, false // it may be finished no longer when it is asked again
		}
	}
	if errors.Is(err, fs.ErrNotExist) { // it is empty as yet
		return nil, nil, nil
	}
	if err != nil {
		return nil, nil, err
	}
	if service, err := j.Service(ctx); err != nil || service != n.service { // made anew, for another one
		return nil, nil, errors.Join(err, j.Close())
	}
	if !stays {
		return j, func() { j.Close() }, nil
	}
	n.open[path] = &neighbour{j, is}
	return j, func() {}, nil
}

// rests reports whether no run has the folder, and none has written to it since.
func rests(file string, is fs.FileInfo, since time.Time) bool {
	written := is.ModTime()
	if log, err := os.Stat(file + "-wal"); err == nil && log.ModTime().After(written) {
		written = log.ModTime()
	}
	return written.Before(since) && !had(file)
}

// had reports whether a run has the folder, or died in it.
func had(file string) bool {
	_, err := os.Stat(filepath.Join(filepath.Dir(file), "lock.holder"))
	return !errors.Is(err, fs.ErrNotExist)
}

// finished reports whether all that was written to the journal is in its one file.
func finished(file string) bool {
	log, err := os.Stat(file + "-wal")
	return !had(file) && (errors.Is(err, fs.ErrNotExist) || err == nil && log.Size() == 0)
}

func (n *neighbours) shut(path string) {
	if b := n.open[path]; b != nil {
		b.journal.Close() // it was only read
		delete(n.open, path)
	}
}
