package stats

import (
	"bytes"
	"encoding/json"
	"io"
)

// JSON writes all there is as one object. Its keys are a contract: they are only ever added. What is unknown is null.
func (r *Report) JSON(w io.Writer) error {
	type group struct {
		Values  []string `json:"values"`
		Figures object   `json:"figures"`
	}
	type table struct {
		By     []string `json:"by"`
		Groups []group  `json:"groups"`
		Ends   []object `json:"ends"`
	}
	type skipped struct {
		Axis   string `json:"axis"`
		Values int    `json:"values"`
	}
	out := struct {
		Name       string    `json:"name"`
		Model      string    `json:"model"`
		Confidence float64   `json:"confidence"`
		KeepCold   bool      `json:"keep_cold"`
		Unselected int       `json:"not_selected"`
		Unlisted   int       `json:"not_in_manifest"`
		All        object    `json:"all"`
		Tables     []table   `json:"tables"`
		Skipped    []skipped `json:"skipped"`
		Repeats    object    `json:"reproducibility"`
	}{
		Name: r.Name, Model: r.Model, Confidence: r.Confidence, KeepCold: r.KeepCold, Unselected: r.Unselected, Unlisted: r.Unlisted,
		All: r.All.figures(), Tables: []table{}, Skipped: []skipped{}, Repeats: r.Repeats.figures(),
	}
	for _, t := range r.Tables {
		one := table{Ends: []object{}}
		for _, a := range t.By {
			one.By = append(one.By, a.Name)
		}
		for _, g := range t.Groups {
			one.Groups = append(one.Groups, group{g.Values, g.figures()})
		}
		for _, c := range t.Ends {
			one.Ends = append(one.Ends, c.figures())
		}
		out.Tables = append(out.Tables, one)
	}
	for _, a := range r.Skipped {
		out.Skipped = append(out.Skipped, skipped{a.Name, len(a.Values)})
	}
	e := json.NewEncoder(w)
	e.SetEscapeHTML(false)
	e.SetIndent("", "  ")
	return e.Encode(out)
}

// object is figures as JSON, in their order.
type object []figure

func (o object) MarshalJSON() ([]byte, error) {
	var b bytes.Buffer
	b.WriteByte('{')
	for i, f := range o {
		if i > 0 {
			b.WriteByte(',')
		}
		value := []byte("null")
		if f.value != "" {
			value = []byte(f.value)
		}
		if f.text && f.value != "" {
			value, _ = json.Marshal(f.value) // a string always encodes
		}
		name, _ := json.Marshal(f.name)
		b.Write(name)
		b.WriteByte(':')
		b.Write(value)
	}
	b.WriteByte('}')
	return b.Bytes(), nil
}
