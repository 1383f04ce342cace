package picture

// lake mirrors what is above a row, darker and rippled.
func (a *artist) lake(from int) {
	ripples := a.noise("ripples")
	deep := mix(a.mood.near, a.mood.sky[0], opaque/2)
	for y := from; y < a.h; y++ {
		depth := y - from
		near := depth * one / max(a.h-from, 1)
		stretch := a.coord(y, 60-near*30>>16)
		for x := range a.w {
			wave := ripples.at(a.coord(x, 5), stretch) - one/2
			sway := (wave * a.span / 30 * (1 + near*3>>16)) >> 16
			source := clamp(from-1-depth*from/max(from, a.h-from)-sway, 0, max(from-1, 0))
			c := a.pix[source*a.w+clamp(x+sway/2, 0, a.w-1)]
			c = mix(c, deep, share(one/5+near/3))
			a.pix[y*a.w+x] = lit(c, one+wave/5)
		}
	}
	shore := max(a.span/160, 1)
	a.each(from, from+shore, func(_, _ int, under rgb) rgb { return mix(under, a.mood.light, opaque/4) })
	a.glitter(from, a.mood.light)
}

// glitter lays the lamp's light on water below a row, as short strokes that
// spread towards the viewer.
func (a *artist) glitter(from int, light rgb) {
	d := a.dice("glitter")
	for range a.count(260) {
		near := d.between(0, one)
		near = mul(near, near)
		y := from<<8 + (a.h-from)<<8*near>>16
		spread := a.size(25) + a.size(130)*near>>16
		x := a.lamp.x + mul(spread, d.between(-one, one)+d.between(-one, one))/2
		long := a.size(6) + a.size(d.between(8, 40))*near>>16
		thick := 90 + a.size(5)*near>>16
		away := max(x-a.lamp.x, a.lamp.x-x) * one / (spread + 1)
		strength := mul(one-min(away, one), d.between(one/3, one))
		a.fill(limb(pt{x - long, y}, pt{x, y + thick/2}, pt{x + long, y}, thick, thick/3), flat(light, strength))
	}
}

// swell is rows of waves, from the horizon to the viewer.
func (a *artist) swell(horizon int) {
	n := a.noise("swell")
	far := mix(a.mood.sky[2], a.mood.accents[3], opaque/2)
	near := mix(a.mood.near, a.mood.accents[3], opaque/4)
	foam := mix(a.mood.light, a.mood.sky[2], opaque/3)
	for y := max(horizon, 0); y < a.h; y++ {
		depth := y - horizon + 1
		t := depth * one / (a.h - horizon)
		// Rows of waves grow further apart towards the viewer.
		row := 44 * one * a.span / (depth*8 + a.span/3)
		for x := range a.w {
			u := a.coord(x-a.w/2, 1) * a.span / (depth*2 + a.span/3)
			bend := n.at(3*u, row/3)
			height := n.at(6*u+bend, row+bend*2)*2/3 + n.at(22*u, 3*row+bend*2)/3
			c := mix(far, near, share(mul(t, one/2+t/2)+(one/2-height)/3))
			crest := step(one*66/100, one*80/100, height)
			c = mix(c, foam, share(mul(crest, one/6+t/3)))
			a.pix[y*a.w+x] = add(c, a.mood.sky[2], share((height-one/2)/4))
		}
	}
}
