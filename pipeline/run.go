package pipeline

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"sync"
	"sync/atomic"
	"time"

	"github.com/shopspring/decimal"
	"golang.org/x/sync/errgroup"
	"golang.org/x/time/rate"

	"wirobatch/manifest"
	"wirobatch/pipeline/durable"
	"wirobatch/pipeline/journal"
	"wirobatch/pipeline/report"
	"wirobatch/pipeline/watch"
	"wirobatch/wiro"
)

const (
	// downloads is how many there are at once.
	downloads = 128
	// behind is how many cells may be past their slot, downloading or waiting for that, before slots idle for them: files
	// that come slowly do not hold up submits, files that hardly come at all are not paid for without end.
	behind = 1024
)

// A Run is one start on an output folder.
type Run struct {
	o       Options
	client  *wiro.Client
	grid    *manifest.Grid
	journal *journal.Journal
	watcher *watch.Watcher
	api     *watch.Line // reads of the service
	lists   *watch.Line // those of its list
	cdn     *watch.Line // downloads
	retries *watch.RetryBudget
	tmp     string // where files are written before they have their name

	prices   prices
	gate     *gate
	pause    *pause
	space    space
	claims   claims
	named    naming
	identity identity
	lookup   lookup
	others   *neighbours
	refused  tally
	wrongs   wrongs
	fetching chan struct{} // held by each download
	posts    posts         // held by each submit
	scout    chan struct{} // held by the cell that runs to learn the price
	columns  []string      // parameters that cells have, now or before
	active   atomic.Int64  // submits under way, and tasks that are being watched
	asking   atomic.Int64  // submits under way
	fresh    atomic.Int64  // pending cells that were taken up for the first time, which --limit counts
	queued   atomic.Int64  // cells that wait to be submitted
	leaving  atomic.Int64  // pending cells that are on their way to an intent
	door     sync.Mutex    // through which they leave one after the other
	submits  atomic.Int64  // accepted in this run
	short    atomic.Int64  // when a cell was last put off for want of money
	did      atomic.Bool   // a cell was leased
	full     atomic.Bool   // the disk takes no more files
	enqueued bool          // the journal has the whole grid already
	newest   newest

	beside  func(func() error) // runs what is outside of the pool: enqueueing and settling
	mu      sync.Mutex
	reasons []Reason
	blocked string // the last trouble with submits
	refusal string // what the service says of all cells
	disk    error  // the first trouble with the disk
	// submitting ends when no more is submitted, and with it what waits for that.
	submitting context.Context
	shut       context.CancelFunc
	started    time.Time
	row        journal.Run     // this start, in the journal
	before     decimal.Decimal // spent by earlier starts
}

// Open takes the folder, brings its journal up to the manifest, and does what the options say about earlier cells.
// The errors are those of journal.Open, *StrayError and *durable.Error.
func Open(ctx context.Context, o Options) (_ *Run, err error) {
	if o.Warn == nil {
		o.Warn = func(string) {}
	}
	r := &Run{
		o: o, client: o.Client, grid: o.Manifest.Grid(), started: time.Now(),
		gate: newGate(o.Limits.Concurrency), tmp: filepath.Join(o.Out, ".wirobatch", "tmp"),
		cdn: watch.NewLine(watch.Reserve, nil, nil), retries: new(watch.RetryBudget),
	}
	r.api = watch.NewLine(watch.Reserve, r.retries, r.latch)
	r.lists = r.api.Branch()
	own := filepath.Dir(r.tmp)
	if err := refuseStray(ctx, o.Out); err != nil {
		return nil, err
	}
	if err := durable.MkdirAll(own); err != nil {
		return nil, err
	}
	if err := os.Chmod(own, 0o700); err != nil { // the tokens of tasks are in it
		return nil, durable.NewError("close to others", own, err)
	}
	r.journal, err = journal.Open(ctx, own, journal.Options{
		Service: o.Service, Ephemeral: o.Sandbox, Slots: r.gate.slots,
		Rate: rate.Limit(o.Limits.Rate), Burst: o.Limits.Burst, Budget: o.Limits.Budget,
	})
	if err != nil {
		return nil, err
	}
	r.space = newSpace(o.Out, o.MinFree)
	r.pause, r.claims, r.scout, r.fetching = newPause(r.retries), newClaims(), make(chan struct{}, 1), make(chan struct{}, downloads)
	r.posts = make(posts, postsAtOnce)
	r.lookup = lookup{client: o.Client, line: r.lists, note: r.journal.NoteTask, turn: make(chan struct{}, 1)}
	r.prices.client, r.prices.api, r.prices.short = o.Client, r.api, r.journal.SetShort
	r.others = newNeighbours(ctx, o)
	if err := r.prepare(ctx); err != nil {
		return nil, errors.Join(err, r.journal.Close())
	}
	r.watcher = watch.New(watch.Options{
		Client: o.Client, Line: r.api, Lists: r.lists, Timeout: o.Limits.TaskTimeout, Mode: watch.Mode(o.Watch), PollRate: o.Limits.PollRate, Warn: o.Warn,
		Whose: r.whose(),
	})
	return r, nil
}

// Close gives the folder back.
func (r *Run) Close() error {
	r.watcher.Close()
	return r.journal.Close()
}

// Progress is where the run stands, for a person to watch.
func (r *Run) Progress() journal.Progress { return r.journal.Progress() }

// Underway is how much of the cells that are running is done, in cells, as far as the service tells.
func (r *Run) Underway() float64 { return r.watcher.Progress() }

// Stages is how many tasks wait on the service, and how many run there, as far as it tells.
func (r *Run) Stages() (waiting, running int) { return r.watcher.Stages() }

// Failures gives the last cells of this start that failed, or were not delivered, the newest first.
func (r *Run) Failures(ctx context.Context, most int) ([]journal.Failure, error) {
	return r.journal.Failures(ctx, r.started, most)
}

// Price is what a cell costs, or should cost before one has ended.
func (r *Run) Price(ctx context.Context) (decimal.NullDecimal, error) { return r.journal.Price(ctx) }

// Do runs the grid until it is done or a reason stops it. A reason from stop (a signal) lets nothing more be submitted;
// what runs may finish within the grace, and is then left on the server for the next start. When ctx ends it leaves at
// once. An error is what the run could not survive; what became of the cells is in the Result.
func (r *Run) Do(ctx context.Context, stop <-chan Reason) (Result, error) {
	live, err := report.Begin(ctx, r.journal, r.o.Out)
	if err != nil {
		return Result{}, err
	}
	live.Failed = r.diskTrouble
	over := make(chan struct{})
	var beside errgroup.Group
	beside.Go(func() error { live.Follow(r.journal.Outcomes(), over); return nil })
	work, leave := context.WithCancelCause(ctx)
	submitting, shut := context.WithCancel(work)
	r.submitting, r.shut = submitting, shut
	beside.Go(func() error { r.supervise(stop, over, leave); return nil })

	err = r.work(work, submitting)
	close(over)
	shut()
	leave(nil)
	err = errors.Join(err, beside.Wait())
	if ctx.Err() != nil { // told to leave at once: the reports are made by the next start, or by wirobatch report
		if !r.stopped() {
			r.halt(Interrupted)
		}
		return Result{Progress: r.Progress(), Reasons: r.reasons, Did: r.did.Load(), Disk: r.disk, Started: r.started, Ended: time.Now()}, err
	}
	return r.end(ctx, err)
}

// work enqueues the grid and lives through its cells, as slots are free for them. The pool's limit covers those that are
// downloading as well; what is looked up is beside it. The first error ends it for all.
func (r *Run) work(ctx, submitting context.Context) error {
	ctx, fail := context.WithCancelCause(ctx)
	defer fail(nil)
	failing := func(do func() error) func() error {
		return func() error {
			err := do()
			if err != nil {
				fail(err)
			}
			return err
		}
	}
	var pool, beside errgroup.Group
	if err := r.fillEarlier(submitting); err != nil {
		return err
	}
	if err := r.judge(ctx); err != nil { // what earlier starts saw fail counts as well
		return err
	}
	r.retries.Foresee(r.foreseen())
	r.pause.foresee(r.grid.Len(), r.Progress().Done)
	r.beside = func(do func() error) { beside.Go(failing(do)) }
	pool.SetLimit(r.gate.most + behind)
	r.beside(func() error { return r.enqueue(ctx) })
	oriented := false
	for {
		l, err := r.journal.Lease(ctx)
		if errors.Is(err, journal.ErrDone) || ctx.Err() != nil {
			break
		}
		if err != nil {
			r.beside(func() error { return err })
			break
		}
		if l.Record.State == journal.Pending && !oriented {
			r.orient(submitting)
			oriented = true
		}
		if l.Record.State == journal.Pending && !l.Again {
			if r.fresh.Add(1) == int64(r.o.Limit) {
				r.halt(LimitReached)
			}
		}
		r.did.Store(true)
		pool.Go(failing(func() error { return r.cell(ctx, submitting, l) }))
	}
	err, other := pool.Wait(), beside.Wait()
	switch {
	case err == nil && other == nil:
		return r.fillOwn(ctx)
	case errors.Is(err, other): // the journal fails for all at once
		return err
	}
	return errors.Join(err, other)
}

// foreseen is how many submits and downloads this start will make at least, as far as is known: one of each for a cell.
func (r *Run) foreseen() int {
	cells := max(r.grid.Len()-r.Progress().Done, 0)
	if r.o.Limit > 0 {
		cells = min(cells, r.o.Limit)
	}
	return 2 * cells
}

// accepted notes a submit that the service took.
func (r *Run) accepted() {
	r.submits.Add(1)
	r.pause.well()
	r.journal.NewFirst(r.pause.refusals())
	active := int(r.active.Load())
	r.journal.SetSlots(r.gate.accepted(active, active-int(r.asking.Load()), time.Now()))
}
