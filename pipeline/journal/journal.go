// Package journal keeps what is durable about a run: one SQLite file in the folder of the run, and on it the operations
// that a runner needs. It is the only truth that reports read.
package journal

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"sync"

	"github.com/shopspring/decimal"
	"golang.org/x/time/rate"
)

// FileName is the name of the database in the folder.
const FileName = "journal.db"

// outcomesAhead is how many ended cells may wait for the reader of Outcomes before Finish waits for it.
const outcomesAhead = 4096

// Options of Open.
type Options struct {
	Service   string              // what the folder is bound to: the base URL
	Ephemeral bool                // the service forgets its tasks with the process: what was under way is pending again
	Slots     int                 // cells leased with a slot at once; at least 1
	Rate      rate.Limit          // of Admit, a second; 0: no limit
	Burst     int                 // of Admit; at least 1
	Budget    decimal.NullDecimal // of the folder over all its starts, USD
}

// Journal is a run's durable state. Its methods may be called concurrently.
type Journal struct {
	path    string
	options Options
	run     int64 // number of this start; higher ones take over from lower ones
	secret  string
	lock    *folderLock
	reader  *sql.DB
	known   *sql.Stmt // the query of TaskKnown, which each submit asks
	limiter *rate.Limiter

	writes  chan *write
	sending sync.RWMutex // held for reading while a write is handed over, for writing by Close
	closed  bool         // under sending
	closing chan struct{}
	written chan struct{} // closed when the writer has ended

	turn   chan struct{} // held by the one caller of Lease that looks for a cell
	wake   chan struct{} // tells it that something changed
	pacing chan struct{} // held by the one caller of Admit that waits for the limiter

	mu    sync.Mutex
	err   error // why nothing can be written any more
	queue queue
	gate  gate
	tally tally

	outcomes chan Row
	heard    bool           // somebody listens to outcomes
	emitting sync.WaitGroup // sends under way, for Close
}

// Open takes the folder's lock, opens or creates its journal, brings the schema up to date, and takes over what an earlier runner left:
// cancelled cells are pending again, cells with a task or an intent wait to be leased first.
// Errors: *LockedError, *ServiceError, *SchemaError, or what the disk says.
func Open(ctx context.Context, dir string, o Options) (_ *Journal, err error) {
	if err := os.MkdirAll(dir, 0o700); err != nil { // task tokens are in it
		return nil, err
	}
	lock, err := lockFolder(dir)
	if err != nil {
		return nil, err
	}
	o.Slots, o.Burst = max(o.Slots, 1), max(o.Burst, 1)
	if o.Rate == 0 {
		o.Rate = rate.Inf
	}
	j := newJournal(filepath.Join(dir, FileName), o)
	j.lock, j.limiter = lock, rate.NewLimiter(o.Rate, o.Burst)
	defer func() {
		if err != nil {
			lock.release()
			if j.reader != nil {
				j.reader.Close()
			}
		}
	}()
	w, err := openWriter(ctx, j)
	if err != nil {
		return nil, err
	}
	defer func() {
		if err != nil {
			w.abandon(j.path)
		}
	}()
	if j.reader, err = openDatabase(j.path, "ro", readerPragmas); err != nil {
		return nil, err
	}
	if err := j.takeOver(ctx, w); err != nil {
		return nil, err
	}
	if j.known, err = j.reader.PrepareContext(ctx, knownTask); err != nil {
		return nil, unread(j.path, err)
	}
	if err := j.load(ctx, w.conn); err != nil {
		return nil, unread(j.path, err)
	}
	if err := j.recallRate(ctx, w.conn); err != nil {
		return nil, unread(j.path, err)
	}
	go j.serve(w)
	return j, nil
}

func newJournal(path string, o Options) *Journal {
	j := &Journal{
		path: path, options: o,
		writes:  make(chan *write, 256),
		closing: make(chan struct{}), written: make(chan struct{}),
		turn: make(chan struct{}, 1), wake: make(chan struct{}, 1), pacing: make(chan struct{}, 1),
		outcomes: make(chan Row, outcomesAhead),
	}
	j.queue.init()
	j.gate.slots = o.Slots
	j.tally.init()
	return j
}

// OpenReadOnly opens the journal for reports. It takes no lock and works while a run is going on.
// The error is os.ErrNotExist when the folder has none; operations that write return ErrReadOnly.
func OpenReadOnly(ctx context.Context, dir string) (*Journal, error) {
	path := filepath.Join(dir, FileName)
	if _, err := os.Stat(path); err != nil {
		return nil, err
	}
	db, err := openDatabase(path, "ro", readerPragmas)
	if err != nil {
		return nil, err
	}
	return readOnly(ctx, path, db)
}

func readOnly(ctx context.Context, path string, db *sql.DB) (*Journal, error) {
	j := newJournal(path, Options{})
	j.reader, j.closed = db, true
	close(j.written)
	v, err := schemaVersion(ctx, db)
	switch {
	case unfinished(err): // the next run makes it
		err = fmt.Errorf("%s is not finished: %w", path, os.ErrNotExist)
	case err != nil:
		err = unread(path, err)
	case v > len(migrations):
		err = &SchemaError{Path: path, Found: v, Known: len(migrations)}
	case v == 0: // a first run is about to fill it
		err = fmt.Errorf("%s is empty as yet: %w", path, os.ErrNotExist)
	}
	if err == nil {
		if j.known, err = db.PrepareContext(ctx, knownTask); err != nil {
			err = unread(path, err)
		}
	}
	if err != nil {
		db.Close()
		return nil, err
	}
	return j, nil
}

// Close ends what is blocked in Lease, writes what was handed over, closes Outcomes and gives the folder free.
// Leases that are still out are lost without harm: their cells are as last saved.
func (j *Journal) Close() error {
	if j.lock == nil {
		return j.reader.Close()
	}
	j.sending.Lock()
	if j.closed {
		j.sending.Unlock()
		return nil
	}
	j.closed = true
	close(j.closing)
	j.sending.Unlock()
	j.emitting.Wait()
	close(j.outcomes)
	// The reader goes first: the last connection, when it may write, folds the log into the database.
	err := j.reader.Close()
	close(j.writes)
	<-j.written
	return errors.Join(err, j.lock.release())
}

// poke wakes the caller of Lease that waits.
func (j *Journal) poke() {
	select {
	case j.wake <- struct{}{}:
	default:
	}
}
