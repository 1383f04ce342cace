package picture

// limb is a stroke along a quadratic curve that tapers from one width to the
// other, with round ends.
func limb(from, bend, to pt, thick, thin int) shape {
	const steps = 14
	left, right := make([]pt, 0, 2*steps+2), make([]pt, 0, steps+1)
	for i := range steps + 1 {
		p := curveAt(from, bend, to, i, steps)
		// The tangent of the curve, turned by a quarter.
		tx := (bend.x-from.x)*(steps-i) + (to.x-bend.x)*i
		ty := (bend.y-from.y)*(steps-i) + (to.y-bend.y)*i
		length := max(root(tx*tx+ty*ty), 1)
		half := (thick*(steps-i) + thin*i) / (2 * steps)
		left = append(left, pt{p.x - ty*half/length, p.y + tx*half/length})
		right = append(right, pt{p.x + ty*half/length, p.y - tx*half/length})
	}
	for i := len(right) - 1; i >= 0; i-- {
		left = append(left, right[i])
	}
	return shape{left, circle(from, thick/2), circle(to, thin/2)}
}

func curveAt(from, bend, to pt, i, steps int) pt {
	j := steps - i
	return pt{
		(from.x*j*j + 2*bend.x*i*j + to.x*i*i) / (steps * steps),
		(from.y*j*j + 2*bend.y*i*j + to.y*i*i) / (steps * steps),
	}
}

func circle(p pt, radius int) []pt {
	const sides = 20
	points := make([]pt, sides)
	for i := range points {
		points[i] = pt{p.x + mul(radius, cosine(i*one/sides)), p.y + mul(radius, sine(i*one/sides))}
	}
	return points
}

// loop rounds a ring of points into a closed curve through their middles.
func loop(points ...pt) []pt {
	const steps = 6
	n := len(points)
	out := make([]pt, 0, n*steps)
	for i, p := range points {
		q, r := points[(i+1)%n], points[(i+n-1)%n]
		from, to := pt{(r.x + p.x) / 2, (r.y + p.y) / 2}, pt{(p.x + q.x) / 2, (p.y + q.y) / 2}
		for k := range steps {
			out = append(out, curveAt(from, p, to, k, steps))
		}
	}
	return out
}

func oval(p pt, rx, ry int) []pt {
	points := circle(p, rx)
	for i := range points {
		points[i].y = p.y + (points[i].y-p.y)*ry/max(rx, 1)
	}
	return points
}
