package compare

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"strings"
	"unicode"
	"unicode/utf16"

	"github.com/shopspring/decimal"

	"wirobatch/pipeline/journal"
	"wirobatch/pipeline/report/pictures"
)

// The keys of the JSON are a contract, pinned by a golden test. Money is an exact decimal in a string; what is not known is null.
type resultJSON struct {
	A          Side        `json:"a"`
	B          Side        `json:"b"`
	Notes      []string    `json:"notes"`
	Pairs      Pairing     `json:"pairs"`
	Confidence float64     `json:"confidence"`
	Test       string      `json:"test"`
	Cold       coldJSON    `json:"cold_left_out"`
	Figures    []Figure    `json:"figures"`
	By         []groupJSON `json:"by"`
	Failures   Failures    `json:"failures"`
	Pictures   Looks       `json:"pictures"`
	AlikeBits  int         `json:"alike_bits"` // up to which distance two pictures look the same
	Drift      Drift       `json:"drift"`
	Changed    []pairJSON  `json:"changed"` // every picture with other bytes, the furthest apart first
	Thresholds []Verdict   `json:"thresholds"`
	Passed     bool        `json:"threshold_passed"`
}

type coldJSON struct {
	A int `json:"a"`
	B int `json:"b"`
}

type groupJSON struct {
	Values  []valueJSON `json:"values"`
	Figures []Figure    `json:"figures"`
}

type valueJSON struct {
	Name  string `json:"name"`
	Value string `json:"value"`
}

type pairJSON struct {
	A      outputJSON  `json:"a"`
	B      outputJSON  `json:"b"`
	Values []valueJSON `json:"values"` // what tells the cell from the others
	Output int         `json:"output"`
	Look   Look        `json:"look"`
	Bits   *int        `json:"bits"`
	Colour bool        `json:"colours_alone"` // it is near, but has other colours
}

type outputJSON struct {
	ID     string `json:"id"`
	File   string `json:"file"`
	SHA256 string `json:"sha256"`
}

// JSON writes one object.
func (r *Result) JSON(w io.Writer) error {
	o := resultJSON{
		A: r.A, B: r.B, Notes: append([]string{}, r.Notes()...), Pairs: r.Pairs, Confidence: r.Confidence, Test: Test, Cold: coldJSON{r.Cold[0], r.Cold[1]},
		Figures: r.Figures[0].Figures, By: []groupJSON{}, Failures: r.Failures, Pictures: r.Pictures, AlikeBits: pictures.NearBits, Drift: r.Drift,
		Changed: []pairJSON{}, Thresholds: append([]Verdict{}, r.Thresholds...),
	}
	o.Pairs.Ignored = append([]string{}, r.Pairs.Ignored...)
	o.Pairs.Fixed = append([]Fixed{}, r.Pairs.Fixed...)
	for _, g := range r.Figures[1:] {
		o.By = append(o.By, groupJSON{values(g.By), g.Figures})
	}
	for _, s := range r.furthest(func(l Look) bool { return l == Changed || l == Resized || l == Other || l == Alike }) {
		one := pairJSON{A: outputOf(s.pair.a, s.a), B: outputOf(s.pair.b, s.b), Values: values(r.naming.of(*s.pair.a)), Output: s.n, Look: s.look, Colour: s.recolour}
		if s.distance != unmeasured {
			one.Bits = &s.distance
		}
		o.Changed = append(o.Changed, one)
	}
	for _, v := range r.Thresholds {
		o.Passed = o.Passed || v.Passed
	}
	var b bytes.Buffer
	e := json.NewEncoder(&b)
	e.SetIndent("", "  ")
	e.SetEscapeHTML(false)
	if err := e.Encode(o); err != nil {
		return err
	}
	_, err := io.WriteString(w, escapedRunes(b.String()))
	return err
}

// escapedRunes writes what moves a terminal's cursor as escapes: JSON leaves some of it as it is.
func escapedRunes(text string) string {
	var b strings.Builder
	for _, r := range text {
		if r == '\n' || unicode.IsPrint(r) {
			b.WriteRune(r)
			continue
		}
		for _, unit := range utf16.Encode([]rune{r}) {
			fmt.Fprintf(&b, "\\u%04x", unit)
		}
	}
	return b.String()
}

func outputOf(row *journal.Row, o *output) outputJSON {
	return outputJSON{row.ID, o.Path, o.SHA256}
}

func values(params []journal.Param) []valueJSON {
	all := []valueJSON{}
	for _, p := range params {
		all = append(all, valueJSON{p.Name, p.Value})
	}
	return all
}

// MarshalJSON writes money as a string, and other figures as numbers.
func (f Figure) MarshalJSON() ([]byte, error) {
	type side struct {
		N     int `json:"n"`
		Value any `json:"value"`
		Low   any `json:"low"`
		High  any `json:"high"`
	}
	figure := func(d decimal.NullDecimal) any {
		switch {
		case !d.Valid:
			return nil
		case f.Unit == "USD":
			return d.Decimal.String()
		}
		return json.Number(d.Decimal.String())
	}
	of := func(v Value) side { return side{v.N, figure(v.Value), figure(v.Low), figure(v.High)} }
	var difference any
	if f.Difference.Valid {
		difference = json.Number(f.Difference.Decimal.String())
	}
	return json.Marshal(struct {
		Metric      string   `json:"metric"`
		Unit        string   `json:"unit"`
		A           side     `json:"a"`
		B           side     `json:"b"`
		Difference  any      `json:"difference"` // in % of A, in points where the unit is %
		P           *float64 `json:"p"`
		Significant bool     `json:"significant"`
		Note        string   `json:"note"`
	}{f.Metric, f.Unit, of(f.A), of(f.B), difference, f.P, f.Significant, f.Note})
}

// MarshalJSON adds what was asked for to the failure.
func (f Failure) MarshalJSON() ([]byte, error) {
	type plain Failure
	return json.Marshal(struct {
		plain
		Values []valueJSON `json:"values"`
	}{plain(f), values(f.Params)})
}
