package cli

import (
	"fmt"
	"strings"
	"time"
	"unicode"

	"github.com/mattn/go-runewidth"
	"github.com/shopspring/decimal"

	"wirobatch/pipeline/journal"
)

const (
	labelWidth  = 10
	shortestBar = 8  // no bar is shorter
	longestBar  = 48 // keeps the line together on a wide terminal

	// widest is a column less than the usual terminal: a wider one that is made narrower, but not than that, breaks no line anew.
	// Some scroll lines away for each that they break.
	widest = 79
)

// painter colours text by an SGR code, or does not.
type painter func(code, text string) string

func plain(_, text string) string { return text }

// panel is where a run stands, in lines of no more than width columns; what matters most comes first.
func (s status) panel(width int, paint painter) []string {
	width = min(width, widest)
	lines := []string{s.bar(width, paint)}
	row := func(label, code, text string) {
		lines = append(lines, paint(code, fit(fmt.Sprintf("%-*s", labelWidth, label), width))+fit(text, width-labelWidth))
	}
	row("in flight", "2", s.flight(width-labelWidth))
	row("ended", "2", s.ends(width-labelWidth))
	row("cost", "2", s.cost(width-labelWidth))
	for _, f := range s.failures[:min(len(s.failures), shownFailures)] {
		label := "failed"
		if f.Undelivered {
			label = "missing"
		}
		row(label, "31", s.failure(f))
	}
	return lines
}

// bar is the first line: how many, how far, how long.
func (s status) bar(width int, paint painter) string {
	rest := remaining(s.left())
	if s.stages.Stopping {
		rest = "stopping"
	}
	return bar(s.head(), s.filled(), rest, width, paint)
}

// remaining is "" where the time left is not known.
func remaining(left time.Duration) string {
	if left <= 0 {
		return ""
	}
	return about(left) + " left"
}

// bar shows how far something is, from 0 to 1, and what there is to say of the rest.
func bar(head string, filled float64, rest string, width int, paint painter) string {
	tail := fmt.Sprintf("%d%%", int(100*filled))
	if rest != "" {
		tail += " · " + rest
	}
	n := min(width-runewidth.StringWidth(head)-runewidth.StringWidth(tail)-4, longestBar)
	if n < shortestBar {
		return fit(head+"  "+tail, width)
	}
	full := int(float64(n) * filled)
	return head + "  " + paint("36", strings.Repeat("━", full)) + paint("2", strings.Repeat("─", n-full)) + "  " + tail
}

// flight is what is under way, by where it is.
func (s status) flight(width int) string {
	var p parts
	p.count(s.stages.Waiting, "waiting")
	p.count(s.stages.Running, "running")
	rest := "on the service"
	if len(p) > 0 {
		rest = "sent"
	}
	p.count(s.InFlight-s.stages.Waiting-s.stages.Running, rest) // below 0 where they were counted at another moment
	p.count(s.Downloading, "downloading")
	p.count(s.LookedUp, "looked up")
	if len(p) == 0 {
		return "nothing"
	}
	return p.fit(width)
}

// ends is what became of the cells that have ended, and how fast they do.
func (s status) ends(width int) string {
	var p parts
	p.add("%d done", s.Done)
	p.count(s.Failed, "failed")
	p.count(s.Held, "held")
	p.count(s.Undelivered, "undelivered")
	p.count(s.Cancelled, "cancelled")
	if rate := s.tempo.rate(); rate != "" {
		p = append(p, rate)
	}
	return p.fit(width)
}

// cost is the money: so far, at the end, and what is left of it.
func (s status) cost(width int) string {
	p := parts{"$" + steady(s.Spent)}
	if usd := s.expected(); usd.Valid {
		p[0] += " of about $" + steady(usd.Decimal)
	}
	if usd := s.unspent(); usd.Valid {
		p.add("$%s of the budget left", steady(usd.Decimal))
	}
	if s.Reserved.IsPositive() {
		p.add("$%s held for tasks", steady(s.Reserved))
	}
	return p.fit(width)
}

// steady is an amount whose digits do not come and go while it changes.
func steady(usd decimal.Decimal) string {
	if usd.IsZero() || usd.GreaterThanOrEqual(decimal.NewFromInt(1)) {
		return usd.StringFixed(2)
	}
	return usd.StringFixed(4)
}

// failure is one of them in a line.
func (s status) failure(f journal.Failure) string {
	text := fmt.Sprintf("cell %d: %s", f.Number, visible(f.Error))
	if f.At.IsZero() {
		return text
	}
	return clock(f.At, s.now) + " " + text
}

// fit joins as many as fit, the first at least; nothing is cut in two but that.
func (p parts) fit(width int) string {
	text := ""
	for i, part := range p {
		if i > 0 {
			part = " · " + part
		}
		if i > 0 && runewidth.StringWidth(text)+runewidth.StringWidth(part) > width {
			break
		}
		text += part
	}
	return fit(text, width)
}

// fit cuts a text to so many columns.
func fit(text string, width int) string {
	if width <= 0 {
		return ""
	}
	return runewidth.Truncate(text, width, "…")
}

// visible replaces what a terminal would obey rather than show.
func visible(text string) string {
	return strings.Map(func(r rune) rune {
		if !unicode.IsPrint(r) {
			return ' '
		}
		return r
	}, text)
}

// clock is a time of day, with its date when that is not today.
func clock(t, now time.Time) string {
	t, now = t.Local(), now.Local()
	if t.YearDay() != now.YearDay() || t.Year() != now.Year() {
		return t.Format("2006-01-02 15:04:05")
	}
	return t.Format("15:04:05")
}
