package export

import (
	"fmt"
	"testing"

	"github.com/shopspring/decimal"

	"wirobatch/pipeline/journal"
)

// A column is one of numbers only where no spelling is another number there.
func TestTypesOfParameters(t *testing.T) {
	for _, c := range []struct {
		values []string
		want   kind
	}{
		{[]string{"1", "-7", "0", "9223372036854775807"}, asInteger},
		{[]string{"1", "9223372036854775808"}, asWord}, // beyond 64 bits
		{[]string{"4.50", "5", "-0", "1e-5", "0.1"}, asNumber},
		{[]string{"9007199254740993", "4.5"}, asWord}, // a whole number that a float has not
		{[]string{"0.30000000000000000001"}, asWord},
		{[]string{"1e-400"}, asWord},
		{[]string{"1e400"}, asWord},
		{[]string{"1e-999999999"}, asWord},
		{[]string{"007", "1"}, asWord},
		{[]string{"+1"}, asWord},
		{[]string{"1", ""}, asWord},
		{[]string{"0x10"}, asWord},
		{[]string{"NaN"}, asWord},
		{[]string{" 1"}, asWord},
		{[]string{"true"}, asWord},
		{nil, asWord},
	} {
		var seen types
		for _, v := range c.values {
			seen.see(journal.Row{Cell: journal.Cell{Params: []journal.Param{{Name: "p", Value: v}}}})
		}
		if got := seen.of("p"); got != c.want {
			t.Errorf("%q: type %d, not %d", c.values, got, c.want)
		}
	}
}

func TestFixed(t *testing.T) {
	for _, c := range []struct {
		text  string
		scale int
		want  string
	}{
		{"0", 12, "00000000000000000000000000000000"},
		{"1", 12, "0000000000000000000000e8d4a51000"},
		{"-0.000000000001", 12, "ffffffffffffffffffffffffffffffff"},
		{"99999999999999999999999999.999999999999", 12, "4b3b4ca85a86c47a098a223fffffffff"},
		{"0.004055350000", 12, "000000000000000000000000f1b7baf0"},
	} {
		v, err := fixed(decimal.RequireFromString(c.text), c.scale)
		if got := fmt.Sprintf("%x", v.ByteArray()); err != nil || got != c.want {
			t.Errorf("%s: %s, %v; want %s", c.text, got, err, c.want)
		}
	}
	for _, text := range []string{"100000000000000000000000000", "0.0000000000001", "1e9999", "1e-9999"} {
		if v, err := fixed(decimal.RequireFromString(text), 12); err == nil {
			t.Errorf("%s became %v", text, v)
		}
	}
}
