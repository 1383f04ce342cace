package manifest

import (
	"strings"

	"gopkg.in/yaml.v3"
)

// maxAxes bounds the levels that every cell goes through.
const maxAxes = 64

// values reads a mapping from parameters to single values, as in params and in
// the entries of exclude and include.
func (d *decoder) values(n *yaml.Node, what string, take func(e entry) (parameter, bool)) []Param {
	var out []Param
	for _, e := range d.mapping(n, what) {
		p, ok := take(e)
		if !ok {
			continue
		}
		text, plain, ok := d.scalar(e.value, e.name, "several values of a parameter belong under matrix")
		if !ok {
			continue
		}
		if plain && p.kind != proseParameter && nearRange.MatchString(text) {
			d.mistake(e.value, "a range belongs under matrix; quote %s if the text itself is meant", text)
			continue
		}
		if why := p.refuse(text); why != "" {
			d.mistake(e.value, "%s", why)
			continue
		}
		out = append(out, Param{e.name, text})
	}
	return out
}

// parameter checks that the model takes a parameter of that name.
func (s *spanner) parameter(e entry) (parameter, bool) {
	s.named[e.name] = true
	if !nameable(e.name) {
		s.mistake(e.key, "%s cannot be the name of a parameter; write letters and digits", quote(e.name))
		return parameter{}, false
	}
	p, ok := find(s.known, e.name)
	if !ok {
		names := parameterNames(s.known)
		s.named[nearest(e.name, names)] = true // is meant, so not missing too
		s.mistake(e.key, "%s takes no parameter %s%s", s.g.model, quote(e.name), unknown(e.name, names))
	}
	return p, ok
}

// nameable: a name ends up as a column, a form field and in file name
// templates.
func nameable(name string) bool {
	return name != "" && len(name) <= 100 && strings.TrimSpace(name) == name &&
		!strings.ContainsAny(name, "{}/\\\"'`,;") && strings.IndexFunc(name, func(r rune) bool { return r < ' ' || r == 0x7f }) < 0
}

// axis reads the values of one axis.
func (d *decoder) axis(name string, p parameter, n *yaml.Node) *axis {
	a := &axis{name: name}
	items := []*yaml.Node{n}
	if t := d.visit(n); t == nil {
		return a
	} else if t.Kind == yaml.SequenceNode {
		items = t.Content
		if len(items) == 0 {
			d.mistake(n, "the axis %s has no values; list some, or delete it", name)
		}
	}
	for _, item := range items {
		if t := d.visit(item); t == nil {
			return a
		} else if t.Kind == yaml.MappingNode {
			d.span(a, p, item)
			continue
		}
		d.item(a, p, item)
		if a.len() > maxCells {
			d.mistake(item, "the axis %s has more than %d values, and a grid at most that many cells", name, maxCells)
			return a
		}
	}
	return a
}

// item adds one value of a list, or a range written as one word.
func (d *decoder) item(a *axis, p parameter, n *yaml.Node) {
	text, plain, ok := d.scalar(n, "a value of "+a.name, "write the values themselves")
	if !ok {
		return
	}
	if plain && p.kind != proseParameter {
		steps, is, err := parseRange(text)
		switch {
		case err != nil:
			d.mistake(n, "%s: %v", text, err)
			return
		case is:
			d.push(a, p, segment{steps: &steps}, n)
			return
		case nearRange.MatchString(text):
			d.mistake(n, "%s is not a range; %s; quote it if the text itself is meant", quote(text), rangeAdvice)
			return
		}
	}
	if why := p.refuse(text); why != "" {
		d.mistake(n, "%s", why)
		return
	}
	a.pushText(text)
}

// push adds a run of numbers where the parameter takes numbers.
func (d *decoder) push(a *axis, p parameter, s segment, n *yaml.Node) {
	if why := p.refuse(s.at(0)); why != "" {
		d.mistake(n, "%s", why)
		return
	}
	a.push(s)
}

const spanAdvice = "write {from: 1, to: 10}, with step or count, or {random: 8, from: 42}"

// span adds a range written as a mapping.
func (d *decoder) span(a *axis, p parameter, n *yaml.Node) {
	if p.kind == proseParameter {
		d.mistake(n, "a value of %s must be a text, not a mapping; quote a text that has `: ` in it", p.name)
		return
	}
	given := map[string]string{}
	keys := []string{"from", "to", "step", "count", "random"}
	before := len(d.mistakes)
	for _, e := range d.known(n, "a range", keys) {
		text, _, ok := d.scalar(e.value, e.name, "write a number")
		if ok && !oneNumber.MatchString(text) {
			d.mistake(e.value, "%s must be a plain number, not %s", e.name, quote(text))
		}
		given[e.name] = text
	}
	if len(d.mistakes) > before {
		return
	}
	s, problem := spanOf(given)
	if problem != "" {
		d.mistake(n, "the range of %s %s", a.name, problem)
		return
	}
	d.push(a, p, s, n)
}

// spanOf makes the values of a mapping of plain numbers, or says why not.
func spanOf(given map[string]string) (segment, string) {
	is := func(key string) bool { return given[key] != "" }
	switch {
	case is("random") && (is("to") || is("step") || is("count")):
		return segment{}, "has random beside to, step or count; " + spanAdvice
	case is("random") && !is("from"):
		return segment{}, "draws from nowhere; say which draw: {random: 8, from: 42}"
	case is("random"):
		n, from := wholeNumber(given["random"]), wholeNumber(given["from"])
		if n < 1 || n > maxDraws || from < 0 {
			return segment{}, "must draw from 1 to 1000000 values, from a whole number; write {random: 8, from: 42}"
		}
		return segment{draws: draw(int(n), uint64(from)), seed: uint64(from)}, ""
	case !is("from") || !is("to"):
		return segment{}, "needs from and to; " + spanAdvice
	case is("step") && is("count"):
		return segment{}, "has both step and count; keep one"
	case is("count"):
		n := wholeNumber(given["count"])
		if n < 1 || n > maxCells {
			return segment{}, "must have a count from 1 to 100000000"
		}
		steps, err := evenly(given["from"], given["to"], int(n))
		if err != nil {
			return segment{}, "does not work out: " + err.Error()
		}
		return segment{steps: &steps}, ""
	}
	steps, err := newProgression(given["from"], given["to"], given["step"])
	if err != nil {
		return segment{}, "does not work out: " + err.Error()
	}
	return segment{steps: &steps}, ""
}

// wholeNumber gives −1 for what is none.
func wholeNumber(s string) int64 {
	v, decimals, ok := units(s)
	if !ok || decimals != 0 {
		return -1
	}
	return v
}
