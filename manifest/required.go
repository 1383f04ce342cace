package manifest

import (
	"slices"

	"gopkg.in/yaml.v3"
)

func (s *spanner) needs(name string) bool {
	p, ok := find(s.known, name)
	return ok && p.required
}

// mentioned reports the parameters that the model needs and that stand nowhere
// at all: that is certain even if the rest has mistakes.
func (s *spanner) mentioned(given map[string]entry, top *yaml.Node) {
	for _, p := range s.known {
		if p.required && !s.named[p.name] {
			s.missing(p.name, given, top)
		}
	}
}

func (s *spanner) missing(name string, given map[string]entry, top *yaml.Node) {
	at := top
	if e, ok := given["matrix"]; ok {
		at = e.key
	} else if e, ok := given["params"]; ok {
		at = e.key
	}
	s.mistake(at, "%s is missing, and %s needs it; write it under matrix, or under params if it is always the same", name, s.g.model)
}

// required finds combinations that would be sent without a parameter that the
// model needs. An include can bring it, but then to all of them.
func (s *spanner) required(patterns []pattern, given map[string]entry, top *yaml.Node) {
	for _, p := range s.known {
		if !p.required || hasParam(s.g.params, p.name) || s.axisOf(p.name) >= 0 {
			continue
		}
		column := slices.Index(s.g.columns, p.name)
		left := slices.Clone(patterns)
		for _, x := range s.g.extend.list {
			if slices.ContainsFunc(x.sets, func(v setting) bool { return v.column == column }) {
				left = append(left, x.where)
			}
		}
		if len(s.g.levels) == 0 && s.g.base.total() == 0 {
			continue
		}
		if without, err := newSurvivors(s.sizes(), left); err != nil || without.total() > 0 {
			s.missing(p.name, given, top)
		}
	}
}
