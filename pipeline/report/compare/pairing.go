package compare

import (
	"slices"
	"strconv"
	"strings"

	"wirobatch/pipeline/journal"
)

// pair is a cell of A and the one of B that it is compared with. One of them is nil where there is no partner.
type pair struct {
	a, b *journal.Row
	how  kinship
}

// kinship is what makes a pair one.
type kinship int

const (
	alone  kinship = iota
	cell           // the same id: model, parameters and repeat are equal
	inputs         // parameters and repeat are, the model is another
	shared         // those parameters are that both folders have, and that are no fixed ones of other values
)

// Pairing counts how cells have found each other.
type Pairing struct {
	Cell    int      `json:"same_cell"`
	Inputs  int      `json:"same_parameters"`
	Shared  int      `json:"shared_parameters"`
	Ignored []string `json:"not_shared"` // the parameters that the pairs of Shared leave out: one folder alone has them
	Fixed   []Fixed  `json:"fixed"`      // and those of one value in each folder, and another in the other
	// NotEnded are those in which a cell is neither done nor failed, and which the figures leave out.
	NotEnded int `json:"not_ended"`
	OnlyA    int `json:"only_a"`
	OnlyB    int `json:"only_b"`
}

// Paired is how many pairs there are.
func (p Pairing) Paired() int { return p.Cell + p.Inputs + p.Shared }

// pairUp finds the partner of each cell: first the same cell; then the one with the same parameters and repeat, whatever its model, where
// each folder has one such; then by the parameters that both folders have, likewise, but for those that are fixed in each at another value. Pairs come in the order of A, what B alone has follows.
func pairUp(a, b []journal.Row) (pairs []pair, ignored []string, fixed []Fixed) {
	m := matching{a: a, b: b, partner: make([]int, len(a)), how: make([]kinship, len(a)), taken: make([]bool, len(b)), left: min(len(a), len(b))}
	for i := range m.partner {
		m.partner[i] = -1
	}
	m.match(cell, func(row journal.Row) string { return row.ID })
	m.match(inputs, func(row journal.Row) string { return asked(row, nil) })
	both, other := parameters(a, b)
	differ := fixedApart(a, b, both)
	for _, f := range differ {
		delete(both, f.Name)
	}
	if before := m.left; len(both) > 0 && len(other)+len(differ) > 0 { // with nothing in common nothing says that two cells belong together
		if m.match(shared, func(row journal.Row) string { return asked(row, both) }); m.left < before {
			ignored, fixed = other, differ
		}
	}
	for i := range a {
		p := pair{a: &a[i], how: m.how[i]}
		if k := m.partner[i]; k >= 0 {
			p.b = &b[k]
		}
		pairs = append(pairs, p)
	}
	for k := range b {
		if !m.taken[k] {
			pairs = append(pairs, pair{b: &b[k]})
		}
	}
	return pairs, ignored, fixed
}

type matching struct {
	a, b    []journal.Row
	partner []int // of each cell of a, -1: none yet
	how     []kinship
	taken   []bool // of b
	left    int    // how many pairs there can still be
}

// match pairs the cells that have no partner yet, and whose key no other cell of their folder has.
func (m *matching) match(how kinship, key func(journal.Row) string) {
	if m.left == 0 {
		return
	}
	inA, inB := places(m.a, key), places(m.b, key)
	for i, row := range m.a {
		k := key(row)
		if at, ok := inB[k]; m.partner[i] < 0 && ok && at >= 0 && inA[k] >= 0 && !m.taken[at] {
			m.partner[i], m.how[i], m.taken[at] = at, how, true
			m.left--
		}
	}
}

// places gives where the one cell with a key is, -1 where several have it.
func places(rows []journal.Row, key func(journal.Row) string) map[string]int {
	at := make(map[string]int, len(rows))
	for i, row := range rows {
		k := key(row)
		if _, twice := at[k]; twice {
			at[k] = -1
		} else {
			at[k] = i
		}
	}
	return at
}

// asked is what a cell asked its model for, in a form that can be compared: of the parameters those in only, or all.
func asked(row journal.Row, only map[string]bool) string {
	all := make([]string, 0, len(row.Params)+1)
	for _, p := range row.Params {
		if only == nil || only[p.Name] {
			all = append(all, strconv.Quote(p.Name)+strconv.Quote(p.Value))
		}
	}
	slices.Sort(all)
	return strings.Join(append(all, strconv.Itoa(row.Repeat)), "")
}

// meant keeps the pairs of which a cell is meant, on either side, and counts them: a partner is never left out.
func meant(all []pair, where func(journal.Row) bool) (kept []pair, n Pairing) {
	is := func(row *journal.Row) bool {
		return row != nil && (where == nil || where(*row))
	}
	for _, p := range all {
		if !is(p.a) && !is(p.b) {
			continue
		}
		kept = append(kept, p)
		switch {
		case p.how == cell:
			n.Cell++
		case p.how == inputs:
			n.Inputs++
		case p.how == shared:
			n.Shared++
		case p.b == nil:
			n.OnlyA++
		default:
			n.OnlyB++
		}
	}
	return kept, n
}
