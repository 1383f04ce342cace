package manifest

import (
	"slices"

	"gopkg.in/yaml.v3"
)

// zip makes the levels: one for each axis, or for those zipped with it in the
// place of the one that is named first.
func (s *spanner) zip(n *yaml.Node, given bool) {
	group := map[string][]int{} // by the first axis
	follows := map[string]bool{}
	var groups []*yaml.Node
	if given {
		groups = s.list(n, "zip")
	}
	for _, gn := range groups {
		var members []int
		names := s.list(gn, "a group of zip (write [[prompt, seed]])")
		for _, nn := range names {
			name, _, ok := s.scalar(nn, "an axis", "write its name")
			if !ok {
				continue
			}
			i := s.axisOf(name)
			switch {
			case i < 0 && has(s.written, name):
				names = nil // its own mistake is known
			case i < 0:
				s.mistake(nn, "zip names no axis %s of the matrix%s", quote(name), unknown(name, s.written))
			case follows[name] || group[name] != nil || slices.Contains(members, i):
				s.mistake(nn, "%s is zipped twice; name it once", name)
			default:
				members = append(members, i)
			}
		}
		if len(members) < 2 {
			if len(members) == len(names) && (len(names) > 0 || gn.Kind == yaml.SequenceNode) {
				s.mistake(gn, "zip needs two axes or more that move together")
			}
			continue
		}
		first := s.g.axes[members[0]]
		for _, m := range members[1:] {
			other := s.g.axes[m]
			if other.len() != first.len() && !s.broken {
				s.mistake(gn, "zipped axes must be equally long: %s has %d values, %s has %d", first.name, first.len(), other.name, other.len())
			}
			follows[other.name] = true
		}
		group[first.name] = members
	}
	s.levelOf = make([]int, len(s.g.axes))
	for i, a := range s.g.axes {
		if follows[a.name] {
			continue
		}
		l := level{axes: []int{i}, size: a.len()}
		if members := group[a.name]; members != nil {
			l.axes = members
		}
		for _, m := range l.axes {
			s.levelOf[m] = len(s.g.levels)
		}
		s.g.levels = append(s.g.levels, l)
	}
}

// fits checks that all cells can be counted, before anything is computed from
// their number.
func (s *spanner) fits(given map[string]entry, top *yaml.Node) {
	cells := s.g.repeat
	for _, l := range s.g.levels {
		cells = multiply(cells, l.size)
	}
	if cells > maxCells {
		at := top
		if e, ok := given["matrix"]; ok {
			at = e.key
		}
		s.mistake(at, "the grid has more than %d cells; shorten an axis, or split the manifest", maxCells)
	}
}

// multiply stops a little above maxCells, so that nothing overflows.
func multiply(a, b int) int {
	if b > 0 && a > maxCells/b {
		return maxCells + 1
	}
	return a * b
}
