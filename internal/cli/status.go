package cli

import (
	"fmt"
	"strings"
	"time"

	"github.com/shopspring/decimal"

	"wirobatch/pipeline/journal"
)

// status is where a run stands, in figures for a person.
type status struct {
	journal.Progress
	stages        stages // of those in flight
	before        int    // cells that had ended when the run began
	limit         int    // cells that the run may submit, 0: all
	tempo         tempo
	price, budget decimal.NullDecimal // of a cell, of the folder
	failures      []journal.Failure   // the last ones, the newest first
	now           time.Time
}

// shownFailures is how many of them there are at most.
const shownFailures = 3

// ended counts the cells that this run will not touch any more.
func ended(p journal.Progress) int { return p.Ended() }

// over counts those that have ended for good.
func over(p journal.Progress) int { return p.Done + p.Failed + p.Cancelled }

// total is how many cells will have ended at the end of the run, as far as one can know.
func (s status) total() int {
	if s.limit > 0 {
		return min(s.Cells, s.before+s.limit)
	}
	return s.Cells
}

// filled is how far the bar is, from 0 to 1: it moves with what the service tells of the running cells.
func (s status) filled() float64 {
	return min((float64(ended(s.Progress))+s.stages.Underway)/float64(max(s.total(), 1)), 1)
}

// left is the time that the rest takes, 0 while that is not known.
func (s status) left() time.Duration {
	if s.stages.Stopping {
		return 0
	}
	return s.tempo.left(s.total() - ended(s.Progress))
}

// expected is what the folder will have cost at the end of the run.
func (s status) expected() decimal.NullDecimal {
	rest := max(s.total()-ended(s.Progress), 0) + s.Held
	if !s.price.Valid || rest == 0 || s.stages.Stopping {
		return decimal.NullDecimal{}
	}
	return decimal.NewNullDecimal(s.Spent.Add(s.price.Decimal.Mul(decimal.NewFromInt(int64(rest)))))
}

// unspent is what is left of the budget beside what was paid, and what is held for tasks.
func (s status) unspent() decimal.NullDecimal {
	if !s.budget.Valid {
		return s.budget
	}
	return decimal.NewNullDecimal(decimal.Max(s.budget.Decimal.Sub(s.Spent).Sub(s.Reserved), decimal.Zero))
}

// head is how many cells have ended, and of how many.
func (s status) head() string {
	return fmt.Sprintf("%*d/%d", len(fmt.Sprint(s.total())), ended(s.Progress), s.total())
}

// parts gathers what there is to say, without what there is none of.
type parts []string

func (p *parts) add(format string, args ...any) { *p = append(*p, fmt.Sprintf(format, args...)) }

func (p *parts) count(n int, what string) {
	if n > 0 {
		p.add("%d %s", n, what)
	}
}

// rate is the pace in the words of a person, "" while it is not known.
func (t tempo) rate() string {
	switch n := t.perMinute(); {
	case n == 0:
		return ""
	case !t.calm():
		return "nothing has ended for " + rough(t.quiet)
	case n < 1:
		return fmt.Sprintf("%.0f/h", n*60)
	case n < 10:
		return fmt.Sprintf("%.1f/min", n)
	default:
		return fmt.Sprintf("%.0f/min", n)
	}
}

// line is all of it in one, for where there is no panel.
func (s status) line() string {
	p := parts{s.head(), fmt.Sprintf("%d done", s.Done)}
	p.count(s.Failed, "failed")
	p.count(s.Held, "held")
	p.count(s.Undelivered, "undelivered")
	p.count(s.LookedUp, "looked up")
	p.count(s.InFlight, "running")
	p.add("$%s", dollars(s.Spent))
	if rate := s.tempo.rate(); rate != "" {
		p = append(p, rate)
	}
	if left := s.left(); left > 0 {
		p.add("%s left", about(left))
	}
	if s.stages.Stopping {
		p = append(p, "stopping")
	}
	p.count(s.Downloading, "downloading")
	return strings.Join(p, " · ")
}

// about is a time that is not known more exactly.
func about(d time.Duration) string {
	switch {
	case d < 10*time.Second:
		return rough(d.Round(time.Second))
	case d < time.Minute:
		return rough(d.Round(5 * time.Second))
	case d < 10*time.Minute:
		return rough(d.Round(10 * time.Second))
	}
	return rough(d.Round(time.Minute))
}

// rough is a duration as a person would say it.
func rough(d time.Duration) string {
	switch {
	case d < time.Second:
		return d.Round(10 * time.Millisecond).String()
	case d < 10*time.Second:
		return d.Round(100 * time.Millisecond).String()
	case d < time.Minute:
		return d.Round(time.Second).String()
	case d < time.Hour:
		d = d.Round(time.Second)
	default:
		d = d.Round(time.Minute)
	}
	if whole, ok := strings.CutSuffix(d.String(), "m0s"); ok {
		return whole + "m"
	}
	return d.String()
}
