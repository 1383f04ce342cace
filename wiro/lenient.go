package wiro

import (
	"bytes"
	"encoding/json"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/shopspring/decimal"
)

// text is any JSON value in its plain spelling: "4.50" and 4.50 both are
// 4.50, null is empty, an object or array is its JSON. It never fails.
type text string

func (t *text) UnmarshalJSON(data []byte) error {
	switch data[0] {
	case 'n':
		*t = ""
	case '"':
		if inner := data[1 : len(data)-1]; bytes.IndexByte(inner, '\\') < 0 && utf8.Valid(inner) {
			*t = text(inner) // most strings, without the cost of unquoting
			return nil
		}
		var s string
		if err := json.Unmarshal(data, &s); err != nil {
			return err
		}
		*t = text(s)
	default:
		*t = text(data)
	}
	return nil
}

func (t text) number() decimal.NullDecimal { return number(string(t)) }

// amount is a number that cannot be negative: money, seconds.
func (t text) amount() decimal.NullDecimal {
	n := t.number()
	if n.Valid && n.Decimal.IsNegative() {
		return decimal.NullDecimal{}
	}
	return n
}

// flag is a boolean in any spelling; the zero flag is one that was not there.
type flag int

const (
	absent flag = iota
	no
	yes
)

func (f *flag) UnmarshalJSON(data []byte) error {
	var t text
	if err := t.UnmarshalJSON(data); err != nil {
		return err
	}
	switch strings.ToLower(string(t)) {
	case "true", "1", "yes":
		*f = yes
	case "false", "0", "no":
		*f = no
	default:
		*f = absent
	}
	return nil
}

// list is an array; or one element without its array; or either inside a JSON
// string. Elements of another shape are left out, and whatever else is there
// (null, "", false) is an empty list. It never fails.
type list[T any] []T

func (l *list[T]) UnmarshalJSON(data []byte) error {
	*l = nil
	switch data[0] {
	case '[':
		var all []T
		if json.Unmarshal(data, &all) == nil {
			*l = all
			return nil
		}
		var each []json.RawMessage
		if err := json.Unmarshal(data, &each); err != nil {
			return nil
		}
		for _, raw := range each {
			var one T
			if json.Unmarshal(raw, &one) == nil {
				*l = append(*l, one)
			}
		}
	case '{':
		var one T
		if json.Unmarshal(data, &one) == nil {
			*l = list[T]{one}
		}
	case '"':
		if inner, ok := embedded(data); ok {
			return l.UnmarshalJSON(inner)
		}
	}
	return nil
}

// words is a list of texts; also a plain string with one word or several
// between commas.
type words []string

func (w *words) UnmarshalJSON(data []byte) error {
	*w = nil
	var l list[text]
	if err := l.UnmarshalJSON(data); err != nil {
		return err
	}
	if _, isDocument := embedded(data); data[0] == '"' && !isDocument {
		var t text
		if err := t.UnmarshalJSON(data); err != nil {
			return err
		}
		for part := range strings.SplitSeq(string(t), ",") {
			l = append(l, text(part))
		}
	}
	for _, t := range l {
		if s := word(string(t)); s != "" {
			*w = append(*w, s)
		}
	}
	return nil
}

// table is an object of plain values, given as such or inside a JSON string;
// nil for anything else, such as the [] by which some servers write {}.
type table map[string]string

func (m *table) UnmarshalJSON(data []byte) error {
	*m = nil
	if data[0] == '"' {
		inner, ok := embedded(data)
		if !ok {
			return nil
		}
		data = inner
	}
	var values map[string]text
	if data[0] != '{' || json.Unmarshal(data, &values) != nil || len(values) == 0 {
		return nil
	}
	*m = make(table, len(values))
	for k, v := range values {
		(*m)[k] = string(v)
	}
	return nil
}

// embedded is the array or object that a JSON string holds.
func embedded(quoted []byte) ([]byte, bool) {
	if quoted[0] != '"' {
		return nil, false
	}
	var s string
	if json.Unmarshal(quoted, &s) != nil {
		return nil, false
	}
	s = strings.TrimSpace(s)
	if s == "" || s[0] != '[' && s[0] != '{' || !json.Valid([]byte(s)) {
		return nil, false
	}
	return []byte(s), true
}

// number reads a decimal. Lengths and exponents are bounded, since a decimal
// of 1e999999999 would take a gigabyte to print.
func number(s string) decimal.NullDecimal {
	const maxLength, maxExponent = 64, 30
	s = strings.TrimSpace(s)
	if s == "" || len(s) > maxLength || strings.Trim(s, "0123456789.eE+-") != "" {
		return decimal.NullDecimal{}
	}
	if _, exp, ok := strings.Cut(strings.ToLower(s), "e"); ok {
		if n, err := strconv.Atoi(exp); err != nil || n < -maxExponent || n > maxExponent {
			return decimal.NullDecimal{}
		}
	}
	d, err := decimal.NewFromString(s)
	return decimal.NullDecimal{Decimal: d, Valid: err == nil}
}

// count reads a whole number that is not negative, or −1.
func (t text) count() int64 {
	n, err := strconv.ParseInt(strings.TrimSpace(string(t)), 10, 64)
	if err != nil || n < 0 {
		return -1
	}
	return n
}

// moment reads unix seconds, whole or not. "0", "", null and what lies beyond
// the year 5138 (milliseconds, by mistake) are the zero time: not yet.
func (t text) moment() time.Time {
	n := t.number()
	if !n.Valid || !n.Decimal.IsPositive() || n.Decimal.GreaterThan(decimal.New(1, 11)) {
		return time.Time{}
	}
	whole := n.Decimal.IntPart()
	nanos := n.Decimal.Sub(decimal.New(whole, 0)).Shift(9).IntPart()
	return time.Unix(whole, nanos).UTC()
}
