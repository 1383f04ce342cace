package manifest

import (
	"cmp"
	"slices"

	"gopkg.in/yaml.v3"
)

// A spanner puts a grid together from the parts of a manifest.
type spanner struct {
	*decoder
	g        *Grid
	known    []parameter
	named    map[string]bool // parameters that occur anywhere
	written  []string        // names of axes, also of those that have mistakes
	broken   bool            // there were mistakes: look for more, conclude nothing
	work     int             // spent on exclude and include, bounded by maxWork
	levelOf  []int           // the level that each axis is part of
	excludes [][]Param
	includes [][]Param
}

// grid reads everything that makes cells. It gives nil after mistakes that
// leave no grid to speak of.
func (d *decoder) grid(model string, repeat int, order Order, given map[string]entry, top *yaml.Node) *Grid {
	s := &spanner{decoder: d, g: &Grid{model: model, repeat: repeat, order: order}, known: parametersOf(model), named: map[string]bool{}}
	before := len(d.mistakes)
	if e, ok := given["params"]; ok {
		s.params(e.value)
	}
	if e, ok := given["matrix"]; ok {
		s.matrix(e.value)
	}
	s.broken = len(d.mistakes) > before
	zip, zipped := given["zip"]
	s.zip(zip.value, zipped)
	s.fits(given, top)
	s.broken = len(d.mistakes) > before
	var patterns []pattern
	if e, ok := given["exclude"]; ok {
		patterns = s.exclude(e.value)
	}
	e, ok := given["include"]
	if !s.broken && !s.survive(patterns, ok) {
		d.mistake(given["exclude"].key, "%v", errEntangled)
		s.broken = true
	}
	if ok {
		s.include(e.value)
	}
	s.mentioned(given, top)
	if len(d.mistakes) > before {
		return nil
	}
	s.required(patterns, given, top)
	s.finish(given, top)
	return s.g
}

func (s *spanner) params(n *yaml.Node) {
	s.g.params = s.values(n, "params", s.parameter)
}

func (s *spanner) matrix(n *yaml.Node) {
	for _, e := range s.mapping(n, "matrix") {
		s.written = append(s.written, e.name)
		p, ok := s.parameter(e)
		if !ok {
			continue
		}
		if hasParam(s.g.params, e.name) {
			s.mistake(e.key, "%s stands in params and in matrix; keep one", e.name)
		}
		if has(addressed, e.name) {
			s.mistake(e.key, "%s makes no difference to what is made; write it under params", e.name)
			continue
		}
		if len(s.g.axes) == maxAxes {
			s.mistake(e.key, "a matrix has at most %d axes", maxAxes)
			return
		}
		s.g.axes = append(s.g.axes, s.axis(e.name, p, e.value))
	}
}

// finish works out what all cells share.
func (s *spanner) finish(given map[string]entry, top *yaml.Node) {
	g := s.g
	s.columns()
	at := top
	if e, ok := given["exclude"]; ok {
		at = e.key
	}
	if g.pass() == 0 {
		s.mistake(at, "no cell is left; exclude fewer combinations, or include some")
	} else if multiply(g.repeat, g.pass()) > maxCells {
		s.mistake(top, "the grid has more than %d cells; shorten an axis, or split the manifest", maxCells)
	}
	g.constant = make([]slot, len(g.columns))
	for _, p := range g.params {
		g.constant[slices.Index(g.columns, p.Name)] = slot{p.Value, true}
	}
	for i, name := range g.columns {
		if !has(addressed, name) {
			g.inOrder = append(g.inOrder, i)
		}
	}
	slices.SortFunc(g.inOrder, func(a, b int) int { return cmp.Compare(g.columns[a], g.columns[b]) })
	g.resolve(s.excludes, s.includes)
}

func (s *spanner) axisOf(name string) int {
	for i, a := range s.g.axes {
		if a.name == name {
			return i
		}
	}
	return -1
}

func (s *spanner) axisNames() []string {
	names := make([]string, len(s.g.axes))
	for i, a := range s.g.axes {
		names[i] = a.name
	}
	return names
}

func (s *spanner) sizes() []int {
	sizes := make([]int, len(s.g.levels))
	for i, l := range s.g.levels {
		sizes[i] = l.size
	}
	return sizes
}

func hasParam(ps []Param, name string) bool {
	for _, p := range ps {
		if p.Name == name {
			return true
		}
	}
	return false
}
