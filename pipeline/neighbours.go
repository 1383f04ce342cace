package pipeline

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/gofrs/flock"

	"wirobatch/pipeline/durable"
	"wirobatch/pipeline/journal"
)

const (
	// answerBy is longer than the answer to a submit takes to come and to be recorded: after it, a submit of another run that
	// has neither is a lost one. Our own answers that come later than half of it are held against what others have found.
	answerBy = 5 * time.Minute
	// asleep is for how long nothing was written to a folder, before the intent of what is looked up, that has nothing to say
	// of it: a start may take days.
	asleep = 30 * 24 * time.Hour
	// lockPatience bounds the wait for a run that has the turn to adopt, which takes it a moment.
	lockPatience = 30 * time.Second
	lockAgain    = 5 * time.Millisecond
)

// neighbours are the output folders of this user's runs on the same service. A lost submit is looked up in a list that does
// not say whose a task is: their journals do. They are read, never written; what is of us for them is our own journal.
//
// The list comes first, the journals after it: then each task in the list that is not lost stands in one of them, as a
// task or as an intent that is unanswered. What the runs adopt they adopt in turns.
type neighbours struct {
	dir     string // has one entry a folder, and the lock; "" when there is none
	why     error  // why there is none, nil where nobody wants one
	service string
	month   time.Duration // how long before an intent others matter
	warn    func(string)
	own     fs.FileInfo   // of our journal
	turn    chan struct{} // held for all that follows
	lookups int
	open    map[string]*neighbour // by path, while anything is looked up
	told    map[string]bool
}

type neighbour struct {
	journal *journal.Journal
	file    fs.FileInfo // a folder may be made anew under its name
}

// newNeighbours lets the folder be seen by the others. Without a place for that the run goes on alone.
func newNeighbours(ctx context.Context, o Options) *neighbours {
	n := &neighbours{service: o.Service, warn: o.Warn, turn: make(chan struct{}, 1), open: map[string]*neighbour{}, told: map[string]bool{}, month: asleep}
	switch {
	case o.Sandbox: // nobody else is on it
		return n
	case o.Neighbours == "":
		n.why = errors.New("there is no folder for what the runs know of each other")
		return n
	}
	if strings.HasPrefix(o.Client.BaseURL(), "http:") {
		n.month = 0 // a service of this machine may have begun anew since, and counted its tasks from the start
	}
	n.dir = filepath.Join(o.Neighbours, entryName(o.Service))
	if err := n.enter(ctx, o.Out); err != nil {
		n.dir, n.why = "", err
	}
	return n
}

func entryName(what string) string {
	sum := sha256.Sum256([]byte(what))
	return hex.EncodeToString(sum[:])[:entryLength]
}

const entryLength = 20

// enter writes our entry, and removes those of folders that are gone.
func (n *neighbours) enter(ctx context.Context, out string) error {
	path, err := filepath.Abs(out)
	if err != nil {
		return err
	}
	if real, err := filepath.EvalSymlinks(path); err == nil {
		path = real
	}
	if n.own, err = os.Stat(journalOf(path)); err != nil {
		return err
	}
	if err := os.MkdirAll(n.dir, 0o700); err != nil {
		return err
	}
	leave, err := n.adopting(ctx)
	if err != nil {
		return err
	}
	defer leave()
	entries, err := n.entries()
	if err != nil {
		return err
	}
	for name, path := range entries {
		if _, err := os.Stat(journalOf(path)); errors.Is(err, fs.ErrNotExist) {
			os.Remove(filepath.Join(n.dir, name))
		}
	}
	target := filepath.Join(n.dir, entryName(path))
	if said, err := os.ReadFile(target); err == nil && string(said) == path {
		return nil
	}
	f, err := durable.Create(n.dir)
	if err != nil {
		return err
	}
	if _, err := f.Write([]byte(path)); err != nil {
		f.Discard()
		return err
	}
	return f.Commit(target)
}

func journalOf(out string) string { return filepath.Join(out, ".wirobatch", journal.FileName) }

// entries are the paths of the folders, by the names of their entries.
func (n *neighbours) entries() (map[string]string, error) {
	files, err := os.ReadDir(n.dir)
	if err != nil {
		return nil, err
	}
	all := map[string]string{}
	for _, f := range files {
		if len(f.Name()) != entryLength || strings.Trim(f.Name(), "0123456789abcdef") != "" {
			continue
		}
		switch path, err := os.ReadFile(filepath.Join(n.dir, f.Name())); {
		case errors.Is(err, fs.ErrNotExist): // its folder is gone
		case err != nil:
			return nil, err
		case filepath.IsAbs(string(path)):
			all[f.Name()] = string(path)
		}
	}
	return all, nil
}

// adopting waits for the turn among all runs to check whose a task is, and to take it.
func (n *neighbours) adopting(ctx context.Context) (leave func(), err error) {
	if n.dir == "" {
		return func() {}, nil
	}
	lock := flock.New(filepath.Join(n.dir, "lock"))
	for begun := time.Now(); ; {
		ok, err := lock.TryLock()
		switch {
		case ok:
			return func() { lock.Close() }, nil
		case err == nil && time.Since(begun) > lockPatience:
			err = errors.New("another run does not give it back")
		}
		if err != nil {
			return nil, fmt.Errorf("locking %s: %w", lock.Path(), err)
		}
		if err := sleep(ctx, lockAgain); err != nil {
			return nil, err
		}
	}
}
