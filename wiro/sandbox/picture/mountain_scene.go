package picture

// mountains: ranges that fade into the distance, over a lake or hills.
func mountains(a *artist) {
	d := a.dice("mountains")
	horizon := d.between(52, 66) * a.h / 100
	a.sky(horizon)
	a.ranges(horizon, horizon+a.span/6, 4, d.between(0, 100) < 60 || a.mentions("snow", "snowy", "winter", "alp", "peak"))
	if d.between(0, 100) < 65 || a.mentions("lake", "reflection") {
		a.lake(horizon)
	} else {
		a.hills(horizon, 3)
	}
	a.weather()
}

// ranges paints n ranges of mountains with their feet near the horizon; the
// nearest goes down to the bottom row.
func (a *artist) ranges(horizon, bottom, n int, snow bool) {
	d := a.dice("ranges")
	mist := mix(a.mood.sky[2], a.mood.far, opaque/4)
	for i := range n {
		near := i * one / n
		colour := mix(a.mood.far, a.mood.near, share(near*7/8))
		height := a.size(d.between(330, 430)) * (n + 3 - i) / (n + 3)
		cold := 0
		if snow && i < n-1 {
			cold = d.between(one*40/100, one*55/100)
		}
		base := horizon<<8 + a.size(20) + a.size(30)*i/n
		end := bottom
		if i < n-1 {
			end = (base+a.size(30)/n)>>8 + 2 // where the next one hides it
		}
		a.mountainRange(string(rune('a'+i)), base, height, end, 2+i, colour, mix(mist, colour, share(near/2)), cold)
	}
}

// hills are rounded and dark, towards the viewer.
func (a *artist) hills(from, n int) {
	d := a.dice("hills")
	for i := range n {
		n1, rough := noise(d.throw()), noise(d.throw())
		base := (from + (a.h-from)*i/n) << 8
		height := a.size(110)
		colour := mix(a.mood.far, a.mood.near, opaque*(i+1)/n)
		top := mix(colour, a.mood.sky[2], opaque/4)
		a.ground(func(x int) int {
			return base + height/3 - height*n1.hills(a.cells(x, 2), 5)>>16
		}, (base+(a.h-from)*256/n+height/3)>>8+2, func(x, y, depth int, _ rgb) rgb {
			grass := rough.clouds(a.coord(x, 5), a.coord(y, 20), 2)
			c := mix(top, colour, share(depth*one*4/a.span))
			return lit(c, one*85/100+grass*3/10)
		})
		a.copse(d, n1, base, height, 40+35*i, mix(colour, a.mood.near, opaque/2))
	}
}

// copse plants conifers in groups on a hill.
func (a *artist) copse(d *dice, n noise, base, height, tall int, colour rgb) {
	for range d.between(1, 4) {
		middle := d.between(0, a.w<<8)
		for range d.between(3, 11) {
			x := middle + a.size(d.between(-tall, tall))
			y := base + height/3 - height*n.hills(a.cells(x, 2), 5)>>16
			a.conifer(pt{x, y + a.size(tall)/12}, a.size(tall)*d.between(60, 120)/100, colour, dice(d.throw()))
		}
	}
}
