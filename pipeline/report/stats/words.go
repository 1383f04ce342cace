package stats

import (
	"fmt"
	"math"
	"strconv"
	"strings"
	"unicode"

	"github.com/dustin/go-humanize/english"
	"github.com/mattn/go-runewidth"
	"github.com/shopspring/decimal"

	"wirobatch/pipeline/report/pictures"
)

// nothing stands for what is not known.
const nothing = "–"

// clean keeps what a server or a manifest says from moving the cursor.
func clean(s string) string {
	return strings.Join(strings.Fields(strings.Map(func(r rune) rune {
		if !unicode.IsPrint(r) {
			return ' '
		}
		return r
	}, s)), " ")
}

// short is a figure in about three digits, and an interval in as many decimals as the figure that it is of.
func short(v float64) string { return decimals(v, places(v)) }

func places(v float64) int {
	switch v = math.Abs(v); {
	case v < 9.995:
		return 2
	case v < 99.95:
		return 1
	}
	return 0
}

func decimals(v float64, n int) string { return strconv.FormatFloat(v, 'f', n, 64) }

func shortIf(v *float64) string {
	if v == nil {
		return nothing
	}
	return short(*v)
}

func usd(d *decimal.Decimal) string {
	if d == nil {
		return nothing
	}
	return d.Round(6).String()
}

func (m Measure) median() string { return m.with(m.Median, m.MedianIn) }
func (m Measure) mean() string   { return m.with(m.Mean, m.MeanIn) }

func (m Measure) with(v float64, in *Interval) string {
	switch {
	case m.N == 0:
		return nothing
	case in == nil:
		return short(v)
	}
	n := places(v)
	return fmt.Sprintf("%s (%s–%s)", decimals(v, n), decimals(in.Low, n), decimals(in.High, n))
}

// text is how many of the cells are done, and where the true rate of success lies.
func (r Rate) text(n int) string {
	if r.Ended == 0 {
		return fmt.Sprintf("0/%d", n)
	}
	return fmt.Sprintf("%d/%d (%.0f–%.0f%%)", r.Done, n, 100*r.In.Low, 100*r.In.High)
}

func (l *Looks) text() string {
	if l == nil || l.N == 0 {
		return nothing
	}
	return strconv.FormatFloat(l.Mean, 'f', 1, 64)
}

func percent(confidence float64) string {
	return strconv.FormatFloat(100*confidence, 'f', -1, 64) + "%"
}

// head says what the folder has.
func (r *Report) head() []string {
	g := r.All
	first := fmt.Sprintf("%s: %s, %d done, %d failed", clean(r.Name), english.Plural(g.N, "cell", ""), g.Done, g.Failed)
	if g.NotDone > 0 {
		first += fmt.Sprintf(", %d not done yet", g.NotDone)
	}
	lines := []string{first}
	if g.Cost.Sum != nil {
		second := fmt.Sprintf("$%s for %s", usd(g.Cost.Sum), english.Plural(g.Pictures, "picture", ""))
		if g.Cost.PerPicture != nil {
			second += fmt.Sprintf(": $%s each", usd(g.Cost.PerPicture))
		}
		if g.Cost.Unknown > 0 {
			second = fmt.Sprintf("$%s for those whose cost is known; of %d it is not", usd(g.Cost.Sum), g.Cost.Unknown)
		}
		lines = append(lines, second)
	}
	if g.Pace.Overall != nil {
		lines = append(lines, fmt.Sprintf("%s pictures a minute while tasks were under way (%s s), %s of one slot", short(*g.Pace.Overall), short(*g.Pace.UnderWay), shortIf(g.Pace.Slot)))
	}
	if len(r.Tables) == 0 && g.Of("total_s").N > 0 {
		lines = append(lines, fmt.Sprintf("total_s %s, run_s %s: medians", g.Of("total_s").median(), g.Of("run_s").median()))
	}
	return lines
}

// sentences answer what becomes of things from one end of the axis to the other.
func (t Table) sentences() (lines []string) {
	if len(t.Ends) == 0 {
		return nil
	}
	first, last := t.Groups[0], t.Groups[len(t.Groups)-1]
	if last.Values[0] == "" { // cells without a value are no end
		last = t.Groups[len(t.Groups)-2]
	}
	end := func(g Group) string { return runewidth.Truncate(name(g.Values[0]), longest, "…") }
	say := func(format string, args ...any) {
		ends := fmt.Sprintf("%s %s to %s: ", clean(t.By[0].Name), end(first), end(last))
		lines = append(lines, ends+fmt.Sprintf(format, args...))
	}
	for _, c := range t.Ends {
		switch {
		case c.Stage.Unit == "USD":
			say("%s %s → %s, %s", c.Stage.Name, usd(first.Cost.Mean), usd(last.Cost.Mean), c.verdict())
		case c.Stage.Name == "total_s", c.Stage.Name == "run_s":
			say("%s %s → %s, %s", c.Stage.Name, short(c.From), short(c.To), c.verdict())
		}
	}
	if l := last.Looks; l != nil && l.N > 0 {
		verdict := ""
		if l.Most <= pictures.NearBits {
			verdict = ": they look alike"
		}
		say("pictures %.1f of 64 bits apart in the mean, at most %d%s", l.Mean, l.Most, verdict)
	}
	return lines
}

// verdict does not say that there is no difference: that it is not shown is all there is to know.
func (c Change) verdict() string {
	switch {
	case c.Same:
		return "the same"
	case c.Shown:
		return "a difference (p " + probability(c.P) + ")"
	case c.TooFew:
		return "too few cells to tell"
	}
	return "no difference shown (p " + probability(c.P) + ")"
}

func probability(p float64) string {
	if p < 0.001 {
		return "< 0.001"
	}
	return "= " + strconv.FormatFloat(p, 'f', 3, 64)
}
