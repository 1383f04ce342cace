package manifest

import (
	"math/bits"
	"slices"
)

// Strata put the combinations of some levels in an order in which each stretch
// of it is spread over the whole matrix. All levels step at once, as on the
// diagonal of a square, so that the first combinations, as many as the longest
// level has positions, have every position of every level. From one stretch to
// the next the levels shift against each other, so that pairs of positions
// follow evenly, then triples. There is no table: levels join one after the
// other, the shortest first, and with each the walk through those before it is
// repeated as often as the level has positions, shifted so that it never meets
// a combination twice.
type strata struct {
	joined []joint
}

type joint struct {
	level, size int
	before      int    // combinations of the levels that joined earlier
	diagonal    int    // steps until the walk would meet itself
	stride      uint64 // of the shifts, as a fraction of 2^64
}

func newStrata(sizes []int) strata {
	var s strata
	for level, size := range sizes {
		s.joined = append(s.joined, joint{level: level, size: size})
	}
	slices.SortStableFunc(s.joined, func(a, b joint) int { return a.size - b.size })
	before, stride := 1, uint64(0)
	for i := range s.joined {
		j := &s.joined[i]
		stride += golden // a fraction of its own for each level: no two shift in step
		j.before, j.diagonal, j.stride = before, before/gcd(before, j.size)*j.size, stride
		before *= j.size
	}
	return s
}

// golden is the golden ratio's fraction: steps by it, or by multiples of it,
// fill a circle evenly.
const golden = 0x9e3779b97f4a7c15

// locate fills out with the position at each level of combination k.
func (s *strata) locate(k int, out []int) {
	for i := len(s.joined) - 1; i >= 0; i-- {
		j := &s.joined[i]
		earlier := k % j.before
		stretch := earlier / j.size
		shift := share(j.size, uint64(stretch)*j.stride) + share(j.size, uint64(stretch/j.size)*3*j.stride)
		out[j.level] = (k + k/j.diagonal + shift) % j.size
		k = earlier
	}
}

// share is that fraction (of 2^64) of n.
func share(n int, fraction uint64) int {
	hi, _ := bits.Mul64(fraction, uint64(n))
	return int(hi)
}

func gcd(a, b int) int {
	for b != 0 {
		a, b = b, a%b
	}
	return a
}
