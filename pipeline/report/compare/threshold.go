package compare

import (
	"fmt"
	"regexp"
	"strings"

	"github.com/agext/levenshtein"
	"github.com/shopspring/decimal"
)

// Threshold is one part of --fail-on: METRIC OP [+|-]NUMBER[%].
type Threshold struct {
	text    string
	metric  *metric
	op      string
	against bool // the number is a difference against A
	percent bool
	number  decimal.Decimal
}

func (t Threshold) String() string { return t.text }

// A threshold is looked for as a whole, so that what is wrong with it can be said in one sentence.
var thresholdForm = regexp.MustCompile(`^([A-Za-z_]+)\s*(>=|<=|>|<)\s*([+-]?)(\d{1,12}(?:\.\d{1,12})?)\s*(%?)$`)

// ParseThresholds reads the thresholds of --fail-on, separated by commas.
func ParseThresholds(text string) (all []Threshold, err error) {
	for part := range strings.SplitSeq(text, ",") {
		t, err := parseThreshold(strings.TrimSpace(part))
		if err != nil {
			return nil, err
		}
		all = append(all, t)
	}
	return all, nil
}

func parseThreshold(text string) (t Threshold, err error) {
	m := thresholdForm.FindStringSubmatch(text)
	if m == nil {
		return t, fmt.Errorf("%q is no threshold: write METRIC>NUMBER such as cost>+10%%, changed>0 or success<95%%, with >, >=, < or <=; %s", text, known())
	}
	name := strings.TrimSuffix(strings.ToLower(m[1]), "_s")
	t = Threshold{text: text, op: m[2], against: m[3] != "", percent: m[5] != "", metric: metricOf(name)}
	if t.metric == nil {
		return t, fmt.Errorf("%q in %q is no metric%s; %s", m[1], text, like(name), known())
	}
	if t.number, err = decimal.NewFromString(m[3] + m[4]); err != nil {
		return t, fmt.Errorf("%q in %q is no number", m[4], text)
	}
	switch {
	case t.percent && t.metric.alone && !t.metric.of && t.metric.unit != "%":
		return t, fmt.Errorf("%q: %s has no share: write %s%s%s, without a sign and %%", text, t.metric.name, t.metric.name, t.op, m[4])
	case t.against && t.metric.alone:
		return t, fmt.Errorf("%q: %s tells of B against A already: write %s%s%s%s, without a sign", text, t.metric.name, t.metric.name, t.op, m[4], m[5])
	case t.percent && !t.against && !t.metric.of && t.metric.unit != "%":
		return t, fmt.Errorf("%q: %% without a sign is a share, which %s has none of: write %s%s+%s%% for so much more than A", text, t.metric.name, t.metric.name, t.op, m[4])
	}
	return t, nil
}

func metricOf(name string) *metric {
	for i := range metrics {
		if metrics[i].name == name {
			return &metrics[i]
		}
	}
	return nil
}

func like(name string) string {
	for _, m := range metrics {
		if levenshtein.Distance(name, m.name, nil) <= 2 && len(name) > 3 {
			return fmt.Sprintf(" (did you mean %s?)", m.name)
		}
	}
	return ""
}

func known() string {
	all := make([]string, len(metrics))
	for i, m := range metrics {
		all[i] = m.name
	}
	return "the metrics are " + strings.Join(all, ", ")
}

// Verdict is what became of a threshold.
type Verdict struct {
	Threshold string `json:"threshold"`
	Passed    bool   `json:"passed"` // also where the figure is not known: nobody can say that all is well
	Unknown   bool   `json:"unknown"`
	Figure    string `json:"figure"` // what it was held against, for a person
}

// Judge holds the result against thresholds.
func (r *Result) Judge(all []Threshold) (passed bool) {
	for _, t := range all {
		v := t.judge(r)
		r.Thresholds = append(r.Thresholds, v)
		passed = passed || v.Passed
	}
	return passed
}

func (t Threshold) judge(r *Result) Verdict {
	v := Verdict{Threshold: t.text}
	m := t.metric.figure(r)
	value, why := t.value(m)
	if why != "" {
		v.Passed, v.Unknown, v.Figure = true, true, why
		return v
	}
	switch d := value.Cmp(t.number); t.op {
	case ">":
		v.Passed = d > 0
	case ">=":
		v.Passed = d >= 0
	case "<":
		v.Passed = d < 0
	case "<=":
		v.Passed = d <= 0
	}
	v.Figure = t.said(m, value)
	return v
}

var hundred = decimal.NewFromInt(100)

// boundless stands for the rise from nothing to something: greater than any number that can be written.
var boundless = decimal.New(1, 15)

// value is what the number of the threshold is compared with; why is said where there is none.
func (t Threshold) value(m measured) (value decimal.Decimal, why string) {
	switch {
	case !m.b.Valid:
		return value, "unknown: " + m.why
	case t.against && !m.a.Valid:
		return value, "unknown: " + m.why
	case !t.against && t.percent && t.metric.unit != "%":
		if m.of == 0 {
			return value, "unknown: " + m.why
		}
		return m.b.Decimal.Mul(hundred).DivRound(decimal.NewFromInt(int64(m.of)), 8), ""
	case !t.against:
		return m.b.Decimal, ""
	}
	value = m.b.Decimal.Sub(m.a.Decimal)
	if !t.percent || t.metric.unit == "%" {
		return value, ""
	}
	switch {
	case !m.a.Decimal.IsZero():
		return value.Mul(hundred).DivRound(m.a.Decimal.Abs(), 8), ""
	case value.IsZero():
		return value, ""
	}
	return boundless.Mul(decimal.NewFromInt(int64(value.Sign()))), ""
}

// said is the figure that a threshold was held against, for a person.
func (t Threshold) said(m measured, value decimal.Decimal) string {
	unit := t.metric.unit
	text := amount(m.b, unit)
	if m.a.Valid {
		text = "A " + amount(m.a, unit) + ", B " + text
	}
	switch {
	case t.against && t.percent && unit != "%" && value.Abs().Equal(boundless):
		text += ": from nothing"
	case t.against && t.percent && unit != "%":
		text += ": " + signed(value, 2) + "%"
	case t.against && unit == "%":
		text += ": " + signed(value, 2) + " points"
	case t.percent && unit != "%":
		text += fmt.Sprintf(" of %d: %s%%", m.of, value.Round(2))
	}
	if m.test != "" {
		text += " (" + m.test + ")"
	}
	return text
}
