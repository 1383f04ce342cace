package manifest

import (
	"slices"

	"gopkg.in/yaml.v3"
)

// Report says how the grid is laid out for people. It changes no cell.
type Report struct {
	X, Y string // what goes from left to right, and from top to bottom; "": chosen
}

func (d *decoder) report(r *Report, n *yaml.Node, m *Manifest) {
	for _, e := range d.known(n, "report", []string{"x", "y"}) {
		text, _, ok := d.scalar(e.value, "report."+e.name, "write one axis")
		if !ok {
			continue
		}
		if m.grid != nil {
			if axes := m.varied(); !slices.Contains(axes, text) {
				d.mistake(e.value, "report.%s must be an axis, and %s is none%s", e.name, quote(text), instead(text, axes))
			}
		}
		other := r.Y
		if e.name == "x" {
			r.X = text
		} else {
			other, r.Y = r.X, text
		}
		if text != "" && text == other {
			d.mistake(e.value, "report.x and report.y are both %s; name two axes, or leave one out", quote(text))
		}
	}
}

func instead(word string, axes []string) string {
	if len(axes) == 0 {
		return "; this manifest has none: delete it"
	}
	return unknown(word, axes)
}

// varied names what can differ between cells: the axes, what include sets,
// and the pass.
func (m *Manifest) varied() []string {
	names := slices.Clone(m.grid.varied)
	if m.Repeat > 1 {
		names = append(names, "repeat")
	}
	return names
}
