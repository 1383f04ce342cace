package manifest

import (
	"cmp"
	"slices"

	"gopkg.in/yaml.v3"
)

// Exclude and include behave as the keys of the same names in a GitHub Actions
// matrix (GitHub Docs, "Running variations of jobs in a workflow").

// pattern gives where values of axes stand. ok is false when no combination
// has them all.
func (s *spanner) pattern(values []Param) (p pattern, ok bool) {
	byLevel := map[int][]int{}
	for _, v := range values {
		a := s.axisOf(v.Name)
		at := s.g.axes[a].positions(v.Value)
		s.work += 1 + len(at)
		level := s.levelOf[a]
		if before, zipped := byLevel[level]; zipped {
			at = slices.DeleteFunc(slices.Clone(at), func(i int) bool {
				_, both := slices.BinarySearch(before, i)
				return !both
			})
		}
		if len(at) == 0 || s.work > maxWork {
			return nil, false
		}
		byLevel[level] = at
	}
	for level, at := range byLevel {
		p = append(p, place{level, at})
	}
	slices.SortFunc(p, func(a, b place) int { return cmp.Compare(a.level, b.level) })
	return p, true
}

func (s *spanner) exclude(n *yaml.Node) []pattern {
	var patterns []pattern
	for _, item := range s.list(n, "exclude") {
		before := len(s.mistakes)
		values := s.values(item, "an entry of exclude", func(e entry) (parameter, bool) {
			if !has(s.written, e.name) {
				s.mistake(e.key, "exclude names no axis %s of the matrix%s", quote(e.name), unknown(e.name, s.written))
				return parameter{}, false
			}
			return s.parameter(e)
		})
		if len(s.mistakes) > before {
			continue
		}
		if len(values) == 0 {
			s.mistake(item, "an empty entry would exclude everything; name values of axes, or delete it")
			continue
		}
		if s.broken {
			continue
		}
		p, ok := s.pattern(values)
		if s.work > maxWork {
			s.mistake(item, "%v", errEntangled)
			return nil
		}
		if !ok {
			s.mistake(item, "excludes nothing: %s", s.why(values))
			continue
		}
		patterns = append(patterns, p)
		s.excludes = append(s.excludes, values)
	}
	return patterns
}

// why says why no combination has some values.
func (s *spanner) why(values []Param) string {
	for _, v := range values {
		a := s.g.axes[s.axisOf(v.Name)]
		if len(a.positions(v.Value)) > 0 {
			continue
		}
		var have []string
		for i := range min(a.len(), 100) {
			have = append(have, a.at(i))
		}
		hint := ""
		if near := nearest(v.Value, have); near != "" {
			hint = "; did you mean " + near + "?"
		}
		return a.name + " never is " + quote(v.Value) + " (the spelling counts)" + hint
	}
	return "no combination has all of these values; its axes are zipped"
}

// survive numbers the combinations that are left. It reports false when the
// excludes overlap too badly for that.
func (s *spanner) survive(patterns []pattern, included bool) bool {
	if len(s.g.levels) == 0 && included {
		patterns = []pattern{nil} // without a matrix, includes are all there is
	}
	var err error
	s.g.base, err = newSurvivors(s.sizes(), patterns)
	return err == nil
}
