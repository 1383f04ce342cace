package pipeline

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"sync"
	"sync/atomic"
	"time"

	"wirobatch/pipeline/journal"
	"wirobatch/wiro"
)

// orient asks the service, before the first submit, for what is needed to find a submit again whose answer gets lost
// (the newest task), and for the price. Both are worth waiting for; without either the run goes on, more cautiously.
func (r *Run) orient(ctx context.Context) {
	err := r.newest.ask(func() error { return r.noteNewest(ctx, r.api.Read) })
	if r.stopped() { // by what it answered
		return
	}
	if err != nil && ctx.Err() == nil {
		r.o.Warn(fmt.Sprintf("Task/List does not answer (%v): a submit whose answer gets lost could not be looked up, and would be held", err))
	}
	if err := r.prices.load(ctx, r.o.Manifest.Model); err != nil && r.o.Limits.Budget.Valid && ctx.Err() == nil {
		r.o.Warn(fmt.Sprintf("the price of %s is not to be had (%v): the budget is held by the mean of what was paid", r.o.Manifest.Model, err))
	}
}

// deniedTwice is how long a replica may lag that denies a task.
const deniedTwice = 5 * time.Second

// countsOn notes the newest task of the list. Where that is older than the newest known, the list lags, or the service has counted
// anew since: then that one is not there any more, or is another, and what was known is no bound.
func (r *Run) countsOn(ctx context.Context, list []wiro.Task) error {
	known, ahead := r.journal.NewestTask(ctx), false
	for _, t := range list {
		ahead = ahead || numbered(t.ID) && !journal.Newer(known, t.ID)
	}
	if known != "" && !ahead {
		there, err := r.still(ctx, known)
		if err != nil {
			return err
		}
		if !there {
			r.journal.CountAnew()
			r.o.Warn(fmt.Sprintf("the service has no task %s any more, and counts its tasks anew: what it has by the ids of earlier ones is not taken for them", known))
		}
	}
	for _, t := range list {
		r.journal.NoteTask(t.ID)
	}
	return nil
}

// still reports whether the service has the task that was known by that id.
func (r *Run) still(ctx context.Context, id string) (bool, error) {
	for try := 1; ; try++ {
		var task wiro.Task
		err := r.api.Read(ctx, func() (err error) { task, err = r.client.Detail(ctx, id); return err })
		if err == nil {
			tokens, err := r.journal.Tokens(ctx, id)
			if err != nil || len(tokens) == 0 { // somebody else's
				return err == nil, err
			}
			return r.of(ctx, task, tokens...)
		}
		if e := (*wiro.Error)(nil); !errors.As(err, &e) || e.Disposition() != wiro.FailCell {
			return false, err
		}
		if try == 2 {
			return false, nil
		}
		if err := sleep(ctx, deniedTwice); err != nil {
			return false, err
		}
	}
}

// noteNewest asks for the newest task, as read makes one read.
func (r *Run) noteNewest(ctx context.Context, read func(context.Context, func() error) error) error {
	var page wiro.TaskPage
	err := read(ctx, func() (err error) {
		page, err = r.client.List(ctx, wiro.ListQuery{Limit: 1})
		if e := (*wiro.Error)(nil); errors.As(err, &e) && e.NotFound() {
			err = nil // there is no task yet
		}
		return err
	})
	if err != nil {
		return err
	}
	return r.countsOn(ctx, page.Tasks)
}

const (
	newestAgain = 15 * time.Second // before the newest task is asked for again
	newestTakes = 10 * time.Second // at most, while a cell waits for it
)

// newest is whether the newest task is known, and with it a bound for what is submitted from then on.
type newest struct {
	turn  sync.Mutex // no one waits for it
	known atomic.Bool
	asked time.Time
}

func (n *newest) ask(ask func() error) error {
	err := ask()
	n.asked = time.Now()
	n.known.Store(err == nil)
	return err
}

// newestKnown is the newest task id that may be older than a submit made now; "" while the list has never answered, so
// that nothing could be told apart. Then it is asked for again now and then, by one at a time.
func (r *Run) newestKnown(ctx context.Context) string {
	if n := &r.newest; !n.known.Load() && n.turn.TryLock() {
		if !n.known.Load() && time.Since(n.asked) >= newestAgain {
			brief, done := context.WithTimeout(ctx, newestTakes)
			_ = n.ask(func() error {
				return r.noteNewest(brief, func(ctx context.Context, read func() error) error { return r.lists.Try(ctx, time.Time{}, read) })
			})
			done()
		}
		n.turn.Unlock()
	}
	if !r.newest.known.Load() {
		return ""
	}
	return cmp.Or(r.journal.NewestTask(ctx), "0")
}
