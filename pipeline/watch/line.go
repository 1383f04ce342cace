package watch

import (
	"context"
	"math/rand/v2"
	"sync"
	"time"

	"wirobatch/wiro"
)

const (
	// Reserve is how many failed reads a line takes as they come, and earned is what each answer adds to that, up to it:
	// while ten times as many answers as failures come, nobody waits.
	Reserve = 10
	earned  = 0.1
	// Those that a trouble held back leave so far apart when it is over, all of them within spreadMost.
	apart      = 50 * time.Millisecond
	spreadMost = 30 * time.Second
)

// A Line is where calls of one kind to one host share its trouble, for an outage is one, however many calls it meets. It
// takes some failures as they come. When they were too many, all calls wait, and one goes ahead of the others after a pause
// that grows to a minute: only an answer lets them follow, one after the other. So an outage costs about one call a minute,
// however many wait for its end. It is safe for concurrent use.
type Line struct {
	reserve float64
	stops   func(*wiro.Error)
	ahead   chan struct{} // held by the call that goes ahead

	mu      sync.Mutex
	spare   float64       // failures that are still taken as they come
	row     int           // troubles in a row; 0: nobody waits
	since   time.Time     // of the first of them
	until   time.Time     // nothing leaves before
	over    chan struct{} // closed when the trouble is
	waiting int
	spread  time.Duration // over which those that waited leave
}

// NewLine gives a Line that takes reserve failures as they come. stops is told what no further call will do better about
// (the key, the balance); nil: nobody.
func NewLine(reserve int, stops func(*wiro.Error)) *Line {
	return &Line{reserve: float64(reserve), spare: float64(reserve), stops: stops, ahead: make(chan struct{}, 1)}
}

// Failed notes a call that did not succeed for a passing reason, or was not answered.
func (l *Line) Failed(retryAfter time.Duration) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.spare >= 1 {
		l.spare--
		return
	}
	now := time.Now()
	if l.row == 0 {
		l.since, l.until, l.over = now, now, make(chan struct{})
	}
	if !now.Before(l.until) { // calls that were under way together are one trouble, not many
		l.row++
		l.until = now.Add(Pause(l.row))
	}
	if asked := now.Add(min(retryAfter, longest)); asked.After(l.until) {
		l.until = asked
	}
}

// Answered notes that the host answers. What is answered during a pause had left before it, and does not end it.
func (l *Line) Answered() {
	l.mu.Lock()
	defer l.mu.Unlock()
	switch {
	case l.row == 0:
		l.spare = min(l.spare+earned, l.reserve)
		return
	case time.Now().Before(l.until):
		return
	}
	l.row, l.spare = 0, l.reserve/2
	l.spread = min(time.Duration(l.waiting)*apart, spreadMost)
	close(l.over)
}

// Row is how many troubles there were in a row; 0 when calls leave as they come.
func (l *Line) Row() int {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.row
}

// Turn returns when a call may leave, at the latest by that time (zero: however long it takes). done must be called after
// Failed or Answered.
func (l *Line) Turn(ctx context.Context, by time.Time) (done func(), err error) {
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
