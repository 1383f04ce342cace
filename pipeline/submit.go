package pipeline

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"wirobatch/manifest"
	"wirobatch/pipeline/journal"
	"wirobatch/pipeline/watch"
	"wirobatch/wiro"
)

// unsubmitted ends or turns the life of a cell whose submit was not answered with a task. active other submits and tasks
// of ours are under way.
func (r *Run) unsubmitted(ctx context.Context, l *journal.Lease, rec journal.Record, active int, err error) error {
	over := time.Now()
	var e *wiro.Error
	if !errors.As(err, &e) {
		return fmt.Errorf("submit of cell %s: %w", l.Cell.ID, err)
	}
	switch e.Disposition() {
	case wiro.WaitSlot:
		if active > 0 {
			r.pause.well()
		} else {
			r.pause.full()
		}
		limit, _, _ := e.SlotLimit()
		slots, wait := r.gate.refused(limit, active, over)
		r.journal.SetSlots(slots)
		return r.again(ctx, l, rec, wait, nil)
	case wiro.StopRun:
		r.latch(e)
		return r.again(ctx, l, rec, 0, nil)
	case wiro.FailCell:
		r.pause.well()
		if err := r.wrong(ctx, l.Cell, e); err != nil {
			return err
		}
		return r.refuse(ctx, l, rec, e)
	case wiro.Retry:
		if ctx.Err() != nil {
			return r.again(ctx, l, rec, 0, nil)
		}
		// Refused while others were taken, or with nothing else to try, it may be the cell; else it is the service.
		own := itsOwn(e)
		if e.Refused && !e.Busy() && r.refused.while(l.Cell.ID, r.submits.Load(), own) >= refusals {
			return r.refuse(ctx, l, rec, e)
		}
		if own && r.refused.alone(l.Cell.ID, 1+r.journal.Progress().Pending, r.Progress().Done, r.pause.tried(), r.pause.lasted(over)) {
			r.pause.proceed()
			return r.refuse(ctx, l, rec, e)
		}
		all := r.trouble(over, e)
		var behind time.Duration
		if e.Refused && !e.Busy() { // also in words of trouble: what is refused each time lets others pass
			behind = r.refused.behind(l.Cell.ID)
			r.journal.NewFirst(all || r.pause.refusals())
		}
		if !all && behind == behindFirst {
			r.o.Warn(fmt.Sprintf("cell %s: refused, and tried again after others: %v", l.Cell.ID, e))
		}
		return r.again(ctx, l, rec, behind, e)
	default:
		// The answer never came. It may have been made and paid for: it is looked up, never sent again blindly.
		r.refused.settled(l.Cell.ID)
		if ctx.Err() == nil {
			r.trouble(over, e)
		}
		return r.unanswered(ctx, l, rec, e)
	}
}

// unanswered looks up a submit whose answer never came, or has nothing to say any more.
func (r *Run) unanswered(ctx context.Context, l *journal.Lease, rec journal.Record, why error) error {
	over := time.Now()
	r.o.Warn(fmt.Sprintf("cell %s: no answer to its submit (%v): looking it up", l.Cell.ID, why))
	rec.State, rec.Error = journal.Unknown, why.Error()
	if err := l.Save(ctx, rec); err != nil {
		return err
	}
	return r.settle(ctx, l, rec, over, nil)
}

// latch lets nothing more be submitted after an answer that holds for all calls: the key is not accepted, or the balance is
// used up. What was submitted is watched and delivered.
func (r *Run) latch(e *wiro.Error) {
	r.mu.Lock()
	said := slices.Contains(r.reasons, reasonOf(e))
	r.mu.Unlock()
	if !said {
		r.o.Warn(e.Error())
	}
	r.halt(reasonOf(e))
}

// trouble lets all submits pause, where that is due, and ends the run when it has gone on for too long.
func (r *Run) trouble(now time.Time, e *wiro.Error) (all bool) {
	r.mu.Lock()
	r.blocked = e.Error()
	r.mu.Unlock()
	all, hopeless := r.pause.trouble(now, e)
	if hopeless {
		r.halt(Unreachable)
	}
	if all && e.Disposition() == wiro.Retry {
		r.o.Warn(fmt.Sprintf("submits pause: %v", e))
	}
	return all
}

func (r *Run) lastTrouble() string {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.blocked
}

// again puts a cell back that was not made: that costs no attempt.
func (r *Run) again(ctx context.Context, l *journal.Lease, rec journal.Record, after time.Duration, why error) error {
	rec.State, rec.NotBefore, rec.Error = journal.Pending, time.Now().Add(after), ""
	if why != nil {
		rec.Error = why.Error()
	}
	return l.Finish(ctx, rec)
}

// refuse ends a cell that the service will not make as it stands: nothing was run, nothing is owed.
func (r *Run) refuse(ctx context.Context, l *journal.Lease, rec journal.Record, e *wiro.Error) error {
	rec.State, rec.Error, rec.FinishedAt = journal.Failed, e.Error(), time.Now()
	rec.Cost.Decimal, rec.Cost.Valid, rec.CostSource = zero, true, "none"
	r.refused.settled(l.Cell.ID)
	return r.finish(ctx, l, rec)
}

// lostSight ends the watch of a task that is still ours, or may be: the cell stays submitted for the next start.
func (r *Run) lostSight(ctx context.Context, l *journal.Lease, rec journal.Record, err error) error {
	var e *wiro.Error
	switch {
	case ctx.Err() != nil:
		return r.leave(l)
	case errors.Is(err, watch.ErrNotFound):
		return r.undelivered(ctx, l, rec, fmt.Errorf("%w; where a service has begun anew, as a local sandbox does, its cells are made anew in another folder: --out DIR", err))
	case errors.As(err, &e) && e.Disposition() == wiro.StopRun:
		return r.leave(l)
	default:
		return r.undelivered(ctx, l, rec, err)
	}
}

// undelivered keeps a paid cell whose files are not here: later runs only download.
func (r *Run) undelivered(ctx context.Context, l *journal.Lease, rec journal.Record, err error) error {
	if ctx.Err() != nil {
		return r.leave(l)
	}
	if ends := endsRun(err); ends != nil {
		return ends
	}
	if isDisk(err) {
		r.unwritable(err)
	} else {
		r.o.Warn(fmt.Sprintf("cell %s, task %s: not delivered, the next run tries again: %v", l.Cell.ID, rec.TaskID, err))
	}
	rec.State, rec.Undelivered, rec.Error = journal.Submitted, true, err.Error()
	return r.finish(ctx, l, rec)
}

// finish records the end of a cell, and judges what it means for the run. Only what is known to have cost nothing is made
// again by itself.
func (r *Run) finish(ctx context.Context, l *journal.Lease, rec journal.Record) error {
	if rec.State == journal.Failed && rec.TaskID != "" && rec.Attempt <= r.o.Limits.Retries && rec.Cost.Valid && !rec.Cost.Decimal.IsPositive() {
		rec.State, rec.NotBefore = journal.Pending, time.Now().Add(delay(rec.Attempt))
		return l.Finish(ctx, rec)
	}
	if err := l.Finish(ctx, rec); err != nil {
		return err
	}
	if rec.State == journal.Failed || rec.Unclear() {
		return r.judge(ctx)
	}
	return nil
}

// judge lets nothing more be submitted when too many cells have failed, in this start or before, or have ended without saying
// how, and still do not say it: where a service leaves out exit codes and costs, what failed looks so. Those that are to run
// once more have not failed.
func (r *Run) judge(ctx context.Context) error {
	most := r.o.Limits.MaxFailures
	if most == (manifest.MaxFailures{}) {
		return nil
	}
	unclear, err := r.journal.Unclear(context.WithoutCancel(ctx))
	if err == nil && most.Reached(r.Progress().Failed+unclear, r.grid.Len()) {
		r.halt(TooManyFailures)
	}
	return err
}

// leave ends a lease without a word: the cell is as it was last saved, and the next start goes on from there.
func (r *Run) leave(l *journal.Lease) error {
	l.Abandon()
	return nil
}
