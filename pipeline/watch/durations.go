package watch

import (
	"cmp"
	"hash/maphash"
	"math"
	"slices"
)

const (
	memory   = 512 // ends of a model that are kept
	axes     = 24  // parameters of a model that are kept with them
	values   = 24  // of a parameter that may explain durations
	telling  = 8   // ends with a value, before its durations are set apart
	explains = 4.0 // standard deviations beyond what chance explains
)

// span is when a task ended, in seconds after its submission: after the one time, at which it was seen running, and by
// the other. They are the same where its end was witnessed.
type span struct{ after, by float64 }

func (s span) middle() float64 { return (s.after + s.by) / 2 }

// durations remembers the latest ends of tasks of one model, each with its parameters, by their hashes: long prompts cost
// as much as a number, and a parameter that differs from task to task, like a seed, no more than one that does not.
type durations struct {
	seed  maphash.Seed
	names []string // of parameters, by their place in the hashes
	many  []bool   // the parameter has too many values, and is no longer looked at
	ends  []end    // a ring
	next  int
	total int
}

type end struct {
	span
	values []uint64
}

// absent stands for a parameter that a task does not have; hashes are odd.
const absent = 2

func newDurations() *durations { return &durations{seed: maphash.MakeSeed()} }

func (d *durations) add(params map[string]string, s span) {
	for name := range params {
		if len(d.names) < axes && !slices.Contains(d.names, name) {
			d.names, d.many = append(d.names, name), append(d.many, false)
		}
	}
	e := end{s, make([]uint64, len(d.names))}
	for i, name := range d.names {
		if !d.many[i] {
			e.values[i] = d.value(params, name)
		}
	}
	if len(d.ends) < memory {
		d.ends = append(d.ends, e)
	} else {
		d.ends[d.next] = e
		d.next = (d.next + 1) % memory
	}
	d.total++
}

func (d *durations) value(params map[string]string, name string) uint64 {
	v, ok := params[name]
	if !ok {
		return absent
	}
	return maphash.String(d.seed, v) | 1
}

func (e end) value(axis int) uint64 {
	switch {
	case axis < 0:
		return 0
	case axis < len(e.values):
		return e.values[axis]
	}
	return absent
}

// inOrder gives what is remembered, oldest first.
func (d *durations) inOrder() []end { return slices.Concat(d.ends[d.next:], d.ends[:d.next]) }

// divide gives the parameter that explains the durations best, and the ends by its values; −1 when none does so beyond
// chance. Under 0 are those of all, which speak for rare values.
func (d *durations) divide() (axis int, groups map[uint64][]span) {
	ends := d.inOrder()
	rank := ranks(ends)
	axis, best := -1, explains
	for i := range d.names {
		if d.many[i] {
			continue
		}
		count, sum := map[uint64]float64{}, map[uint64]float64{}
		for k, e := range ends {
			v := e.value(i)
			count[v]++
			sum[v] += rank[k]
		}
		if len(count) > values {
			d.many[i] = true
			continue
		}
		if score := kruskal(count, sum); score > best {
			axis, best = i, score
		}
	}
	groups = map[uint64][]span{}
	for _, e := range ends {
		groups[0] = append(groups[0], e.span)
		if v := e.value(axis); v != 0 {
			groups[v] = append(groups[v], e.span)
		}
	}
	for v, spans := range groups {
		if v != 0 && len(spans) < telling {
			delete(groups, v)
		}
	}
	return axis, groups
}

// ranks gives the place of every end among all by duration, ties sharing theirs.
func ranks(ends []end) []float64 {
	order := make([]int, len(ends))
	for i := range order {
		order[i] = i
	}
	slices.SortFunc(order, func(a, b int) int { return cmp.Compare(ends[a].middle(), ends[b].middle()) })
	rank := make([]float64, len(ends))
	for i := 0; i < len(order); {
		j := i
		for j < len(order) && ends[order[j]].middle() == ends[order[i]].middle() {
			j++
		}
		for k := i; k < j; k++ {
			rank[order[k]] = float64(i+j+1) / 2
		}
		i = j
	}
	return rank
}

// kruskal is the test of Kruskal and Wallis on groups with these sums of ranks, as standard deviations from what is to be
// expected when the groups do not differ.
func kruskal(count, sum map[uint64]float64) float64 {
	var n, h float64
	groups := -1.0
	for _, c := range count {
		n += c
	}
	for v, c := range count {
		if c < telling {
			continue
		}
		groups++
		off := sum[v]/c - (n+1)/2
		h += c * off * off
	}
	if groups < 1 {
		return 0
	}
	h *= 12 / (n * (n + 1))
	// The cube root of chi squared is nearly normal.
	return (math.Cbrt(h/groups) - (1 - 2/(9*groups))) / math.Sqrt(2/(9*groups))
}
