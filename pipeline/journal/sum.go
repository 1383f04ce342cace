package journal

import "github.com/shopspring/decimal"

// sum is what the attempts of a cell cost together. It is not known while the cost of one of them is not: unknown is empty,
// never 0.
type sum struct {
	usd           decimal.Decimal
	some, unknown bool
}

// free are the ends of an attempt that no task came of, or none of this service: there is nothing to know.
func free(submit string) bool { return submit == "" || submit == "refused" || submit == "lost" }

// with adds an attempt whose submit ended so.
func (s sum) with(submit string, cost decimal.NullDecimal) sum {
	switch {
	case cost.Valid:
		s.usd, s.some = s.usd.Add(cost.Decimal), true
	case !free(submit):
		s.unknown = true
	}
	return s
}

// and adds the record's attempt, if it says anything of one.
func (s sum) and(r Record) sum {
	if !r.begun() {
		return s
	}
	return s.with(r.submitState(), r.Cost)
}

func (s sum) cost() decimal.NullDecimal {
	return decimal.NullDecimal{Decimal: s.usd, Valid: s.some && !s.unknown}
}
