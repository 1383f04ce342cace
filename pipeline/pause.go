package pipeline

import (
	"context"
	"net/http"
	"sync"
	"time"

	"wirobatch/pipeline/watch"
	"wirobatch/wiro"
)

const (
	// For so long nothing but trouble may come back before the run is ended as resumable: a service that was never
	// reached is a mistake of ours, one that was reached has an outage. One that has refused all that it was ever asked for is likely to go on.
	neverReached = 2 * time.Minute
	neverTaken   = 20 * time.Minute
	outage       = 3 * time.Hour
	// lostAtOnce is how many submits in a row may get no answer before the others wait, and regained what each answer adds
	// to that: one among many that are answered is no outage, but in an outage each may be a task that is paid for.
	lostAtOnce = 3
	regained   = 0.1
	// Cells of one prompt are refused together, and those behind them are to be tried: so many submits in a row may be refused
	// before the others wait, for each cell of the run, and so many at least. Each that is taken lets some more be.
	refusedShare = 0.1
	refusedLeast = 8
	refusedBack  = 5
)

// pause holds all submits back while the service is in trouble: one cell's 429 is every cell's. When a pause is over, one
// submit goes ahead of the others; only what it finds lets them follow, so that an outage costs one submit a pause.
type pause struct {
	line    *watch.Line // which takes no failure as it comes
	retries *watch.RetryBudget

	mu       sync.Mutex
	spare    float64       // submits that may still get lost without a pause
	row      int           // troubles since the last answer
	since    time.Time     // of the first of them
	most     time.Duration // neverReached until a submit was answered, then outage
	refusing time.Duration // what refusals make of that
	refused  int           // submits that were refused and held nobody back
	bears    int           // so many such

	calm context.Context // ends when submits are held back, by stir
	stir context.CancelFunc
}

func newPause(retries *watch.RetryBudget) *pause {
	p := &pause{line: watch.NewLine(0, retries, nil), retries: retries, spare: lostAtOnce, most: neverReached, bears: refusedLeast}
	p.calm, p.stir = context.WithCancel(context.Background())
	return p
}

// wait returns when a submit may go. calm ends when something comes for which it should wait anew. done must be called when
// its answer is known, after trouble, full or well.
func (p *pause) wait(ctx context.Context) (calm context.Context, done func(), err error) {
	for {
		p.mu.Lock()
		calm = p.calm
		p.mu.Unlock()
		done, err = p.line.Turn(ctx, time.Time{})
		if err != nil || calm.Err() == nil {
			return calm, done, err
		}
		done()
	}
}

// stop lets all wait, also those that may go and have not. The caller holds p.mu.
func (p *pause) stop() {
	p.stir()
	p.calm, p.stir = context.WithCancel(context.Background())
}

// foresee tells how many cells the run has, and how many of them are done.
func (p *pause) foresee(cells, done int) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.refusing = neverTaken; done > 0 {
		p.refusing = outage
	}
	p.bears = max(int(float64(cells)*refusedShare), refusedLeast)
}

// trouble notes a submit that was refused for a passing reason, not sent at all, or not answered. It reports whether all wait for
// that, and whether it has gone on for so long that the run should end.
func (p *pause) trouble(now time.Time, e *wiro.Error) (all, hopeless bool) {
	lost := e.Disposition() == wiro.Unknown && e.RetryAfter == 0 && e.Status != http.StatusServiceUnavailable
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.row == 0 {
		p.since = now
	}
	p.row++
	if e.Refused { // the service is there
		p.most = max(p.most, p.refusing)
	}
	switch {
	case lost && p.spare >= 1 && p.line.Row() == 0:
		p.spare--
	case itsOwn(e) && e.RetryAfter == 0 && p.line.Row() == 0 && p.refused < p.bears:
		p.refused++
		p.retries.Spend()
	default:
		p.line.Failed(e.RetryAfter)
		p.stop()
		all = true
	}
	return all, now.Sub(p.since) > p.most
}

// tried reports whether so many were refused in a row that all wait.
func (p *pause) tried() bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.refused >= p.bears
}

// refusals reports whether there are many, so that what was not tried yet should be.
func (p *pause) refusals() bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	return 2*p.refused > p.bears
}

// proceed ends the pause in spite of refusals: they are the cells' own fault. The next one is a pause again, a short one.
func (p *pause) proceed() {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.line.Answered()
}

// lasted is for how long there was nothing but trouble.
func (p *pause) lasted(now time.Time) time.Duration {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.row == 0 {
		return 0
	}
	return now.Sub(p.since)
}

// lasts reports whether it takes more than one submit for an answer.
func (p *pause) lasts() bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.row > 1 || p.line.Row() > 1
}

// well notes that the service answers submits.
func (p *pause) well() {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.line.Answered()
	p.spare = min(p.spare+regained, lostAtOnce)
	p.reached()
}

// full notes a submit that was refused for want of a slot while none of ours was active: the account is full of others'
// tasks, whose end nobody tells us. All wait for one that goes ahead, however long that takes.
func (p *pause) full() {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.line.Full()
	p.stop()
	p.reached()
}

func (p *pause) reached() { p.row, p.refused, p.most = 0, max(p.refused-refusedBack, 0), outage }

// delay is the pause after n troubles in a row.
func delay(n int) time.Duration { return watch.Pause(n) }

func sleep(ctx context.Context, d time.Duration) error { return watch.Sleep(ctx, d) }

// linger is how long an answer that is under way is waited for when the run has to leave.
const linger = 2 * time.Second

// lingering gives a context that ends some time after ctx does.
func lingering(ctx context.Context, after time.Duration) (context.Context, context.CancelFunc) {
	long, cancel := context.WithCancel(context.WithoutCancel(ctx))
	stop := context.AfterFunc(ctx, func() {
		_ = sleep(long, after)
		cancel()
	})
	return long, func() { stop(); cancel() }
}
