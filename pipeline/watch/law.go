package watch

import (
	"slices"
	"sort"
)

// law is a distribution of durations, in seconds, given on cells of time: what it says at their upper edges. The first
// edge is 0 and has nothing below it, the last has everything.
type law struct {
	edge []float64 // ascending
	mass []float64 // P(X ≤ edge)
	part []float64 // E(X; X ≤ edge)
}

func newLaw(cells int) law {
	return law{make([]float64, 1, cells), make([]float64, 1, cells), make([]float64, 1, cells)}
}

// add puts a cell of that mass, evenly spread, on top of the others.
func (l *law) add(edge, mass float64) {
	n := len(l.edge) - 1
	l.edge = append(l.edge, edge)
	l.mass = append(l.mass, l.mass[n]+mass)
	l.part = append(l.part, l.part[n]+mass*(l.edge[n]+edge)/2)
}

// waste is the time, over all tasks that end between two edges, from their end to the later edge.
func (l *law) waste(from, to int) float64 {
	return l.edge[to]*(l.mass[to]-l.mass[from]) - (l.part[to] - l.part[from])
}

// below is P(X ≤ t).
func (l *law) below(t float64) float64 { return between(l.edge, l.mass, t) }

// quantile is the time by which that share of the tasks has ended.
func (l *law) quantile(share float64) float64 { return between(l.mass, l.edge, share) }

func between(xs, ys []float64, x float64) float64 {
	i := sort.SearchFloat64s(xs, x)
	switch {
	case i == 0:
		return ys[0]
	case i == len(xs):
		return ys[i-1]
	}
	return ys[i-1] + (ys[i]-ys[i-1])*(x-xs[i-1])/(xs[i]-xs[i-1])
}

const (
	vague  = 0.01 // of a duration: an end within a span up to that is taken as seen
	inSpan = 3    // points for an end in a wider one
	rounds = 4    // of placing ends in their spans
)

// learned gives the law that the ends of tasks speak for. An end that is known to within a span is placed in it by what
// the law says of the span, which is worked out anew from that.
func learned(spans []span) law {
	perTask := 1
	if slices.ContainsFunc(spans, func(s span) bool { return s.by-s.after > vague*s.by }) {
		perTask = inSpan
	}
	place := func(at func(s span, share float64) float64) law {
		points := make([]float64, 0, len(spans)*perTask)
		for _, s := range spans {
			for k := range perTask {
				points = append(points, at(s, (float64(k)+0.5)/float64(perTask)))
			}
		}
		return smoothed(points, perTask)
	}
	l := place(func(s span, share float64) float64 { return s.after + (s.by-s.after)*share })
	for range rounds {
		if perTask == 1 {
			break
		}
		l = place(func(s span, share float64) float64 {
			from, to := l.below(s.after), l.below(s.by)
			return max(s.after, min(l.quantile(from+(to-from)*share), s.by))
		})
	}
	return l
}
