package pipeline

import (
	"context"
	"errors"
	"fmt"
	"time"

	"wirobatch/pipeline/journal"
	"wirobatch/wiro"
)

// What a task is known to have cost is not undone by what the service says of it later: outputs are kept for a limited time,
// and without them the same task can look as if it had failed. Its cell is never judged anew, it only waits for its files.

// clearPauses space the looks at a task that has ended without an output, and without having failed: they may come a moment
// after its end.
var clearPauses = []time.Duration{time.Second, 2 * time.Second, 4 * time.Second, 8 * time.Second}

// clearly gives the task as it is when its end has become clear, or when it has been looked at often enough, and the number
// of looks. With an error that is not known: nothing is said of the task.
func (r *Run) clearly(ctx context.Context, task wiro.Task) (clear wiro.Task, looks int, err error) {
	for _, pause := range clearPauses {
		if !task.Unclear() && (task.Outcome() != wiro.Succeeded || len(task.Outputs) > 0) {
			return task, looks, nil
		}
		if err := sleep(ctx, pause); err != nil {
			return task, looks, err
		}
		var seen wiro.Task
		err = r.api.Read(ctx, func() (err error) { seen, err = r.client.Detail(ctx, task.ID); return err })
		looks++
		if err == nil && seen.Outcome() != wiro.Running {
			task = seen
		}
	}
	return task, looks, err
}

// charged reports whether a task that has ended without files says that it was billed. That the model failed, and was billed,
// is its verdict; what was cancelled, or does not say how it ended, waits for its files instead of being made again.
func charged(t wiro.Task) bool {
	return t.Outcome() != wiro.Succeeded && (t.Outcome() == wiro.Canceled || t.Unclear()) && t.TotalCost.Decimal.IsPositive()
}

// stillBilled is the record of a task that was paid for, and of which the service now says something else: what was known of
// it stays, and its cost is never lowered.
func stillBilled(rec journal.Record, t wiro.Task) journal.Record {
	if usd := t.TotalCost; usd.Decimal.GreaterThan(rec.Cost.Decimal) {
		rec.Cost, rec.CostSource = usd, string(wiro.CostReported)
	}
	return rec
}

// byHand is how a cell is made again whose files are gone for good.
const byHand = "it was paid for, and is not made again by itself; --redo makes it again, and pays again"

// noLonger says what became of a task that was paid for.
func noLonger(t wiro.Task) error {
	now := "without its outputs"
	switch {
	case t.Outcome() == wiro.Canceled:
		now = "as cancelled"
	case t.Exit != "":
		now = fmt.Sprintf("as failed (pexit %s)", t.Exit)
	}
	return fmt.Errorf("the service now shows the task %s: %s", now, byHand)
}

// noFiles says how a task ended that was billed and made nothing; killed tells that it was by us.
func noFiles(t wiro.Task, killed string) error {
	how := "it ended without an output"
	switch {
	case killed != "":
		how = killed
	case t.Outcome() == wiro.Canceled:
		how = "cancelled on the server"
	}
	return errors.New(how + ": " + byHand)
}
