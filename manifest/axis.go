package manifest

import (
	"sort"
	"strconv"
)

// A segment is a run of an axis's values; one of the three is set.
type segment struct {
	texts []string     // as spelled
	steps *progression // counted, never held
	draws []int32      // random numbers …
	seed  uint64       // … and what they were drawn from
}

func (s segment) len() int {
	if s.steps != nil {
		return s.steps.n
	}
	return len(s.texts) + len(s.draws)
}

func (s segment) at(i int) string {
	switch {
	case s.steps != nil:
		return s.steps.at(i)
	case s.draws != nil:
		return strconv.FormatInt(int64(s.draws[i]), 10)
	}
	return s.texts[i]
}

// An axis is a named sequence of values.
type axis struct {
	name     string
	segments []segment
	ends     []int // ends[k] is the number of values up to and with segment k
	where    map[string][]int
}

func (a *axis) len() int {
	if len(a.ends) == 0 {
		return 0
	}
	return a.ends[len(a.ends)-1]
}

func (a *axis) push(s segment) {
	a.ends = append(a.ends, a.len()+s.len())
	a.segments = append(a.segments, s)
}

// pushText adds one value, to the run of texts before it if there is one.
func (a *axis) pushText(text string) {
	if k := len(a.segments) - 1; k >= 0 && a.segments[k].texts != nil {
		a.segments[k].texts = append(a.segments[k].texts, text)
		a.ends[k]++
		return
	}
	a.push(segment{texts: []string{text}})
}

func (a *axis) at(i int) string {
	if len(a.segments) == 1 {
		return a.segments[0].at(i)
	}
	k := sort.SearchInts(a.ends, i+1)
	if k > 0 {
		i -= a.ends[k-1]
	}
	return a.segments[k].at(i)
}

// positions gives where a value stands in the axis, in ascending order. The
// spelling counts: 4.50 is not 4.5.
func (a *axis) positions(value string) []int {
	if a.where == nil {
		a.index()
	}
	out := a.where[value]
	start := 0
	for k, s := range a.segments {
		if s.steps != nil {
			if i, ok := s.steps.position(value); ok {
				out = append(out[:len(out):len(out)], start+i)
			}
		}
		start = a.ends[k]
	}
	sort.Ints(out)
	return out
}

// index remembers the places of the values that are held; those of a range
// are worked out.
func (a *axis) index() {
	a.where = map[string][]int{}
	start := 0
	for k, s := range a.segments {
		for i := range s.len() {
			if s.steps != nil {
				break
			}
			a.where[s.at(i)] = append(a.where[s.at(i)], start+i)
		}
		start = a.ends[k]
	}
}
