package picture

// cat: a faceted porcelain cat on a table.
func cat(a *artist) {
	d := a.dice("cat")
	table := d.between(72, 80) * a.h / 100
	a.studio(table)
	size := a.size(d.between(360, 410))
	foot := a.spot(d.between(one*40/100, one*60/100), (table+(a.h-table)/3)*one/a.h)
	a.cloud(pt{foot.x + size/3*sign(foot.x-a.lamp.x), foot.y}, size*9/10, size/7, a.mood.near, one*6/10)
	a.cloud(foot, size*6/10, size/10, a.mood.near, one/2)
	g := drawing{centre: pt{foot.x, foot.y - size*92/100}, size: size, flip: a.flip, turn: d.between(-one/90, one/90)}
	n := a.noise("facets")
	china := mix(mix(a.mood.light, a.mood.sky[2], opaque/3), a.mood.accents[3], opaque*35/100)
	bright := rgb{white, white, white}
	shade := mix(mix(a.mood.accents[3], a.mood.far, opaque/2), a.mood.near, opaque*3/10)
	blush := mix(china, a.mood.accents[0], opaque*6/10)
	grain := a.size(d.between(58, 78))
	g.limb(380, 760, 760, 860, 800, 520, 150, 130) // tail
	g.limb(800, 520, 810, 330, 690, 250, 130, 90)
	a.facets(g.take(), g.centre, size*9/10, grain, n, blush, bright, shade)
	g.blob(-230, -180, -330, 60, -480, 500, -470, 860, -250, 930, 250, 930, 480, 860, 490, 500, 340, 60, 230, -180)
	a.facets(g.take(), g.p(0, 350), size*8/10, grain, n+1, china, bright, shade)
	g.blob(-170, 300, -210, 640, -250, 880, -200, 935, -60, 935, -20, 860, -40, 500, -30, 330)
	g.blob(170, 300, 210, 640, 250, 880, 200, 935, 60, 935, 20, 860, 40, 500, 30, 330)
	a.facets(g.take(), g.p(-60, 500), size*6/10, grain*8/10, n+2, mix(china, bright, opaque/2), bright, mix(shade, china, opaque/4))
	g.poly(-350, -500, -360, -930, -80, -690)
	g.poly(350, -500, 360, -930, 80, -690)
	g.blob(-380, -420, -350, -640, -180, -740, 0, -720, 180, -740, 350, -640, 380, -420, 300, -220, 120, -100, -120, -100, -300, -220)
	a.facets(g.take(), g.p(0, -430), size*5/10, grain*9/10, n+3, china, bright, shade)
	g.poly(-320, -590, -325, -850, -160, -690)
	g.poly(320, -590, 325, -850, 160, -690)
	a.facets(g.take(), g.p(0, -700), size*5/10, grain, n+4, blush, china, mix(blush, shade, opaque/2))
	a.catFace(&g, mix(a.mood.near, shade, opaque/4))
}

func (a *artist) catFace(g *drawing, ink rgb) {
	for _, side := range []int{-1, 1} {
		g.blob(side*90, -400, side*130, -480, side*230, -500, side*270, -440, side*210, -370, side*130, -370)
		a.fill(g.take(), flat(ink, one))
		g.blob(side*110, -405, side*145, -470, side*225, -485, side*250, -440, side*200, -385, side*140, -385)
		a.fill(g.take(), flat(mix(a.mood.accents[1], a.mood.light, opaque/5), one))
		g.blob(side*160, -430, side*178, -500, side*196, -430, side*178, -365)
		a.fill(g.take(), flat(ink, one))
		g.disc(side*178-22, -452, 17)
		a.fill(g.take(), flat(rgb{white, white, white}, one))
		g.limb(0, -250, side*10, -200, side*80, -205, 16, 8)
		for i := range 3 {
			g.limb(side*120, -250+20*i, side*300, -290+45*i, side*500, -300+75*i, 11, 3)
		}
		a.fill(g.take(), flat(ink, one*7/10))
	}
	g.poly(-45, -300, 45, -300, 0, -245)
	a.fill(g.take(), flat(mix(a.mood.accents[0], ink, opaque/3), one))
}
