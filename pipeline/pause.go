package pipeline

import (
	"context"
	"sync"
	"time"

	"wirobatch/pipeline/watch"
)

const (
	// For so long nothing but trouble may come back before the run is ended as resumable: a service that was never
	// reached is a mistake of ours, one that was reached has an outage.
	neverReached = 2 * time.Minute
	outage       = 3 * time.Hour
)

// pause holds all submits back while the service is in trouble: one cell's 429 is every cell's. When a pause is over, one
// submit goes ahead of the others; only what it finds lets them follow, so that an outage costs one submit a pause.
type pause struct {
	line *watch.Line // which takes no failure as it comes

	mu    sync.Mutex
	since time.Time     // of the first trouble in a row, zero: none
	most  time.Duration // neverReached until a submit was answered, then outage
}

func newPause() *pause { return &pause{line: watch.NewLine(0, nil), most: neverReached} }

// wait returns when a submit may go. done must be called when its answer is known, after trouble, full or well.
func (p *pause) wait(ctx context.Context) (done func(), err error) {
	return p.line.Turn(ctx, time.Time{})
}

// trouble notes a submit that was refused for a passing reason, not sent at all, or not answered. It reports whether
// that has gone on for so long that the run should end.
func (p *pause) trouble(now time.Time, retryAfter time.Duration) (hopeless bool) {
	p.line.Failed(retryAfter)
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.since.IsZero() {
		p.since = now
	}
	return now.Sub(p.since) > p.most
}

// well notes that the service answers submits.
func (p *pause) well() {
	p.line.Answered()
	p.reached()
}

// full notes a submit that was refused for want of a slot while none of ours was active: the account is full of others'
// tasks, whose end nobody tells us. All wait for one that goes ahead, however long that takes.
func (p *pause) full() {
	p.line.Failed(0)
	p.reached()
}

func (p *pause) reached() {
	p.mu.Lock()
	p.since, p.most = time.Time{}, outage
	p.mu.Unlock()
}

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
