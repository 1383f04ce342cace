package compare

import (
	"maps"
	"slices"

	"wirobatch/pipeline/journal"
)

// Fixed is a parameter that has one value in each folder.
type Fixed struct {
	Name string `json:"name"`
	A    string `json:"a"`
	B    string `json:"b"`
}

// fixedApart gives the parameters that have one value in each folder, and not the same.
func fixedApart(a, b []journal.Row, both map[string]bool) (fixed []Fixed) {
	inA, inB := single(a), single(b)
	for _, name := range slices.Sorted(maps.Keys(both)) {
		if one, other := inA[name], inB[name]; one != nil && other != nil && *one != *other {
			fixed = append(fixed, Fixed{name, *one, *other})
		}
	}
	return fixed
}

// single gives the parameters with the value that all cells have, nil for those of several.
func single(rows []journal.Row) map[string]*string {
	all, times := map[string]*string{}, map[string]int{}
	for _, row := range rows {
		for _, p := range row.Params {
			if known, seen := all[p.Name]; !seen {
				all[p.Name] = &p.Value
			} else if known != nil && *known != p.Value {
				all[p.Name] = nil
			}
			times[p.Name]++
		}
	}
	for name, n := range times {
		if n != len(rows) { // some cells do without it
			all[name] = nil
		}
	}
	return all
}

// parameters gives the names that cells of both folders have, and those that only one has, sorted.
func parameters(a, b []journal.Row) (both map[string]bool, other []string) {
	inA, inB := names(a), names(b)
	both = map[string]bool{}
	for name := range inA {
		if inB[name] {
			both[name] = true
		} else {
			other = append(other, name)
		}
	}
	for name := range inB {
		if !inA[name] {
			other = append(other, name)
		}
	}
	slices.Sort(other)
	return both, other
}

func names(rows []journal.Row) map[string]bool {
	all := map[string]bool{}
	for _, row := range rows {
		for _, p := range row.Params {
			all[p.Name] = true
		}
	}
	return all
}
