package manifest

import (
	"iter"

	"gopkg.in/yaml.v3"
)

// An Order says which cells run first. It changes no cell, no number, and no report.
type Order string

const (
	InGrid     Order = "grid"       // as the cells are numbered
	Shuffled   Order = "shuffle"    // by chance, the same each time
	Stratified Order = "stratified" // every value of every axis early
)

func (d *decoder) order(n *yaml.Node) Order {
	text, _, ok := d.scalar(n, "order", "write grid, shuffle or stratified")
	o := Order(text)
	if ok && o != InGrid && o != Shuffled && o != Stratified {
		d.mistake(n, "order must be grid, shuffle or stratified, not %s", quote(text))
		return InGrid
	}
	return o
}

// InOrder gives every cell, in the order in which they should run. Each pass
// is whole before the next begins.
func (g *Grid) InOrder() iter.Seq[Cell] {
	if g.order == InGrid {
		return g.All()
	}
	return func(yield func(Cell) bool) {
		for pass := range g.repeat {
			indices := g.shuffled(pass)
			if g.order == Stratified {
				indices = g.stratified()
			}
			for i := range indices {
				if !yield(g.At(pass*g.pass() + i)) {
					return
				}
			}
		}
	}
}

func (g *Grid) shuffled(pass int) iter.Seq[int] {
	s := newShuffle(g.pass(), uint64(pass))
	return func(yield func(int) bool) {
		for k := range g.pass() {
			if !yield(s.at(k)) {
				return
			}
		}
	}
}

// stratified gives the combinations of the matrix that are left in the order
// of the strata, and those from include spread evenly among them.
func (g *Grid) stratified() iter.Seq[int] {
	return func(yield func(int) bool) {
		n, own := g.base.total(), len(g.own)
		done, added := 0, 0 // of the matrix, and from include
		s := newStrata(g.base.sizes)
		at := make([]int, len(g.base.sizes))
		for k := 0; done < n; k++ {
			s.locate(k, at)
			i, left := g.base.find(at)
			if !left {
				continue
			}
			for ; added < own && added*n <= done*own; added++ {
				if !yield(n + added) {
					return
				}
			}
			if done++; !yield(i) {
				return
			}
		}
		for ; added < own; added++ {
			if !yield(n + added) {
				return
			}
		}
	}
}
