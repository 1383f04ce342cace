package pipeline

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"time"

	"github.com/gofrs/flock"

	"wirobatch/pipeline/journal"
)

const (
	// answerBy is longer than the answer to a submit takes to come and to be recorded: after it, a submit of another run that
	// has neither is a lost one. Our own answers that come later than half of it are held against what others have found.
	answerBy = 5 * time.Minute
	// lagging is longer than a list that lags may keep a task from us: what was first seen since then was made since then.
	lagging = time.Hour
	// ancient is how far back folders are asked for a task that is older than all our starts. Only what another run has lost
	// lets the search reach so far.
	ancient = 30 * 24 * time.Hour
	// mostOpen bounds the journals that stay open, each with three files. Those beyond it are opened each time.
	mostOpen = 64
	// lockPatience bounds the wait for a run that has the turn to adopt, which takes it a moment.
	lockPatience = 30 * time.Second
	lockAgain    = 5 * time.Millisecond
)

// neighbours are the output folders of this user's runs on the same service. A lost submit is looked up in a list that does
// not say whose a task is: their journals do. They are read, never written; what is of us for them is our own journal.
//
// The list comes first, the journals after it: then each task in the list that is not lost stands in one of them, as a
// task or as an intent that is unanswered. What the runs adopt they adopt in turns. Who has not written since a start of ours
// has none of the tasks that came after it.
type neighbours struct {
	dir     string // has one entry a folder, and the lock; "" when there is none
	why     error  // why there is none, nil where nobody wants one
	service string
	lag     time.Duration // how much earlier than we could see it a task may have been made
	warn    func(string)
	own     fs.FileInfo   // of our journal
	turn    chan struct{} // held for all that follows
	lookups int
	open    map[string]*neighbour // by path, while anything is looked up
	told    map[string]bool
	begun   sync.Map // by task, since when others are asked for it: to find that takes a look at all of our submits
}

type neighbour struct {
	journal *journal.Journal
	file    fs.FileInfo // a folder may be made anew under its name
}

// newNeighbours lets the folder be seen by the others. Without a place for that the run goes on alone.
func newNeighbours(ctx context.Context, o Options) *neighbours {
	n := &neighbours{service: o.Service, warn: o.Warn, turn: make(chan struct{}, 1), open: map[string]*neighbour{}, told: map[string]bool{}, lag: lagging}
	switch {
	case o.Sandbox: // nobody else is on it
		return n
	case o.Neighbours == "":
		n.why = errors.New("there is no folder for what the runs know of each other")
		return n
	}
	if strings.HasPrefix(o.Client.BaseURL(), "http:") {
		n.lag = 0 // a service of this machine may have begun anew since, and counted its tasks from the start
	}
	n.dir = filepath.Join(o.Neighbours, entryName(o.Service))
	if err := n.enter(ctx, o.Out); err != nil {
		n.dir, n.why = "", err
	}
	return n
}

// adopting waits for the turn among all runs to check whose a task is, and to take it.
func (n *neighbours) adopting(ctx context.Context) (leave func(), err error) {
	if n.dir == "" {
		return func() {}, nil
	}
	lock := flock.New(filepath.Join(n.dir, "lock"))
	if is, err := os.Lstat(lock.Path()); err == nil && !is.Mode().IsRegular() { // opening it may take for ever
		return nil, fmt.Errorf("%s is not a file: remove it", lock.Path())
	}
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
