package pipeline

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/shopspring/decimal"

	"wirobatch/pipeline/journal"
	"wirobatch/pipeline/report"
	"wirobatch/wiro"
)

// A Reason says why a run submitted no more.
type Reason string

// The reasons to stop. A run that only did all of its grid has none.
const (
	Interrupted      Reason = "interrupted"       // by a first SIGINT
	Terminated       Reason = "terminated"        // by a first SIGTERM
	Unauthorised     Reason = "not authorised"    // HTTP 401, codes 98 and 99
	BalanceExhausted Reason = "balance exhausted" // code 97
	BudgetReached    Reason = "budget reached"    // limits.budget_usd
	DeadlineReached  Reason = "deadline reached"  // limits.deadline
	TooManyFailures  Reason = "too many failures" // or ends that may be: limits.max_failures; without it, all that was submitted is wrong
	LimitReached     Reason = "limit reached"     // --limit
	Unrecognised     Reason = "not its own tasks" // the service shows what was submitted as other tasks
	Unreachable      Reason = "unreachable"       // nothing but passing trouble for too long
	DiskTrouble      Reason = "disk trouble"      // no space, or the disk refuses to write
)

// A Result is what a run, and the folder that it worked on, came to.
type Result struct {
	Progress journal.Progress // of the grid, at the end
	Summary  report.Summary   // of the folder
	Reasons  []Reason         // to submit no more, though something was left; in the order in which they came
	Spent    decimal.Decimal  // in this run, USD
	Submits  int              // that the service took in this run
	Did      bool             // whether this run submitted, took up or ended any cell
	Trouble  string           // why the service could not be reached, for Unreachable
	Refused  string           // the model, and what the service said, for TooManyFailures where all its cells were refused as wrong; else ""
	Disk     error            // the first trouble, for DiskTrouble
	Started  time.Time
	Ended    time.Time
	held     int // submits whose answer never came, of the grid or of an earlier one
	former   int // paid and undelivered cells of an earlier grid
}

// ExitCode is the contract of wirobatch run: where several hold, the first of this order.
func (r Result) ExitCode() int {
	has := func(reason Reason) bool { return slices.Contains(r.Reasons, reason) }
	p := r.Progress
	switch {
	case has(Interrupted):
		return 130
	case has(Terminated):
		return 143
	case has(DiskTrouble):
		return 74
	case has(Unauthorised):
		return 7
	case has(BalanceExhausted):
		return 6
	case r.held > 0:
		return 8
	case has(BudgetReached):
		return 4
	case has(DeadlineReached):
		return 5
	case p.Failed > 0, p.Cancelled > 0, p.Undelivered > 0, r.former > 0, has(TooManyFailures), has(Unreachable), has(Unrecognised):
		return 3
	}
	return 0
}

// Left is how many cells of the grid the next start would submit, or follow further.
func (r Result) Left() int {
	p := r.Progress
	return p.Cells - p.Done - p.Failed - p.Held - p.Undelivered
}

// stopping leaves out the reasons that stopped nothing, since what ran was all there was. What ended by a signal, or shows a
// trouble that a person has to mend, is told in any case.
func stopping(reasons []Reason, left int) []Reason {
	return slices.DeleteFunc(slices.Clone(reasons), func(reason Reason) bool {
		switch reason {
		case BudgetReached, DeadlineReached, TooManyFailures, LimitReached:
			return left == 0
		}
		return false
	})
}

// end writes the last words of a run into journal and reports, even when the run was told to leave or has failed.
func (r *Run) end(ctx context.Context, failed error) (Result, error) {
	ctx = context.WithoutCancel(ctx)
	res := Result{
		Progress: r.journal.Progress(), Submits: int(r.submits.Load()),
		Did: r.did.Load(), Trouble: r.lastTrouble(), Disk: r.diskError(), Started: r.started, Ended: time.Now(),
	}
	res.Reasons = stopping(r.reasons, res.Left())
	r.mu.Lock()
	res.Refused = r.refusal
	r.mu.Unlock()
	res.Spent = res.Progress.Spent.Sub(r.before)
	counts, err := r.journal.Counts(ctx)
	if err != nil {
		return res, errors.Join(failed, err)
	}
	for _, s := range []journal.State{journal.Held, journal.Unknown} {
		res.held += counts.States[s] + counts.Former[s]
	}
	res.former = counts.Former[journal.Submitted]
	if failed == nil {
		r.row.EndedAt, r.row.ExitCode = res.Ended, res.ExitCode()
		failed = r.journal.EndRun(ctx, r.row)
	}
	res.Summary, err = report.Write(ctx, r.journal, r.o.Out)
	switch { // one trouble is told once
	case failed != nil && isDisk(err):
		err = nil
	case res.Disk != nil && isDisk(err):
		err = res.Disk
	}
	return res, errors.Join(failed, err)
}

func reasonOf(e *wiro.Error) Reason {
	if e.BalanceExhausted() {
		return BalanceExhausted
	}
	return Unauthorised
}

// endsRun picks out what no cell can survive: nothing is recorded any more.
func endsRun(err error) error {
	var w *journal.WriteError
	if errors.As(err, &w) || errors.Is(err, journal.ErrLeaseLost) {
		return err
	}
	return nil
}

// describe notes what the service says of a task that has ended.
func describe(rec *journal.Record, t wiro.Task) {
	rec.TaskStatus, rec.Exit = string(t.Status), t.Exit
	rec.Elapsed = t.Elapsed
	rec.Queue = between(t.Created, t.Started)
	rec.Run = between(t.Started, t.Ended)
	rec.Postprocess = between(t.PostprocessStarted, t.PostprocessEnded)
}

// between is a span of the server's clock in seconds; unknown when either end is, or when they are out of order.
func between(from, to time.Time) decimal.NullDecimal {
	if from.IsZero() || to.IsZero() || to.Before(from) {
		return decimal.NullDecimal{}
	}
	return decimal.NewNullDecimal(decimal.New(to.Sub(from).Milliseconds(), -3))
}

func failure(t wiro.Task) string {
	text := fmt.Sprintf("the model failed (pexit %s)", t.Exit)
	if t.Exit == "" {
		text = "it ended without an exit code and without an output, and cost nothing"
	}
	if detail := strings.TrimSpace(t.DebugError); detail != "" {
		text += ": " + detail
	}
	return text
}
