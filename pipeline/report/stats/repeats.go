package stats

import (
	"cmp"
	"slices"

	"wirobatch/pipeline/report/pictures"
)

// Repeats is whether the same inputs with the same seed gave the same pictures. Each is held against the one of its inputs that was made first.
type Repeats struct {
	Groups int // of the same model, parameters and seed, made at least twice
	Same   int // the same bytes each time
	Alike  int // other bytes, but all look like the first
	Differ int // at least one does not
	Unseen int // other bytes, of which not all were looked at

	N    int // pictures compared
	Mean float64
	Most int // in bits of 64

	Within  Drift // a start of the run
	Between Drift // the first of a start against the first of the start before
}

// Drift counts pairs of pictures of the same inputs.
type Drift struct {
	Pairs   int
	Changed int // other bytes
	Seen    int // of all pairs, those whose distance is known
	Mean    float64
	bits    int
}

// Drifted tells whether more changes between starts than within one. Where nothing was repeated within one, any change counts.
func (r Repeats) Drifted() bool {
	return r.Between.Changed*max(1, r.Within.Pairs) > r.Within.Changed*r.Between.Pairs
}

func (c *cells) repeats() (r Repeats) {
	axis := c.axis("repeat")
	if len(c.axes[axis].Values) < 2 {
		return r
	}
	groups := map[string][]int32{}
	for i := range c.ids {
		if c.seeded[i] && c.looks[i].sum != [8]byte{} {
			key := c.but(axis, int32(i))
			groups[key] = append(groups[key], int32(i))
		}
	}
	bits := 0
	for _, made := range groups {
		if len(made) < 2 {
			continue
		}
		slices.SortFunc(made, func(a, b int32) int {
			return cmp.Or(cmp.Compare(c.from[a], c.from[b]), cmp.Compare(c.ids[a], c.ids[b]))
		})
		r.Groups++
		first := c.looks[made[0]]
		same, most, unseen := true, 0, false
		for _, i := range made[1:] {
			same = same && c.looks[i].sum == first.sum
			d, known := first.apart(c.looks[i])
			if unseen = unseen || !known; known {
				r.N++
				bits += d
				most = max(most, d)
			}
		}
		r.Most = max(r.Most, most)
		switch {
		case same:
			r.Same++
		case unseen && most <= pictures.NearBits:
			r.Unseen++
		case most <= pictures.NearBits:
			r.Alike++
		default:
			r.Differ++
		}
		c.drift(&r, made)
	}
	if r.N > 0 {
		r.Mean = float64(bits) / float64(r.N)
	}
	r.Within.settle()
	r.Between.settle()
	return r
}

// drift takes the replicates of the same inputs in the order in which they were made.
func (c *cells) drift(r *Repeats, made []int32) {
	first := int32(-1) // of the start
	for _, i := range made {
		switch {
		case c.starts[i] == 0:
			continue
		case first < 0:
		case c.starts[i] == c.starts[first]:
			r.Within.add(c.looks[first], c.looks[i])
			continue
		default:
			r.Between.add(c.looks[first], c.looks[i])
		}
		first = i
	}
}

func (d *Drift) add(a, b look) {
	d.Pairs++
	if a.sum != b.sum {
		d.Changed++
	}
	if bits, known := a.apart(b); known {
		d.Seen++
		d.bits += bits
	}
}

func (d *Drift) settle() {
	if d.Seen > 0 {
		d.Mean = float64(d.bits) / float64(d.Seen)
	}
}
