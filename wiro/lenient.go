package wiro

import (
	"encoding/json"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/shopspring/decimal"
	"github.com/tidwall/gjson"
)

// text is any JSON value in its plain spelling: "4.50" and 4.50 both are
// 4.50, null is empty, an object or array is its JSON. It never fails.
type text string

func (t *text) read(value string) error {
	switch value[0] {
	case 'n':
		*t = ""
	case '"':
		if inner := value[1 : len(value)-1]; strings.IndexByte(inner, '\\') < 0 && utf8.ValidString(inner) {
			*t = text(inner) // most strings, without the cost of unquoting
			return nil
		}
		var s string
		if err := json.Unmarshal([]byte(value), &s); err != nil {
			return err
		}
		*t = text(s)
	default:
		*t = text(value)
	}
	return nil
}

func (t *text) UnmarshalJSON(data []byte) error { return t.read(string(data)) }

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

func (f *flag) read(value string) error {
	var t text
	if err := t.read(value); err != nil {
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

func (f *flag) UnmarshalJSON(data []byte) error { return f.read(string(data)) }

// list is an array; or one element without its array; or either inside a JSON
// string. Elements of another shape are left out, and whatever else is there
// (null, "", false) is an empty list. It never fails.
type list[T any] []T

func (l *list[T]) read(value string) error {
	*l = nil
	switch value[0] {
	case '[':
		elements(value, l.add)
	case '{':
		l.add(value)
	case '"':
		if inner, ok := embedded(value); ok {
			return l.read(inner)
		}
	}
	return nil
}

func (l *list[T]) add(value string) {
	var one T
	if read(value, &one) == nil {
		*l = append(*l, one)
	}
}

func (l *list[T]) UnmarshalJSON(data []byte) error { return l.read(string(data)) }

// words is a list of texts; also a plain string with one word or several
// between commas.
type words []string

func (w *words) UnmarshalJSON(data []byte) error {
	*w = nil
	value := string(data)
	var l list[text]
	if err := l.read(value); err != nil {
		return err
	}
	if _, isDocument := embedded(value); value[0] == '"' && !isDocument {
		var t text
		if err := t.read(value); err != nil {
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

func (m *table) read(value string) error {
	*m = nil
	if value[0] == '"' {
		inner, ok := embedded(value)
		if !ok {
			return nil
		}
		value = inner
	}
	if value[0] != '{' {
		return nil
	}
	gjson.Parse(value).ForEach(func(name, value gjson.Result) bool {
		var t text
		if t.read(value.Raw) == nil {
			if *m == nil {
				*m = table{}
			}
			(*m)[strings.ToValidUTF8(name.String(), "\ufffd")] = string(t)
		}
		return true
	})
	return nil
}

func (m *table) UnmarshalJSON(data []byte) error { return m.read(string(data)) }

// embedded is the array or object that a JSON string holds.
func embedded(quoted string) (string, bool) {
	if quoted[0] != '"' {
		return "", false
	}
	var t text
	if t.read(quoted) != nil {
		return "", false
	}
	s := strings.TrimSpace(string(t))
	if s == "" || s[0] != '[' && s[0] != '{' || !json.Valid([]byte(s)) {
		return "", false
	}
	return s, true
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
	const latest = 100_000_000_000
	if n, err := strconv.ParseInt(string(t), 10, 64); err == nil && n <= latest { // most of them
		if n <= 0 {
			return time.Time{}
		}
		return time.Unix(n, 0).UTC()
	}
	n := t.number()
	if !n.Valid || !n.Decimal.IsPositive() || n.Decimal.GreaterThan(decimal.New(latest, 0)) {
		return time.Time{}
	}
	whole := n.Decimal.IntPart()
	nanos := n.Decimal.Sub(decimal.New(whole, 0)).Shift(9).IntPart()
	return time.Unix(whole, nanos).UTC()
}
