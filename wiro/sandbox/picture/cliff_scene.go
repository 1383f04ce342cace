package picture

// cliff: a climber on a rope below an overhang, high above the ranges.
func cliff(a *artist) {
	d := a.dice("cliff")
	horizon := d.between(78, 88) * a.h / 100
	a.sky(horizon)
	a.ranges(horizon, a.h, 4, false)
	a.valley(horizon)
	wall := newWall(a, d)
	a.rock(wall)
	// The overhang's lip holds the rope.
	size := a.size(d.between(135, 155))
	hook := wall[len(wall)/4]
	hook.x -= a.way() * a.size(20)
	climber := pt{hook.x + a.way()*a.size(d.between(-6, 40)), a.h << 8 * d.between(50, 58) / 100}
	climber.x = clamp(climber.x, size*6/10, a.w<<8-size*6/10)
	a.glow(climber, size*3, a.mood.light, one/4)
	a.climber(drawing{centre: climber, size: size, flip: a.flip, turn: d.between(-one/40, one/40)}, hook)
	a.chalk(climber, size)
	if !a.mood.night {
		a.weather()
	}
}

// valley is mist below the ranges.
func (a *artist) valley(from int) {
	n := a.noise("valley")
	f := newField(a.w, a.h, a.span/64, func(x, y int) int { return n.clouds(a.coord(x, 2), a.coord(y, 7), 4) })
	mist := mix(a.mood.sky[2], a.mood.light, opaque/5)
	a.each(from-a.span/8, a.h, func(x, y int, under rgb) rgb {
		v := step(from-a.span/8, from+a.span/8, y)
		return mix(under, mist, share(mul(v, one/3+f.at(x, y)*8/10)))
	})
}

// newWall is the outline of the rock from the top downwards: an overhang above,
// then a face that recedes.
func newWall(a *artist, d *dice) []pt {
	n := noise(d.throw())
	out := make([]pt, 0, 80)
	bulge := d.between(50, 58)
	for i := range 80 {
		t := i * one / 78
		reach := a.w * 256 * bulge / 100
		reach -= mul(a.w*256*24/100, smooth(clamp((t-one/6)*3/2, 0, one)))
		reach += mul(a.size(60), n.crags(t*5, 4)) - mul(a.size(90), one-clamp(t*6, 0, one))
		x := reach
		if a.flip {
			x = a.w<<8 - reach
		}
		out = append(out, pt{x, t * a.h / 256})
	}
	return out
}

func (a *artist) rock(wall []pt) {
	n := a.noise("rock")
	edge := 0
	if a.flip {
		edge = a.w << 8
	}
	grain := newField(a.w, a.h, a.span/100, func(x, y int) int {
		u, v := a.coord(x, 6), a.coord(y, 4)
		return n.clouds(u+v/2, v-u/3, 5)
	})
	lean := max(a.span/70, 1)
	bright := mix(mix(a.mood.far, a.mood.accents[0], opaque/2), a.mood.light, opaque/8)
	outline := append([]pt{{edge, 0}}, wall...)
	outline = append(outline, pt{edge, a.h<<8 + 256})
	a.fill(shape{outline}, func(x, y int, _ rgb) rgb {
		v := grain.at(x, y)
		relief := grain.at(clamp(x-a.way()*lean, 0, a.w-1), max(y-lean, 0)) - v
		rim := wall[clamp(y*78/a.h, 0, len(wall)-1)].x
		depth := max(rim-x<<8, x<<8-rim) * one / a.size(420)
		crack := step(one*2/100, one*6/100, max(v-one*47/100, one*47/100-v))
		c := mix(a.mood.near, bright, share(one*45/100+relief*4-mul(min(depth, one), one*4/10)))
		return mix(lit(c, one*6/10), c, share(crack))
	})
}

// climber hangs by one arm, the other and a leg on the rock's side, on a rope
// from the hook.
func (a *artist) climber(d drawing, hook pt) {
	dark := mix(a.mood.near, hex24(0x140a14), opaque/2)
	rope := mix(a.mood.accents[1], a.mood.light, opaque/2)
	harness := d.p(20, 60)
	thick := max(a.size(5), 200)
	sag := pt{(hook.x+harness.x)/2 + d.size/12, (hook.y + harness.y) / 2}
	a.fill(limb(hook, sag, harness, thick, thick), flat(rope, one))
	tail := d.p(160, 1500)
	a.fill(limb(harness, d.p(-60, 900), tail, thick, thick*2/3), flat(rope, one*8/10))
	d.limb(60, -330, -90, -560, -210, -860, 130, 70) // arm that holds on
	d.disc(-220, -880, 50)
	d.limb(130, -300, 420, -330, 520, -60, 120, 66) // arm that hangs
	d.disc(525, -30, 46)
	d.limb(20, 110, -330, 160, -390, 420, 190, 110) // legs
	d.limb(-390, 420, -400, 560, -520, 700, 110, 70)
	d.blob(-480, 640, -560, 640, -660, 720, -620, 780, -460, 730)
	d.limb(90, 110, 300, 350, 200, 640, 190, 110)
	d.limb(200, 640, 160, 780, 230, 900, 110, 72)
	d.blob(170, 860, 260, 850, 360, 960, 300, 990, 170, 960)
	d.limb(90, -290, 90, -80, 50, 110, 290, 210) // trunk
	a.fill(d.take(), flat(dark, one))
	d.blob(-50, -380, -30, -560, 130, -640, 250, -540, 220, -390, 80, -340)
	a.fill(d.take(), flat(mix(dark, a.mood.accents[0], opaque/3), one))
	d.blob(-60, -500, -50, -650, 120, -700, 270, -630, 270, -500, 100, -530) // helmet
	d.limb(-75, 60, 40, 100, 165, 60, 50, 50)
	a.fill(d.take(), flat(a.mood.accents[0], one))
	d.limb(200, -260, 205, -100, 150, 60, 34, 26) // light along the back
	a.fill(d.take(), flat(a.mood.light, one*5/10))
}

// chalk floats off the climber's hands.
func (a *artist) chalk(p pt, size int) {
	d := a.dice("chalk")
	colour := mix(rgb{white, white, white}, a.mood.light, opaque/2)
	for i := range a.count(110) {
		from := pt{p.x - a.way()*size/5, p.y - size*8/10}
		if i%3 == 0 {
			from = pt{p.x + a.way()*size/2, p.y}
		}
		far := mul(d.between(0, one), d.between(0, one))
		q := pt{from.x + mul(size, mul(far, d.between(-one, one)+a.way()*one/2)), from.y + mul(size, mul(far, d.between(-one/2, one)))}
		if i%4 == 0 {
			a.cloud(q, a.size(d.between(10, 40)), a.size(d.between(8, 26)), colour, one/6)
		} else {
			a.disc(q, a.size(d.between(1, 5)), flat(colour, one-far*2/3))
		}
	}
}
