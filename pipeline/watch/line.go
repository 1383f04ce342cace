package watch

import (
	"sync"
	"time"

	"wirobatch/wiro"
)

const (
	// Reserve is how many failed reads a line takes as they come, and each answer adds a tenth to that, up to it: while ten
	// times as many answers as failures come, nobody waits.
	Reserve = 10
	// Those that a trouble held back leave so far apart when it is over, all of them within spreadMost.
	apart      = 50 * time.Millisecond
	spreadMost = 30 * time.Second
	// forgotten is when a trouble is that no call has met since its pause, while the host answers others.
	forgotten = 2 * pauseMost
)

// A Line is where calls of one kind to one host share its trouble, for an outage is one, however many calls it meets. It
// takes some failures as they come. When they were too many, all calls wait, and one goes ahead of the others after a pause
// that grows to a minute, and further as the budget of the run demands: only an answer lets them follow, one after the other.
// So an outage costs one call a minute at most, however many wait for its end. It is safe for concurrent use.
type Line struct {
	reserve float64
	budget  *RetryBudget // nil: none
	stops   func(*wiro.Error)
	all     *Line         // whose trouble this one shares while it has its own; nil: none
	ahead   chan struct{} // held by the call that goes ahead

	mu      sync.Mutex
	spare   float64       // failures that are still taken as they come
	row     int           // troubles in a row; 0: nobody waits
	since   time.Time     // of the first of them
	until   time.Time     // nothing leaves before
	over    chan struct{} // closed when the trouble is
	branch  bool          // the last that failed is a branch's
	waiting int
	spread  time.Duration // over which those that waited leave
}

// NewLine gives a Line that takes reserve failures as they come; with none, its calls are those that were foreseen. budget is
// that of the run, nil for a line whose calls are bounded otherwise. stops is told what no further call will do better about
// (the key, the balance); nil: nobody.
func NewLine(reserve int, budget *RetryBudget, stops func(*wiro.Error)) *Line {
	return &Line{reserve: float64(reserve), spare: float64(reserve), budget: budget, stops: stops, ahead: make(chan struct{}, 1)}
}

// Branch gives a line for calls of one kind to the same host, which may be in trouble while others are answered, and may be
// answered while others are in trouble. When both are it is a trouble of all: one goes ahead for both, now of this kind, now
// of the other. A branch begins no trouble of all, and its answers end none: what else is well tells its own next call,
// which leaves at once when it was the branch's that went ahead.
func (l *Line) Branch() *Line {
	b := NewLine(int(l.reserve), l.budget, l.stops)
	b.all = l
	return b
}

// Failed notes a call that did not succeed for a passing reason, or was not answered.
func (l *Line) Failed(retryAfter time.Duration) {
	pause, many := Pause, false
	if l.budget != nil {
		many = l.budget.failed()
		if l.all == nil || l.all.Row() > 0 { // what is asked instead of a branch costs more than to ask it once a minute
			pause = l.budget.pause
		}
	}
	l.fail(retryAfter, many, pause, false)
	if l.all == nil || l.Row() == 0 || l.all.Row() == 0 {
		return
	}
	until := l.all.fail(retryAfter, many, pause, true)
	l.mu.Lock()
	defer l.mu.Unlock()
	if until.Before(l.until) { // they have one pause
		l.until = until
	}
}

// Full notes a call that was refused for want of room: all wait, and one a minute asks whether there is some.
func (l *Line) Full() { l.fail(0, true, Pause, false) }

// fail gives the end of the pause. many tells that no more failures are taken as they come.
func (l *Line) fail(retryAfter time.Duration, many bool, pause func(n int) time.Duration, branch bool) time.Time {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.row == 0 && l.spare >= 1 && !many {
		l.spare--
		return l.until
	}
	l.branch = branch
	now := time.Now()
	if l.row == 0 {
		l.since, l.until, l.over = now, now, make(chan struct{})
	}
	if !now.Before(l.until) { // calls that were under way together are one trouble, not many
		l.row++
		l.until = now.Add(pause(l.row))
	}
	if asked := now.Add(min(retryAfter, longest)); asked.After(l.until) {
		l.until = asked
	}
	return l.until
}

// Answered notes that the host answers. What is answered during a pause had left before it, and does not end it.
func (l *Line) Answered() {
	if l.budget != nil {
		l.budget.answered(l.reserve > 0)
	}
	if l.all != nil {
		l.all.reached()
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	switch {
	case l.row == 0:
		l.spare = min(l.spare+earned, l.reserve)
	case !time.Now().Before(l.until):
		l.end()
	}
}

// end ends the trouble. The caller holds the lock.
func (l *Line) end() {
	l.row, l.spare = 0, l.reserve/2
	l.spread = min(time.Duration(l.waiting)*apart, spreadMost)
	close(l.over)
}

// reached notes an answer on a branch.
func (l *Line) reached() {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.row > 0 && l.waiting == 0 && len(l.ahead) == 0 && time.Since(l.until) > forgotten {
		l.end()
	}
}

// Open reports whether a call may leave now; the first of a trouble may do so when its pause is over.
func (l *Line) Open() bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.row == 0 || !time.Now().Before(l.until)
}

// Row is how many troubles there were in a row; 0 when calls leave as they come.
func (l *Line) Row() int {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.row
}
