package manifest

import (
	"math/bits"
	"math/rand/v2"
)

// maxDraws bounds the one kind of axis whose values are held: 4 bytes each.
const maxDraws = 1_000_000

// draw gives n distinct whole numbers from 1 to 2147483647: the upper 31 bits
// of each output of math/rand/v2's PCG(seed, 0), zeros and repeats left out.
// A longer draw therefore begins with the shorter one, on every machine and
// with every release.
func draw(n int, seed uint64) []int32 {
	pcg := rand.NewPCG(seed, 0)
	out := make([]int32, 0, n)
	// An open-addressing set, half full at most: a map would take four times
	// the memory for a million draws.
	set := make([]int32, 1<<bits.Len(uint(2*n)))
	for len(out) < n {
		v := int32(pcg.Uint64() >> 33)
		if v == 0 {
			continue
		}
		slot := int(v) & (len(set) - 1)
		for set[slot] != 0 && set[slot] != v {
			slot = (slot + 1) & (len(set) - 1)
		}
		if set[slot] == 0 {
			set[slot] = v
			out = append(out, v)
		}
	}
	return out
}
