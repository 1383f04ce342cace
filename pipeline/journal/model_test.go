package journal

import (
	"maps"
	"slices"
	"testing"
	"time"

	"github.com/shopspring/decimal"
)

// life is the life of a cell: the states that may follow one. A save leaves the lease as it is, a finish ends it.
var life = map[State]struct{ save, finish []State }{
	Pending:   {save: []State{Intended}},
	Intended:  {save: []State{Submitted, Unknown}, finish: []State{Failed, Pending}},
	Unknown:   {save: []State{Submitted}, finish: []State{Held, Pending}},
	Held:      {save: []State{Submitted}, finish: []State{Held, Pending}},
	Submitted: {finish: []State{Done, Failed, Cancelled, Submitted, Pending}},
}

// model is what a journal must say: cells by their number in testCell.
type model map[int]modelCell

type modelCell struct {
	inGrid      bool
	state       State
	undelivered bool
	attempt     int
	submits     []modelSubmit // by attempt, from 1
}

type modelSubmit struct {
	cost     decimal.NullDecimal
	reserved decimal.Decimal
	refused  bool
}

func (m model) clone() model {
	other := maps.Clone(m)
	for n, c := range other {
		c.submits = slices.Clone(c.submits)
		other[n] = c
	}
	return other
}

// begun is the model after a start on a grid of that many cells.
func (m model) begun(cells int) model {
	m = m.clone()
	for n, c := range m {
		if c.inGrid = n <= cells; c.state == Cancelled {
			c.state = Pending
		}
		m[n] = c
	}
	for n := 1; n <= cells; n++ {
		if _, there := m[n]; !there {
			m[n] = modelCell{inGrid: true, state: Pending}
		}
	}
	return m
}

// saved notes a record that is durable.
func (m model) saved(n int, r Record) {
	c := m[n]
	c.state, c.attempt, c.undelivered = r.State, r.Attempt, r.Undelivered && r.State == Submitted
	c.submits = append(slices.Clone(c.submits[:min(r.Attempt-1, len(c.submits))]),
		modelSubmit{cost: r.Cost, reserved: r.Reserved, refused: r.State == Pending && r.TaskID == ""})
	m[n] = c
}

// attempts leaves out a last submit that made nothing.
func (c modelCell) attempts() int {
	if c.attempt > 0 && c.submits[c.attempt-1].refused {
		return c.attempt - 1
	}
	return c.attempt
}

// cost is not known while that of one submit is not.
func (c modelCell) cost() (sum decimal.NullDecimal) {
	unknown := false
	for _, s := range c.submits {
		unknown = unknown || !s.cost.Valid && !s.refused
		sum.Valid = sum.Valid || s.cost.Valid
	}
	sum.Decimal, sum.Valid = c.spent(), sum.Valid && !unknown
	return sum
}

func (c modelCell) spent() (sum decimal.Decimal) {
	for _, s := range c.submits {
		sum = sum.Add(s.cost.Decimal)
	}
	return sum
}

func (m model) money() (spent, reserved decimal.Decimal) {
	for _, c := range m {
		spent = spent.Add(c.spent())
		if c.state.open() && !c.submits[c.attempt-1].cost.Valid {
			reserved = reserved.Add(c.submits[c.attempt-1].reserved)
		}
	}
	return spent, reserved
}

// differs holds rows of a journal against the model.
func (m model) differs(rows []Row) (why string) {
	if len(rows) != len(m) {
		return "it has another number of cells"
	}
	seen := map[string]bool{}
	for _, r := range rows {
		n := int(numberOf(r.ID))
		c, there := m[n]
		switch {
		case !there || seen[r.ID]:
			return "cell " + r.ID + " does not belong there"
		case r.Number != 0 != c.inGrid, r.Number != 0 && r.Number != n:
			return "cell " + r.ID + " has another place"
		case r.State != c.state || r.Undelivered != c.undelivered:
			return "cell " + r.ID + " is " + string(r.State) + " and not " + string(c.state)
		case r.Attempts != c.attempts():
			return "cell " + r.ID + " has another number of attempts"
		case r.Cost.Valid != c.cost().Valid || r.Cost.Valid && !r.Cost.Decimal.Equal(c.cost().Decimal):
			return "cell " + r.ID + " has the cost " + r.Cost.Decimal.String() + " and not " + c.cost().Decimal.String()
		}
		seen[r.ID] = true
	}
	return ""
}

// numberOf finds the cell of an id.
func numberOf(id string) int {
	for n := 1; n <= mostCells; n++ {
		if testCell(n).ID == id {
			return n
		}
	}
	return 0
}

// reckon holds Progress and Counts against the model, with these cells leased.
func (m model) reckon(t *testing.T, j *Journal, leases []*Lease) {
	t.Helper()
	spent, reserved := m.money()
	checkMoney(t, j, spent.String(), reserved.String())
	p, states, former := j.Progress(), map[State]int{}, 0
	for _, c := range m {
		if c.inGrid {
			states[c.state]++
		}
	}
	for _, l := range leases {
		if c := m[numberOf(l.Cell.ID)]; !c.inGrid && c.state.open() {
			former++
		}
	}
	if p.Done != states[Done] || p.Failed != states[Failed] || p.Cancelled != states[Cancelled] {
		t.Errorf("%+v, and the rows say %v", p, states)
	}
	all := p.Done + p.Failed + p.Cancelled + p.Held + p.Undelivered + p.Pending + p.LookedUp + p.InFlight + p.Downloading - former
	inGrid := states[Pending] + states[Intended] + states[Submitted] + states[Unknown] + states[Held] + p.Done + p.Failed + p.Cancelled
	if all != p.Cells || p.Cells != inGrid {
		t.Errorf("%+v: %d cells in all, and the rows say %v", p, all, states)
	}
}

var noon = time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)
