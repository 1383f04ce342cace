package picture

import "image"

// grade is how a painted canvas is developed; factors are fixed-point.
type grade struct {
	crisp      int // under one mixes in the blurred picture, over one sharpens against it
	contrast   int
	saturation int
	haze       int // how far everything fades into the pale of the sky
}

// gradeFor reads guidance in sixteenths (0 to 192, neutral 72).
func gradeFor(guidance int) grade {
	if d := 72 - guidance; d > 0 { // 0 to 72
		return grade{crisp: one - 700*d, contrast: one - 190*d, saturation: one - 340*d, haze: 260 * d}
	}
	d := guidance - 72 // 0 to 120
	return grade{crisp: one + 850*d, contrast: one + 200*d, saturation: one + 330*d}
}

// develop turns the canvas into 8-bit RGB.
func (c *canvas) develop(g grade, pale rgb) image.Image {
	if g.crisp != one {
		c.blur(max(c.span/48, 1))
	}
	curve := toneCurve(g.contrast)
	saturation, haze, crisp := int32(g.saturation>>4), share(g.haze), g.crisp>>4
	out := image.NewRGBA(image.Rect(0, 0, c.w, c.h))
	for y := range c.h {
		line := out.Pix[y*out.Stride:]
		row := c.pix[y*c.w : (y+1)*c.w]
		grains := &pattern[y&7]
		for x, p := range row {
			if crisp != opaque {
				p = mix(c.soft[y*c.w+x], p, crisp)
			}
			if haze > 0 {
				p = mix(p, pale, haze)
			}
			grey := luma(p)
			// A fixed pattern of noise breaks up the bands of a gradient.
			grain := grains[x&7]
			o := line[4*x : 4*x+4 : 4*x+4]
			o[0] = curve.tone(grey+(p.r-grey)*saturation>>12, grain)
			o[1] = curve.tone(grey+(p.g-grey)*saturation>>12, grain)
			o[2] = curve.tone(grey+(p.b-grey)*saturation>>12, grain)
			o[3] = 0xff
		}
	}
	return out
}

// tones maps the upper bits of a channel to 8.8 fixed-point; light beyond white
// has room of its own, so that glows roll off softly.
type tones [1 << 11]uint16

func (t *tones) tone(v, grain int32) byte {
	v = min(max(v, 0), 2*white) >> 6
	return byte(min(int32(t[v])+grain, white) >> 8)
}

func toneCurve(contrast int) *tones {
	t := new(tones)
	const knee = 0xe000
	for i := range t {
		v := (i<<6+32-one/2)*contrast>>16 + one/2
		if v > knee { // what is left to white is approached, never reached
			over := v - knee
			v = knee + over*(white-knee)/(over+white-knee)*5/4
		}
		t[i] = uint16(clamp(v, 0, white-0xff))
	}
	return t
}

// pattern is the 8×8 Bayer matrix over 0 to 255.
var pattern = func() (m [8][8]int32) {
	for y := range 8 {
		for x := range 8 {
			v := 0
			for bit := range 3 {
				v |= ((x^y)>>bit&1)<<(5-2*bit) | (y>>bit&1)<<(4-2*bit)
			}
			m[y][x] = int32(v*4 + 2)
		}
	}
	return m
}()

// blur leaves a box blur of the canvas in soft; edges repeat.
func (c *canvas) blur(radius int) {
	c.soft, c.rows = grow(c.soft, c.w*c.h), grow(c.rows, c.w*c.h)
	for y := range c.h {
		slide(c.pix[y*c.w:], c.rows[y*c.w:], c.w, radius)
	}
	// Down all columns at once: row by row is how memory is quick to read.
	row := func(y int) []rgb {
		y = clamp(y, 0, c.h-1)
		return c.rows[y*c.w : (y+1)*c.w]
	}
	sums := make([]rgb, c.w)
	for k := -radius; k <= radius; k++ {
		for x, p := range row(k) {
			sums[x] = rgb{sums[x].r + p.r, sums[x].g + p.g, sums[x].b + p.b}
		}
	}
	inverse := int64(1<<32) / int64(2*radius+1)
	for y := range c.h {
		soft, leave, enter := c.soft[y*c.w:(y+1)*c.w], row(y-radius), row(y+radius+1)
		for x, s := range sums {
			soft[x] = scaled(s, inverse)
			p, q := enter[x], leave[x]
			sums[x] = rgb{s.r + p.r - q.r, s.g + p.g - q.g, s.b + p.b - q.b}
		}
	}
}

func scaled(sum rgb, inverse int64) rgb {
	return rgb{int32(int64(sum.r) * inverse >> 32), int32(int64(sum.g) * inverse >> 32), int32(int64(sum.b) * inverse >> 32)}
}

// slide averages a row of n pixels over a moving window.
func slide(from, to []rgb, n, radius int) {
	inverse := int64(1<<32) / int64(2*radius+1)
	var sum rgb
	for k := -radius; k <= radius; k++ {
		p := from[clamp(k, 0, n-1)]
		sum = rgb{sum.r + p.r, sum.g + p.g, sum.b + p.b}
	}
	for i := range n {
		to[i] = scaled(sum, inverse)
		p, q := from[min(i+radius+1, n-1)], from[max(i-radius, 0)]
		sum = rgb{sum.r + p.r - q.r, sum.g + p.g - q.g, sum.b + p.b - q.b}
	}
}
