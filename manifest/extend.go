package manifest

import "slices"

// An extender is an include that adds settings to the combinations it matches.
type extender struct {
	where pattern
	sets  []setting
}

// Extenders find the includes that add to a combination without trying them
// all: each is filed under the positions of one of its places, those that
// match everything under none.
type extenders struct {
	list   []extender
	always []int
	filed  []map[int][]int // by level and position
}

func newExtenders(list []extender, sizes []int) extenders {
	e := extenders{list: list}
	for i, x := range list {
		if len(x.where) == 0 {
			e.always = append(e.always, i)
			continue
		}
		if e.filed == nil {
			e.filed = make([]map[int][]int, len(sizes))
		}
		// The place that the fewest combinations share.
		best := x.where[0]
		for _, p := range x.where {
			if len(p.positions)*sizes[best.level] < len(best.positions)*sizes[p.level] {
				best = p
			}
		}
		if e.filed[best.level] == nil {
			e.filed[best.level] = map[int][]int{}
		}
		for _, pos := range best.positions {
			e.filed[best.level][pos] = append(e.filed[best.level][pos], i)
		}
	}
	return e
}

// apply adds what the includes bring to the combination at some positions, in
// the order of the includes, so that a later one wins over an earlier.
func (e extenders) apply(at []int, slots []slot) {
	if len(e.list) == 0 {
		return
	}
	var few [32]int
	hits := append(few[:0], e.always...)
	for level, byPosition := range e.filed {
		for _, i := range byPosition[at[level]] {
			if e.list[i].where.matches(at) {
				hits = append(hits, i)
			}
		}
	}
	slices.Sort(hits)
	for _, i := range hits {
		for _, s := range e.list[i].sets {
			slots[s.column] = slot{s.value, true}
		}
	}
}

func (p pattern) matches(at []int) bool {
	for _, pl := range p {
		if _, ok := slices.BinarySearch(pl.positions, at[pl.level]); !ok {
			return false
		}
	}
	return true
}
