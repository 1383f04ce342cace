package picture

// facets paints a shape as if cut from one piece: triangles of a jittered
// lattice, each lit by where it lies on the rounded body.
func (a *artist) facets(s shape, centre pt, radius, grain int, n noise, base, bright, shade rgb) {
	grain = max(grain, 256)
	corner := func(i, j int) pt {
		return pt{
			i*grain + (n.lattice(i, j)-one/2)*grain*7/10>>16,
			j*grain + (n.lattice(j+911, i)-one/2)*grain*7/10>>16,
		}
	}
	way := 1
	if a.lamp.x > centre.x {
		way = -1
	}
	light := func(p, q, r pt, key int) rgb {
		x := ((p.x+q.x+r.x)/3 - centre.x) * one / radius * way
		y := ((p.y+q.y+r.y)/3 - centre.y) * one / radius
		v := one*48/100 - x*4/10 - y*25/100 + (n.lattice(key, 77)-one/2)*55/100
		if v > one/2 {
			return mix(base, bright, share(v*2-one))
		}
		return mix(shade, base, share(max(v*2, 0)))
	}
	left, top, right, bottom := bounds(s)
	across, down := (right-left)/grain+4, (bottom-top)/grain+4
	i0, j0 := left/grain-2, top/grain-2
	type tile struct{ upper, lower rgb }
	tiles := make([]tile, across*down)
	corners := make([]pt, (across+1)*(down+1))
	for j := range down + 1 {
		for i := range across + 1 {
			corners[j*(across+1)+i] = corner(i0+i, j0+j)
		}
	}
	at := func(i, j int) pt { return corners[clamp(j, 0, down)*(across+1)+clamp(i, 0, across)] }
	for j := range down {
		for i := range across {
			p, q, r, t := at(i, j), at(i+1, j), at(i, j+1), at(i+1, j+1)
			tiles[j*across+i] = tile{light(p, q, r, i*131+j*7), light(q, t, r, i*57+j*313)}
		}
	}
	within := func(o, p, q, r pt) bool {
		side := func(a, b pt) bool { return (b.x-a.x)*(o.y-a.y)-(b.y-a.y)*(o.x-a.x) >= 0 }
		return side(p, q) && side(q, r) && side(r, p)
	}
	a.fill(s, func(x, y int, _ rgb) rgb {
		o := pt{x<<8 + 128, y<<8 + 128}
		ci, cj := o.x/grain-i0, o.y/grain-j0
		for _, step := range [9][2]int{{0, 0}, {-1, 0}, {0, -1}, {1, 0}, {0, 1}, {-1, -1}, {1, 1}, {-1, 1}, {1, -1}} {
			i, j := clamp(ci+step[0], 0, across-1), clamp(cj+step[1], 0, down-1)
			p, q, r, t := at(i, j), at(i+1, j), at(i, j+1), at(i+1, j+1)
			switch {
			case within(o, p, q, r):
				return tiles[j*across+i].upper
			case within(o, q, t, r):
				return tiles[j*across+i].lower
			}
		}
		return base
	})
}

func bounds(s shape) (left, top, right, bottom int) {
	left, top, right, bottom = s[0][0].x, s[0][0].y, s[0][0].x, s[0][0].y
	for _, outline := range s {
		for _, p := range outline {
			left, right = min(left, p.x), max(right, p.x)
			top, bottom = min(top, p.y), max(bottom, p.y)
		}
	}
	return left, top, right, bottom
}
