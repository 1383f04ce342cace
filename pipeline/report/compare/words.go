package compare

import (
	"fmt"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/shopspring/decimal"
)

// amount words a figure as a person reads it, with four digits that count.
func amount(v decimal.NullDecimal, unit string) string {
	if !v.Valid {
		return "–"
	}
	text := digits(v.Decimal)
	switch unit {
	case "USD":
		return "$" + v.Decimal.Round(6).String()
	case "s":
		return text + " s"
	case "%":
		return text + "%"
	case "bits":
		return text + " bits"
	}
	return text
}

// digits leaves out what is beyond four digits of a number below 1,000; whole numbers stay whole.
func digits(d decimal.Decimal) string {
	size := d.NumDigits() + int(d.Exponent()) // digits before the point, less than 1 for small numbers
	if d.IsZero() {
		return "0"
	}
	return d.Round(int32(max(0, 4-size))).String()
}

// signed always has a sign, and so many places.
func signed(d decimal.Decimal, places int32) string {
	text := d.StringFixed(places)
	if !strings.HasPrefix(text, "-") {
		text = "+" + text
	}
	return text
}

// text is the figure with its interval: how far the true median may be from it in percent, or between which rates the true one lies.
func (v Value) text(unit string) string {
	text := amount(v.Value, unit)
	switch {
	case !v.Low.Valid || !v.High.Valid:
	case unit == "%":
		text += fmt.Sprintf(" (%s–%s%%)", v.Low.Decimal.Round(0), v.High.Decimal.Round(0))
	case !v.Value.Decimal.IsZero():
		off := decimal.Max(v.High.Decimal.Sub(v.Value.Decimal), v.Value.Decimal.Sub(v.Low.Decimal))
		text += " ± " + off.Mul(hundred).DivRound(v.Value.Decimal.Abs(), 0).String() + "%"
	}
	return text
}

// against is how B stands to A, as benchstat writes it: ~ where the difference may be chance.
func (f Figure) against() string {
	unit := "%"
	if f.Unit == "%" {
		unit = " points"
	}
	switch {
	case !f.Difference.Valid:
		return ""
	case f.P == nil:
		return signed(f.Difference.Decimal, 2) + unit
	case !f.Significant:
		return "~ (" + f.verdict() + ")"
	}
	return signed(f.Difference.Decimal, 2) + unit + " (" + f.verdict() + ")"
}

// plain keeps what a terminal shows, in one line.
func plain(text string) string {
	return strings.Join(strings.FieldsFunc(text, func(r rune) bool { return !unicode.IsPrint(r) || r == ' ' }), " ")
}

func shorten(text string, most int) string {
	if utf8.RuneCountInString(text) <= most {
		return text
	}
	return strings.TrimSpace(string([]rune(text)[:most-1])) + "…"
}
