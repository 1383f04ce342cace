package picture

// waterfall: sheer cliffs part around falling water; a dragon hovers above it
// where the prompt has one.
func waterfall(a *artist) {
	d := a.dice("waterfall")
	pool := d.between(80, 86) * a.h / 100
	a.sky(a.h * 7 / 10)
	a.ranges(a.h*6/10, a.h*8/10, 2, false)
	lip := d.between(44, 56) * a.h / 100
	middle := a.spot(d.between(one*28/100, one*54/100), 0).x
	half := a.size(d.between(75, 140))
	if a.mentions("castle") {
		a.castle(pt{middle - a.way()*a.size(420), (lip - a.span/6) << 8})
	}
	a.gorge(middle, half, lip, pool+a.span/40)
	a.falls(middle, half, lip, pool)
	a.pool(middle, half, pool)
	if a.mentions("dragon", "wyvern") || !a.mentions("waterfall", "cascade", "castle") {
		size := a.size(d.between(270, 310))
		at := pt{middle + a.way()*a.size(d.between(60, 260)), max(lip<<8-size*d.between(62, 84)/100, size)}
		a.glow(at, size*2, a.mood.accents[0], one/4)
		a.dragon(drawing{centre: at, size: size, flip: d.between(0, 2) == 0, turn: d.between(-one/30, one/40)})
	}
	a.sparkles(middle, half, lip, pool)
	a.weather()
}

// gorge is the rock at both sides of the falls, in terraces.
func (a *artist) gorge(middle, half, lip, pool int) {
	rock := a.noise("rock")
	edge := a.noise("edge")
	strata := newField(a.w, a.h, a.span/96, func(x, y int) int {
		return rock.clouds(a.coord(x, 9), a.coord(y, 5)+a.coord(x, 1), 4)
	})
	light := mix(a.mood.far, a.mood.accents[3], opaque/4)
	crest := func(x int) int {
		away := max(x-middle, middle-x) - half
		if away < 0 {
			return lip << 8
		}
		up := mul(a.size(60)+away/4, edge.crags(a.cells(x, 5), 4)) + away/10
		return lip<<8 - a.size(6) - up
	}
	a.ground(crest, pool+2, func(x, y, depth int, _ rgb) rgb {
		v := strata.at(x, y)
		ledge := step(one*46/100, one*54/100, v) / 3
		slope := v - strata.at(max(x-a.way()*max(a.span/90, 1), 0), y)
		c := mix(a.mood.near, light, share(one/6+ledge/2+v/3+slope*2))
		return mix(mix(light, a.mood.sky[2], opaque/4), c, share(one*6/10+depth*one*3/a.span))
	})
	river := mix(a.mood.light, a.mood.accents[0], opaque/3)
	a.cloud(pt{middle, lip<<8 + a.size(4)}, half*5/4, a.size(16), river, one)
}

// falls is the water itself: threads of light that widen as they drop.
func (a *artist) falls(middle, half, lip, pool int) {
	n := a.noise("falls")
	bright := mix(a.mood.light, a.mood.accents[0], opaque/4)
	dim := mix(a.mood.sky[1], a.mood.accents[0], opaque/2)
	for y := lip; y < pool+a.span/60 && y < a.h; y++ {
		t := (y - lip) * one / max(pool-lip, 1)
		wide := half + mul(half/3, t)
		for x := max((middle-wide)>>8-1, 0); x < min((middle+wide)>>8+2, a.w); x++ {
			off := (x<<8 - middle) * one / wide
			ragged := n.curve(a.coord(y, 14)+off/one*one) / 12
			inside := step(0, one/8, one-max(off, -off)-ragged)
			thread := n.clouds(off*5, a.coord(y, 3)-mul(off, off), 3)
			c := mix(dim, bright, share(step(one*35/100, one*70/100, thread)+t/6))
			k := y*a.w + x
			a.pix[k] = mix(a.pix[k], c, share(mul(inside, one*95/100)))
		}
	}
	d := a.dice("mist")
	for range 46 {
		p := pt{middle + mul(half*2, d.between(-one, one)), pool<<8 - mul(a.size(90), mul(d.between(0, one), d.between(0, one)))}
		a.cloud(p, a.size(d.between(40, 150)), a.size(d.between(14, 46)), bright, one/6)
	}
}

func (a *artist) pool(middle, half, from int) {
	n := a.noise("pool")
	deep := mix(a.mood.near, a.mood.accents[3], opaque/2)
	bright := mix(a.mood.light, a.mood.accents[0], opaque/3)
	mist := mix(a.mood.sky[2], a.mood.accents[0], opaque/2)
	for y := max(from, 0); y < a.h; y++ {
		t := (y - from) * one / max(a.h-from, 1)
		for x := range a.w {
			off := max(x<<8-middle, middle-x<<8)
			near := one - clamp(off*one/(half*3+half*3*t>>16), 0, one)
			ripple := n.clouds(a.coord(x, 6), a.coord(y, 30), 3)
			c := mix(mist, deep, share(one/3+t))
			c = mix(c, bright, share(mul(near, step(one*40/100, one*65/100, ripple))*7/10+step(one*64/100, one*80/100, ripple)/4))
			k := y*a.w + x
			a.pix[k] = mix(a.pix[k], c, share(step(0, a.span/40, y-from)))
		}
	}
}

// sparkles float over the water.
func (a *artist) sparkles(middle, half, lip, pool int) {
	d := a.dice("sparkles")
	for range a.count(60) {
		p := pt{middle + mul(half*3, d.between(-one, one)), d.between(lip, a.h) << 8}
		colour := mix(rgb{white, white, white}, a.mood.accents[d.between(0, 3)], opaque/3)
		if d.between(0, 3) == 0 {
			a.twinkle(p, a.size(d.between(8, 26)), colour, d.between(one/2, one))
		} else {
			a.disc(p, a.size(d.between(1, 5)), flat(colour, d.between(one/3, one)))
		}
	}
}
