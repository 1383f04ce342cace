package picture

// rgb is a colour of 16 bits a channel. Channels may leave 0 to white while a
// picture is painted: light adds up, and is brought back when it is developed.
type rgb struct{ r, g, b int32 }

const white = 0xffff

func hex24(v int) rgb {
	return rgb{int32(v>>16&0xff) * 257, int32(v>>8&0xff) * 257, int32(v&0xff) * 257}
}

// opaque is full coverage in mix and in all that blends.
const opaque = 1 << 12

// mix goes from a (alpha 0) to b (alpha opaque).
func mix(a, b rgb, alpha int) rgb {
	t := int32(alpha)
	return rgb{a.r + (b.r-a.r)*t>>12, a.g + (b.g-a.g)*t>>12, a.b + (b.b-a.b)*t>>12}
}

// share turns a fixed-point fraction into an alpha.
func share(fraction int) int { return clamp(fraction, 0, one) >> 4 }

// add lays light over a colour.
func add(a, light rgb, alpha int) rgb {
	t := int32(alpha)
	return rgb{a.r + light.r*t>>12, a.g + light.g*t>>12, a.b + light.b*t>>12}
}

// lit scales a colour by a fixed-point factor.
func lit(c rgb, factor int) rgb {
	return rgb{int32(mul(int(c.r), factor)), int32(mul(int(c.g), factor)), int32(mul(int(c.b), factor))}
}

func luma(c rgb) int32 { return (c.r*5 + c.g*9 + c.b*2) >> 4 }

// turnHue turns the colour around the grey axis by a fraction of a turn.
func turnHue(c rgb, turn int) rgb {
	cos, sin := cosine(turn), sine(turn)
	k := (one - cos) / 3
	s := mul(sin, 37837) // 1/√3
	r, g, b := int(c.r), int(c.g), int(c.b)
	channel := func(a, left, right int) int32 {
		return int32(clamp(mul(a, cos+k)+mul(left, k-s)+mul(right, k+s), 0, white))
	}
	return rgb{channel(r, g, b), channel(g, b, r), channel(b, r, g)}
}

// ramp reads evenly spaced colours at a fixed-point place from 0 to one.
func ramp(stops []rgb, at int) rgb {
	at = clamp(at, 0, one-1) * (len(stops) - 1)
	i := at >> 16
	return mix(stops[i], stops[i+1], (at&(one-1))>>4)
}
