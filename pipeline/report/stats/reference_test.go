package stats_test

import (
	"math"
	"os"
	"strconv"
	"strings"
	"testing"

	"wirobatch/pipeline/report/stats"
)

// alike allows for as many digits as the reference is printed with.
func alike(got, want float64, digits int) bool {
	return math.Abs(got-want) <= math.Max(math.Abs(want), 1e-300)*math.Pow(10, -float64(digits))
}

func TestMeanAndDeviationAreThoseThatNISTCertifies(t *testing.T) {
	data, err := os.ReadFile("testdata/strd.txt")
	if err != nil {
		t.Fatal(err)
	}
	sets := map[string][]float64{}
	for block := range strings.SplitSeq(string(data), "\n\n") {
		head, values, _ := strings.Cut(block, "\n")
		if strings.HasPrefix(head, "#") {
			continue
		}
		for f := range strings.FieldsSeq(strings.Join(strings.Fields(head)[1:], " ") + " " + values) {
			v, err := strconv.ParseFloat(f, 64)
			if err != nil {
				t.Fatal(err)
			}
			sets[strings.Fields(head)[0]] = append(sets[strings.Fields(head)[0]], v)
		}
	}
	// Those that NIST defines by a rule: a value, and then two others in turn, 1001 in all.
	for name, v := range map[string][3]float64{"NumAcc2": {1.2, 1.1, 1.3}, "NumAcc3": {1000000.2, 1000000.1, 1000000.3}, "NumAcc4": {10000000.2, 10000000.1, 10000000.3}} {
		sets[name] = []float64{v[0], 0.1, v[0]}
		for range 500 {
			sets[name] = append(sets[name], v[1], v[2])
		}
	}
	if len(sets) != 8 {
		t.Fatalf("%d sets", len(sets))
	}
	// What the values themselves lose as floats is lost: NIST counts these as of average and of higher difficulty.
	digits := map[string]int{"NumAcc3": 9, "NumAcc4": 8}
	for name, v := range sets {
		got := stats.Sample{Values: v[2:]}.Summarise(0.95)
		n := 13
		if d := digits[name]; d > 0 {
			n = d
		}
		if !alike(got.Mean, v[0], 14) || !alike(got.SD, v[1], n) || got.N != len(v)-2 {
			t.Errorf("%s: n %d, mean %.15g, sd %.15g, certified %.15g and %.15g", name, got.N, got.Mean, got.SD, v[0], v[1])
		}
	}
}

// Student's data on sleep (Biometrika 6, 1908): the interval is the one that R prints for t.test(sleep$extra[11:20] - sleep$extra[1:10]).
func TestIntervalOfTheMeanIsStudents(t *testing.T) {
	got := stats.Sample{Values: []float64{1.2, 2.4, 1.3, 1.3, 0, 1, 1.8, 0.8, 4.6, 1.4}}.Summarise(0.95)
	if !alike(got.Mean, 1.58, 12) || !alike(got.MeanIn.Low, 0.7001142, 7) || !alike(got.MeanIn.High, 2.4598858, 7) {
		t.Errorf("%v %+v", got.Mean, *got.MeanIn)
	}
	// Critical values of Student's t as tables have them (NIST/SEMATECH e-Handbook, 1.3.6.7.2): of n values with a standard error of 1.
	for _, row := range []struct {
		n          int
		confidence float64
		t          float64
	}{{3, 0.95, 4.303}, {6, 0.95, 2.571}, {11, 0.95, 2.228}, {31, 0.95, 2.042}, {101, 0.95, 1.984}, {6, 0.90, 2.015}, {6, 0.99, 4.032}, {11, 0.998, 4.144}} {
		values := make([]float64, row.n)
		for i := range values {
			values[i] = float64(i)
		}
		got := stats.Sample{Values: values}.Summarise(row.confidence)
		critical := (got.MeanIn.High - got.Mean) / (got.SD / math.Sqrt(float64(row.n)))
		if math.Abs(critical-row.t) > 0.0005 {
			t.Errorf("n %d at %v: t %.4f, the table has %.3f", row.n, row.confidence, critical, row.t)
		}
	}
}

// Miles per gallon of R's data set mtcars (Motor Trend, 1974): quantile(mtcars$mpg, …) by R's default, type 7.
var mpg = []float64{21, 21, 22.8, 21.4, 18.7, 18.1, 14.3, 24.4, 22.8, 19.2, 17.8, 16.4, 17.3, 15.2, 10.4, 10.4, 14.7, 32.4, 30.4, 33.9,
	21.5, 15.5, 15.2, 13.3, 19.2, 27.3, 26, 30.4, 15.8, 19.7, 15, 21.4}

func TestPercentilesAreRsTypeSeven(t *testing.T) {
	got := stats.Sample{Values: mpg}.Summarise(0.95)
	if !alike(got.Mean, 20.090625, 12) || !alike(got.SD, 6.026948, 6) || got.Median != 19.2 || *got.P50 != 19.2 {
		t.Errorf("%+v", got)
	}
	if !alike(*got.P95, 31.3, 12) || got.P99 != nil {
		t.Errorf("p95 %v, p99 %v: R has 31.3, and 32 values do not tell the 99th", *got.P95, got.P99)
	}
	// Of 1 to 101 the p-th percentile is p + 1 by type 7.
	v := make([]float64, 101)
	for i := range v {
		v[i] = float64(101 - i)
	}
	if got = (stats.Sample{Values: v}).Summarise(0.95); !alike(*got.P95, 96, 12) || !alike(*got.P99, 100, 12) || !alike(*got.P50, 51, 12) {
		t.Errorf("%v %v %v", *got.P50, *got.P95, *got.P99)
	}
}

// The ranks whose values bound the median, and their true confidence, as tables of order statistics have them (Conover, Practical Nonparametric
// Statistics; also Dixon and Massey, Introduction to Statistical Analysis, table A-25).
func TestIntervalOfTheMedianIsOfOrderStatistics(t *testing.T) {
	for _, row := range []struct {
		n, low, high int
		confidence   float64
	}{{6, 1, 6, 0.969}, {7, 1, 7, 0.984}, {9, 2, 8, 0.961}, {10, 2, 9, 0.979}, {15, 4, 12, 0.965}, {20, 6, 15, 0.959}} {
		v := make([]float64, row.n)
		for i := range v {
			v[i] = float64(row.n - i)
		}
		got := stats.Sample{Values: v}.Summarise(0.95)
		if got.MedianIn == nil || math.Abs(got.MedianConfidence-row.confidence) > 0.0006 {
			t.Errorf("n %d: %+v at %v, want %v", row.n, got.MedianIn, got.MedianConfidence, row.confidence)
		} else if in := *got.MedianIn; in.Low != float64(row.low) || in.High != float64(row.high) {
			t.Errorf("n %d: %+v, want %d to %d", row.n, in, row.low, row.high)
		}
	}
}
