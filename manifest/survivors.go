package manifest

import (
	"encoding/binary"
	"errors"
	"slices"
	"sort"
)

// A pattern names the combinations that have one of some positions at each of
// some levels. Its places are in order of level, and none is empty.
type pattern []place

type place struct {
	level     int
	positions []int // ascending
}

func (p pattern) at(level int) []int {
	for _, pl := range p {
		if pl.level == level {
			return pl.positions
		}
	}
	return nil
}

// Survivors number the combinations that no pattern takes away, without a list
// of them. Each node stands for what is left to choose from one level down,
// given the patterns that may still come true; equal situations share a node.
// At a node the few special positions, where some pattern gets nearer to
// coming true, have a node of their own below; all other positions share one.
// So a position is found in a search through the specials of each level, and
// memory goes with the patterns, never with the combinations.
type survivors struct {
	sizes []int // positions at each level
	nodes []node
	root  int
}

type node struct {
	total   int   // combinations from here down
	rest    int   // node below the positions that are not special
	special []int // ascending
	below   []int // node below each special position
	before  []int // combinations before each special position
}

// Nodes that every table has: nothing is left; one combination is complete.
const (
	dead     = 0
	complete = 1
)

var errEntangled = errors.New("exclude and include entries overlap in too many ways to count; write fewer, or split the manifest")

// maxWork bounds building the nodes; patterns that overlap badly could make
// exponentially many.
const maxWork = 300_000

type builder struct {
	*survivors
	patterns []pattern
	memo     map[string]int
	work     int
}

func newSurvivors(sizes []int, patterns []pattern) (*survivors, error) {
	s := &survivors{sizes: sizes, nodes: []node{dead: {}, complete: {total: 1}}}
	b := &builder{survivors: s, patterns: patterns, memo: map[string]int{}}
	alive := make([]int, len(patterns))
	for i := range alive {
		alive[i] = i
		if len(patterns[i]) == 0 { // takes everything away
			s.root = dead
			return s, nil
		}
	}
	var err error
	s.root, err = b.build(0, alive)
	return s, err
}

// build gives the node for a level and the patterns that are still alive
// there: all of their places so far were met, and they have more.
func (b *builder) build(level int, alive []int) (int, error) {
	if level == len(b.sizes) {
		return complete, nil
	}
	key := situation(level, alive)
	if i, ok := b.memo[key]; ok {
		return i, nil
	}
	if b.work += 1 + len(alive); b.work > maxWork {
		return 0, errEntangled
	}
	var untouched []int // alive whatever the position
	nearer := map[int][]int{}
	for _, p := range alive {
		at := b.patterns[p].at(level)
		if at == nil {
			untouched = append(untouched, p)
		}
		if b.work += len(at); b.work > maxWork {
			return 0, errEntangled
		}
		for _, pos := range at {
			nearer[pos] = append(nearer[pos], p)
		}
	}
	var n node
	var err error
	if n.rest, err = b.build(level+1, untouched); err != nil {
		return 0, err
	}
	for pos := range nearer {
		n.special = append(n.special, pos)
	}
	sort.Ints(n.special)
	for k, pos := range n.special {
		n.before = append(n.before, n.total+(pos-k)*b.nodes[n.rest].total)
		below := dead
		if !b.met(level, nearer[pos]) {
			b.work += len(untouched)
			both := append(slices.Clone(untouched), nearer[pos]...)
			slices.Sort(both)
			if below, err = b.build(level+1, both); err != nil {
				return 0, err
			}
		}
		n.below = append(n.below, below)
		n.total += b.nodes[below].total
	}
	n.total += (b.sizes[level] - len(n.special)) * b.nodes[n.rest].total
	b.nodes = append(b.nodes, n)
	b.memo[key] = len(b.nodes) - 1
	return len(b.nodes) - 1, nil
}

// met reports whether one of the patterns has its last place at this level:
// then it has come true, whatever follows.
func (b *builder) met(level int, patterns []int) bool {
	return slices.ContainsFunc(patterns, func(p int) bool {
		return b.patterns[p][len(b.patterns[p])-1].level == level
	})
}

func situation(level int, alive []int) string {
	key := binary.AppendUvarint(nil, uint64(level))
	for _, p := range alive {
		key = binary.AppendUvarint(key, uint64(p))
	}
	return string(key)
}

func (s *survivors) total() int { return s.nodes[s.root].total }

// locate fills out with the position at each level of combination i.
func (s *survivors) locate(i int, out []int) {
	n := &s.nodes[s.root]
	for level := range s.sizes {
		rest := s.nodes[n.rest].total
		k := sort.SearchInts(n.before, i+1) - 1 // the last special at or before i
		switch {
		case k < 0:
			out[level], i = i/rest, i%rest
			n = &s.nodes[n.rest]
		case i-n.before[k] < s.nodes[n.below[k]].total:
			out[level], i = n.special[k], i-n.before[k]
			n = &s.nodes[n.below[k]]
		default:
			i -= n.before[k] + s.nodes[n.below[k]].total
			out[level], i = n.special[k]+1+i/rest, i%rest
			n = &s.nodes[n.rest]
		}
	}
}

// find is the other way round: the number of the combination with these
// positions, if it is left.
func (s *survivors) find(at []int) (i int, left bool) {
	n := &s.nodes[s.root]
	for _, pos := range at {
		k, special := slices.BinarySearch(n.special, pos)
		below := n.rest
		switch {
		case special:
			i += n.before[k]
			below = n.below[k]
		case k == 0:
			i += pos * s.nodes[n.rest].total
		default:
			last := k - 1 // the special before it
			i += n.before[last] + s.nodes[n.below[last]].total + (pos-n.special[last]-1)*s.nodes[n.rest].total
		}
		if n = &s.nodes[below]; n.total == 0 {
			return 0, false
		}
	}
	return i, n.total > 0
}

// any reports whether a combination that is left has the pattern. work counts
// the nodes looked at, over several calls.
func (s *survivors) any(p pattern, work *int) (bool, error) {
	return s.search(s.root, 0, p, map[int]bool{}, work)
}

func (s *survivors) search(at, level int, p pattern, failed map[int]bool, work *int) (bool, error) {
	n := &s.nodes[at]
	if n.total == 0 || failed[at] {
		return false, nil
	}
	if level == len(s.sizes) {
		return true, nil
	}
	below := n.below
	plain := len(n.special) < s.sizes[level]
	if want := p.at(level); want != nil {
		below, plain = nil, false
		for _, pos := range want {
			if k, ok := slices.BinarySearch(n.special, pos); ok {
				below = append(below, n.below[k])
			} else {
				plain = true
			}
		}
		*work += len(want)
	}
	if plain {
		below = append([]int{n.rest}, below...)
	}
	for _, b := range below {
		if *work++; *work > maxWork {
			return false, errEntangled
		}
		if found, err := s.search(b, level+1, p, failed, work); found || err != nil {
			return found, err
		}
	}
	failed[at] = true
	return false, nil
}
