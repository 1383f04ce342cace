package picture

// Fractions and noise coordinates are fixed-point with 16 bits behind the point.
const one = 1 << 16

func mul(a, b int) int { return a * b >> 16 }

func clamp(v, low, high int) int { return min(max(v, low), high) }

// smooth is the S-curve 3t²−2t³ for t from 0 to one.
func smooth(t int) int { return mul(mul(t, t), 3*one-2*t) }

// step is 0 below low, one above high, and a smooth rise between.
func step(low, high, v int) int {
	return smooth(clamp((v-low)*one/max(high-low, 1), 0, one))
}

// lerp goes from a (t = 0) to b (t = one).
func lerp(a, b, t int) int { return a + (b-a)*t>>16 }

// sine of a turn fraction (one is a full turn), from −one to one; a fifth-order
// polynomial, exact at the quarter turns and within 0.02 % elsewhere. The
// standard library's may differ in the last bit between platforms.
func sine(turn int) int {
	t := turn & (one - 1)
	switch {
	case t >= 3*one/4:
		t -= one
	case t > one/4:
		t = one/2 - t
	}
	z := 4 * t // one is a quarter turn
	zz := mul(z, z)
	return mul(z, 102944-mul(zz, 42048-mul(zz, 4640)))
}

func cosine(turn int) int { return sine(turn + one/4) }

// root is the integer square root.
func root(v int) int {
	if v <= 0 {
		return 0
	}
	r := 1
	for r*r < v && r < 1<<31 {
		r <<= 1
	}
	for {
		next := (r + v/r) / 2
		if next >= r {
			return r
		}
		r = next
	}
}

// dice is a small keyed generator (SplitMix64): pictures need even spread and
// the same throws forever, which math/rand does not promise.
type dice uint64

func (d *dice) throw() uint64 {
	*d += 0x9e3779b97f4a7c15
	return scramble(uint64(*d))
}

// between returns a number from low up to, but not including, high.
func (d *dice) between(low, high int) int {
	n := uint32(d.throw() >> 32)
	return low + int(uint64(n)*uint64(max(high-low, 1))>>32)
}

func scramble(v uint64) uint64 {
	v = (v ^ v>>30) * 0xbf58476d1ce4e5b9
	v = (v ^ v>>27) * 0x94d049bb133111eb
	return v ^ v>>31
}

// digest is FNV-1a over the text, then scrambled: short texts spread too.
func digest(start uint64, text string) uint64 {
	h := start ^ 0xcbf29ce484222325
	for i := range len(text) {
		h = (h ^ uint64(text[i])) * 0x100000001b3
	}
	return scramble(h)
}

func sign(v int) int {
	if v < 0 {
		return -1
	}
	return 1
}
