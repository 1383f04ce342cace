package watch

import (
	"context"
	"math/rand/v2"
	"time"
)

// Turn returns when a call may leave, at the latest by that time (zero: however long it takes). done must be called after
// Failed or Answered.
func (l *Line) Turn(ctx context.Context, by time.Time) (done func(), err error) {
	own, err := l.turn(ctx, by, nil)
	if err != nil || l.all == nil {
		return own, err
	}
	all, err := l.host(ctx, by)
	if err != nil {
		own()
		return nil, err
	}
	return func() { all(); own() }, nil
}

// host is the turn of a branch in a trouble of all: none while the branch has no trouble itself.
func (l *Line) host(ctx context.Context, by time.Time) (done func(), err error) {
	l.mu.Lock()
	row, over := l.row, l.over
	l.mu.Unlock()
	if row == 0 {
		return func() {}, ctx.Err()
	}
	return l.all.turn(ctx, by, over)
}

// turn is that of the line alone. For a call of a branch, it is no longer waited for when the trouble there is over.
func (l *Line) turn(ctx context.Context, by time.Time, branch <-chan struct{}) (done func(), err error) {
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
		case row == 0 || limited.Err() != nil || closed(branch):
			return func() {}, nil
		}
		if l.wait(limited, over, branch) {
			return func() { <-l.ahead }, nil
		}
	}
}

func closed(c <-chan struct{}) bool {
	select {
	case <-c:
		return true
	default:
		return false
	}
}

// wait returns when a trouble is over, and those that waited are spread; or with true for the call that goes ahead; or when
// ctx has ended, or the trouble of the branch.
func (l *Line) wait(ctx context.Context, over, branch <-chan struct{}) (ahead bool) {
	l.join(1)
	defer l.join(-1)
	for {
		pause := time.NewTimer(l.pause(branch != nil))
		select {
		case <-pause.C:
		case <-over:
		case <-branch:
		case <-ctx.Done():
		}
		pause.Stop()
		switch {
		case ctx.Err() != nil, closed(branch):
			return false
		case closed(over):
			l.scatter(ctx)
			return false
		}
		select {
		case l.ahead <- struct{}{}:
			if l.first(over) {
				return true
			}
			<-l.ahead // another went ahead in the meantime, and things have changed
		case <-over:
		case <-branch:
		case <-ctx.Done():
		}
	}
}

// pause is how long one waits for the end of a pause. Those of a branch go before the others, or after them when it was one
// of theirs that went ahead the last time.
func (l *Line) pause(branch bool) time.Duration {
	l.mu.Lock()
	defer l.mu.Unlock()
	d := max(time.Until(l.until), 0)
	slack := d/10 + time.Millisecond
	switch {
	case !branch:
		d += rand.N(slack)
	case l.branch:
		d += slack + rand.N(slack)
	}
	return d
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
