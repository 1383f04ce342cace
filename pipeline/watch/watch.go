// Package watch notices the ends of the tasks of a run, on as few requests as it can.
//
// What says "look now" is only a hint: a schedule that learns from the tasks of the run, a frame of the websocket, a
// registration that may have come too late. The truth is Task/Detail, or the row of a Task/List page, which has the same
// shape and shows a hundred tasks at once. Behind every hint stands a slow poll. Looks that fall together share a page
// (looks.go); all of them go through one Line, which shares the trouble of the service among them, pages through a branch
// of it.
//
// A passing failure of a look never ends the watch: the task is paid for, so it is asked about again until it has ended,
// its patience is over, or the context ends.
package watch

import (
	"context"
	"errors"
	"fmt"
	"sync/atomic"
	"time"

	"wirobatch/wiro"
)

// ErrTimeout says that a task was still running, by a fresh look, when its time was over.
var ErrTimeout = errors.New("it did not end within its task_timeout")

// ErrLost says that a task could not be looked at for so long that waiting for it is no use.
var ErrLost = errors.New("the task could not be looked at for hours")

// ErrNotFound says that the service kept denying a task that it had accepted.
var ErrNotFound = errors.New("the service does not know this task")

// ErrAnother says that the service has another task by that id now: a sandbox that was started anew counts anew.
var ErrAnother = errors.New("the task that it has by this id is another, with another token")

// Whose tells tasks apart that show another token than the one watched. That is a doubt alone: a service may show other
// tokens than it gives.
type Whose struct {
	// Shown reports whether what is shown is the task by what it shows.
	Shown func(t Target, shown wiro.Task) bool
	// Asked finds out, by one call at most. An error is that call's.
	Asked func(ctx context.Context, t Target, shown wiro.Task) (bool, error)
}

// is reports whether what the service shows by a task's id is that task, without asking.
func (k *looks) is(t Target, shown wiro.Task) bool {
	return wiro.SameToken(t.Token, shown.Token) || k.whose.Shown != nil && k.whose.Shown(t, shown)
}

// surely is is, by asking where it has to be.
func (k *looks) surely(ctx context.Context, t Target, shown wiro.Task) (bool, error) {
	if k.is(t, shown) || k.whose.Asked == nil {
		return k.is(t, shown), nil
	}
	return k.whose.Asked(ctx, t, shown)
}

// Target is a task to be watched.
type Target struct {
	ID, Token, Model string
	Params           map[string]string
	Submitted        time.Time
}

// Options are what a Watcher is made of.
type Options struct {
	Client   *wiro.Client
	Line     *Line         // shared with the other reads of the run
	Lists    *Line         // the branch of it for pages of the list
	Timeout  time.Duration // of one task, from its submission; 0: none
	Mode     Mode          // "" is Auto
	PollRate float64       // calls a second at most, 0: no bound
	Whose    Whose         // without it, another token is another task
	Warn     func(string)  // told of trouble that goes on, once a minute, and of a change of the way of watching, once
}

// A Watcher follows the tasks of one run. It is safe for concurrent use.
type Watcher struct {
	api      *Line
	timeout  time.Duration
	warn     func(string)
	warned   atomic.Int64 // when, in Unix nanoseconds
	schedule schedule
	mode     *mode
	looks    *looks
}

// New gives a Watcher. Close ends it.
func New(o Options) *Watcher {
	w := &Watcher{api: o.Line, timeout: o.Timeout, warn: o.Warn}
	w.mode = newMode(o)
	w.looks = newLooks(o, w.mode)
	return w
}

// Close ends what is under way; no task is watched any more.
func (w *Watcher) Close() {
	w.looks.close()
	w.mode.close()
}

// patience is how long looks at a task may fail before it is left to the next start.
const patience = 3 * time.Hour

const (
	troubleToTell = 4 // failed looks of one task in a row, or troubles of all
	tellEvery     = time.Minute
)

// tell speaks for all tasks at once: an outage is one, however many tasks it hides.
func (w *Watcher) tell(id string, err error) {
	now, last := time.Now().UnixNano(), w.warned.Load()
	if now-last >= int64(tellEvery) && w.warned.CompareAndSwap(last, now) {
		w.warn(fmt.Sprintf("task %s and others cannot be looked at, and are asked about again: %v", id, err))
	}
}

// denials is how often Detail may deny a task that Run has named before the watch gives up: a fresh task can be
// missing from a lagging replica for a moment.
const denials = 6

// End returns the task once it has ended, and how many looks that took. With ErrTimeout and ErrStuck the task is as last
// seen. Errors that end the watch otherwise: the context's, and a *wiro.Error when the key is not accepted. An account
// without money is none: what was submitted before goes on.
func (w *Watcher) End(ctx context.Context, t Target) (task wiro.Task, polls int, err error) {
	// A task that is taken up again, or adopted, may have ended long ago, and so may one that could not be looked at: its
	// duration says nothing.
	fresh := time.Since(t.Submitted) < time.Second
	v := w.enter(t)
	defer w.leave(v)
	denied, trouble := 0, 0
	var erring erring
	for {
		seen, err := w.sight(ctx, v)
		polls += seen.looks
		v.polls = polls
		if err != nil { // it is not waited for any more
			return task, polls, err
		}
		fresh = fresh && seen.punctual
		if err := seen.err; err != nil {
			fresh = false
			trouble++
			v.back = time.Now().Add(max(Backoff(trouble), asked(err)))
			if errors.Is(err, ErrAnother) {
				return task, polls, fmt.Errorf("%w: %w", ErrNotFound, err)
			}
			if e, ok := errors.AsType[*wiro.Error](err); ok {
				switch {
				case e.Disposition() == wiro.StopRun && !e.BalanceExhausted():
					return task, polls, err
				case e.Disposition() == wiro.FailCell:
					if denied++; denied >= denials {
						return task, polls, fmt.Errorf("%w: %w", ErrNotFound, err)
					}
					v.back = time.Now().Add(Pause(trouble)) // for a replica to catch up
				}
			}
			if trouble >= troubleToTell || w.api.Row() >= troubleToTell {
				w.tell(t.ID, err)
			}
			if time.Since(v.seenAt) >= max(patience, w.timeout) {
				return task, polls, fmt.Errorf("%w: %w", ErrLost, err)
			}
			continue
		}
		task, trouble, v.back, v.seenAt = *seen.task, 0, time.Time{}, time.Now()
		if task.Outcome() != wiro.Running {
			if fresh {
				w.schedule.learnWithin(t, seen.running.Sub(t.Submitted), seen.ended.Sub(t.Submitted))
			}
			return task, polls, nil
		}
		shown := erring.look(task.Status, v.seenAt)
		v.erring = shown > 0 || !erring.last.IsZero()
		overdue := w.timeout > 0 && time.Since(t.Submitted) > w.timeout
		stuck := shown > errorPatience+w.schedule.usual(t)
		switch {
		case (overdue || stuck) && !seen.sure: // what follows is a kill: a page may be behind
			v.doubted = true
		case overdue:
			return task, polls, fmt.Errorf("%w of %v", ErrTimeout, w.timeout)
		case stuck:
			return task, polls, fmt.Errorf("%w for %v", ErrStuck, shown.Round(time.Second))
		default:
			v.doubted = false
		}
	}
}
