package manifest

import "math/bits"

// A shuffle is a permutation of [0, n) without a table: a Feistel network
// permutes the next power of four, and what falls outside of [0, n) goes
// through it again.
type shuffle struct {
	n    uint64
	half int // bits
	keys [6]uint64
}

func newShuffle(n int, seed uint64) shuffle {
	s := shuffle{n: uint64(n), half: (bits.Len64(uint64(max(n, 1)-1)) + 1) / 2}
	for i := range s.keys {
		seed += 0x9e3779b97f4a7c15
		s.keys[i] = scramble(seed)
	}
	return s
}

func (s *shuffle) at(k int) int {
	x := uint64(k)
	for {
		if x = s.once(x); x < s.n {
			return int(x)
		}
	}
}

func (s *shuffle) once(x uint64) uint64 {
	mask := uint64(1)<<s.half - 1
	left, right := x>>s.half, x&mask
	for _, key := range s.keys {
		left, right = right, left^scramble(right^key)&mask
	}
	return left<<s.half | right
}

// scramble is the finisher of SplitMix64: each bit of x moves every bit of the
// result.
func scramble(x uint64) uint64 {
	x = (x ^ x>>30) * 0xbf58476d1ce4e5b9
	x = (x ^ x>>27) * 0x94d049bb133111eb
	return x ^ x>>31
}
