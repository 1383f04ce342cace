package picture

// city: a skyline with lit windows, mirrored in a river.
func city(a *artist) {
	d := a.dice("city")
	shore := d.between(70, 82) * a.h / 100
	a.sky(shore)
	const rows = 4
	peak := d.between(a.w*256*3/10, a.w*256*7/10)
	for i := range rows {
		a.skyline(i, rows, shore, peak, dice(d.throw()))
		haze := mix(a.mood.sky[2], a.mood.accents[1], opaque/4)
		a.each(shore-a.span/4, shore, func(_, y int, under rgb) rgb {
			return mix(under, haze, share(step(shore-a.span/4, shore, y)*(rows-1-i)/(rows+2)))
		})
	}
	a.lake(shore)
}

func (a *artist) skyline(row, rows, shore, peak int, d dice) {
	near := row * opaque / (rows - 1)
	colour := mix(mix(a.mood.far, a.mood.sky[2], opaque/5), a.mood.near, near*8/10)
	top := 420 - 70*row
	for x := -a.size(40); x < a.w<<8; {
		width := a.size(d.between(45, 105) + 8*row)
		away := min(max(x+width/2-peak, peak-x-width/2)*one/a.size(900), one)
		tall := a.size(70) + mul(a.size(top), mul(one-away*7/10, d.between(one/4, one)))
		a.tower(x, width, shore, tall, colour, row, dice(d.throw()))
		x += width * d.between(85, 130) / 100
	}
}

// tower is one building: a block, sometimes stepped, with a spire or a slanted
// roof, and windows that shine at dusk.
func (a *artist) tower(x, width, shore, tall int, colour rgb, row int, d dice) {
	foot, top := shore<<8, shore<<8-tall
	s := shape{{{x, foot}, {x, top}, {x + width, top}, {x + width, foot}}}
	inset := width / d.between(4, 7)
	switch d.between(0, 5) {
	case 0:
		up := top - width/2
		s = append(s, []pt{{x + inset, top}, {x + inset, up}, {x + width - inset, up}, {x + width - inset, top}})
		s = append(s, limb(pt{x + width/2, up}, pt{x + width/2, up - width/2}, pt{x + width/2, up - width}, width/16, 20)...)
	case 1:
		s = append(s, []pt{{x, top}, {x + width, top}, {x + width, top - width/2}})
	case 2:
		s = append(s, []pt{{x, top}, {x + width/2, top - width*9/10}, {x + width, top}})
	}
	edge := mix(colour, a.mood.sky[2], opaque/4)
	lampSide := x+width/2 < a.lamp.x
	a.fill(s, func(px, _ int, _ rgb) rgb {
		t := clamp((px<<8-x)*one/width, 0, one)
		if !lampSide {
			t = one - t
		}
		return mix(colour, edge, share(mul(t, t)))
	})
	window := a.size(9 + 2*row)
	dark := d.between(40, 75)
	glow := mix(a.mood.accents[2], a.mood.light, opaque/4)
	if d.between(0, 4) == 0 {
		glow = mix(a.mood.accents[0], a.mood.light, opaque/4)
	}
	for y := top + window; y < foot-window; y += window * 2 {
		for wx := x + window; wx < x+width-window; wx += window * 9 / 5 {
			if d.between(0, 100) < dark {
				continue
			}
			pane := shape{{{wx, y}, {wx + window, y}, {wx + window, y + window*6/5}, {wx, y + window*6/5}}}
			a.fill(pane, flat(glow, d.between(one/3, one)*(row+2)/6))
		}
	}
}
