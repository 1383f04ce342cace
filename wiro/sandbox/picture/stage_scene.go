package picture

// stage: a dancer in the light of one lamp, between curtains.
func stage(a *artist) {
	d := a.dice("stage")
	floor := d.between(70, 78) * a.h / 100
	a.backdrop(floor)
	target := a.spot(d.between(one*42/100, one*58/100), floor*one/a.h+one*8/100)
	source := a.spot(d.between(-one/10, one*35/100), -one/8)
	a.beam(source, target, a.size(300), one*6/10)
	a.beam(a.spot(d.between(one*7/10, one*11/10), -one/8), target, a.size(240), one*3/10)
	a.cloud(target, a.size(520), a.size(110), a.mood.accents[1], one*5/10)
	a.cloud(target, a.size(360), a.size(70), a.mood.light, one*6/10)
	a.dust(source, target)
	size := a.size(d.between(300, 340))
	centre := pt{target.x, target.y - size*13/10}
	shadow := pt{target.x + (target.x-source.x)/8, target.y + a.size(14)}
	a.cloud(shadow, size*8/10, size/10, a.mood.near, one*6/10)
	a.dancer(drawing{centre: centre, size: size, flip: a.flip, turn: d.between(-one/40, one/60)})
	a.curtains()
}

func (a *artist) backdrop(floor int) {
	deep := mix(a.mood.near, hex24(0x05030c), opaque/2)
	wall := mix(deep, a.mood.sky[0], opaque/2)
	smoke := a.noise("smoke")
	haze := newField(a.w, a.h, a.span/48, func(x, y int) int { return smoke.clouds(a.coord(x, 2), a.coord(y, 3), 3) })
	a.each(0, floor, func(x, y int, _ rgb) rgb {
		c := mix(deep, wall, share(y*one/floor))
		return add(c, a.mood.sky[1], share(max(haze.at(x, y)-one*4/10, 0)*2/3))
	})
	boards := a.noise("boards")
	wood := mix(wall, hex24(0x6a3b2e), opaque/3)
	a.each(floor, a.h, func(x, y int, _ rgb) rgb {
		t := (y - floor) * one / (a.h - floor)
		// Boards run towards the viewer from a vanishing point.
		u := (x - a.w/2) * one / a.span * 9 * one / (one + 2*t)
		board := boards.lattice(u>>16, 0)
		seam := step(0, one/12, min(u&(one-1), one-1-u&(one-1)))
		c := lit(wood, one*5/10+board/5+t/3)
		return mix(deep, c, opaque/2+share(seam)/2)
	})
}

// beam is a cone of light with soft flanks from a lamp to the floor.
func (a *artist) beam(from, to pt, half, strength int) {
	down := max(to.y-from.y, 1)
	for y := 0; y<<8 < to.y && y < a.h; y++ {
		t := (y<<8 - from.y) * one / down
		middle := from.x + mul(to.x-from.x, t)
		width := mul(half, one/12+t*11/12)
		alpha := mul(strength, one*9/10-t/2)
		for x := max((middle-width)>>8, 0); x < min((middle+width)>>8+1, a.w); x++ {
			off := (x<<8 - middle) * one / max(width, 1)
			soft := one - mul(off, off)
			if soft > 0 {
				k := y*a.w + x
				a.pix[k] = mix(a.pix[k], a.mood.light, share(mul(alpha, mul(soft, soft))))
			}
		}
	}
}

func (a *artist) dust(from, to pt) {
	d := a.dice("dust")
	for range a.count(90) {
		t := d.between(one/3, one)
		p := pt{lerp(from.x, to.x, t), lerp(from.y, to.y, t)}
		p.x += mul(a.size(280), mul(d.between(-one, one), t))
		a.disc(p, a.size(d.between(1, 5)), flat(a.mood.light, d.between(one/8, one/2)))
	}
}

// dancer in a grand jeté: legs split, arms wide, the dress still flying.
func (a *artist) dancer(d drawing) {
	skin := mix(a.mood.light, hex24(0xe8b090), opaque/2)
	shade := mix(skin, a.mood.near, opaque*5/8)
	dress, hem := a.mood.accents[0], mix(a.mood.accents[1], a.mood.light, opaque/2)
	shading := func(x, y int, _ rgb) rgb {
		return mix(skin, shade, share(one/2+(x<<8-d.centre.x)*a.way()*one/(2*d.size)))
	}
	a.veils(d, hem)
	d.limb(-30, -60, -470, -130, -1010, -250, 150, 34) // back leg
	d.limb(-880, -218, -990, -250, -1090, -290, 44, 14)
	a.fill(d.take(), shading)
	d.limb(40, -60, 480, -40, 960, 60, 160, 36) // front leg
	d.limb(840, 28, 960, 66, 1070, 120, 46, 14)
	a.fill(d.take(), shading)
	d.limb(-70, -505, -330, -470, -640, -690, 62, 30) // arms
	d.limb(-640, -690, -690, -740, -760, -760, 30, 10)
	d.limb(110, -505, 330, -620, 520, -860, 62, 30)
	d.limb(520, -860, 550, -920, 610, -960, 30, 10)
	d.limb(30, -560, 40, -650, 60, -700, 66, 56) // neck
	a.fill(d.take(), shading)
	d.blob(-90, -545, 20, -500, 140, -545, 130, -400, 80, -230, 120, -60, -90, -60, -50, -250, -100, -400)
	a.fill(d.take(), func(x, _ int, _ rgb) rgb {
		return mix(lit(dress, one*11/10), mix(dress, a.mood.near, opaque/2), share(one/2+(x<<8-d.centre.x)*a.way()*one*2/d.size))
	})
	d.blob(0, -700, 20, -860, 130, -880, 160, -760, 140, -660, 60, -640)
	a.fill(d.take(), shading)
	d.blob(10, -690, -30, -800, 20, -900, 120, -905, 150, -840, 90, -820, 60, -760, 50, -690)
	d.disc(-40, -880, 56)
	a.fill(d.take(), flat(mix(a.mood.near, hex24(0x3a2018), opaque/2), one))
}

// veils are the layers of the dress, each sheer, that trail behind the leap.
func (a *artist) veils(d drawing, hem rgb) {
	dice := a.dice("veils")
	for i := range 9 {
		end := -900 + i*150 + dice.between(-60, 60)
		low := 420 - i*12 + dice.between(-120, 90)
		lift := dice.between(-60, 140)
		d.blob(-80, -150, -60+i*8, -190, 90, -150, 120+end/4, 40+lift, end+190, low-60, end+60, low+40, end-60, low-30, (end-160)/2, 80+lift/2)
		colour := mix(a.mood.accents[0], hem, opaque*i/9)
		tip := d.p(end, low)
		a.fill(d.take(), func(x, y int, under rgb) rgb {
			far := clamp((y<<8-d.centre.y)*one/(max(tip.y-d.centre.y, 1)), 0, one)
			return mix(under, colour, share(one*75/100-far*45/100))
		})
	}
}

// curtains hang in folds at both sides, in shadow.
func (a *artist) curtains() {
	d := a.dice("curtains")
	cloth := mix(a.mood.accents[0], hex24(0x8a1020), opaque/2)
	dark := mix(a.mood.near, cloth, opaque/6)
	n := a.noise("folds")
	for _, left := range []bool{true, false} {
		reach := a.w * d.between(10, 17) / 100
		for y := range a.h {
			t := y * one / a.h
			edge := reach - mul(reach, mul(sine(t/2), one/3)) + reach*n.curve(t*3)>>19
			for i := range max(edge, 0) {
				x := i
				if !left {
					x = a.w - 1 - i
				}
				u := i * one / max(edge, 1)
				fold := sine(5*u/2+n.at(t, u*2)/3)/2 + one/2
				c := mix(dark, cloth, share(mul(fold, fold)*7/10))
				cover := clamp((edge-i)*opaque/2, 0, opaque)
				k := y*a.w + x
				a.pix[k] = mix(a.pix[k], lit(c, one-t/3), cover)
			}
		}
	}
}
