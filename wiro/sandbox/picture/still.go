package picture

// studio is the backdrop of a still life: a wall in soft light, and a table.
func (a *artist) studio(table int) {
	d := a.dice("studio")
	a.lamp = a.spot(d.between(one/8, one*3/10), one/6)
	washes := a.noise("washes")
	wet := newField(a.w, a.h, a.span/80, func(x, y int) int {
		u, v := a.coord(x, 2), a.coord(y, 2)
		warp := washes.clouds(u+one/2, v, 3)
		return washes.clouds(u+warp, v+2*warp, 4)
	})
	a.each(0, a.h, func(x, y int, _ rgb) rgb {
		c := ramp(a.mood.sky[:], one/5+y*one*7/10/max(table, 1))
		v := wet.at(x, y)
		c = mix(c, a.mood.accents[3], share(step(one*46/100, one*62/100, v)/4))
		return mix(c, a.mood.accents[0], share(step(one*60/100, one*40/100+one/4, one-v)/5))
	})
	a.glow(a.lamp, a.size(1100), a.mood.light, one*6/10)
	top := mix(a.mood.sky[1], a.mood.far, opaque/2)
	a.each(table, a.h, func(x, y int, _ rgb) rgb {
		t := (y - table) * one / max(a.h-table, 1)
		c := mix(mix(top, a.mood.light, opaque/3), top, share(t))
		return lit(c, one*9/10+wet.at(x, min(y*2, a.h-1))/6)
	})
	// Paper colours float behind the piece.
	for range 7 {
		p := a.at(d.between(0, one), d.between(one/10, one*6/10))
		a.cloud(p, a.size(d.between(60, 220)), a.size(d.between(60, 220)), a.mood.accents[d.between(0, 4)], d.between(one/10, one*3/10))
	}
}
