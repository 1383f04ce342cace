package pictures

import (
	"fmt"
	"slices"
	"strings"

	"wirobatch/pipeline/journal"
)

// replicates are the cells of each inputs, in the order of the grid.
type replicates map[Inputs]*replicate

type replicate struct {
	turn  int
	cells []string
	sums  map[string]bool // of all outputs of a cell
	seed  string

	first  []Picture // those of the first cell: the others are held against them
	most   int       // in how many bits one differs
	unseen bool      // of one that has other bytes it is not known
}

// add leaves out what has no seed: there, other bytes are what replicates are made for.
func (r replicates) add(row journal.Row, in Inputs, pictures []Picture) {
	seed := SeedOf(row.Params)
	if seed == "" || len(pictures) == 0 || slices.ContainsFunc(pictures, func(p Picture) bool { return p.SHA256 == "" || p.Err != "" }) {
		return
	}
	var sums strings.Builder
	for _, p := range pictures {
		fmt.Fprintf(&sums, "%d %s\n", p.N, p.SHA256)
	}
	one := r[in]
	if one == nil {
		one = &replicate{turn: len(r), sums: map[string]bool{}, seed: seed, first: pictures}
		r[in] = one
	}
	one.cells = append(one.cells, row.ID)
	one.sums[sums.String()] = true
	one.unseen = one.unseen || len(pictures) != len(one.first)
	for i := range min(len(pictures), len(one.first)) {
		bits, known := Apart(one.first[i], pictures[i])
		one.most, one.unseen = max(one.most, bits), one.unseen || !known
	}
}

func (r replicates) checks() []Check {
	checks := make([]Check, len(r))
	for _, one := range r {
		if len(one.sums) > 1 {
			note := fmt.Sprintf("The same inputs with seed %s gave %d different results, %s", one.seed, len(one.sums), one.apart())
			checks[one.turn] = Check{Differs, one.cells, note}
		}
	}
	return slices.DeleteFunc(checks, func(c Check) bool { return c.Kind == "" })
}

// apart says how far the looks of a replicate are from those of the first.
func (r *replicate) apart() string {
	switch {
	case r.most > NearBits:
		return fmt.Sprintf("up to %d of 64 bits apart", r.most)
	case r.unseen:
		return "and how far they are apart is not known"
	}
	return fmt.Sprintf("which look alike (%d of 64 bits apart)", r.most)
}

// SeedOf is "" also where the seed asks for chance.
func SeedOf(params []journal.Param) string {
	for _, p := range params {
		if name := strings.ToLower(p.Name); name == "seed" || strings.HasSuffix(name, "_seed") || strings.HasSuffix(p.Name, "Seed") {
			if v := strings.TrimSpace(p.Value); !strings.HasPrefix(v, "-") && !strings.EqualFold(v, "random") {
				return v
			}
		}
	}
	return ""
}
