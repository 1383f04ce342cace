package pipeline

import (
	"context"
	"time"

	"wirobatch/pipeline/journal"
)

// fallen goes on with a cell whose adopted task has ended without a result. It only looked like the cell's own: it may be
// that of another run or person on the account, and the cell's own may be running or done. So the list is searched for
// another before the end counts.
func (r *Run) fallen(ctx context.Context, l *journal.Lease, verdict journal.Record) error {
	kept := verdict
	kept.State = journal.Submitted // after a crash its end is seen, and searched beyond, again
	if err := l.Save(ctx, kept); err != nil {
		return err
	}
	next := journal.Record{
		State: journal.Unknown, Attempt: verdict.Attempt + 1, IntendedAt: verdict.IntendedAt,
		NewestKnown: verdict.NewestKnown, Reserved: verdict.Reserved,
	}
	return r.settle(ctx, l, next, time.Now(), &verdict)
}

// adopted reports whether the task was found in the list: then it has no time of submission of its own.
func adopted(rec journal.Record) bool { return !rec.SubmittedAt.After(rec.IntendedAt) }

// answeredAt is now, as the time of a submission: for what was answered it is never that of the intent, as the journal keeps it.
func answeredAt(rec journal.Record) time.Time {
	now, least := time.Now(), rec.IntendedAt.Add(time.Millisecond)
	if now.Before(least) {
		return least
	}
	return now
}
