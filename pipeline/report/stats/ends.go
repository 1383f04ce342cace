package stats

import (
	"slices"
	"strings"

	"github.com/aclements/go-moremath/stats"
)

// Change is what becomes of a stage from the first value of an axis to the last.
type Change struct {
	Stage    Stage
	From, To float64 // medians
	P        float64 // that chance alone gives such a difference, by the test of Mann and Whitney
	Shown    bool    // P is below what the confidence allows
	Same     bool    // all of both are the same figure
	TooFew   bool    // no difference whatever could be shown with so few
}

// ends compares the ends of a sweep of numbers, or the two values that there are. Seeds have no ends.
func (c *cells) ends(t Table, order []int32) (all []Change) {
	n := len(t.Groups)
	if n > 0 && len(t.By) == 1 && t.Groups[n-1].Values[0] == "" { // cells without a value are no end
		n--
		order = order[:len(order)-t.Groups[n].N]
	}
	if len(t.By) != 1 || n < 2 || !t.By[0].Numeric && n > 2 || strings.Contains(strings.ToLower(t.By[0].Name), "seed") {
		return nil
	}
	for k, s := range c.stages {
		a := c.sample(k, order[:t.Groups[0].N])
		b := c.sample(k, order[len(order)-t.Groups[n-1].N:])
		if len(a.Values) > 0 && len(b.Values) > 0 {
			all = append(all, a.Change(s, b, c.options.Confidence))
		}
	}
	return all
}

// Change tests whether two samples of a stage differ. Both must have values, and are sorted by it.
func (s Sample) Change(of Stage, to Sample, confidence float64) Change {
	slices.Sort(s.Values)
	slices.Sort(to.Values)
	a, b := stats.Sample{Xs: s.Values, Sorted: true}, stats.Sample{Xs: to.Values, Sorted: true}
	c := Change{Stage: of, From: a.Quantile(0.5), To: b.Quantile(0.5), P: chance(a.Xs, b.Xs)}
	c.Shown = c.P < 1-confidence
	least, most := min(a.Xs[0], b.Xs[0]), max(a.Xs[len(a.Xs)-1], b.Xs[len(b.Xs)-1])
	c.Same = least == most
	c.TooFew = !c.Same && !c.Shown && chance(apart(len(a.Xs), 0), apart(len(b.Xs), 1)) >= 1-confidence
	return c
}

// chance is the probability of Mann and Whitney that samples which do not differ come out so far apart, in either direction: twice that of the
// direction in which they are. The library doubles by itself, but where values are equal it takes the other direction for a mirror of the first,
// which it is not, and may give more than 1.
func chance(a, b []float64) float64 {
	p := 1.0
	for _, pair := range [][2][]float64{{a, b}, {b, a}} {
		if test, err := stats.MannWhitneyUTest(pair[0], pair[1], stats.LocationLess); err == nil { // it fails where all are equal
			p = min(p, 2*test.P)
		}
	}
	return p
}

// apart gives n values that all lie to one side of those of the other number. More than twenty are as good as twenty.
func apart(n int, from float64) []float64 {
	v := make([]float64, min(n, 20))
	for i := range v {
		v[i] = from + float64(i)/100
	}
	return v
}
