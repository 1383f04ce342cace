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
	// For so long nothing but trouble may come back before the run is ended as resumable: a service that was never
	// reached is a mistake of ours, one that was reached has an outage.
	neverReached = 2 * time.Minute
	outage       = 3 * time.Hour
)

// pause holds all submits back while the service is in trouble: one cell's 429 is every cell's. When a pause is over, one
// submit goes ahead of the others; only what it finds lets them follow, so that an outage costs one submit a pause.
type pause struct {
	mu    sync.Mutex
	row   int       // troubles in a row
	since time.Time // of the first of them
	until time.Time
	most  time.Duration // neverReached until a submit was answered, then outage
	ahead chan struct{} // holds the one submit that may go while there is trouble
}

func newPause() pause { return pause{ahead: make(chan struct{}, 1)} }

// wait returns when a submit may go. done must be called when its answer is known, after trouble or well.
func (p *pause) wait(ctx context.Context) (done func(), err error) {
	for {
		p.mu.Lock()
		row, d := p.row, time.Until(p.until)
		p.mu.Unlock()
		switch {
		case ctx.Err() != nil:
			return nil, ctx.Err()
		case row == 0:
			return func() {}, nil
		case d > 0:
			if err := sleep(ctx, d+rand.N(d/10+time.Millisecond)); err != nil {
				return nil, err
			}
			continue
		}
		select {
		case p.ahead <- struct{}{}:
			p.mu.Lock()
			still := p.row > 0 && !time.Now().Before(p.until)
			p.mu.Unlock()
			if still {
				return func() { <-p.ahead }, nil
			}
			<-p.ahead // another went ahead in the meantime, and things have changed
		case <-ctx.Done():
		}
	}
}

// trouble notes a submit that was refused for a passing reason, not sent at all, or not answered. It reports whether
// that has gone on for so long that the run should end.
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

// well notes that the service answers submits.
func (p *pause) well() {
	p.mu.Lock()
	p.row, p.until, p.most = 0, time.Time{}, outage
	p.mu.Unlock()
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
