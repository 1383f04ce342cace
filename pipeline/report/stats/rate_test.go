package stats

import (
	"math"
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
	got := term.change(Stage{}, early, 0.95)
	if math.Abs(got.P-2*0.1272) > 1e-4 || got.Shown || got.TooFew {
		t.Errorf("%+v", got)
	}
}
