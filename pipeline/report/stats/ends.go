package stats

import (
	"strings"

	"golang.org/x/perf/benchmath"
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
			all = append(all, a.change(s, b, c.options.Confidence))
		}
	}
	return all
}

func (s Sample) change(of Stage, to Sample, confidence float64) Change {
	limits := benchmath.DefaultThresholds
	limits.CompareAlpha = 1 - confidence
	a, b := benchmath.NewSample(s.Values, &limits), benchmath.NewSample(to.Values, &limits)
	test := benchmath.AssumeNothing.Compare(a, b)
	same := a.Values[0] == a.Values[len(a.Values)-1] && b.Values[0] == b.Values[len(b.Values)-1] && a.Values[0] == b.Values[0]
	return Change{
		Stage: of, P: test.P, Shown: test.P < test.Alpha, Same: same, TooFew: len(test.Warnings) > 0 && !same,
		From: benchmath.AssumeNothing.Summary(a, confidence).Center, To: benchmath.AssumeNothing.Summary(b, confidence).Center,
	}
}
