package picture

// sea: swell under a wide sky, with a sail.
func sea(a *artist) {
	d := a.dice("sea")
	horizon := d.between(40, 60) * a.h / 100
	a.sky(horizon)
	if d.between(0, 3) > 0 || a.mentions("island", "coast") {
		a.mountainRange("island", horizon<<8+a.size(10), a.size(d.between(60, 160)), horizon+2, 2, mix(a.mood.far, a.mood.sky[2], opaque/4), a.mood.sky[2], 0)
	}
	a.swell(horizon)
	a.glitter(horizon, a.mood.light)
	if d.between(0, 3) > 0 || a.mentions("boat", "sail", "sailing", "ship") {
		p := a.spot(d.between(one/5, one*4/5), (horizon+(a.h-horizon)*d.between(6, 30)/100)*one/a.h)
		a.sail(p, a.size(d.between(90, 150)))
	}
	a.weather()
}

func (a *artist) sail(p pt, size int) {
	d := drawing{centre: p, size: size, flip: a.flip}
	d.poly(-420, 0, 460, 0, 330, 130, -320, 130)
	d.limb(-10, 20, -10, -400, -10, -960, 24, 12)
	a.fill(d.take(), flat(mix(a.mood.near, a.mood.far, opaque/8), one))
	d.blob(20, -930, 60, -900, 260, -480, 430, -120, 250, -70, 30, -70, 30, -500)
	d.blob(-40, -850, -60, -800, -260, -380, -380, -100, -200, -70, -45, -70, -45, -400)
	a.fill(d.take(), func(x, _ int, _ rgb) rgb {
		return mix(a.mood.light, a.mood.accents[2], share(one/6+(x<<8-p.x)*a.way()*one/(size*2)))
	})
	d.centre.y += size / 5
	for i := range 4 {
		w := 360 - 70*i
		d.limb(-w, 40*i, 0, 40*i+10, w, 40*i, 26, 10)
	}
	a.fill(d.take(), flat(a.mood.near, one/4))
}
