package picture

// forest: ranks of conifers with mist between them.
func forest(a *artist) {
	d := a.dice("forest")
	horizon := d.between(60, 72) * a.h / 100
	a.sky(horizon)
	a.ranges(horizon, horizon+a.span/6, 2, false)
	const ranks = 5
	mist := mix(a.mood.sky[2], a.mood.light, opaque/4)
	for i := range ranks {
		near := (i*i + i + 1) * opaque / (ranks*ranks - ranks + 1)
		colour := mix(mix(a.mood.far, hex24(0x3f6a58), opaque/3), mix(a.mood.near, hex24(0x06180f), opaque/3), near)
		if a.mentions("autumn") {
			colour = mix(colour, autumn.accents[i%3], opaque*(8-i)/16)
		}
		foot := horizon + (a.h+a.h/12-horizon)*i/ranks
		n := noise(d.throw())
		a.ground(func(x int) int { return foot<<8 - a.size(60)*n.hills(a.cells(x, 2), 4)>>16 },
			foot+(a.h+a.h/12-horizon)/ranks+2, func(_, _, depth int, _ rgb) rgb { return mix(colour, mist, share(depth*one*3/a.span)*(ranks-i)/ranks) })
		tall := 130 + 70*i
		gap := a.size(tall) / 5
		for x := -gap; x < a.w<<8+gap; x += gap * d.between(60, 140) / 100 {
			y := foot<<8 - a.size(60)*n.hills(a.cells(x, 2), 4)>>16
			a.conifer(pt{x, y + gap/3}, a.size(tall)*d.between(55, 110)/100, colour, dice(d.throw()))
		}
		a.each(foot-a.span/5, a.h, func(_, y int, under rgb) rgb {
			return mix(under, mist, share(step(foot-a.span/6, foot+a.span/12, y))*(ranks-1-i)/(2*ranks))
		})
	}
	a.weather()
}

// conifer is a fir of ragged tiers that stands on p.
func (a *artist) conifer(p pt, tall int, colour rgb, d dice) {
	var left, right []pt
	tiers := 5 + tall/a.size(60)
	for i := range tiers {
		y := p.y - tall + tall*(i+1)*9/(10*tiers)
		reach := tall * (i + 2) / (4 * tiers)
		l, r := reach*d.between(75, 115)/100, reach*d.between(75, 115)/100
		drop := tall / (3 * tiers)
		left = append(left, pt{p.x - l, y + drop/2}, pt{p.x - l/2, y - drop/3})
		right = append(right, pt{p.x + r, y + drop/2}, pt{p.x + r/2, y - drop/3})
	}
	trunk := tall / 40
	outline := append([]pt{{p.x, p.y - tall}}, right...)
	outline = append(outline, pt{p.x + trunk, p.y}, pt{p.x - trunk, p.y})
	for i := len(left) - 1; i >= 0; i-- {
		outline = append(outline, left[i])
	}
	a.fill(shape{outline}, flat(colour, one))
}
