package picture

// wave: a surfer below a breaking wave, with the sun behind it.
func wave(a *artist) {
	d := a.dice("wave")
	horizon := d.between(62, 70) * a.h / 100
	a.sky(horizon)
	a.swell(horizon - 1)
	b := newBreaker(a, d)
	b.spray(a, 0)
	b.water(a)
	b.foam(a)
	b.rider(a, d)
	b.spray(a, 1)
}

// breaker is the wave as a family of curves, from its back (0) to the inside
// of its curl (one): both run from the foot behind, over the crest, to the lip.
type breaker struct {
	back, face []pt
	deep       rgb
	sunlit     rgb
}

func newBreaker(a *artist, d *dice) breaker {
	top := d.between(60, 150)
	reach := d.between(-40, 60)
	// In thousandths of the canvas; the curl is as wide as it is high on any
	// canvas, so that across is measured by the span.
	place := func(x, y int) pt {
		wide := a.h * 16 / 10
		left := (a.w - min(wide, a.w*13/10)) / 2
		p := pt{(left*1000 + x*min(wide, a.w*13/10)) * 256 / 1000, y * a.h * 256 / 1000}
		if a.flip {
			p.x = a.w<<8 - p.x
		}
		return p
	}
	points := func(xy ...int) (out []pt) {
		for i := 0; i < len(xy); i += 2 {
			out = append(out, place(xy[i], xy[i+1]))
		}
		return spline(out)
	}
	return breaker{
		back: points(-700, 1300, -350, 900, 0, 480, 200, 190+top/2, 380, top, 540, top+20, 640+reach, top+130, 690+reach, top+270),
		face: points(1700, 1060, 1250, 900, 800, 880, 540, 820, 420, 610, 430, 430, 530, 300+top/2, 690+reach, top+272),
		deep: mix(a.mood.accents[3], a.mood.near, opaque*5/10), sunlit: mix(hex24(0x49e0c8), a.mood.accents[0], opaque/4),
	}
}

// spline runs smoothly through the middles of a row of points.
func spline(points []pt) (out []pt) {
	const steps = 8
	from := points[0]
	for i := 1; i+1 < len(points); i++ {
		to := pt{(points[i].x + points[i+1].x) / 2, (points[i].y + points[i+1].y) / 2}
		if i+2 == len(points) {
			to = points[i+1]
		}
		for k := range steps {
			out = append(out, curveAt(from, points[i], to, k, steps))
		}
		from = to
	}
	return append(out, from)
}

// curve is the one at a fixed-point place between back and face.
func (b *breaker) curve(t int) []pt {
	out := make([]pt, len(b.back))
	for i := range out {
		p, q := b.back[i], b.face[i]
		out[i] = pt{lerp(p.x, q.x, t), lerp(p.y, q.y, t)}
	}
	return out
}

// water fills the wave with bands that follow its curl; the thin water near the
// lip lets the light through.
func (b *breaker) water(a *artist) {
	floor := a.h<<8 + 256
	body := append([]pt{}, b.back...)
	for i := len(b.face) - 1; i >= 0; i-- {
		body = append(body, b.face[i])
	}
	first, last := body[0], body[len(body)-1]
	body = append(body, pt{last.x, floor}, pt{first.x, floor})
	a.fill(shape{body}, flat(b.deep, one))
	d := a.dice("bands")
	const bands = 34
	for i := range bands {
		upper, lower := b.curve(i*one/bands), b.curve((i+1)*one/bands+one/200)
		tone := d.between(-one/7, one/7)
		t := i * one / bands
		for j := len(lower) - 1; j >= 0; j-- {
			upper = append(upper, lower[j])
		}
		colour := mix(b.deep, b.sunlit, share(t*6/10+tone+one/8))
		a.fill(shape{upper}, func(x, y int, _ rgb) rgb {
			high := one - y*one/a.h
			c := mix(colour, b.sunlit, share(max(high-one*3/10, 0)*8/10))
			near := one - clamp(max(x<<8-a.lamp.x, a.lamp.x-x<<8)*one/a.size(700), 0, one)
			return add(c, a.mood.light, share(mul(mul(near, high), one/3+tone)))
		})
	}
	// The shallow water before the wave.
	n := a.noise("shallows")
	front := append([]pt{}, b.face[:len(b.face)/2]...)
	end := front[len(front)-1]
	front = append(front, pt{end.x, floor}, pt{front[0].x, floor})
	near := mix(b.deep, b.sunlit, opaque/4)
	foam := mix(a.mood.light, b.sunlit, opaque/5)
	a.fill(shape{front}, func(x, y int, under rgb) rgb {
		v := n.clouds(a.coord(x, 4), a.coord(y, 18), 3)
		far := step(0, a.size(260), max(x<<8-end.x, end.x-x<<8)) // so that no seam shows
		return mix(mix(under, near, share(far/2)), foam, share(mul(far, step(one*55/100, one*75/100, v))*2/3))
	})
}

// foam runs in threads along the face and boils at the lip.
func (b *breaker) foam(a *artist) {
	d := a.dice("foam")
	colour := mix(rgb{white, white, white}, a.mood.light, opaque/3)
	for range a.count(70) {
		c := b.curve(d.between(one/20, one))
		i := d.between(8, len(c)-8)
		p := drawing{shapes: limb(c[i], c[i+3], c[min(i+d.between(4, 8), len(c)-1)], a.size(d.between(2, 8)), a.size(1))}
		a.fill(p.take(), flat(colour, d.between(one/6, one*6/10)))
	}
	crest := len(b.back) * 5 / 10
	for range a.count(420) {
		i := d.between(crest, len(b.back))
		p := b.back[i]
		near := (i - crest) * one / (len(b.back) - crest)
		spread := a.size(10) + a.size(40)*near>>16
		p.x += mul(spread, d.between(-one, one))
		p.y += mul(spread, d.between(-one/2, one))
		a.disc(p, a.size(d.between(3, 17)), flat(mix(colour, b.sunlit, d.between(0, opaque/3)), d.between(one/3, one)))
	}
}

// spray is blown off the crest: half of it behind the wave, half before.
func (b *breaker) spray(a *artist, half int) {
	d := a.dice([]string{"mist", "drops"}[half])
	colour := mix(rgb{white, white, white}, a.mood.light, opaque/3)
	crest := len(b.back) * 4 / 10
	for range a.count(240) {
		p := b.back[d.between(crest, len(b.back))]
		up := mul(d.between(0, one), d.between(0, one))
		p.x -= a.way() * mul(a.size(260), mul(up, d.between(0, one)+one/3))
		p.y -= mul(a.size(170), up) - a.size(20)
		if half == 0 {
			a.cloud(p, a.size(d.between(10, 60)), a.size(d.between(8, 36)), colour, one/7)
			continue
		}
		a.disc(p, a.size(d.between(1, 7)), flat(colour, one-up*2/3))
	}
}

// rider is the surfer, on a line across the face.
func (b *breaker) rider(a *artist, dice *dice) {
	i := len(b.face) * dice.between(40, 48) / 100
	c := b.curve(one * dice.between(80, 86) / 100)
	at := c[i]
	d := drawing{centre: at, size: a.size(120), flip: a.flip, turn: dice.between(one/40, one/14)}
	wake := mix(rgb{white, white, white}, a.mood.light, opaque/3)
	for k := range 26 {
		p := d.p(-700-60*k, 640-5*k*k/4+dice.between(-20, 60))
		a.cloud(p, a.size(30+k), a.size(12+k/2), wake, one/2-k*one/60)
	}
	board := mix(a.mood.accents[2], hex24(0xfff0d8), opaque/2)
	d.blob(-900, 610, -700, 690, 0, 740, 700, 670, 1150, 480, 800, 600, 0, 640, -700, 600)
	a.fill(d.take(), flat(board, one))
	d.limb(-130, 0, -420, 200, -430, 640, 210, 100)
	d.limb(-80, 20, 330, 200, 320, 650, 210, 100)
	d.limb(-110, 20, -60, -260, 90, -480, 250, 270)
	d.limb(60, -470, -330, -560, -640, -330, 110, 56)
	d.limb(130, -440, 480, -400, 820, -560, 110, 56)
	a.fill(d.take(), flat(mix(a.mood.near, hex24(0x06121c), opaque/2), one))
	d.disc(200, -730, 135)
	a.fill(d.take(), flat(mix(a.mood.near, hex24(0x8a5a40), opaque/2), one))
	for range a.count(46) {
		p := d.p(dice.between(-1300, 500), 680+dice.between(-320, 60))
		a.disc(p, a.size(dice.between(2, 7)), flat(wake, dice.between(one/3, one)))
	}
}
