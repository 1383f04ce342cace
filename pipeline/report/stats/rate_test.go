package stats

import (
	"math"
	"math/bits"
	"math/rand/v2"
	"slices"
	"testing"
)

// Exact intervals as published: Newcombe, Statistics in Medicine 17 (1998) 857, table I, method 5; Conover, Practical Nonparametric Statistics
// (1971) 97, as R's binom.test(682, 925) prints it.
func TestRateIsWithinTheIntervalOfClopperAndPearson(t *testing.T) {
	for _, row := range []struct {
		done, ended int
		low, high   float64
		digits      float64
	}{
		{81, 263, 0.2527, 0.3676, 5e-5}, {15, 148, 0.0578, 0.1617, 5e-5}, {0, 20, 0, 0.1684, 5e-5}, {1, 29, 0.0009, 0.1776, 5e-5},
		{682, 925, 0.7076683, 0.7654066, 5e-8},
		{20, 20, 1 - 0.1684, 1, 5e-5}, // the other way round
		{0, 0, 0, 1, 0},               // nothing is known
		{1_000_000, 1_000_000, 1 - 3.69e-6, 1, 1e-8},
	} {
		got := rate(row.done, row.ended, 0.95)
		if !(math.Abs(got.In.Low-row.low) <= row.digits && math.Abs(got.In.High-row.high) <= row.digits) {
			t.Errorf("%d of %d: %.7f to %.7f, published %.7f to %.7f", row.done, row.ended, got.In.Low, got.In.High, row.low, row.high)
		}
	}
}

// Permeability of the membranes of mothers at term and early (Hollander and Wolfe, Nonparametric Statistical Methods, 1973, 69): W is 35, and R's
// wilcox.test gives 0.1272 for one side.
func TestChangeIsTestedAsByMannAndWhitney(t *testing.T) {
	term := Sample{[]float64{0.80, 0.83, 1.89, 1.04, 1.45, 1.38, 1.91, 1.64, 0.73, 1.46}}
	early := Sample{[]float64{1.15, 0.88, 0.90, 0.74, 1.21}}
	got := term.Change(Stage{}, early, 0.95)
	if math.Abs(got.P-2*0.1272) > 1e-4 || got.Shown || got.TooFew {
		t.Errorf("%+v", got)
	}
}

// Where values are equal, and the samples of different size, the two directions are no mirrors of each other. Every split of the values is counted.
func TestChangeOfEqualValues(t *testing.T) {
	chance := rand.New(rand.NewPCG(3, 4))
	some := func() (v []float64) {
		for range 2 + chance.IntN(5) {
			v = append(v, float64(chance.IntN(4)))
		}
		return v
	}
	for range 60 {
		a, b := Sample{some()}, Sample{some()}
		want := split(a.Values, b.Values)
		if got := a.Change(Stage{}, b, 0.95); math.Abs(got.P-want) > 1e-9 || got.P != b.Change(Stage{}, a, 0.95).P {
			t.Errorf("%v and %v: p %v, counted %v", a.Values, b.Values, got.P, want)
		}
	}
}

// split is twice the share of splits of all values that lie as far to one side, the rarer one, as this one.
func split(a, b []float64) float64 {
	all := slices.Concat(a, b)
	above := func(taken uint) (u float64) { // pairs in which one of the first sample is larger, and half of those that are equal
		for i, x := range all {
			for k, y := range all {
				if taken>>i&1 == 1 && taken>>k&1 == 0 && x >= y {
					u++
					if x == y {
						u -= 0.5
					}
				}
			}
		}
		return u
	}
	ours := above(1<<len(a) - 1)
	n, low, high := 0., 0., 0.
	for taken := range uint(1) << len(all) {
		if bits.OnesCount(taken) == len(a) {
			n++
			u := above(taken)
			if u <= ours {
				low++
			}
			if u >= ours {
				high++
			}
		}
	}
	return min(1, 2*min(low, high)/n)
}

func TestTooFewToTell(t *testing.T) {
	for _, row := range []struct {
		a, b   []float64
		tooFew bool
		why    string
	}{
		{[]float64{1, 2, 3}, []float64{4, 5, 6}, true, "three and three: at best 0.1"},
		{[]float64{1, 2, 3, 9}, []float64{4, 5, 6, 7}, false, "four and four: 0.029"},
		{[]float64{1, 2, 7}, []float64{4, 5, 6, 3, 8}, false, "three and five: 0.036"},
		{[]float64{1, 1}, []float64{1, 1}, false, "all are the same"},
	} {
		if got := (Sample{row.a}).Change(Stage{}, Sample{row.b}, 0.95); got.TooFew != row.tooFew || got.Shown {
			t.Errorf("%s: %+v", row.why, got)
		}
	}
}
