package watch

import (
	"context"
	"math/rand/v2"
	"time"
)

// Turn returns when a call may leave, at the latest by that time (zero: however long it takes). done must be called after
// Failed or Answered.
func (l *Line) Turn(ctx context.Context, by time.Time) (done func(), err error) {
	own, err := l.turn(ctx, by)
	if err != nil || l.all == nil {
		return own, err
	}
	all, err := l.all.turn(ctx, by)
	if err != nil {
		own()
		return nil, err
	}
	return func() { all(); own() }, nil
}

// turn is that of the line alone.
func (l *Line) turn(ctx context.Context, by time.Time) (done func(), err error) {
	limited := ctx
	if !by.IsZero() {
		var cancel context.CancelFunc
		limited, cancel = context.WithDeadline(ctx, by)
		defer cancel()
	}
	for {
		l.mu.Lock()
		row, over := l.row, l.over
		l.mu.Unlock()
		switch {
		case ctx.Err() != nil:
			return nil, ctx.Err()
		case row == 0 || limited.Err() != nil:
			return func() {}, nil
		}
		if l.wait(limited, over) {
			return func() { <-l.ahead }, nil
		}
	}
}

// wait returns when a trouble is over, and those that waited are spread; or with true for the call that goes ahead; or when
// ctx has ended.
func (l *Line) wait(ctx context.Context, over <-chan struct{}) (ahead bool) {
	l.join(1)
	defer l.join(-1)
	for {
		l.mu.Lock()
		d := max(time.Until(l.until), 0)
		l.mu.Unlock()
		pause := time.NewTimer(d + rand.N(d/10+time.Millisecond))
		select {
		case <-pause.C:
		case <-over:
		case <-ctx.Done():
		}
		pause.Stop()
		select {
		case <-ctx.Done():
			return false
		case <-over:
			l.scatter(ctx)
			return false
		default:
		}
		select {
		case l.ahead <- struct{}{}:
			if l.first(over) {
				return true
			}
			<-l.ahead // another went ahead in the meantime, and things have changed
		case <-over:
		case <-ctx.Done():
		}
	}
}

// first reports whether that trouble goes on, and its pause is over.
func (l *Line) first(over <-chan struct{}) bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.row > 0 && l.over == over && !time.Now().Before(l.until)
}

// scatter waits for one's place among all that a trouble has held back.
func (l *Line) scatter(ctx context.Context) {
	l.mu.Lock()
	spread := l.spread
	l.mu.Unlock()
	_ = Sleep(ctx, rand.N(spread+1))
}

func (l *Line) join(n int) {
	l.mu.Lock()
	l.waiting += n
	l.mu.Unlock()
}
