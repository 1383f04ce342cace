package picture

// swirls: bold strokes that follow a winding current.
func swirls(a *artist) {
	a.current(nil)
	a.floating(9)
}

// current paints the ground in strokes, each laid along the flow where it
// begins; eddies turn the flow, and one of them lies behind the subject.
func (a *artist) current(subject *pt) {
	d := a.dice("current")
	n := a.noise("flow")
	type eddy struct {
		at   pt
		spin int
	}
	eddies := make([]eddy, 5)
	for i := range eddies {
		eddies[i] = eddy{a.at(d.between(0, one), d.between(0, one)), sign(d.between(-10, 10))}
	}
	if subject != nil {
		eddies[0].at = pt{subject.x, subject.y - a.size(250)}
	}
	flow := func(p pt) (x, y int) {
		angle := n.at(a.coord(p.x>>8, 2), a.coord(p.y>>8, 2))
		x, y = cosine(angle)/2+one/4, sine(angle)/2
		for _, e := range eddies {
			dx, dy := (p.x-e.at.x)>>4, (p.y-e.at.y)>>4
			far := dx*dx + dy*dy
			pull := e.spin * one * (a.size(260) >> 4) / (far/(a.size(260)>>4+1) + a.size(90)>>4 + 1)
			length := root(far) + 1
			x, y = x-mul(pull, dy*one/length), y+mul(pull, dx*one/length)
		}
		return x, y
	}
	palette := []rgb{a.mood.sky[0], a.mood.accents[3], a.mood.sky[1], a.mood.accents[0], a.mood.sky[2], a.mood.accents[1], a.mood.accents[2]}
	hue := a.noise("hue")
	a.each(0, a.h, func(_, y int, _ rgb) rgb { return ramp(a.mood.sky[:], y*one/a.h) })
	// From broad to fine: the ground, then the strokes one sees.
	for _, layer := range [][4]int{{260, 60, 13, one}, {700, 24, 11, one * 9 / 10}, {a.count(500), 9, 9, one * 8 / 10}} {
		strokes, wide, steps := layer[0]*a.w*a.h/(a.span*a.span)*2/3, a.size(layer[1]), layer[2]
		for range strokes {
			p := a.at(d.between(-one/20, one*21/20), d.between(-one/20, one*21/20))
			tone := hue.at(a.coord(p.x>>8, 2), a.coord(p.y>>8, 2)) + d.between(-one/6, one/6)
			colour := lit(ramp(palette, tone), one*d.between(82, 118)/100)
			a.ribbon(p, flow, steps, wide*d.between(60, 130)/100, colour, layer[3])
		}
	}
}

// ribbon is one stroke: it swells and thins out along the flow.
func (a *artist) ribbon(p pt, flow func(pt) (x, y int), steps, wide int, colour rgb, strength int) {
	outline := make([]pt, 2*steps)
	for i := range steps {
		x, y := flow(p)
		length := max(root(x*x+y*y), 1)
		half := wide / 2 * sine(one/20+i*one*9/20/steps) >> 16
		ox, oy := -y*half/length, x*half/length
		outline[i] = pt{p.x + ox, p.y + oy}
		outline[2*steps-1-i] = pt{p.x - ox, p.y - oy}
		stride := a.size(9) + wide/6
		p = pt{p.x + x*stride/length, p.y + y*stride/length}
	}
	a.fill(shape{outline}, flat(colour, strength))
}

// floating are the things that have come loose: moons, rings, panes.
func (a *artist) floating(n int) {
	d := a.dice("floating")
	for range n {
		g := drawing{centre: a.at(d.between(0, one), d.between(0, one*8/10)), size: a.size(d.between(26, 84)), turn: d.between(0, one)}
		colour := a.mood.accents[d.between(0, 4)]
		bright, dark := mix(colour, a.mood.light, opaque*6/10), mix(colour, a.mood.near, opaque*6/10)
		switch d.between(0, 3) {
		case 0:
			g.disc(0, 0, 1000)
		case 1:
			g.poly(-900, 700, 0, -1000, 950, 600)
		default:
			g.poly(-800, -800, 700, -900, 900, 700, -700, 850)
		}
		s := g.take()
		drop := pt{g.size / 5, g.size / 3}
		shadow := make(shape, len(s))
		for i, outline := range s {
			for _, p := range outline {
				shadow[i] = append(shadow[i], pt{p.x + drop.x, p.y + drop.y})
			}
		}
		a.fill(shadow, flat(a.mood.near, one/4))
		a.fill(s, func(x, y int, _ rgb) rgb {
			return mix(bright, dark, share(one/2+(x<<8-g.centre.x+y<<8-g.centre.y)*one/(g.size*3)))
		})
	}
}
