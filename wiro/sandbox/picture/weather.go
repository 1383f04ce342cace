package picture

// weather lets it snow where the prompt says so, and birds fly by day.
func (a *artist) weather() {
	d := a.dice("weather")
	if a.mentions("snow", "snowy", "winter", "blizzard") {
		for range a.count(220) {
			a.disc(a.at(d.between(0, one), d.between(0, one)), a.size(d.between(2, 6)), flat(rgb{white, white, white}, one*7/10))
		}
		return
	}
	if a.mood.night {
		return
	}
	flock := a.spot(d.between(one/5, one*4/5), d.between(one/8, one*3/10))
	for range d.between(3, 8) {
		p := pt{flock.x + a.size(d.between(-130, 130)), flock.y + a.size(d.between(-50, 50))}
		a.bird(p, a.size(d.between(12, 22)), d.between(-one/10, one/10))
	}
}

func (a *artist) bird(p pt, wing, tilt int) {
	dip := wing * tilt >> 16
	thick := max(wing/7, 100)
	for _, side := range []int{-1, 1} {
		tip := pt{p.x + side*wing, p.y - wing/3 + side*dip}
		a.fill(limb(p, pt{p.x + side*wing/2, p.y - wing*2/3}, tip, thick, 30), flat(a.mood.near, one*8/10))
	}
}
