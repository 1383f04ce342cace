// Package pipeline is a run: it takes the cells of a manifest through their life, from the intent to the file on disk.
//
// [Run.cell] is that life, top to bottom. What is durable of it is in the journal, which also says what may be worked
// on next, and which reports read.
//
// # The promise
//
// Nothing is paid twice, and nothing that was paid for is lost. The order of the journal's writes keeps it: the intent
// before the request leaves, the task before the first look, the files before the cell is done. What a crash leaves is
// then one of: no intent (nothing was sent), an intent (looked up), a task (followed), files without a done (downloaded
// again). A task that was seen to succeed, or to be billed, is not judged anew when the service says something else of it
// later (billed.go): its cost stays, and its cell waits for its files until a person has it made again. An end that says
// neither success nor failure may have been billed: its cell waits in the same way, its money stays counted, and each start looks
// at it again until the service says how it ended. It is never paid for again by itself.
//
// # Its assumptions
//
// The API has no idempotency keys, so a submit whose answer never came is settled by Task/List (settle.go):
//
//   - An abandoned request does not run after a witness, a request of ours that began 5 s after the other's connection
//     was over. Under Hold nothing rests on this.
//   - Ids of tasks count upward: the newest id known when a request leaves is a bound, and only what is newer can be its
//     task. Nothing rests on clocks: ours and the server's are never compared.
//   - An answer names the task of its submit, unless another cell has it already (believe.go): then it is looked up. Of two
//     that name the same at once, the one that comes first is believed. A task that shows another token than its answer did is
//     ours when it shows what was sent, or when the service names it by our token; else the service counts anew, and has
//     another by that id (whose.go). Where that is so from the start, the newest id known is no bound (prepare.go).
//   - A list may lag, and by different times for different tasks: an absence takes two looks, the later at 20 s or more,
//     and a witness in each.
//   - A list may give fewer rows a page than were asked for, rows that can't be read, and an end where there is none: it was read
//     as far as what was known only where it shows that, or what is older (lookup.go). A task whose id can't be compared may be
//     of any time.
//   - Echoes may be empty, cut, or respelled: only an exact echo is adopted (echo.go), and only what is clearly another parameter
//     set tells whose of our submits a task is. To prove an absence takes more: a task that no cell has taken is ruled out by a
//     whole number that differs, by a number that no rounding explains, by a value that the list shows as it was sent in
//     another task of ours (absence.go), or by a text all of whose characters are shown as they were sent in texts of ours and
//     which has few words in common with it (spelling.go): a service respells by characters, or strikes words out, and does to
//     all that ask for the like the same. Else it may be the lost one in other words. Where a service respells all that we send,
//     lost submits are held, and where somebody else is busy on the account, those whose text is short, has characters of its
//     own, or is worded like theirs.
//   - Others may use the account: their tasks are told apart by their parameters, for nothing in a list says whose of two
//     tasks alike is. Runs of one user on one machine ask each other's journals (neighbours.go, owners.go): a task is taken by
//     one of them, none while another's unanswered submit may have made it, and what is lost is interchangeable among them.
//     That rests on the machine's clock to 2½ minutes, and on the times of files to an hour: a journal that was not written
//     since the start that lost an answer, less that hour, is not asked. One that can't be read lets what is lost be held.
//     Of runs on different machines, or of different users, that ask for the same at the same time neither pays twice, for
//     each cell one task is made at most; but a cell may show the task and cost of the other run's, and its own stand in no
//     row. When a task that was found ends without a result, the list is searched beyond it before the end counts
//     (fallen.go). A task that does not show its model is told apart by the list of that model alone.
//   - The journal's disk keeps what it has synced.
//
// # Outages
//
// What fails of submits, looks, lists and price lists comes out of one budget: a tenth of the looks, lists and price lists
// that were answered, and of the submits and downloads that are to come (watch/budget.go). When four in a row fail, or more
// than a tenth, all of their kind wait, and one goes ahead after a pause of a second, which doubles to a minute. When nothing
// was answered for four minutes, what is left of the budget decides how pauses grow: not at all where there is much, to ten
// minutes where there is none. So an hour of outage costs a run of 40 cells or more about a tenth more calls, and a smaller one
// some twenty to thirty; the price is that a small run finds out up to ten minutes late that it is over. Downloads have tries of
// their own. Where nothing was ever answered nothing waits for long: a service that was never reached ends the run in minutes.
//
// # What tries to break it
//
// Package simulation tries all of it at once: a seed decides faults, crashes, budgets, a stranger and a second run on the
// account. Each assumption by itself: whose task is it, and others on the account, in adopt_test.go and neighbours_test.go; witnesses, late
// requests, respelled echoes and outages in regress_test.go; each fault in fault_test.go; lists that lag or echo nothing,
// and what an hour of trouble costs, in traffic_test.go and outage_test.go; what ends the submitting in latch_test.go; servers that lie in
// hostile_test.go; lists that break off in lists_test.go, echoes in other words in absence_test.go; what a power cut leaves in torn_test.go; the disk in disk_test.go, and in internal/cli, which kills the
// real program (crash_test.go) and lets its system calls fail (inject_test.go).
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
	did      atomic.Bool   // a cell was leased
	full     atomic.Bool   // the disk takes no more files
	enqueued bool          // the journal has the whole grid already
	listed   bool          // Task/List has answered before the first submit

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
// The errors are those of journal.Open, and *durable.Error.
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
	r.judge() // what earlier starts saw fail counts as well
	r.retries.Foresee(r.foreseen())
	r.beside = func(do func() error) { beside.Go(failing(do)) }
	pool.SetLimit(r.gate.most + behind)
	r.beside(func() error { return r.enqueue(ctx) })
	for {
		l, err := r.journal.Lease(ctx)
		if errors.Is(err, journal.ErrDone) || ctx.Err() != nil {
			break
		}
		if err != nil {
			r.beside(func() error { return err })
			break
		}
		if l.Record.State == journal.Pending && !l.Again {
			if r.fresh.Load() == 0 {
				r.orient(submitting)
			}
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
	active := int(r.active.Load())
	r.journal.SetSlots(r.gate.accepted(active, active-int(r.asking.Load()), time.Now()))
}
