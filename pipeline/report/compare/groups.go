package compare

import (
	"cmp"
	"context"
	"fmt"
	"math"
	"slices"
	"strconv"

	"wirobatch/pipeline/journal"
	"wirobatch/pipeline/report/stats"
)

// axis is one of --by, as each folder has it: either may have values, or the whole of it, alone.
type axis struct {
	name   string
	values []string    // those of A in their order, then what B alone has
	a, b   *stats.Axis // nil: that folder has none
}

func axes(ctx context.Context, a, b *journal.Journal, by []string) (all []axis, err error) {
	if len(by) == 0 {
		return nil, nil
	}
	inA, err := stats.Axes(ctx, a)
	if err != nil {
		return nil, err
	}
	inB, err := stats.Axes(ctx, b)
	if err != nil {
		return nil, err
	}
	for _, name := range by {
		x := axis{name: name, a: axisOf(inA, name), b: axisOf(inB, name)}
		if x.a == nil && x.b == nil {
			return nil, unknown(name, inA, inB)
		}
		numeric := true
		for _, one := range []*stats.Axis{x.a, x.b} {
			if one == nil {
				continue
			}
			numeric = numeric && one.Numeric
			for _, v := range one.Values {
				if !slices.Contains(x.values, v) {
					x.values = append(x.values, v)
				}
			}
		}
		if numeric {
			slices.SortStableFunc(x.values, func(v, w string) int { return cmp.Compare(size(v), size(w)) })
		}
		all = append(all, x)
	}
	return all, nil
}

func axisOf(all []stats.Axis, name string) *stats.Axis {
	for i := range all {
		if all[i].Name == name {
			return &all[i]
		}
	}
	return nil
}

// size puts what has no value last.
func size(value string) float64 {
	f, err := strconv.ParseFloat(value, 64)
	if err != nil {
		return math.Inf(1)
	}
	return f
}

func unknown(name string, a, b []stats.Axis) error {
	e := &stats.UnknownAxisError{Name: name}
	for _, one := range slices.Concat(a, b) {
		if !slices.Contains(e.Has, one.Name) {
			e.Has = append(e.Has, one.Name)
		}
	}
	return e
}

// group is the cells of both folders with the same values.
type group struct {
	values []string
	a, b   half
}

// grouped puts the cells under the values of the axes, in the order of those.
func grouped(pairs []pair, by []axis, cold [2]map[string]bool) []*group {
	at := map[string]*group{}
	var all []*group
	put := func(row *journal.Row, side int) {
		values := make([]string, len(by))
		for i, x := range by {
			if of := [2]*stats.Axis{x.a, x.b}[side]; of != nil {
				values[i] = of.Of(*row)
			}
		}
		key := fmt.Sprintf("%q", values)
		g := at[key]
		if g == nil {
			g = &group{values: values, a: half{cold: cold[0]}, b: half{cold: cold[1]}}
			at[key], all = g, append(all, g)
		}
		h := [2]*half{&g.a, &g.b}[side]
		h.rows = append(h.rows, row)
	}
	for _, p := range pairs {
		if p.a != nil {
			put(p.a, 0)
		}
		if p.b != nil {
			put(p.b, 1)
		}
	}
	place := func(i int, v string) int { // of a cell that the manifest no longer has: last
		if n := slices.Index(by[i].values, v); n >= 0 {
			return n
		}
		return len(by[i].values)
	}
	slices.SortStableFunc(all, func(g, h *group) int {
		for i := range by {
			if d := cmp.Compare(place(i, g.values[i]), place(i, h.values[i])); d != 0 {
				return d
			}
		}
		return 0
	})
	return all
}

// compared is which pairs the figures are of: like is compared with like, so that a cell without a partner, or one that has not ended in
// both folders, does not count as long as there are others.
func (r *Result) compared() []pair {
	var pairs, over []pair
	for _, p := range r.pairs {
		if p.how == alone {
			continue
		}
		if pairs = append(pairs, p); ended(p.a) && ended(p.b) {
			over = append(over, p)
		}
	}
	switch {
	case len(over) > 0:
		r.Pairs.NotEnded = len(pairs) - len(over)
		return over
	case len(pairs) > 0:
		return pairs
	}
	return r.pairs
}

// ended reports whether a cell has come to an end that can be compared.
func ended(row *journal.Row) bool { return row.State == journal.Done || row.State == journal.Failed }

// figure makes the figures of the whole, and of each value.
func (r *Result) figure(by []axis, cold [2]map[string]bool) {
	pairs := r.compared()
	for _, axes := range [][]axis{nil, by} {
		if axes == nil && len(r.Figures) > 0 {
			break // no axes are asked for
		}
		for _, g := range grouped(pairs, axes, cold) {
			one := Group{Figures: figures(g.a, g.b, r.Confidence)}
			for i, x := range axes {
				one.By = append(one.By, journal.Param{Name: x.name, Value: g.values[i]})
			}
			r.Figures = append(r.Figures, one)
		}
	}
	for _, p := range pairs {
		if state(p.a) == journal.Done && cold[0][p.a.ID] {
			r.Cold[0]++
		}
		if state(p.b) == journal.Done && cold[1][p.b.ID] {
			r.Cold[1]++
		}
	}
}
