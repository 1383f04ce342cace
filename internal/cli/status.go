package cli

import (
	"fmt"
	"strings"
	"time"
	"unicode/utf8"

	"wirobatch/pipeline/journal"
)

// status is where a run stands, in figures for a person.
type status struct {
	journal.Progress
	underway float64 // how much of the running cells is done, in cells
	before   int     // cells that had ended when the run began
	limit    int     // cells that the run may submit, 0: all
	since    time.Duration
}

// ended counts the cells that this run will not touch any more.
func ended(p journal.Progress) int { return p.Done + p.Failed + p.Cancelled + p.Held + p.Undelivered }

// total is how many cells will have ended at the end of the run, as far as one can know.
func (s status) total() int {
	if s.limit > 0 {
		return min(s.Cells, s.before+s.limit)
	}
	return s.Cells
}

// filled is how far the bar is, in thousandths of a cell: it moves with what the service tells of the running ones.
func (s status) filled() (done, all int64) {
	const whole = 1000
	all = int64(max(s.total(), 1)) * whole
	return min(int64(ended(s.Progress))*whole+int64(s.underway*whole), all), all
}

// pace is the cells that end in a minute, 0 while it is not known.
func (s status) pace() float64 {
	n := ended(s.Progress) - s.before
	if n <= 0 || s.since < time.Second {
		return 0
	}
	return float64(n) / s.since.Minutes()
}

// left is the time that the rest takes at this pace, 0 while it is not known.
func (s status) left() time.Duration {
	pace := s.pace()
	if pace == 0 {
		return 0
	}
	return time.Duration(float64(s.total()-ended(s.Progress)) / pace * float64(time.Minute))
}

// head is what stands before the bar.
func (s status) head() string {
	return fmt.Sprintf("%*d/%d", len(fmt.Sprint(s.total())), ended(s.Progress), s.total())
}

// detail is what stands after the bar, as much of it as fits into width columns; what matters more comes first.
func (s status) detail(width int) string {
	var b strings.Builder
	for i, part := range s.parts() {
		if i > 0 {
			part = " · " + part
		}
		if b.Len() > 0 && utf8.RuneCountInString(b.String())+utf8.RuneCountInString(part) > width {
			break
		}
		b.WriteString(part)
	}
	return b.String()
}

func (s status) parts() (parts []string) {
	add := func(format string, args ...any) { parts = append(parts, fmt.Sprintf(format, args...)) }
	for _, x := range []struct {
		n    int
		what string
	}{{s.Failed, "failed"}, {s.Held, "held"}, {s.Undelivered, "undelivered"}, {s.LookedUp, "looked up"}, {s.InFlight, "running"}} {
		if x.n > 0 {
			add("%d %s", x.n, x.what)
		}
	}
	add("$%s", dollars(s.Spent))
	if pace := s.pace(); pace > 0 {
		add("%.0f/min", pace)
	}
	if left := s.left(); left > 0 {
		add("%s left", rough(left))
	}
	if s.Downloading > 0 {
		add("%d downloading", s.Downloading)
	}
	return parts
}

// line is all of it, for where there is no bar.
func (s status) line() string {
	return strings.Join(append([]string{s.head(), fmt.Sprintf("%d done", s.Done)}, s.parts()...), " · ")
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
