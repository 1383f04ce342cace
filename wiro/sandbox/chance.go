package sandbox

import "math/bits"

// Chance is a hash of the seed, a name, and what it is about. Nothing is drawn from a stream: the
// order in which goroutines come by must not change what happens.

const (
	fnvOffset = 14695981039346656037
	fnvPrime  = 1099511628211
)

// fold adds text to an FNV-1a hash.
func fold(h uint64, text string) uint64 {
	for i := 0; i < len(text); i++ {
		h = (h ^ uint64(text[i])) * fnvPrime
	}
	return (h ^ 0xff) * fnvPrime // a byte that UTF-8 never has keeps "ab"+"c" and "a"+"bc" apart
}

// mix is the finalizer of SplitMix64, a bijection.
func mix(z uint64) uint64 {
	z += 0x9e3779b97f4a7c15
	z = (z ^ z>>30) * 0xbf58476d1ce4e5b9
	z = (z ^ z>>27) * 0x94d049bb133111eb
	return z ^ z>>31
}

// unmix is the inverse of mix, so that a number can be read back out of a token without a table.
func unmix(z uint64) uint64 {
	z = (z ^ z>>31 ^ z>>62) * 0x319642b2d24d8ec3
	z = (z ^ z>>27 ^ z>>54) * 0x96de1b173f119089
	z = z ^ z>>30 ^ z>>60
	return z - 0x9e3779b97f4a7c15
}

// hash is 64 even bits for a name, a key and a count.
func (s *Sandbox) hash(name string, key, n uint64) uint64 {
	h := fold(fnvOffset, name)
	return mix(h ^ bits.RotateLeft64(mix(key^s.o.Seed), 17) ^ mix(n))
}

// chance is a number in [0, 1).
func (s *Sandbox) chance(name string, key, n uint64) float64 { return unit(s.hash(name, key, n)) }

// unit maps 64 bits to [0, 1).
func unit(h uint64) float64 { return float64(h>>11) / (1 << 53) }
