package cli

import (
	"fmt"
	"path/filepath"
	"strings"

	"github.com/dustin/go-humanize"
	"github.com/dustin/go-humanize/english"
	"github.com/shopspring/decimal"

	"wirobatch/pipeline"
	"wirobatch/pipeline/journal"
	"wirobatch/pipeline/report"
)

// closing is the last word of a run: what was made, what it cost, how long it took, where to look, and what to do next.
// Counts are those of the grid; what may still be mended is counted in the whole folder, as the next start would.
func closing(r pipeline.Result, o pipeline.Options) []string {
	p, c, m := r.Progress, r.Summary.Cells, r.Summary.Money
	var lines []string
	add := func(name, format string, args ...any) {
		lines = append(lines, fmt.Sprintf("%-8s ", name)+fmt.Sprintf(format, args...))
	}
	add("Done", "%s", tally(p))
	switch {
	case r.Did || len(r.Reasons) > 0:
	case p.Done == p.Cells:
		add("", "nothing was left to submit, nothing was submitted")
	default:
		add("", "nothing was submitted")
	}
	if c.Unlisted > 0 {
		add("", "in the folder: %s more, no longer in the manifest", english.Plural(c.Unlisted, "cell", ""))
	}
	switch {
	case r.Spent.Equal(m.Spent) && r.Spent.IsPositive():
		add("Cost", "$%s%s", dollars(r.Spent), money(o, ", in the sandbox's play money"))
	case r.Submits > 0 || !m.Spent.IsZero():
		add("Cost", "$%s in this run, $%s in this folder so far%s", dollars(r.Spent), dollars(m.Spent), money(o, ", in play money"))
	}
	if m.Reserved.IsPositive() {
		add("At stake", "$%s for tasks whose cost is not known yet", dollars(m.Reserved))
	}
	if r.Submits > 0 {
		add("Took", "%s, %s", rough(r.Ended.Sub(r.Started)), english.Plural(r.Submits, "submit", ""))
	}
	files := r.Summary.Totals
	add("Look at", "%s (%s, %s)", filepath.Join(o.Out, "images"), english.Plural(files.Files, "file", ""), humanize.Bytes(uint64(files.Bytes)))
	add("", "%s", filepath.Join(o.Out, report.CSVFile))
	for _, reason := range r.Reasons {
		add("Stopped", "%s", stopped(reason, r))
	}
	for _, x := range []struct {
		n      int
		name   string
		advice string
	}{
		{p.Failed, "Failed", "%d, see the error column of the CSV; --retry-failed runs those once more that were never paid for, --redo IDS any"},
		{c.Undelivered, "Missing", "%d paid for, or maybe, but not on disk, see the error column; run again, it only looks for them and downloads them"},
		{c.Held, "Held", "%d, their submits were never answered; run again to look them up, or --on-unknown=resubmit sends them anew"},
	} {
		if x.n > 0 {
			add(x.name, x.advice, x.n)
		}
	}
	if p.Cancelled > 0 && len(r.Reasons) == 0 {
		add("Cancelled", "%d, see the error column; run again to submit them anew", p.Cancelled)
	}
	return lines
}

// onceOnly mends an advice to run the same command again: what was asked for once would be paid for each time.
func onceOnly(o pipeline.Options, advice string) string {
	const again = "run the same command again"
	switch {
	case len(o.Redo) > 0:
		return strings.ReplaceAll(advice, again, again+", without --redo,")
	case o.OnUnknown == pipeline.Resubmit:
		return strings.ReplaceAll(advice, again, again+", without --on-unknown=resubmit,")
	}
	return advice
}

// money says of which kind an amount is, where it is not money.
func money(o pipeline.Options, play string) string {
	if o.Sandbox {
		return play
	}
	return ""
}

// departure is the last word of a run that was told to leave at once, and did not stay to make its reports.
func departure(r pipeline.Result, o pipeline.Options) []string {
	p := r.Progress
	lines := []string{fmt.Sprintf("Left     at once: %d of %s done, $%s spent in this folder so far", p.Done, english.Plural(p.Cells, "cell", ""), dollars(p.Spent))}
	if p.Reserved.IsPositive() {
		lines = append(lines, fmt.Sprintf("At stake $%s for tasks that go on on the service", dollars(p.Reserved)))
	}
	return append(lines,
		"         run the same command again to go on",
		"         wirobatch report "+shellWord(o.Out)+" makes the CSV of what is there")
}

// tally counts the cells of the grid by what became of them; whatever has not ended is pending, also what was not enqueued.
func tally(p journal.Progress) string {
	parts := []string{fmt.Sprintf("%d of %s", p.Done, english.Plural(p.Cells, "cell", ""))}
	for _, x := range []struct {
		n    int
		what string
	}{
		{p.Failed, "failed"}, {p.Held, "held"}, {p.Cancelled, "cancelled"}, {p.Undelivered, "undelivered"},
		{p.Cells - ended(p), "pending"},
	} {
		if x.n > 0 {
			parts = append(parts, fmt.Sprintf("%d %s", x.n, x.what))
		}
	}
	return strings.Join(parts, ", ")
}

// stopped says why no more was submitted, and what to do. The trouble is the last that kept the service out of reach.
func stopped(reason pipeline.Reason, r pipeline.Result) string {
	switch signalled := reason == pipeline.Interrupted || reason == pipeline.Terminated; {
	case signalled && r.Left() == 0:
		return "by a signal: what ran has ended, nothing is left to submit"
	case reason == pipeline.TooManyFailures && r.Refused != "":
		return "the service refused every cell of a model so far (" + r.Refused + "): mend the manifest and run again; limits.max_failures, set to any number, decides instead of this; --retry-failed sends refused cells again"
	case reason == pipeline.Unreachable && r.Trouble != "":
		return "the service could not be reached (" + r.Trouble + "): run the same command again later"
	}
	return advice[reason]
}

// advice says, for each reason to stop, what it means and what to do.
var advice = map[pipeline.Reason]string{
	pipeline.Interrupted:      "by a signal: run the same command again to go on",
	pipeline.Terminated:       "by a signal: run the same command again to go on",
	pipeline.Unauthorised:     "the service does not accept the key: check WIRO_API_KEY and WIRO_API_SECRET, then run again",
	pipeline.BalanceExhausted: "the account's balance is exhausted: pay in, then run again",
	pipeline.BudgetReached:    "the budget is reached: raise limits.budget_usd or --budget to go on",
	pipeline.DeadlineReached:  "the deadline has come: run the same command again to go on",
	pipeline.TooManyFailures:  "too many cells failed, or ended without saying whether they did (limits.max_failures): see the error column, then mend the manifest, raise max_failures to go on without them, or --retry-failed; those that do not say it are looked at again by each run",
	pipeline.Unrecognised:     "the service shows tasks of this start as others, with other tokens and other parameters: ask it what has become of those in the error column before it is paid for more",
	pipeline.LimitReached:     "--limit is reached: run again for more",
	pipeline.DiskTrouble:      "the disk is full, or fails: make room, then run the same command again, it downloads what is missing",
	pipeline.Unreachable:      "the service could not be reached for long: run the same command again later",
}

// dollars is an amount to a hundredth of a cent, cents at least.
func dollars(d decimal.Decimal) string {
	s := d.Round(4).String()
	whole, cents, _ := strings.Cut(s, ".")
	for len(cents) < 2 {
		cents += "0"
	}
	return whole + "." + cents
}
