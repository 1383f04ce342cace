package wiro

import (
	"strconv"
	"unicode/utf8"

	"github.com/shopspring/decimal"
)

// Price is one entry of a model's price list (documentation).
type Price struct {
	// Inputs are the parameter values that it holds for; none: for all.
	Inputs map[string]string
	USD    decimal.Decimal
	// Method: cpr per request, cpo per output, cps per second, cp-pixel per
	// started 1,048,576 pixels, cp-promptlength per character, cpt per token….
	Method string
	// Extra is for each further million pixels, PerInput for each input image
	// (cp-pixel).
	Extra, PerInput decimal.NullDecimal
}

type wirePrice struct {
	Inputs   table `json:"inputs"`
	Price    text  `json:"price"`
	Method   text  `json:"priceMethod"`
	Extra    text  `json:"priceExtra"`
	PerInput text  `json:"priceInput"`
}

const pixelTier = 1 << 20 // pixels

// Price is what one run with these parameters is expected to cost in USD, and
// the method of that price. A parameter that is not given counts with its
// default. The entry with the most matching inputs holds. One output is
// assumed; seconds are the average run's. ok is false when the price depends
// on what only the run will show (tokens, lengths of audio or video), and when
// the list has no entry for these parameters.
func (t Tool) Price(params map[string]string) (usd decimal.Decimal, method string, ok bool) {
	if len(t.Prices) == 0 { // documentation: then it is seconds × cps
		return t.ApproximateCost.Decimal, "cps", t.ApproximateCost.Valid
	}
	value := t.valueOf(params)
	best := t.entry(value)
	if best == nil {
		return decimal.Zero, "", false
	}
	switch best.Method {
	case "", "cpr", "cpo":
		return best.USD, best.Method, true
	case "cps":
		// The average seconds are in the two figures that the model gives.
		if t.CPS.Valid && t.CPS.Decimal.IsPositive() && t.ApproximateCost.Valid {
			return best.USD.Mul(t.ApproximateCost.Decimal).DivRound(t.CPS.Decimal, 12), best.Method, true
		}
	case "cp-promptlength":
		return best.USD.Mul(decimal.New(int64(utf8.RuneCountInString(value("prompt"))), 0)), best.Method, true
	case "cp-pixel":
		if tiers, known := pixelTiers(value("width"), value("height")); known && !best.PerInput.Valid {
			more := best.USD
			if best.Extra.Valid {
				more = best.Extra.Decimal
			}
			return best.USD.Add(more.Mul(decimal.New(tiers-1, 0))), best.Method, true
		}
	}
	return decimal.Zero, best.Method, false
}

// Cost is what a run that succeeded is billed by the price list, for its seconds
// and its outputs, and which of computed and price that makes it. ok is false
// where the list does not tell: an average run's cost is no price.
func (t Tool) Cost(params map[string]string, elapsed decimal.NullDecimal, outputs int) (usd decimal.Decimal, source CostSource, ok bool) {
	perSecond := t.CPS
	if len(t.Prices) > 0 {
		perSecond.Valid = false
		if p := t.entry(t.valueOf(params)); p != nil && p.Method == "cps" {
			perSecond = decimal.NewNullDecimal(p.USD)
		}
	}
	if perSecond.Valid && elapsed.Valid {
		return perSecond.Decimal.Mul(elapsed.Decimal), CostComputed, true
	}
	usd, method, ok := t.Price(params)
	switch {
	case len(t.Prices) == 0, method == "cps", method == "cpo" && outputs == 0:
		return decimal.Zero, CostUnknown, false
	case method == "cpo":
		usd = usd.Mul(decimal.NewFromInt(int64(outputs)))
	}
	return usd, CostListed, ok
}

// entry is the price that holds for some parameters, nil for none.
func (t Tool) entry(value func(string) string) *Price {
	var best *Price
	for i, p := range t.Prices {
		if (best == nil || len(p.Inputs) > len(best.Inputs)) && p.matches(value) {
			best = &t.Prices[i]
		}
	}
	return best
}

// valueOf looks parameters up, and falls back to the model's defaults.
func (t Tool) valueOf(params map[string]string) func(string) string {
	return func(name string) string {
		if v, given := params[name]; given {
			return v
		}
		for _, p := range t.Parameters {
			if p.ID == name {
				return p.Default
			}
		}
		return ""
	}
}

func (p Price) matches(value func(string) string) bool {
	for name, want := range p.Inputs {
		if !sameValue(value(name), want) {
			return false
		}
	}
	return true
}

// sameValue takes 5 and "5.0" for the same: price lists and manifests spell
// numbers as they like.
func sameValue(a, b string) bool {
	if a == b {
		return true
	}
	x, y := number(a), number(b)
	return x.Valid && y.Valid && x.Decimal.Equal(y.Decimal)
}

// pixelTiers is how many times 1,048,576 pixels are started.
func pixelTiers(width, height string) (int64, bool) {
	const maxSide = 1 << 20
	w, errW := strconv.ParseInt(width, 10, 64)
	h, errH := strconv.ParseInt(height, 10, 64)
	if errW != nil || errH != nil || w <= 0 || h <= 0 || w > maxSide || h > maxSide {
		return 0, false
	}
	return (w*h + pixelTier - 1) / pixelTier, true
}
