package picture

// figure: a long, leaning woman in a current of colour.
func figure(a *artist) {
	d := a.dice("figure")
	size := a.size(d.between(430, 470))
	g := drawing{centre: pt{a.spot(d.between(one*36/100, one*58/100), 0).x, a.h<<8 - size*9/10}, size: size, flip: a.flip, turn: d.between(-one/60, one/60)}
	a.current(&g.centre)
	a.floating(8)
	a.woman(g, d)
}

// woman is drawn long: small head, swan's neck, arms like reeds, a gown to the
// floor; light from one side, the other in deep shade.
func (a *artist) woman(g drawing, d *dice) {
	skin := mix(hex24(0xf0c4a8), a.mood.light, opaque/4)
	cool := mix(hex24(0x39408c), a.mood.near, opaque/4)
	red, blue := mix(hex24(0xd4283c), a.mood.accents[0], opaque/5), mix(hex24(0x2448b0), a.mood.accents[3], opaque/5)
	sided := func(light, dark rgb, soft int) func(x, y int, _ rgb) rgb {
		grain := a.noise("canvas")
		return func(x, y int, _ rgb) rgb {
			v := grain.clouds(a.coord(x, 16), a.coord(y, 5), 2) - one/2
			return mix(light, dark, share(step(-soft, soft, (x<<8-g.centre.x)*g.way()*one/g.size+v/3)))
		}
	}
	lift := d.between(-120, 60)
	g.limb(170, -430, 520, -330, 560, -700+lift, 92, 60) // far arm
	g.limb(560, -700+lift, 590, -900+lift, 500, -1060+lift, 58, 26)
	a.fill(g.take(), sided(skin, mix(skin, cool, opaque*6/10), one))
	g.blob(-120, -1080, -240, -900, -230, -700, -330, -420, -240, -160, -130, -420, -60, -700, 40, -700, 130, -900, 90, -1090, -20, -1130) // hair
	a.fill(g.take(), sided(mix(blue, a.mood.light, opaque/6), cool, one/3))
	g.blob(-130, -440, -190, -150, -110, 60, -330, 520, -520, 1000, 0, 1060, 520, 1000, 330, 480, 110, 60, 190, -150, 150, -440, 60, -380, -40, -380) // gown
	a.fill(g.take(), sided(mix(red, a.mood.light, opaque/8), mix(mix(red, cool, opaque*6/10), a.mood.near, opaque/4), one/3))
	for i := range 9 { // folds
		x := -400 + i*100 + d.between(-20, 20)
		g.limb(x/6, 60, x/3, 480, x, 1000, 10, 46)
		a.fill(g.take(), flat([]rgb{blue, mix(red, a.mood.light, opaque/2), cool}[i%3], one*55/100))
	}
	g.limb(-10, -430, -30, -560, 10, -720, 104, 70) // neck
	g.blob(-190, -470, 0, -540, 190, -470, 150, -380, 60, -340, -60, -340, -150, -380)
	a.fill(g.take(), sided(skin, mix(skin, cool, opaque*7/10), one/4))
	g.limb(-170, -430, -420, -120, -250, 160, 92, 60) // near arm
	g.limb(-250, 160, -190, 270, -60, 300, 58, 24)
	a.fill(g.take(), sided(skin, mix(skin, cool, opaque*7/10), one/2))
	g.blob(-90, -900, -60, -1050, 50, -1070, 110, -940, 80, -780, 20, -680, -50, -740)
	a.fill(g.take(), sided(skin, mix(skin, cool, opaque*8/10), one/12))
	g.blob(-120, -900, -110, -1080, 30, -1130, 130, -1020, 120, -930, 60, -1030, -20, -1030)
	a.fill(g.take(), flat(mix(blue, cool, opaque/2), one))
	g.limb(-62, -890, -40, -910, -14, -890, 10, 8)
	g.limb(42, -890, 64, -910, 90, -888, 10, 8)
	g.limb(14, -890, -2, -830, 20, -820, 9, 7)
	a.fill(g.take(), flat(cool, one*9/10))
	g.blob(-14, -770, 16, -784, 46, -770, 18, -748)
	a.fill(g.take(), flat(red, one))
}
