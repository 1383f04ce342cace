package compare

import (
	"cmp"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"

	"wirobatch/pipeline/journal"
)

// naming tells cells apart by what is not the same in all of them, or in all of a folder.
type naming struct {
	params        []string // the short ones first
	model, repeat bool
}

// longName is from where on a value needs no name before it: it speaks for itself.
const longName = 24

func namingOf(pairs []pair, fixed []Fixed) (n naming) {
	type seen struct {
		value          string
		varies         bool
		cells, longest int
	}
	of, cells := map[string]*seen{}, 0
	models, repeats := [2]map[string]bool{{}, {}}, map[int]bool{}
	for _, p := range pairs {
		for side, row := range []*journal.Row{p.a, p.b} {
			if row == nil {
				continue
			}
			cells++
			models[side][row.Model], repeats[row.Repeat] = true, true
			for _, param := range row.Params {
				s := of[param.Name]
				if s == nil {
					s = &seen{value: param.Value}
					of[param.Name] = s
					n.params = append(n.params, param.Name)
				}
				s.cells++
				s.varies = s.varies || s.value != param.Value
				s.longest = max(s.longest, utf8.RuneCountInString(param.Value))
			}
		}
	}
	n.params = slices.DeleteFunc(n.params, func(name string) bool {
		return !of[name].varies && of[name].cells == cells || slices.ContainsFunc(fixed, func(f Fixed) bool { return f.Name == name })
	})
	slices.SortStableFunc(n.params, func(a, b string) int {
		return cmp.Compare(tally(of[a].longest > longName), tally(of[b].longest > longName))
	})
	n.model, n.repeat = len(models[0]) > 1 || len(models[1]) > 1, len(repeats) > 1
	return n
}

// of gives what is different about a cell.
func (n naming) of(row journal.Row) (all []journal.Param) {
	if n.model {
		all = append(all, journal.Param{Name: "model", Value: row.Model})
	}
	for _, name := range n.params {
		for _, p := range row.Params {
			if p.Name == name {
				all = append(all, p)
			}
		}
	}
	if n.repeat {
		all = append(all, journal.Param{Name: "repeat", Value: strconv.Itoa(row.Repeat)})
	}
	return all
}

// label words it in one line.
func (n naming) label(row journal.Row) string {
	var parts []string
	for _, p := range n.of(row) {
		v := plain(p.Value)
		if utf8.RuneCountInString(v) > longName {
			parts = append(parts, shorten(v, 60))
		} else {
			parts = append(parts, plain(p.Name)+" "+v)
		}
	}
	return strings.Join(parts, " · ")
}
