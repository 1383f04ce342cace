package pipeline

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"sync/atomic"

	"wirobatch/pipeline/journal"
	"wirobatch/pipeline/watch"
	"wirobatch/wiro"
)

// mistaken is how many tasks in a row, all submitted by this start, the service may show as others before nothing more is
// submitted: what it is paid for then can't be had.
const mistaken = 3

// identity tells whose a task is that shows another token than ours. Two things look like that: a service that shows other
// tokens than it gives, and one that counts anew, as a local sandbox does, and has another task by the same id.
type identity struct {
	loose    atomic.Bool  // a task was ours all the same: here tokens tell nothing
	mistaken atomic.Int64 // tasks of this start in a row that were others
	known    sync.Map     // by token, whether the service has the task of ours by it
}

// whose is what the watcher asks.
func (r *Run) whose() watch.Whose {
	return watch.Whose{
		Shown: func(t watch.Target, shown wiro.Task) bool {
			alike := r.alike(t, shown)
			if alike == same && r.own(t) { // one left by an earlier start is held against the journal first
				r.identity.loose.Store(true)
			}
			return alike != different && r.identity.loose.Load()
		},
		Asked: func(ctx context.Context, t watch.Target, shown wiro.Task) (bool, error) {
			taken, err := r.journal.Tokens(ctx, t.ID)
			if err != nil {
				return false, err
			}
			for _, token := range taken { // of another cell, since the service counts anew
				if token != "" && shown.Token == token {
					return false, nil
				}
			}
			if r.alike(t, shown) == same {
				return true, nil
			}
			return r.identity.names(ctx, r.client, t.ID, t.Token)
		},
	}
}

// own reports whether this start has submitted the task.
func (r *Run) own(t watch.Target) bool { return !t.Submitted.Before(r.started) }

// alike holds what a task shows against what one of ours was sent.
func (r *Run) alike(t watch.Target, shown wiro.Task) echo {
	if r.claims.another(shown.ModelID, t.Model) {
		return different
	}
	return compare(shown.Parameters, t.Params)
}

// names is named, once for each token. A service that knows a task by the token which it does not show shows others than it
// gives.
func (i *identity) names(ctx context.Context, client *wiro.Client, id, token string) (bool, error) {
	if ours, known := i.known.Load(token); known {
		return ours.(bool), nil
	}
	ours, err := named(ctx, client, id, token)
	if err != nil {
		return false, err
	}
	i.known.Store(token, ours)
	if ours {
		i.loose.Store(true)
	}
	return ours, nil
}

// named reports whether the service has that task by its token. Trouble tells nothing.
func named(ctx context.Context, client *wiro.Client, id, token string) (bool, error) {
	task, err := client.DetailByToken(ctx, token)
	if e := (*wiro.Error)(nil); task.ID != "" || errors.As(err, &e) && e.Disposition() == wiro.FailCell {
		return task.ID == id, nil
	}
	return false, err
}

// of reports whether a task that is shown is one whose id and tokens the journal has, or may be. Tokens are of all that have
// had it by that id.
func (r *Run) of(ctx context.Context, shown wiro.Task, tokens ...string) (bool, error) {
	for _, token := range tokens {
		if r.identity.loose.Load() || wiro.SameToken(token, shown.Token) {
			return true, nil
		}
	}
	for _, token := range tokens {
		var ours bool
		err := r.api.Read(ctx, func() (err error) {
			ours, err = r.identity.names(ctx, r.client, shown.ID, token)
			return err
		})
		if ours || err != nil {
			return ours, err
		}
	}
	return false, nil
}

// claimant tells which cell of ours has a task that is shown, if any.
func (r *Run) claimant(ctx context.Context, shown wiro.Task) (cell string, known bool, err error) {
	cell, known, err = r.journal.TaskKnown(ctx, shown.ID)
	if !known || err != nil {
		return cell, known, err
	}
	tokens, err := r.journal.Tokens(ctx, shown.ID)
	if err != nil {
		return cell, false, err
	}
	known, err = r.of(ctx, shown, tokens...)
	return cell, known, err
}

// recognised notes whether a task of this start was the one that it was taken for.
func (r *Run) recognised(rec journal.Record, err error) {
	switch {
	case rec.IntendedAt.Before(r.started):
	case err == nil:
		r.identity.mistaken.Store(0)
	case errors.Is(err, watch.ErrAnother) && r.identity.mistaken.Add(1) == mistaken:
		r.o.Warn(fmt.Sprintf("the service shows %d tasks in a row that this start has submitted as others, with other tokens and other parameters than they were given: no more is submitted", mistaken))
		r.halt(Unrecognised)
	}
}
