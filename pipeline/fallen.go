package pipeline

import (
	"context"
	"fmt"
	"time"

	"wirobatch/pipeline/journal"
	"wirobatch/wiro"
)

// fallen goes on with a cell whose adopted task has ended without a result. It only looked like the cell's own: it may be
// that of another run or person on the account, and the cell's own may be running or done. So the list is searched for
// another before the end counts; by their mark alone, where that is how it was found: a gateway may have passed the submit on twice.
func (r *Run) fallen(ctx context.Context, l *journal.Lease, verdict journal.Record) error {
	if err := l.Save(ctx, ended(verdict)); err != nil {
		return err
	}
	return r.settle(ctx, l, another(verdict), time.Now(), &verdict)
}

// undecided keeps a cell whose task has ended without saying how. An adopted one may be another's, and the cell's own be paid
// for: it is searched for, but not taken to be absent.
func (r *Run) undecided(ctx context.Context, l *journal.Lease, rec journal.Record, task wiro.Task, adopted bool) error {
	rec.TaskStatus = ""
	if !rec.Cost.Valid {
		rec.CostSource = "" // what is held for it stands for its cost
	}
	why := notSaid(task, rec)
	if !adopted || ctx.Err() != nil {
		return r.undelivered(ctx, l, rec, why)
	}
	r.o.Warn(fmt.Sprintf("cell %s, task %s, which was found for it: %v", l.Cell.ID, rec.TaskID, why))
	rec.State, rec.Undelivered, rec.Error = journal.Submitted, true, why.Error()
	return r.fallen(ctx, l, rec)
}

// sought leaves such a cell, whose adopted task was told to end, for the next run to look up.
func sought(ctx context.Context, l *journal.Lease, verdict journal.Record) error {
	if err := l.Save(ctx, ended(verdict)); err != nil {
		return err
	}
	next := another(verdict)
	next.Error = "task " + verdict.TaskID + ", which was found for it, was " + verdict.Error
	return l.Finish(ctx, next)
}

// ended is the attempt whose task has ended: after a crash its end is seen, and searched beyond, again. That it could not be looked at
// before is over: with its end it would stand for something that was paid for.
func ended(verdict journal.Record) journal.Record {
	verdict.State = journal.Submitted
	verdict.Undelivered = verdict.Undelivered && verdict.TaskStatus == ""
	return verdict
}

// another is the same intent, without that task.
func another(verdict journal.Record) journal.Record {
	return journal.Record{
		State: journal.Unknown, Attempt: verdict.Attempt + 1, IntendedAt: verdict.IntendedAt,
		NewestKnown: verdict.NewestKnown, Reserved: verdict.Reserved,
	}
}

// adopted reports whether the task was found in the list by its likeness: then it has no time of submission of its own.
func adopted(rec journal.Record) bool { return !rec.SubmittedAt.After(rec.IntendedAt) }

// The time of submission also tells how a cell came by its task, to a millisecond, as the journal keeps it: found by likeness it
// is that of the intent, found by its mark one later, and answered two later at least.
const (
	markedAfter   = time.Millisecond
	answeredAfter = 2 * time.Millisecond
)

// marked reports whether the task was found by its mark: then it is the cell's own, but may not be the only one.
func marked(rec journal.Record) bool {
	return !adopted(rec) && !rec.SubmittedAt.After(rec.IntendedAt.Add(markedAfter))
}

// answeredAt is now, as the time of a submission that was answered.
func answeredAt(rec journal.Record, now time.Time) time.Time {
	if least := rec.IntendedAt.Add(answeredAfter); now.Before(least) {
		return least
	}
	return now
}
