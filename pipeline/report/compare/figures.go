package compare

import (
	"fmt"
	"math"

	"github.com/shopspring/decimal"

	"wirobatch/pipeline/journal"
	"wirobatch/pipeline/report/stats"
)

// The figures that are no stage of stats.
const (
	Cost    = "cost_per_picture_usd"
	Spent   = "spent_usd"
	Success = "success_percent"
	Rate    = "pictures_per_minute"
)

// Test is how the figures of single cells are compared: it assumes nothing of how they are spread.
const Test = "Mann-Whitney U-test"

// Group is the figures of the cells with one value of an axis, or with one of each of several; without axes, of all.
type Group struct {
	By      []journal.Param `json:"-"`
	Figures []Figure        `json:"figures"`
}

// Figure is one metric of both folders, and how sure it is that they differ.
type Figure struct {
	Metric      string
	Unit        string // s, USD, %, /min
	A, B        Value
	Difference  decimal.NullDecimal // of B against A: in % of A, in points where the unit is %
	P           *float64            // nil: nothing can be tested
	Significant bool
	Note        string // why there is no test, or none that could tell
}

// Value is what one folder has of a metric: a median with its confidence interval; of costs and the rate of success the mean; or one number for all.
type Value struct {
	N         int // cells that it is known of
	Value     decimal.NullDecimal
	Low, High decimal.NullDecimal
}

// half is the cells of one folder in a group.
type half struct {
	rows []*journal.Row
	cold map[string]bool
}

// figures compares the halves of a group.
func figures(a, b half, confidence float64) (all []Figure) {
	inA, inB := stats.GroupOf(a.rows, a.cold, confidence), stats.GroupOf(b.rows, b.cold, confidence)
	for _, stage := range stats.Stages() {
		f := Figure{Metric: stage.Name, Unit: stage.Unit}
		switch stage.Unit {
		case "s":
			f.A, f.B = median(inA.Of(stage.Name)), median(inB.Of(stage.Name))
			f.test(stage, a.sample(stage), b.sample(stage), confidence)
			all = append(all, f)
		case "USD":
			f.Metric = Cost
			f.A, f.B = Value{N: inA.Cost.N, Value: exact(inA.Cost.PerPicture)}, Value{N: inB.Cost.N, Value: exact(inB.Cost.PerPicture)}
			f.test(stage, a.sample(stage), b.sample(stage), confidence)
			all = append(all, f)
		}
	}
	f := Figure{Metric: Spent, Unit: "USD", A: a.spent(), B: b.spent(), Note: "one sum of each"}
	all = append(all, f)
	f = Figure{Metric: Success, Unit: "%", A: share(inA.Success), B: share(inB.Success)}
	f.test(stats.Stage{Name: Success, Unit: "%"}, a.verdicts(), b.verdicts(), confidence)
	all = append(all, f)
	f = Figure{Metric: Rate, Unit: "/min", A: rate(inA), B: rate(inB), Note: "one rate of each"}
	all = append(all, f)
	for i := range all {
		all[i].difference()
	}
	return all
}

func median(m stats.Measure) Value {
	v := Value{N: m.N}
	if m.N == 0 {
		return v
	}
	v.Value = rounded(m.Median)
	switch {
	case m.MedianIn != nil:
		v.Low, v.High = rounded(m.MedianIn.Low), rounded(m.MedianIn.High)
	case m.SameValue && m.N > 1:
		v.Low, v.High = v.Value, v.Value
	}
	return v
}

func share(r stats.Rate) Value {
	v := Value{N: r.Ended}
	if r.Ended > 0 {
		v.Value, v.Low, v.High = rounded(100*r.Share()), rounded(100*r.In.Low), rounded(100*r.In.High)
	}
	return v
}

func rate(g stats.Group) Value {
	v := Value{N: g.Pictures}
	if g.Pace.Overall != nil {
		v.Value = rounded(*g.Pace.Overall)
	}
	return v
}

func exact(d *decimal.Decimal) decimal.NullDecimal {
	if d == nil {
		return decimal.NullDecimal{}
	}
	return decimal.NewNullDecimal(*d)
}

// sample is what is known of single cells, as the figures take them: those that are done, times without cold starts, costs a picture.
func (h half) sample(stage stats.Stage) (s stats.Sample) {
	for _, row := range h.rows {
		v, known := stage.Of(*row)
		files := len(delivered(row, nil))
		switch {
		case !known || row.State != journal.Done || stage.Unit == "s" && h.cold[row.ID]:
			continue
		case stage.Unit == "USD" && files > 1:
			v /= float64(files)
		}
		s.Values = append(s.Values, v)
	}
	return s
}

// verdicts are 1 for each cell that is done, and 0 for each that failed.
func (h half) verdicts() (s stats.Sample) {
	for _, row := range h.rows {
		switch row.State {
		case journal.Done:
			s.Values = append(s.Values, 1)
		case journal.Failed:
			s.Values = append(s.Values, 0)
		}
	}
	return s
}

// spent is the bill, of failures too. It is not known while the cost of one cell is not.
func (h half) spent() (v Value) {
	sum := decimal.Zero
	for _, row := range h.rows {
		switch {
		case row.Cost.Valid:
			sum = sum.Add(row.Cost.Decimal)
			v.N++
		case row.Attempts > 0:
			return Value{}
		}
	}
	if v.N > 0 {
		v.Value = decimal.NewNullDecimal(sum)
	}
	return v
}

func (f *Figure) test(stage stats.Stage, a, b stats.Sample, confidence float64) {
	if len(a.Values) == 0 || len(b.Values) == 0 {
		f.Note = "not known of both"
		return
	}
	c := a.Change(stage, b, confidence)
	f.P, f.Significant = &c.P, c.Shown
	switch {
	case c.Same:
		f.Note = "all the same"
	case c.TooFew:
		f.Note = "too few to tell"
	}
}

// difference is exact, as the figures are.
func (f *Figure) difference() {
	a, b := f.A.Value, f.B.Value
	switch {
	case !a.Valid || !b.Valid:
	case f.Unit == "%":
		f.Difference = decimal.NewNullDecimal(b.Decimal.Sub(a.Decimal).Round(4))
	case !a.Decimal.IsZero():
		f.Difference = decimal.NewNullDecimal(b.Decimal.Sub(a.Decimal).Mul(hundred).DivRound(a.Decimal, 4))
	case b.Decimal.IsZero():
		f.Difference = decimal.NewNullDecimal(decimal.Zero)
	}
}

// rounded keeps a measured time to the microsecond: what is beyond that is the arithmetic's.
func rounded(v float64) decimal.NullDecimal {
	if math.IsInf(v, 0) || math.IsNaN(v) {
		return decimal.NullDecimal{}
	}
	return decimal.NewNullDecimal(decimal.NewFromFloat(v).Round(6))
}

func (f Figure) unknown() string {
	switch {
	case !f.A.Value.Valid && !f.B.Value.Valid:
		return "neither folder has a figure for it"
	case !f.B.Value.Valid:
		return "B has no figure for it"
	case !f.A.Value.Valid:
		return "A has no figure for it"
	}
	return ""
}

// verdict is what the test says, as benchstat writes it.
func (f Figure) verdict() string {
	if f.P == nil {
		return ""
	}
	n := fmt.Sprintf("n=%d", f.A.N)
	if f.A.N != f.B.N {
		n = fmt.Sprintf("n=%d+%d", f.A.N, f.B.N)
	}
	return fmt.Sprintf("p=%.3f %s", *f.P, n)
}
