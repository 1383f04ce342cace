package pipeline

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"wirobatch/pipeline/journal"
	"wirobatch/wiro"
)

// What a task is known to have cost is not undone by what the service says of it later: outputs are kept for a limited time,
// and without them the same task can look as if it had failed. Its cell is never judged anew, it only waits for its files. What
// may have cost something waits in the same way, but is judged by each start.

// clearPauses space the looks at a task that has ended without an output, and without having failed: they may come a moment
// after its end.
var clearPauses = []time.Duration{time.Second, 2 * time.Second, 4 * time.Second, 8 * time.Second}

// clearAgain is for one that earlier starts have looked at so.
var clearAgain = []time.Duration{0}

// silent reports an end without an exit code and without an output. Until it was looked at again nothing else counts that it
// says.
func silent(t wiro.Task) bool { return t.Outcome() == wiro.Failed && t.Exit == "" }

// clearly gives the task as it is when its end has become clear, or when it has been looked at often enough, and the number
// of looks. With an error that is not known: nothing is said of the task.
func (r *Run) clearly(ctx context.Context, task wiro.Task, pauses []time.Duration) (clear wiro.Task, looks int, err error) {
	for _, pause := range pauses {
		if !silent(task) && (task.Outcome() != wiro.Succeeded || len(task.Outputs) > 0) {
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

// undecided reports whether nothing says that a task which has ended was not billed, nor that it was: its cell waits for its
// files like one that was paid for, but each start judges it anew. Where that was so before, a cancel says nothing of itself.
func undecided(t wiro.Task, before bool) bool {
	return t.Unclear() && !charged(t) || before && t.Outcome() == wiro.Canceled && !t.TotalCost.Valid
}

// delivers reports whether a task that has ended has files to bring: one that was cancelled, and paid for, may have.
func delivers(t wiro.Task, billed bool) bool {
	return t.Outcome() == wiro.Succeeded || t.Outcome() == wiro.Canceled && len(t.Outputs) > 0 && (billed || charged(t))
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

// notSaid says what is at stake with a task whose end is unclear.
func notSaid(t wiro.Task, rec journal.Record) error {
	how, cost := "it ended without an exit code and without an output", "an unknown sum"
	if t.Outcome() == wiro.Canceled {
		how = "it ended without an output, and the service now shows it as cancelled"
	}
	switch {
	case rec.Cost.Valid:
		cost = "$" + rec.Cost.Decimal.String()
	case rec.Reserved.IsPositive():
		cost = "about $" + rec.Reserved.String()
	}
	text := fmt.Sprintf("%s, so nothing says whether it was billed, %s at stake: it is looked at again, and not made again by itself; --redo makes it again, and may pay again", how, cost)
	if detail := strings.TrimSpace(t.DebugError); detail != "" {
		text += ": " + detail
	}
	return errors.New(text)
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
