package stats

import (
	"math"
	"slices"

	"golang.org/x/perf/benchmath"
	"gonum.org/v1/gonum/stat"
	"gonum.org/v1/gonum/stat/distuv"
)

// Sample holds what was measured of one stage, in seconds or USD. What is not known is not in it.
type Sample struct{ Values []float64 }

// Interval is where the true figure lies, with the confidence that was asked for.
type Interval struct{ Low, High float64 }

// Summary describes a sample. An interval is nil where the sample tells none: of one or two values, of values that are all equal, of too few for
// the confidence. A percentile is nil where no value can be expected beyond it.
type Summary struct {
	N                 int
	Mean, Median      float64
	MeanIn, MedianIn  *Interval // by Student's t; by order statistics, which assume nothing
	MedianConfidence  float64   // of the interval: at least what was asked for; 0 where there is none
	SD, Least, Most   float64   // SD is 0 of one value
	P50, P95, P99     *float64
	SameValue, TooFew bool // why there is no interval of the median
}

// Summarise describes the sample, and leaves it sorted.
func (s Sample) Summarise(confidence float64) (sum Summary) {
	v := s.Values
	slices.Sort(v)
	if sum.N = len(v); sum.N == 0 {
		return sum
	}
	sum.Least, sum.Most = v[0], v[len(v)-1]
	sum.Mean, sum.SD = v[0], 0
	of := benchmath.AssumeNothing.Summary(benchmath.NewSample(v, &benchmath.DefaultThresholds), confidence)
	sum.Median = of.Center
	sum.P50, sum.P95, sum.P99 = percentile(v, 50), percentile(v, 95), percentile(v, 99)
	if sum.SameValue = sum.Least == sum.Most; sum.SameValue {
		return sum
	}
	sum.Mean, sum.SD = stat.MeanStdDev(v, nil)
	if sum.N > 2 {
		t := distuv.StudentsT{Sigma: 1, Nu: float64(sum.N - 1)}.Quantile((1 + confidence) / 2)
		off := t * stat.StdErr(sum.SD, float64(sum.N))
		sum.MeanIn = &Interval{sum.Mean - off, sum.Mean + off}
	}
	if sum.TooFew = sum.N < 3 || math.IsInf(of.Lo, 0) || math.IsInf(of.Hi, 0); !sum.TooFew {
		sum.MedianIn, sum.MedianConfidence = &Interval{of.Lo, of.Hi}, of.Confidence
	}
	return sum
}

// percentile interpolates as R's type 7 does, which is also what numpy and spreadsheets do. One of which a sample of this size has no value beyond
// is not known: the 95th takes 20 values, the 99th 100.
func percentile(sorted []float64, percent int) *float64 {
	n := len(sorted)
	if n*(100-percent) < 100 && percent > 50 {
		return nil
	}
	// The library's interpolation is R's type 4; the values that type 7 asks it for are these.
	p := (float64(n-1)*float64(percent)/100 + 1) / float64(n)
	q := stat.Quantile(min(p, 1), stat.LinInterp, sorted, nil)
	return &q
}

// enough is how many values it takes for the median to have an interval, 0 where no sample is large enough.
func enough(confidence float64) int {
	for n := 3; n < 100; n++ {
		v := make([]float64, n)
		of := benchmath.AssumeNothing.Summary(benchmath.NewSample(v, &benchmath.DefaultThresholds), confidence)
		if !math.IsInf(of.Lo, 0) && !math.IsInf(of.Hi, 0) {
			return n
		}
	}
	return 0
}
