package picture

// artist paints one picture.
type artist struct {
	*canvas
	brief
	seed   uint64
	detail int   // fixed-point, one at neutral guidance: how many small things there are
	flip   bool  // whether the composition is mirrored
	lamp   pt    // where the sun or moon stands
	folds  field // creases in rock, once there are mountains
}

// paint covers the canvas, and returns the pale tone that haze takes on.
func paint(c *canvas, p Params) (pale rgb) {
	b := read(p.Prompt)
	a := &artist{canvas: c, brief: b, seed: digest(b.key, p.Seed)}
	a.detail = one/2 + guidance(p.Scale)*one/144
	d := a.dice("frame")
	a.flip = d.between(0, 2) == 1
	// Neighbouring prompts, and a little also seeds, differ in hue.
	a.mood = a.mood.turned(int(b.key%3000) - 1500 + d.between(-1500, 1500))
	if max(c.w, c.h) > tiny {
		a.scene(a)
	} else {
		a.haze()
	}
	return mix(a.mood.sky[2], a.mood.light, opaque/3)
}

// tiny is the longest side of a picture in which no scene could be made out.
const tiny = 32

// haze is what a tiny picture has instead, at a tenth of the work: thousands of tasks that end together are drawn at once.
func (a *artist) haze() {
	n := a.noise("haze")
	a.each(0, a.h, func(x, y int, _ rgb) rgb { return ramp(a.mood.sky[:], n.at(a.coord(x, 4), a.coord(y, 4))) })
}

// dice for one element of the picture: to add one leaves all others in place.
func (a *artist) dice(name string) *dice {
	d := dice(digest(a.seed, name))
	return &d
}

func (a *artist) noise(name string) noise { return noise(digest(a.seed, name)) }

// count scales a number of small things by the detail asked for.
func (a *artist) count(n int) int { return mul(n, a.detail) }

// spot is a place in the composition, mirrored with it.
func (a *artist) spot(x, y int) pt {
	if a.flip {
		x = one - x
	}
	return a.at(x, y)
}

// way is −1 or 1: the direction in which a mirrored composition looks.
func (a *artist) way() int {
	if a.flip {
		return -1
	}
	return 1
}
