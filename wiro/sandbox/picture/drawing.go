package picture

// drawing places a figure, drawn in a box of ±1000 with y down, on the canvas.
type drawing struct {
	centre pt
	size   int // of 1000 units, in 256ths of a pixel
	flip   bool
	turn   int // clockwise, as a fraction of a turn
	shapes shape
}

func (d *drawing) p(x, y int) pt {
	if d.flip {
		x = -x
	}
	turn := d.turn
	if d.flip {
		turn = -turn
	}
	cos, sin := cosine(turn), sine(turn)
	x, y = x*d.size/1000, y*d.size/1000
	return pt{d.centre.x + mul(x, cos) - mul(y, sin), d.centre.y + mul(x, sin) + mul(y, cos)}
}

// limb adds a tapering stroke through x, y triples and two widths.
func (d *drawing) limb(x0, y0, x1, y1, x2, y2, thick, thin int) {
	d.shapes = append(d.shapes, limb(d.p(x0, y0), d.p(x1, y1), d.p(x2, y2), thick*d.size/1000, thin*d.size/1000)...)
}

func (d *drawing) disc(x, y, radius int) {
	d.shapes = append(d.shapes, circle(d.p(x, y), radius*d.size/1000))
}

// poly adds straight edges through x, y pairs.
func (d *drawing) poly(xy ...int) { d.shapes = append(d.shapes, d.points(xy)) }

// blob adds a rounded outline through x, y pairs.
func (d *drawing) blob(xy ...int) { d.shapes = append(d.shapes, loop(d.points(xy)...)) }

func (d *drawing) points(xy []int) []pt {
	points := make([]pt, 0, len(xy)/2)
	for i := 0; i+1 < len(xy); i += 2 {
		points = append(points, d.p(xy[i], xy[i+1]))
	}
	return points
}

// take returns what was drawn and begins anew.
func (d *drawing) take() shape {
	s := d.shapes
	d.shapes = nil
	return s
}

// scallops adds a membrane's outline: straight along the fingers given as
// pairs, sagging towards the hand between one fingertip and the next.
func (d *drawing) scallops(handX, handY, sag int, tips ...int) {
	hand := d.p(handX, handY)
	points := d.points(tips)
	outline := []pt{hand}
	for i, p := range points {
		outline = append(outline, p)
		if i+1 < len(points) {
			q := points[i+1]
			mx, my := (p.x+q.x)/2, (p.y+q.y)/2
			bend := pt{mx + (hand.x-mx)*sag/1000, my + (hand.y-my)*sag/1000}
			for k := 1; k < 10; k++ {
				outline = append(outline, curveAt(p, bend, q, k, 10))
			}
		}
	}
	d.shapes = append(d.shapes, outline)
}

// way is 1, or −1 in a mirrored figure.
func (d *drawing) way() int {
	if d.flip {
		return -1
	}
	return 1
}
