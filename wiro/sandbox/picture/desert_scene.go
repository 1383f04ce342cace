package picture

// desert: dunes with a lit and a shaded side, and wind ripples.
func desert(a *artist) {
	d := a.dice("desert")
	horizon := d.between(42, 56) * a.h / 100
	a.sky(horizon)
	if d.between(0, 2) == 0 {
		a.ranges(horizon, horizon+a.span/6, 1, false)
	}
	sunny := mix(a.mood.sky[2], hex24(0xf0a860), opaque*2/3)
	shade := mix(mix(a.mood.near, hex24(0x7a3a3a), opaque/2), a.mood.far, opaque/4)
	if a.mood.night {
		sunny, shade = mix(sunny, a.mood.far, opaque*2/3), mix(shade, a.mood.near, opaque/2)
	}
	const layers = 5
	for i := range layers {
		next := (horizon+(a.h-horizon)*(i+1)/layers)<<8 + duneHeight(a, i+1)/2
		a.dune(noise(d.throw()), (horizon+(a.h-horizon)*i/layers)<<8, duneHeight(a, i), next>>8+2, i, sunny, shade)
	}
	a.weather()
}

// duneHeight grows towards the viewer.
func duneHeight(a *artist, i int) int { return a.size(70 + 52*i) }

func (a *artist) dune(n noise, base, height, bottom, i int, sunny, shade rgb) {
	across := 3 - i/2
	crest := func(x int) int {
		return base + height/2 - height*n.hills(a.cells(x, across), 2)>>16
	}
	slopes := make([]int, a.w)
	for x := range slopes {
		slopes[x] = (crest(x<<8+a.span<<2) - crest(x<<8-a.span<<2)) * one / (a.span << 8)
	}
	// The ridge that parts light and shade meanders down from the crest.
	ripple := n + 7
	near := i * opaque / 5
	a.ground(crest, bottom, func(x, y, depth int, _ rgb) rgb {
		bend := (ripple.curve(a.coord(depth, 3)) - one/2) * a.span >> 18
		at := x - a.way()*(depth+bend)
		lightness := step(-one/60, one/60, a.way()*slopes[clamp(at, 0, a.w-1)])
		wind := sine(a.coord(depth, 26+20/(i+1))+3*ripple.at(a.coord(x, 5), a.coord(y, 5))+a.coord(x, 5)) / 24
		c := mix(shade, sunny, share(one/8+lightness*3/4+wind+wind))
		haze := mix(c, a.mood.sky[2], (opaque-near)*2/5)
		return mix(haze, c, share(depth*one*3/a.span))
	})
}
