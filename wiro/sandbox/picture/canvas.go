package picture

import "bytes"

// canvas is what a picture is painted on. Its buffers outlive one picture.
type canvas struct {
	w, h int
	span int // the shorter side, but never under half of the longer: what sizes are measured by
	pix  []rgb
	soft []rgb   // the blurred picture, and
	rows []rgb   // the half-blurred one
	area []int32 // coverage of the shape in hand
	data bytes.Buffer
}

func (c *canvas) resize(w, h int) {
	c.w, c.h = w, h
	c.span = max(min(w, h), max(w, h)/2, 1)
	c.pix = grow(c.pix, w*h)
}

func grow[T any](s []T, n int) []T {
	if cap(s) < n {
		return make([]T, n)
	}
	return s[:n]
}

// pt is a place on the canvas in 256ths of a pixel.
type pt struct{ x, y int }

// at is the place at fixed-point fractions of the canvas.
func (c *canvas) at(x, y int) pt { return pt{x * c.w >> 8, y * c.h >> 8} }

// size is a length of so many thousandths of the span, in 256ths of a pixel.
func (c *canvas) size(thousandths int) int { return thousandths * c.span * 256 / 1000 }

// coord turns a pixel into a noise coordinate with so many cells to the span.
func (c *canvas) coord(pixel, cells int) int { return pixel * cells * one / c.span }

// each repaints the rows from top up to bottom.
func (c *canvas) each(top, bottom int, paint func(x, y int, under rgb) rgb) {
	for y := max(top, 0); y < min(bottom, c.h); y++ {
		row := c.pix[y*c.w : (y+1)*c.w]
		for x := range row {
			row[x] = paint(x, y, row[x])
		}
	}
}

// glow draws light around a place, fading to nothing at radius (256ths of a pixel).
func (c *canvas) glow(p pt, radius int, light rgb, strength int) {
	c.ellipse(p, radius, radius, func(under rgb, near int) rgb {
		return mix(under, light, mul(strength, mul(near, near))>>4)
	})
}

// cloud lays a soft-edged ellipse of colour.
func (c *canvas) cloud(p pt, rx, ry int, colour rgb, strength int) {
	c.ellipse(p, rx, ry, func(under rgb, near int) rgb {
		return mix(under, colour, share(mul(strength, smooth(near))))
	})
}

// ellipse calls paint for its pixels, with one at the centre and 0 at the rim.
func (c *canvas) ellipse(p pt, rx, ry int, paint func(under rgb, near int) rgb) {
	rx, ry = max(rx, 128), max(ry, 128)
	inverseX, inverseY := (1<<40)/(rx*rx), (1<<40)/(ry*ry)
	left, right := max((p.x-rx)>>8, 0), min((p.x+rx)>>8+1, c.w)
	for y := max((p.y-ry)>>8, 0); y < min((p.y+ry)>>8+1, c.h); y++ {
		dy := y<<8 + 128 - p.y
		base := dy * dy * inverseY >> 24
		for x := left; x < right; x++ {
			dx := x<<8 + 128 - p.x
			if far := base + dx*dx*inverseX>>24; far < one {
				c.pix[y*c.w+x] = paint(c.pix[y*c.w+x], one-far)
			}
		}
	}
}

// disc paints an anti-aliased circle.
func (c *canvas) disc(p pt, radius int, paint func(x, y int, under rgb) rgb) {
	left, right := max((p.x-radius)>>8-1, 0), min((p.x+radius)>>8+2, c.w)
	for y := max((p.y-radius)>>8-1, 0); y < min((p.y+radius)>>8+2, c.h); y++ {
		dy := y<<8 + 128 - p.y
		for x := left; x < right; x++ {
			dx := x<<8 + 128 - p.x
			// A dot smaller than a pixel is faint rather than lost.
			cover := clamp(radius-root(dx*dx+dy*dy)+128, 0, min(256, 2*radius))
			if cover > 0 {
				under := c.pix[y*c.w+x]
				c.pix[y*c.w+x] = mix(under, paint(x, y, under), cover<<4)
			}
		}
	}
}

// flat paints one colour at a fixed-point strength.
func flat(colour rgb, strength int) func(x, y int, under rgb) rgb {
	alpha := share(strength)
	return func(_, _ int, under rgb) rgb { return mix(under, colour, alpha) }
}
