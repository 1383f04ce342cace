package picture

import "math"

// shape is a set of closed outlines. Where they overlap they unite, whichever
// way round each is drawn.
type shape [][]pt

// fill paints the pixels of a shape by how much of each it covers: the signed
// areas that the edges cut off are summed along each row.
func (c *canvas) fill(s shape, paint func(x, y int, under rgb) rgb) {
	low, high, left, right := math.MaxInt, math.MinInt, math.MaxInt, math.MinInt
	for _, outline := range s {
		for _, p := range outline {
			low, high = min(low, p.y), max(high, p.y)
			left, right = min(left, p.x), max(right, p.x)
		}
	}
	top, bottom := max(low>>8, 0), min(high>>8+1, c.h)
	left, right = max(left>>8, 0), min(right>>8+1, c.w)
	if top >= bottom || left >= right {
		return
	}
	stride := c.w + 2
	c.area = grow(c.area, stride*(bottom-top))
	clear(c.area)
	r := raster{area: c.area, stride: stride, width: c.w << 8, top: top << 8, bottom: bottom << 8}
	for _, outline := range s {
		r.outline(outline)
	}
	for y := top; y < bottom; y++ {
		var sum int32
		row := c.pix[y*c.w : (y+1)*c.w]
		area := c.area[(y-top)*stride : (y-top+1)*stride]
		for x := left; x < right; x++ {
			sum += area[x]
			if cover := min(sum, one) >> 4; cover > 16 {
				row[x] = mix(row[x], paint(x, y, row[x]), int(cover))
			}
		}
	}
}

type raster struct {
	area                       []int32
	stride, width, top, bottom int
}

func (r *raster) outline(points []pt) {
	turn, previous := 0, points[len(points)-1]
	for _, p := range points {
		turn += previous.x*p.y - p.x*previous.y
		previous = p
	}
	way := int32(1)
	if turn > 0 {
		way = -1
	}
	for _, p := range points {
		r.edge(previous, p, way)
		previous = p
	}
}

// edge cuts one line into the pieces that lie in one row each.
func (r *raster) edge(a, b pt, way int32) {
	if a.y > b.y {
		a, b, way = b, a, -way
	}
	if a.y == b.y || b.y <= r.top || a.y >= r.bottom {
		return
	}
	across, down := b.x-a.x, b.y-a.y
	y, last := max(a.y, r.top), min(b.y, r.bottom)
	x := a.x + across*(y-a.y)/down
	for y < last {
		next := min((y>>8+1)<<8, last)
		end := a.x + across*(next-a.y)/down
		row := r.area[(y-r.top)>>8*r.stride:]
		piece(row, clamp(x, 0, r.width), clamp(end, 0, r.width), int32(next-y)*way)
		x, y = end, next
	}
}

// piece adds a line within one row: it shares out its height over the pixels it
// crosses, so that the running sum of a row is the coverage.
func piece(row []int32, from, to int, height int32) {
	if from > to {
		from, to = to, from
	}
	left, total := height, int32(to-from)
	for x := from; ; {
		next := min((x>>8+1)<<8, to)
		part := left
		if next < to {
			part = height * int32(next-x) / total
		}
		left -= part
		middle := int32(x+next)/2 - int32(x>>8<<8)
		row[x>>8] += part * (256 - middle)
		row[x>>8+1] += part * middle
		if next >= to {
			return
		}
		x = next
	}
}
