package picture

// sundae: scoops cut like gems in a cone, on a pedestal of clay.
func sundae(a *artist) {
	d := a.dice("sundae")
	table := d.between(76, 84) * a.h / 100
	a.studio(table)
	size := a.size(d.between(350, 400))
	foot := a.spot(d.between(one*40/100, one*60/100), (table+(a.h-table)/3)*one/a.h)
	a.cloud(pt{foot.x + size/3*sign(foot.x-a.lamp.x), foot.y}, size, size/7, a.mood.near, one*6/10)
	g := drawing{centre: pt{foot.x, foot.y - size*95/100}, size: size}
	n := a.noise("facets")
	clay := mix(hex24(0xb8704e), a.mood.accents[3], opaque/5)
	a.pedestal(&g, clay)
	pale := rgb{white, white, white}
	grain := a.size(d.between(46, 64))
	shade := func(c rgb) rgb { return mix(lit(c, one*5/10), a.mood.near, opaque/4) }
	waffle := mix(hex24(0xe0a050), a.mood.light, opaque/8)
	g.poly(-270, -130, 270, -130, 40, 590, -40, 590)
	a.facets(g.take(), g.p(0, 100), size/2, grain*8/10, n, waffle, mix(waffle, pale, opaque/2), shade(waffle))
	first := d.between(0, 4)
	scoops := [][3]int{{-170, -210, 215}, {170, -220, 215}, {0, -480, 225}}
	if d.between(0, 2) == 0 {
		scoops = [][3]int{{0, -190, 285}, {10, -460, 240}, {-5, -690, 190}}
	}
	for i, s := range scoops {
		colour := a.mood.accents[(first+i)%4]
		x, y, r := s[0], s[1], s[2]
		g.disc(x, y, r)
		for k := range 5 { // the skirt where a scoop was pressed down
			g.disc(x-r*8/10+k*r*4/10, y+r*7/10, r*d.between(22, 34)/100)
		}
		a.facets(g.take(), g.p(x, y), r*size/1000, grain, n+noise(i)+1, colour, mix(colour, pale, opaque*8/10), shade(colour))
		shine := g.p(x, y)
		shine.x -= sign(foot.x-a.lamp.x) * r * size / 2500
		a.cloud(pt{shine.x, shine.y - r*size/2200}, r*size/4500, r*size/6500, pale, one*8/10)
	}
	last := scoops[2]
	cherry := mix(hex24(0xd01838), a.mood.accents[0], opaque/5)
	top := last[1] - last[2] - 40
	g.limb(last[0], top, last[0]+20, top-150, last[0]+110, top-190, 16, 12)
	a.fill(g.take(), flat(shade(cherry), one))
	g.disc(last[0], top, 80)
	a.facets(g.take(), g.p(last[0], top), size*8/100, grain/2, n+9, cherry, mix(cherry, pale, opaque*6/10), shade(cherry))
	a.glow(a.lamp, a.size(900), hex24(0xffd9a0), one/4)
}

// pedestal is a drum with a step above and below.
func (a *artist) pedestal(g *drawing, clay rgb) {
	rough := a.noise("clay")
	lampSide := sign(g.centre.x - a.lamp.x)
	for _, part := range [][3]int{{560, 470, 1000}, {420, 560, 900}, {500, 530, 620}} {
		half, top, bottom := part[0], part[1], part[2]
		if top == 470 {
			top = 880
		}
		g.poly(-half, top, half, top, half, bottom, -half, bottom)
		g.shapes = append(g.shapes, oval(g.p(0, bottom), half*g.size/1000, 60*g.size/1000))
		a.fill(g.take(), func(x, y int, _ rgb) rgb {
			t := (x<<8 - g.centre.x) * one / (half * g.size / 1000) * lampSide
			grit := rough.clouds(a.coord(x, 20), a.coord(y, 60), 2)
			return lit(clay, one*75/100-t*45/100+grit/4)
		})
		g.shapes = append(g.shapes, oval(g.p(0, top), half*g.size/1000, 60*g.size/1000))
		a.fill(g.take(), flat(lit(clay, one*13/10), one))
	}
	a.cloud(g.p(0, 530), g.size/4, g.size/24, a.mood.near, one/2)
}
