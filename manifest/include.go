package manifest

import (
	"slices"

	"gopkg.in/yaml.v3"
)

// include sorts the entries into those that extend combinations and those that
// are combinations of their own. Entries never extend the latter.
func (s *spanner) include(n *yaml.Node) {
	var all []included
	for _, item := range s.list(n, "include") {
		before := len(s.mistakes)
		values := s.values(item, "an entry of include", s.parameter)
		if len(s.mistakes) > before {
			continue
		}
		if len(values) == 0 {
			s.mistake(item, "an empty entry includes nothing; give parameters, or delete it")
			continue
		}
		if s.broken {
			continue
		}
		var original []Param
		for _, v := range values {
			if s.axisOf(v.Name) >= 0 {
				original = append(original, v)
			}
		}
		where, ok := s.pattern(original)
		if ok {
			var err error
			if ok, err = s.g.base.any(where, &s.work); err != nil {
				s.work = maxWork + 1
			}
		}
		if s.work > maxWork {
			s.mistake(item, "%v", errEntangled)
			return
		}
		all = append(all, included{values, where, !ok})
		s.includes = append(s.includes, values)
		if !ok && !hasParam(s.g.params, "prompt") && !hasParam(values, "prompt") && s.needs("prompt") {
			s.mistake(item, "this entry extends no combination, so it is a cell of its own, and has no prompt; give it one, or the values of a combination")
		}
	}
	s.settle(all)
}

// An included is an entry of include that was read.
type included struct {
	values []Param
	where  pattern
	own    bool
}

// settle turns the entries into what they do to the columns of cells.
func (s *spanner) settle(all []included) {
	s.columns()
	var extend []extender
	for _, r := range all {
		var sets []setting
		for _, v := range r.values {
			if column := slices.Index(s.g.columns, v.Name); r.own || column >= len(s.g.axes) {
				sets = append(sets, setting{column, v.Value})
			}
		}
		if r.own {
			s.g.own = append(s.g.own, sets)
		} else if len(sets) > 0 {
			extend = append(extend, extender{r.where, sets})
		}
	}
	s.g.extend = newExtenders(extend, s.sizes())
}

// columns puts the names of all parameters in order.
func (s *spanner) columns() {
	s.g.columns, s.g.varied = s.axisNames(), s.axisNames()
	add := func(ps []Param) {
		for _, p := range ps {
			if !has(s.g.columns, p.Name) {
				s.g.columns = append(s.g.columns, p.Name)
			}
		}
	}
	add(s.g.params)
	for _, values := range s.includes {
		add(values)
		for _, p := range values {
			if !has(s.g.varied, p.Name) {
				s.g.varied = append(s.g.varied, p.Name)
			}
		}
	}
}
