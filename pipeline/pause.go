package pipeline

import (
	"context"
	"math/rand/v2"
	"sync"
	"time"
)

const (
	pauseFirst = time.Second
	pauseMost  = 60 * time.Second
	// For so long nothing but passing trouble may come back before the run is ended as resumable: a service that was
	// never reached is a mistake of ours, one that was reached has an outage.
	neverReached = 2 * time.Minute
	outage       = 3 * time.Hour
)

// pause holds all submits back while the service is in trouble: one cell's 429 is every cell's.
type pause struct {
	mu    sync.Mutex
	until time.Time
	since time.Time     // of the first trouble in a row
	row   int           // troubles in a row
	most  time.Duration // neverReached until a submit was taken, then outage
}

// trouble notes a submit that was refused for a passing reason, or not sent at all. It reports whether that has gone
// on for so long that the run should end.
func (p *pause) trouble(now time.Time, retryAfter time.Duration) (hopeless bool) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.row == 0 {
		p.since = now
	}
	// Submits that were under way together are one trouble, not many.
	if now.After(p.until) {
		p.row++
		p.until = now.Add(max(min(retryAfter, 10*pauseMost), delay(p.row)))
	}
	return now.Sub(p.since) > max(p.most, neverReached)
}

func (p *pause) over() {
	p.mu.Lock()
	p.row, p.until, p.most = 0, time.Time{}, outage
	p.mu.Unlock()
}

// wait returns when submits may go on.
func (p *pause) wait(ctx context.Context) error {
	for {
		p.mu.Lock()
		d := time.Until(p.until)
		p.mu.Unlock()
		if d <= 0 {
			return ctx.Err()
		}
		if err := sleep(ctx, d+rand.N(d/10+time.Millisecond)); err != nil {
			return err
		}
	}
}

// delay is the pause after n troubles in a row: doubling from a second to a minute, jittered over its upper half.
func delay(n int) time.Duration {
	d := min(pauseFirst<<min(n-1, 10), pauseMost)
	return d/2 + rand.N(d/2+1)
}

func sleep(ctx context.Context, d time.Duration) error {
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case <-ctx.Done():
		return ctx.Err()
	case <-t.C:
		return nil
	}
}

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
