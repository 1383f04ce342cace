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
	a.scene(a)
	return mix(a.mood.sky[2], a.mood.light, opaque/3)
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
