package stats

import (
	"math"

	"github.com/shopspring/decimal"

	"wirobatch/pipeline/journal"
)

// Stage is something that is measured of a cell. Its name is that of its column in results.csv.
type Stage struct {
	Name string
	Unit string // "s" or "USD"
	of   func(journal.Row) (float64, bool)
}

// Of gives the figure of a cell, and whether it is known: unknown is not 0.
func (s Stage) Of(row journal.Row) (float64, bool) {
	v, known := s.of(row)
	if !known || v < 0 || math.IsInf(v, 0) || math.IsNaN(v) { // a service can say anything
		return 0, false
	}
	return v, true
}

// Stages are the times of a cell, the whole of it first, and what it cost.
func Stages() []Stage {
	return []Stage{
		{"total_s", "s", func(r journal.Row) (float64, bool) { return ours(r.Total) }},
		{"elapsed_s", "s", func(r journal.Row) (float64, bool) { return theirs(r.Elapsed) }},
		{"queue_s", "s", func(r journal.Row) (float64, bool) { return theirs(r.Queue) }},
		{"run_s", "s", func(r journal.Row) (float64, bool) { return theirs(r.Run) }},
		{"postprocess_s", "s", func(r journal.Row) (float64, bool) { return theirs(r.Postprocess) }},
		{"download_s", "s", func(r journal.Row) (float64, bool) { return ours(r.Download) }},
		{"cost_usd", "USD", func(r journal.Row) (float64, bool) { return theirs(r.Cost) }},
	}
}

func ours(s journal.Seconds) (float64, bool) { return s.Duration.Seconds(), s.Valid }

func theirs(d decimal.NullDecimal) (float64, bool) {
	if !d.Valid {
		return 0, false
	}
	return d.Decimal.InexactFloat64(), true
}
