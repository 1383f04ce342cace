package sandbox

import (
	"context"
	"io"
	"net/http"
	"sync"
	"sync/atomic"
	"time"

	"github.com/shopspring/decimal"
)

// Options says how the sandbox behaves. The zero value is a key-only project with key "sandbox",
// $1000, real-time tasks of about seven seconds, and no faults.
type Options struct {
	Key, Secret string          // accepted key (default "sandbox"); with a secret requests must be signed
	Balance     decimal.Decimal // USD at the start; zero: 1000, which is above every concurrency limit
	// MinimumBalance is what the account must exceed to run anything, in USD. Wiro's error reference
	// names 0.50; the default is 0, so that small budgets can be spent to the last cent.
	MinimumBalance decimal.Decimal

	Speed   float64 // the sandbox's clock runs that many times as fast as ours; default 1
	Instant bool    // every task has ended as soon as it is made; its timestamps still follow Timing
	Seed    uint64  // the source of all chance
	// Instance tells the tokens of one sandbox from those of another with the same seed, whose tasks have the same ids.
	Instance uint64
	Timing   Timing // how long tasks take; zero: DefaultTiming
	// Duration, when set, is how long a task takes from its Run to its end, by the share u in [0, 1) of
	// those that take less: a distribution of one's own in place of Timing.
	Duration func(u float64) time.Duration
	Workers  int // tasks that run at once, the others queue; 0: unlimited

	ListLag Span   // seconds by which each task comes late to Task/List, by the sandbox's clock; zero: it is there at once
	Faults  Faults // what goes wrong, and how often; New panics on a name that it does not know
	Shape   Shape  // how answers look on the wire

	Ledger      io.Writer         // one JSON line for each task accepted, billed, failed, cancelled
	OutputTTL   time.Duration     // outputs are gone (404) that long after the task's end, by the sandbox's clock; 0: kept
	PictureSize int               // longest side of a picture in pixels, at most 512; default 512
	UploadLimit int64             // bytes of one uploaded file; default 100 MB, as documented
	Transport   http.RoundTripper // carries callbacks; nil: an own one that connects to loopback only
}

// Sandbox is a local Wiro. It is an http.Handler, safe for concurrent use.
type Sandbox struct {
	o       Options
	began   time.Time
	catalog catalog
	content *contents
	uploads *uploads
	calls   *callbacks
	faults  faultCounter
	chances atomic.Pointer[Faults] // Options.Faults, or what SetFaults said

	stop    context.Context // ends with Close, and with it what hangs or is slow on purpose
	stopped context.CancelFunc

	mu       sync.Mutex
	tasks    []task // task i has the number firstTask + i*taskStep
	pool     pool
	seen     map[uint64]tally // by what was asked
	requests map[string]int
	account  account
	workers  workers
	perModel map[*model]int
	watchers map[*feed]struct{}
	revoked  bool
	sockets  uint64
	lists    uint64
	listLag  time.Duration // the longest by which a task may come late to the list
	ledger   ledger
}

// tally counts how often the same thing was asked, so that chance can be keyed by it.
type tally struct{ asked, made uint32 }

// New makes a sandbox whose clock starts now.
func New(o Options) *Sandbox {
	if o.Key == "" {
		o.Key = "sandbox"
	}
	if o.Balance.IsZero() {
		o.Balance = decimal.NewFromInt(1000)
	}
	if o.Speed <= 0 {
		o.Speed = 1
	}
	switch {
	case o.Duration != nil:
		o.Timing = Timing{}
	case o.Timing == (Timing{}):
		o.Timing = DefaultTiming
	}
	if o.PictureSize <= 0 || o.PictureSize > maxPicture {
		o.PictureSize = maxPicture
	}
	if o.UploadLimit <= 0 {
		o.UploadLimit = 100 << 20
	}
	s := &Sandbox{
		o: o, began: time.Now(), catalog: models,
		content: newContents(contentCache), uploads: newUploads(uploadStore),
		faults: faultCounter{fired: map[string]int{}},
		pool:   newPool(), seen: map[uint64]tally{}, requests: map[string]int{},
		account: account{balance: o.Balance}, workers: newWorkers(o.Workers),
		perModel: map[*model]int{}, watchers: map[*feed]struct{}{},
		listLag: seconds(o.ListLag.Most),
		ledger:  ledger{w: o.Ledger},
	}
	s.SetFaults(o.Faults)
	s.stop, s.stopped = context.WithCancel(context.Background())
	s.calls = newCallbacks(s, o.Transport)
	return s
}

// Close bills what has ended, stops callbacks and websockets, and lets go of requests that are
// slow or hang on purpose. It returns the first error of the ledger's writer.
func (s *Sandbox) Close() error {
	s.stopped()
	s.calls.close()
	s.mu.Lock()
	defer s.mu.Unlock()
	s.settle()
	return s.ledger.err
}

// now is the time of the sandbox's clock since it began.
func (s *Sandbox) now() time.Duration {
	d := time.Since(s.began)
	if s.o.Speed != 1 {
		d = time.Duration(float64(d) * s.o.Speed)
	}
	return d
}

// reach is the moment up to which timelines are seen: now, or the end of time for instant tasks.
func (s *Sandbox) reach() time.Duration {
	if s.o.Instant {
		return never - 1
	}
	return s.now()
}

// date is a moment of the sandbox's clock as a date.
func (s *Sandbox) date(at time.Duration) time.Time { return s.began.Add(at) }

// pause waits for d of the sandbox's clock. It reports false if ctx or the sandbox ended first.
func (s *Sandbox) pause(ctx context.Context, d time.Duration) bool {
	timer := time.NewTimer(s.ours(d))
	defer timer.Stop()
	select {
	case <-timer.C:
		return true
	case <-ctx.Done():
	case <-s.stop.Done():
	}
	return false
}

// hang waits until the caller or the sandbox has gone, and ends the connection.
func (s *Sandbox) hang(ctx context.Context) {
	select {
	case <-ctx.Done():
	case <-s.stop.Done():
	}
	panic(http.ErrAbortHandler)
}

// ours is a span of the sandbox's clock on our clock, rounded up.
func (s *Sandbox) ours(d time.Duration) time.Duration {
	if s.o.Speed == 1 {
		return d
	}
	return time.Duration(float64(d)/s.o.Speed) + 1
}
