package cli

import (
	"time"

	"wirobatch/pipeline/journal"
)

// pace is how fast cells end, by the last of them.
type pace struct {
	begun time.Time      // what is known begins here
	ends  []journal.Ends // after that, in their order
	count int            // cells that had ended when they were last noted
}

const (
	paceSpan   = 5 * time.Minute // of ends that count,
	paceLeast  = 20              // or so many of them, if those took longer
	paceEnough = 3               // fewer tell nothing
	paceKept   = 1 << 13
	soonLeast  = 3 * time.Second  // without an end leave an estimate as it is,
	calmLeast  = 30 * time.Second // are no sign of trouble
)

// since makes the pace of a start from what its journal tells, which may have left out what was before the first end.
func since(begun, known time.Time, ends []journal.Ends) pace {
	if known.After(begun) && len(ends) > 0 {
		begun, ends = ends[0].At, ends[1:]
	}
	return pace{begun: begun, ends: ends}
}

// note takes in how many cells have ended by now.
func (p *pace) note(now time.Time, count int) {
	if n := count - p.count; n > 0 {
		p.ends = append(p.ends, journal.Ends{At: now, N: n})
	}
	p.count = count
	if len(p.ends) > paceKept {
		half := len(p.ends) / 2
		p.begun, p.ends = p.ends[half-1].At, append([]journal.Ends(nil), p.ends[half:]...)
	}
}

// tempo is the pace at one moment.
type tempo struct {
	each  time.Duration // between two ends, on an average; 0: not known
	quiet time.Duration // since the last end
	gap   time.Duration // the longest between two ends
}

// at measures from one end to another, for cells that are submitted together end together: to measure until now would find
// them slow just before they end, and fast just after. A silence that is longer than any before counts as it goes on.
func (p pace) at(now time.Time) (t tempo) {
	first, n := len(p.ends), 0
	for first > 0 && (n < paceLeast || now.Sub(p.ends[first-1].At) <= paceSpan) {
		first--
		n += p.ends[first].N
	}
	if n < paceEnough {
		return tempo{}
	}
	from := p.begun
	if first > 0 {
		from = p.ends[first-1].At
	}
	last := from
	for _, e := range p.ends[first:] {
		t.gap = max(t.gap, e.At.Sub(last))
		last = e.At
	}
	t.quiet = max(0, now.Sub(last))
	if took := last.Sub(from) + max(0, t.quiet-t.gap); took >= time.Second {
		t.each = took / time.Duration(n)
	}
	return t
}

// calm tells whether the silence since the last end is nothing unusual.
func (t tempo) calm() bool { return t.quiet <= max(3*t.gap, calmLeast) }

// perMinute is 0 while it is not known.
func (t tempo) perMinute() float64 {
	if t.each <= 0 {
		return 0
	}
	return float64(time.Minute) / float64(t.each)
}

// left is the time that so many cells take, 0 while it is not known: also when the last ones keep everybody waiting.
func (t tempo) left(cells int) time.Duration {
	if t.each <= 0 || cells <= 0 || t.quiet > max(2*t.gap, soonLeast) {
		return 0
	}
	return max(time.Duration(cells)*t.each-min(t.quiet, t.gap), t.each, time.Second)
}
