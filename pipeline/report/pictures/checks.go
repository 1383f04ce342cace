package pictures

import (
	"crypto/sha256"
	"fmt"
	"iter"
	"slices"

	"wirobatch/pipeline/journal"
)

// Check is one finding, for the page and for a person.
type Check struct {
	Kind  string   // one of the kinds below
	Cells []string // ids, in the order of the grid; for duplicate, near and differs the group
	Note  string   // one sentence for a person
}

// The kinds of findings, in the order in which they come.
const (
	Unreadable = "unreadable"
	Blank      = "blank"
	Aspect     = "aspect"    // other than was asked for
	Duplicate  = "duplicate" // the same bytes for different inputs
	Near       = "near"      // different inputs, but they look alike
	Differs    = "differs"   // the same inputs and seed, but other bytes
)

// Inputs is a hash of what a cell asked for, without the number of its replicate.
type Inputs [16]byte

// InputsOf gives it. Cells with the same are replicates.
func InputsOf(c journal.Cell) (in Inputs) {
	h := sha256.New()
	fmt.Fprintf(h, "%q", c.Model)
	for _, p := range c.Params {
		fmt.Fprintf(h, "%q%q", p.Name, p.Value)
	}
	copy(in[:], h.Sum(nil))
	return in
}

// shown is a picture with what its cell asked for.
type shown struct {
	Picture
	inputs Inputs
	at     int // in the order of the grid
}

// Checks looks for what eyes miss among the pictures that Update gave. Replicates are meant to be alike: the same bytes for the same inputs are no finding.
func Checks(rows iter.Seq2[journal.Row, error], pictures map[string][]Picture) ([]Check, error) {
	var all []shown
	found := map[string][]Check{}
	add := func(kind, note string, cells ...string) {
		found[kind] = append(found[kind], Check{kind, cells, note})
	}
	again := replicates{}
	for row, err := range rows {
		if err != nil {
			return nil, err
		}
		in := InputsOf(row.Cell)
		for _, p := range pictures[row.ID] {
			which := ""
			if len(pictures[row.ID]) > 1 {
				which = fmt.Sprintf("Output %d: ", p.N)
			}
			switch {
			case p.Err != "":
				add(Unreadable, which+p.Err, row.ID)
				continue
			case p.Blank:
				add(Blank, which+"nothing but one colour", row.ID)
			}
			if note := crooked(row.Params, p); note != "" {
				add(Aspect, which+note, row.ID)
			}
			all = append(all, shown{p, in, len(all)})
		}
		again.add(row, in, pictures[row.ID])
	}
	found[Duplicate] = duplicates(all)
	found[Near] = near(all)
	found[Differs] = again.checks()
	return slices.Concat(found[Unreadable], found[Blank], found[Aspect], found[Duplicate], found[Near], found[Differs]), nil
}

// duplicates finds the same bytes where different inputs, or different outputs of one cell, gave them.
func duplicates(all []shown) (checks []Check) {
	var order []string
	same := map[string][]shown{}
	for _, p := range all {
		if same[p.SHA256] == nil {
			order = append(order, p.SHA256)
		}
		same[p.SHA256] = append(same[p.SHA256], p)
	}
	for _, sum := range order {
		group := same[sum]
		other := slices.ContainsFunc(group, func(p shown) bool { return p.inputs != group[0].inputs })
		if other {
			checks = append(checks, Check{Duplicate, cellsOf(group), fmt.Sprintf("The same file %s, from different inputs", times(len(group)))})
		} else if slices.ContainsFunc(group, func(p shown) bool { return p.N != group[0].N }) {
			checks = append(checks, Check{Duplicate, cellsOf(group), fmt.Sprintf("The same file %s, as different outputs", times(len(group)))})
		}
	}
	return checks
}

func times(n int) string {
	if n == 2 {
		return "twice"
	}
	return fmt.Sprintf("%d times", n)
}

// cellsOf names each cell once.
func cellsOf(group []shown) (ids []string) {
	for _, p := range group {
		if len(ids) == 0 || ids[len(ids)-1] != p.Cell { // the outputs of a cell follow each other
			ids = append(ids, p.Cell)
		}
	}
	return ids
}
