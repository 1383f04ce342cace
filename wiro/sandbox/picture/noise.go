package picture

import "math/bits"

// noise is a keyed field of smooth random values between 0 and one−1; its
// coordinates are fixed-point, one cell of the lattice to each whole number.
type noise uint32

func (n noise) lattice(x, y int) int {
	h := uint32(x)*0x85ebca6b ^ uint32(y)*0xc2b2ae35 ^ uint32(n)
	h = (h ^ h>>15) * 0x2c1b3c6d
	h = (h ^ h>>12) * 0x297a2d39
	return int(h >> 16)
}

// line is the field along one dimension with straight flanks: crags.
func (n noise) line(x int) int {
	i := x >> 16
	return lerp(n.lattice(i, 0), n.lattice(i+1, 0), x&(one-1))
}

// curve is line with rounded flanks: hills.
func (n noise) curve(x int) int {
	i := x >> 16
	return lerp(n.lattice(i, 0), n.lattice(i+1, 0), smooth(x&(one-1)))
}

func (n noise) at(x, y int) int {
	i, j := x>>16, y>>16
	s, t := smooth(x&(one-1)), smooth(y&(one-1))
	top := lerp(n.lattice(i, j), n.lattice(i+1, j), s)
	bottom := lerp(n.lattice(i, j+1), n.lattice(i+1, j+1), s)
	return lerp(top, bottom, t)
}

// clouds sums octaves of the field, each twice as fine and half as strong.
func (n noise) clouds(x, y, octaves int) int {
	sum, weight, total := 0, 1<<octaves, 0
	for range octaves {
		weight >>= 1
		sum += weight * n.at(x, y)
		total += weight
		n += 0x9e37
		x, y = 2*x, 2*y
	}
	return sum / total
}

// crags sums folded octaves along one dimension: sharp peaks, rough flanks.
func (n noise) crags(x, octaves int) int {
	sum, weight, total := 0, 1<<octaves, 0
	for range octaves {
		weight >>= 1
		fold := 2*n.line(x) - one
		sum += weight * (one - max(fold, -fold))
		total += weight
		n += 0x9e37
		x = 2*x + one/3
	}
	return sum / total
}

// hills sums rounded octaves along one dimension.
func (n noise) hills(x, octaves int) int {
	sum, weight, total := 0, 1<<(2*octaves), 0
	for range octaves {
		weight >>= 2
		sum += weight * n.curve(x)
		total += weight
		n += 0x9e37
		x *= 2
	}
	return sum / total
}

// field is noise sampled on a coarse grid and read back smoothly at any pixel:
// soft things, such as clouds, need no sample of their own for each pixel.
type field struct {
	shift, across int // a sample every 1<<shift pixels
	right, bottom int // the last places it has
	values        []int
}

// newField samples at least every so many pixels.
func newField(width, height, every int, sample func(x, y int) int) field {
	shift := max(bits.Len(uint(every))-1, 0)
	f := field{shift: shift, across: width>>shift + 2, right: max(width-1, 0), bottom: max(height-1, 0)}
	down := height>>shift + 2
	f.values = make([]int, 0, f.across*down)
	for j := range down {
		for i := range f.across {
			f.values = append(f.values, sample(i<<shift, j<<shift))
		}
	}
	return f
}

// at reads the field; beyond its edge is as at the edge.
func (f *field) at(x, y int) int {
	x, y = clamp(x, 0, f.right), clamp(y, 0, f.bottom)
	i, j := x>>f.shift, y>>f.shift
	s, t := (x-i<<f.shift)*one>>f.shift, (y-j<<f.shift)*one>>f.shift
	k := j*f.across + i
	top := lerp(f.values[k], f.values[k+1], s)
	bottom := lerp(f.values[k+f.across], f.values[k+f.across+1], s)
	return lerp(top, bottom, t)
}
