package watch

import (
	"errors"
	"time"

	"wirobatch/wiro"
)

// ErrStuck says that a task kept showing task_error, by a fresh look, for longer than its patience.
var ErrStuck = errors.New("it kept showing task_error")

// errorPatience is how long a task may show task_error beyond the time that tasks take: it can show before a task was
// run, and go away.
const errorPatience = 2 * time.Minute

// blind is the most that a time between two looks counts.
const blind = 30 * time.Second

// erring adds up how long a task has shown task_error without a break.
type erring struct {
	last time.Time // of the looks in a row that showed it
	span time.Duration
}

// look takes what a look has shown. A time without looks, such as an outage, counts as one wait between two of them: what
// the task showed meanwhile is not known.
func (e *erring) look(status wiro.Status, now time.Time) time.Duration {
	if status != wiro.StatusError && status != wiro.StatusErrorFull {
		*e = erring{}
		return 0
	}
	if !e.last.IsZero() {
		e.span += min(now.Sub(e.last), blind)
	}
	e.last = now
	return e.span
}
