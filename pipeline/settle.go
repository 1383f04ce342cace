package pipeline

import (
	"context"
	"errors"
	"fmt"
	"time"

	"wirobatch/manifest"
	"wirobatch/pipeline/journal"
	"wirobatch/wiro"
)

// looks are the times, after the answer was missed, at which an unknown submit is looked up.
var looks = []time.Duration{0, 5 * time.Second, 20 * time.Second}

// listPages bounds one look; a page holds a hundred tasks.
const listPages = 50

// settle looks up, in Task/List, a submit whose answer never came, while the run goes on. Found, it is followed like
// any other; not found, it is held: reported with the money at stake, and looked up again by the next run.
func (r *Run) settle(ctx context.Context, l *journal.Lease, rec journal.Record) error {
	r.side.Go(func() error {
		begun := time.Now()
		var trouble error
		for _, at := range looks {
			if sleep(ctx, time.Until(begun.Add(at))) != nil {
				return r.leave(l)
			}
			found, err := r.adopt(ctx, l, &rec)
			l.FreeSlot() // after the first look: whether it runs or not, others may
			if found {
				r.o.Warn(fmt.Sprintf("cell %s: found as task %s, nothing was paid twice", l.Cell.ID, rec.TaskID))
				return r.follow(ctx, l, rec)
			}
			if ends := endsRun(err); ends != nil {
				return ends
			}
			trouble = err
		}
		if ctx.Err() != nil {
			return r.leave(l)
		}
		rec.State, rec.Error = journal.Held, held(rec, trouble)
		r.o.Warn(fmt.Sprintf("cell %s: held: %s", l.Cell.ID, rec.Error))
		return l.Finish(ctx, rec)
	})
	return nil
}

func held(rec journal.Record, trouble error) string {
	text := "the answer to its submit never came, and Task/List does not show its task: $" + rec.Reserved.String() + " at stake"
	if trouble != nil {
		text += " (" + trouble.Error() + ")"
	}
	return text
}

// adopt takes the first look's task for the cell, when the list shows one that can be no other's: newer than the
// newest known at the intent, with the parameters as we sent them, claimed by no other cell.
func (r *Run) adopt(ctx context.Context, l *journal.Lease, rec *journal.Record) (found bool, err error) {
	if rec.NewestKnown == "" {
		return false, errors.New("Task/List did not answer before the submit")
	}
	sent := input(l.Cell).Params
	for page := range listPages {
		var list wiro.TaskPage
		err := patiently(ctx, func() (err error) {
			list, err = r.client.List(ctx, wiro.ListQuery{Start: page * 100, Limit: 100})
			return err
		})
		if e := (*wiro.Error)(nil); errors.As(err, &e) && e.NotFound() {
			return false, nil // no task at all
		}
		if err != nil {
			return false, err
		}
		for _, task := range list.Tasks {
			r.journal.NoteTask(task.ID)
			if !journal.Newer(task.ID, rec.NewestKnown) {
				return false, nil
			}
			if !echoes(task.Parameters, sent) {
				continue
			}
			if found, err := r.claim(ctx, l, rec, task); found || err != nil {
				return found, err
			}
		}
		if len(list.Tasks) < 100 {
			return false, nil
		}
	}
	return false, nil
}

// claim makes task the cell's, durably, unless it is another's or may be: while an identical submit of ours is
// unanswered, its task cannot be told from this one.
func (r *Run) claim(ctx context.Context, l *journal.Lease, rec *journal.Record, task wiro.Task) (bool, error) {
	release, free := r.claims.claim(l.Cell)
	defer release()
	if !free {
		return false, nil
	}
	if _, taken, err := r.journal.TaskKnown(ctx, task.ID); taken || err != nil {
		return false, err
	}
	rec.State, rec.TaskID, rec.TaskToken, rec.Error = journal.Submitted, task.ID, task.Token, ""
	rec.SubmittedAt = rec.IntendedAt // the nearest that we know by our own clock
	return true, l.Save(ctx, *rec)
}

// echoes reports whether a task has every parameter as it was sent; keys that the service adds are ignored, and so are
// those that it may use up.
func echoes(task, sent map[string]string) bool {
	if len(task) == 0 {
		return false
	}
	for name, value := range sent {
		if got, ok := task[name]; (!ok || got != value) && !manifest.Addressed(name) {
			return false
		}
	}
	return true
}

// input is what a cell sends: its parameters, as spelled in the manifest.
func input(c journal.Cell) wiro.Input {
	in := wiro.Input{Params: make(map[string]string, len(c.Params))}
	for _, p := range c.Params {
		in.Params[p.Name] = p.Value
	}
	return in
}

// sameWork is equal for cells that ask for the same thing: replicates differ in nothing but their index.
func sameWork(c journal.Cell) string {
	params := make([]manifest.Param, len(c.Params))
	for i, p := range c.Params {
		params[i] = manifest.Param(p)
	}
	return manifest.CellID(c.Model, params, 0)
}
