package selection

import (
	"regexp"
	"slices"
	"strings"
	"time"

	"github.com/shopspring/decimal"
)

// A test is a comparison whose column is known.
type test struct {
	*comparison
	at     int  // of the column
	joined bool // one value a file of the cell
	values []value
}

// value is what a column is compared with, read once.
type value struct {
	text   string
	lower  string
	number decimal.Decimal
	isNum  bool
	time   time.Time
	isTime bool
}

// plain are the numbers that are compared as such: an exponent of a million digits is text.
var plain = regexp.MustCompile(`^[+-]?(\d{1,400}\.?\d{0,400}|\.\d{1,400})([eE][+-]?\d{1,3})?$`)

func valueOf(text string) value {
	v := value{text: text, lower: strings.ToLower(text)}
	if plain.MatchString(text) {
		if n, err := decimal.NewFromString(text); err == nil {
			v.number, v.isNum = n, true
		}
	} else if len(text) >= len(time.DateOnly) && len(text) <= 40 {
		for _, layout := range []string{time.DateOnly, "2006-01-02T15:04", "2006-01-02T15:04:05", time.RFC3339Nano} {
			if t, err := time.Parse(layout, text); err == nil {
				v.time, v.isTime = t, true
				break
			}
		}
	}
	return v
}

// holds tells whether a line of results.csv fulfils the condition. Of several files one does.
func (t *test) holds(line []string) bool {
	if field := line[t.at]; t.joined && strings.Contains(field, ";") {
		return slices.ContainsFunc(strings.Split(field, ";"), t.holdsFor)
	}
	return t.holdsFor(line[t.at])
}

// holdsFor compares. What is not known is equal to nothing but the empty text.
func (t *test) holdsFor(field string) bool {
	if t.In != nil {
		return slices.ContainsFunc(t.values, func(v value) bool { return v.equals(field) })
	}
	switch v := t.values[0]; t.Op {
	case "=", "==":
		return v.equals(field)
	case "!=":
		return field != "" && !v.equals(field)
	case "~":
		return field != "" && strings.Contains(strings.ToLower(field), v.lower)
	default:
		return v.ordered(field, t.Op)
	}
}

func (v value) equals(field string) bool {
	if field == v.text {
		return true
	}
	if !v.isNum || field == "" {
		return false
	}
	f := valueOf(field)
	return f.isNum && f.number.Equal(v.number)
}

// ordered compares numbers with numbers and times with times. Anything else has no order.
func (v value) ordered(field, op string) bool {
	f := valueOf(field)
	var c int
	switch {
	case f.isNum && v.isNum:
		c = f.number.Cmp(v.number)
	case f.isTime && v.isTime:
		c = f.time.Compare(v.time)
	default:
		return false
	}
	switch op {
	case "<":
		return c < 0
	case "<=":
		return c <= 0
	case ">":
		return c > 0
	}
	return c >= 0
}
