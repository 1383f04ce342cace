package picture

// sky paints the sky down to a row: gradient, stars or clouds, sun or moon.
func (a *artist) sky(horizon int) {
	stops := a.mood.sky[:]
	for y := range a.h {
		colour := ramp(stops, min(y*one/max(horizon, 1), one))
		row := a.pix[y*a.w : (y+1)*a.w]
		for x := range row {
			row[x] = colour
		}
	}
	d := a.dice("sky")
	low := d.between(one/4, 6*one/10)
	if a.mood.night {
		low = d.between(one/6, 4*one/10)
	}
	a.lamp = a.spot(d.between(one*15/100, one*85/100), mul(low, horizon*one/a.h))
	if a.mood.night {
		a.milkyWay(horizon)
		a.stars(horizon, 260)
	}
	a.sunOrMoon(d.between(55, 85))
	if !a.mood.night || d.between(0, 2) == 0 {
		a.clouds(horizon)
	}
}

func (a *artist) sunOrMoon(thousandths int) {
	radius := a.size(thousandths)
	if a.mood.night {
		a.glow(a.lamp, radius*7, a.mood.sky[2], one/3)
		a.glow(a.lamp, radius*3, a.mood.light, one/3)
		craters := a.noise("craters")
		a.disc(a.lamp, radius, func(x, y int, _ rgb) rgb {
			rough := craters.clouds(a.coord(x, 24), a.coord(y, 24), 2)
			return lit(a.mood.light, one-max(rough-one*45/100, 0)/2)
		})
		return
	}
	a.glow(a.lamp, radius*11, a.mood.sky[2], one/2)
	a.glow(a.lamp, radius*5, a.mood.light, one*2/5)
	a.glow(a.lamp, radius*2, a.mood.light, one*2/5)
	a.disc(a.lamp, radius, flat(lit(a.mood.light, one*11/10), one))
}

func (a *artist) stars(horizon, n int) {
	d := a.dice("stars")
	area := a.w * horizon * 1000 / (a.span * a.span)
	for range a.count(n * area / 1500) {
		p := a.at(d.between(0, one), d.between(0, horizon*one/a.h))
		bright := d.between(0, one)
		bright = mul(bright, mul(bright, bright))
		tint := mix(rgb{white, white, white}, a.mood.accents[d.between(0, 3)], opaque/3)
		fade := one - p.y*one/(horizon<<8+1)*3/4
		a.disc(p, a.size(1)+a.size(3)*bright>>16, flat(tint, mul(fade, one/2+bright/2)))
		if bright > one*86/100 {
			a.twinkle(p, a.size(8)+a.size(14)*bright>>16, tint, fade)
		}
	}
}

// twinkle is a four-pointed star with a halo.
func (a *artist) twinkle(p pt, reach int, colour rgb, strength int) {
	waist := max(reach/9, 40)
	a.glow(p, reach*3/2, colour, strength/3)
	a.fill(shape{{
		{p.x, p.y - reach}, {p.x + waist, p.y - waist}, {p.x + reach, p.y}, {p.x + waist, p.y + waist},
		{p.x, p.y + reach}, {p.x - waist, p.y + waist}, {p.x - reach, p.y}, {p.x - waist, p.y - waist},
	}}, flat(colour, strength))
}

// milkyWay is a slanting band of lit dust.
func (a *artist) milkyWay(horizon int) {
	n, d := a.noise("milky way"), a.dice("milky way")
	slant, shift := a.way()*d.between(one/3, one), d.between(one/5, one*3/5)
	dust := newField(a.w, horizon, a.span/64, func(x, y int) int {
		u, v := a.coord(x, 1), a.coord(y, 1)
		across := v - mul(slant, u-a.w*one/a.span/2) - mul(shift, horizon*one/a.span) + n.at(2*u, 2*v)/4
		band := one - min(max(across, -across)*3, one)
		return mul(smooth(band), n.clouds(4*u, 4*v, 4))
	})
	a.each(0, horizon, func(x, y int, under rgb) rgb {
		v := dust.at(x, y)
		tint := mix(a.mood.accents[1], a.mood.accents[0], share(v))
		return add(under, tint, share(mul(v, v)))
	})
}

// clouds are streaks of noise, lit from the lamp's side.
func (a *artist) clouds(horizon int) {
	n, d := a.noise("clouds"), a.dice("clouds")
	stretch := d.between(5, 9)
	cover := d.between(one*42/100, one*54/100)
	sample := func(x, y int) int {
		return n.clouds(a.coord(x, 2), a.coord(y, stretch), 4)
	}
	thick := newField(a.w, horizon, a.span/72, sample)
	above := a.span / 40
	bright, shade := mix(a.mood.light, a.mood.sky[2], opaque/4), mix(a.mood.sky[1], a.mood.far, opaque/3)
	strength := one * 8 / 10
	if a.mood.night {
		bright, strength = a.mood.sky[2], one*4/10
	}
	a.each(0, horizon, func(x, y int, under rgb) rgb {
		here := thick.at(x, y)
		body := step(cover, cover+one/5, here)
		if body == 0 {
			return under
		}
		toLamp := here - thick.at(x, max(y-above, 0))
		colour := mix(shade, bright, share(one/2+3*toLamp))
		return mix(under, colour, share(mul(body, strength)))
	})
}
