// Package watch notices the end of a task by asking Task/Detail on a schedule that learns from the tasks of the run.
//
// Task/Detail is the only truth. A passing failure of a look never ends the watch: the task is paid for, so it is
// asked about again until it has ended, its patience is over, or the context ends.
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

// A Watcher follows the tasks of one run. It is safe for concurrent use.
type Watcher struct {
	client   *wiro.Client
	api      *Line
	timeout  time.Duration // of one task, from its submission
	warn     func(string)
	warned   atomic.Int64 // when, in Unix nanoseconds
	schedule schedule
}

// New gives a Watcher whose tasks may take up to timeout, from their submission, and whose looks share api with the other
// reads of the run. When looks keep failing, warn is told once a minute.
func New(client *wiro.Client, api *Line, timeout time.Duration, warn func(string)) *Watcher {
	return &Watcher{client: client, api: api, timeout: timeout, warn: warn}
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
func (w *Watcher) End(ctx context.Context, id string, submitted time.Time) (task wiro.Task, polls int, err error) {
	// A task that is taken up again, or adopted, may have ended long ago, and so may one that could not be looked at: its
	// duration says nothing.
	fresh := time.Since(submitted) < time.Second
	denied, trouble, seenAt := 0, 0, time.Now()
	var erring erring
	var back time.Duration // to stay for, after a look that failed
	for {
		if err := Sleep(ctx, max(w.schedule.next(time.Since(submitted), polls), back)); err != nil {
			return task, polls, err
		}
		var seen wiro.Task
		due := time.Now()
		err := w.api.Try(ctx, seenAt.Add(max(patience, w.timeout)), func() (err error) {
			fresh = fresh && time.Since(due) < time.Second
			polls++
			seen, err = w.client.Detail(ctx, id)
			return err
		})
		if err != nil {
			if ctx.Err() != nil {
				return task, polls, ctx.Err()
			}
			fresh = false
			trouble++
			back = max(Backoff(trouble), asked(err))
			if e, ok := errors.AsType[*wiro.Error](err); ok {
				switch {
				case e.Disposition() == wiro.StopRun && !e.BalanceExhausted():
					return task, polls, err
				case e.Disposition() == wiro.FailCell:
					if denied++; denied >= denials {
						return task, polls, errors.Join(ErrNotFound, err)
					}
					back = Pause(trouble) // for a replica to catch up
				}
			}
			if trouble >= troubleToTell || w.api.Row() >= troubleToTell {
				w.tell(id, err)
			}
			if time.Since(seenAt) >= max(patience, w.timeout) {
				return task, polls, errors.Join(ErrLost, err)
			}
			continue
		}
		task, trouble, back, seenAt = seen, 0, 0, time.Now()
		if task.Outcome() != wiro.Running {
			if fresh {
				w.schedule.learn(time.Since(submitted))
			}
			return task, polls, nil
		}
		if w.timeout > 0 && time.Since(submitted) > w.timeout {
			return task, polls, fmt.Errorf("%w of %v", ErrTimeout, w.timeout)
		}
		if shown := erring.look(task.Status, seenAt); shown > errorPatience+w.schedule.usual() {
			return task, polls, fmt.Errorf("%w for %v", ErrStuck, shown.Round(time.Second))
		}
	}
}
