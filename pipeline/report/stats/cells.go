package stats

import (
	"math"
	"slices"
	"time"

	"github.com/shopspring/decimal"

	"wirobatch/pipeline/journal"
	"wirobatch/pipeline/report/pictures"
)

// outcome is how a cell stands.
type outcome uint8

const (
	open outcome = iota // pending, held or cancelled
	done
	failed
)

// cells holds what is needed of each cell, a column for each thing, so that a million of them fit into memory.
type cells struct {
	options Options
	columns []*column
	stages  []Stage

	unselected, unlisted int

	outcomes []outcome
	places   [][]int32   // of each axis, its value's place in order
	measured [][]float64 // of each stage, NaN: unknown or not done
	costs    []int32     // into prices, -1: unknown
	files    []int32
	from, to []int64 // when the task was under way, in ms; 0: unknown
	ids      []string
	looks    []look
	seeded   []bool

	prices []decimal.Decimal // each that comes
	priced map[string]int32
	uses   uses

	// When all are there.
	axes   []Axis
	cold   []bool
	starts []int32 // the start that submitted it, 0: unknown
}

// look is what is known of the first output of a cell, and whether two cells have the same outputs.
type look struct {
	hash   uint64
	sum    [8]byte // of all outputs' checksums; zero: not all are known
	hashed bool
}

func newCells(params []string, o Options) *cells {
	c := &cells{options: o, columns: newColumns(params), stages: Stages(), priced: map[string]int32{}, uses: uses{}}
	c.places = make([][]int32, len(c.columns))
	c.measured = make([][]float64, len(c.stages))
	return c
}

func (c *cells) names() (all []string) {
	for _, a := range c.columns {
		all = append(all, a.Name)
	}
	return all
}

func (c *cells) axis(name string) int { return slices.Index(c.names(), name) }

func (c *cells) every() []int32 {
	all := make([]int32, len(c.outcomes))
	for i := range all {
		all[i] = int32(i)
	}
	return all
}

func (c *cells) add(row journal.Row) {
	c.uses.add(row) // also of cells that are not asked for: they kept the model warm
	switch {
	case c.options.Where != nil && !c.options.Where(row):
		c.unselected++
		return
	case row.Number == 0:
		c.unlisted++
		return
	}
	state := open
	switch row.State {
	case journal.Done:
		state = done
	case journal.Failed:
		state = failed
	}
	c.outcomes = append(c.outcomes, state)
	for i, a := range c.columns {
		c.places[i] = append(c.places[i], a.index(a.Of(row)))
	}
	for i, s := range c.stages {
		v, known := s.Of(row)
		if !known || state != done {
			v = math.NaN()
		}
		c.measured[i] = append(c.measured[i], v)
	}
	c.costs = append(c.costs, c.price(row.Cost))
	delivered, from, to := int32(0), int64(0), int64(0)
	if state == done {
		for _, f := range row.Files {
			if f.Path != "" {
				delivered++
			}
		}
	}
	if !row.SubmittedAt.IsZero() && row.FinishedAt.After(row.SubmittedAt) {
		from, to = row.SubmittedAt.UnixMilli(), row.FinishedAt.UnixMilli()
	}
	c.files, c.from, c.to = append(c.files, delivered), append(c.from, from), append(c.to, to)
	c.ids = append(c.ids, row.ID)
	c.looks = append(c.looks, c.look(row))
	c.seeded = append(c.seeded, pictures.SeedOf(row.Params) != "")
}

// price keeps each price once: there are few.
func (c *cells) price(cost decimal.NullDecimal) int32 {
	if !cost.Valid {
		return -1
	}
	text := cost.Decimal.String()
	i, known := c.priced[text]
	if !known {
		i = int32(len(c.prices))
		c.priced[text] = i
		c.prices = append(c.prices, cost.Decimal)
	}
	return i
}

// settle does what takes all cells.
func (c *cells) settle(starts []journal.Run) {
	for i, a := range c.columns {
		axis, place := a.ordered()
		c.axes = append(c.axes, axis)
		for k, n := range c.places[i] {
			c.places[i][k] = place[n]
		}
	}
	cold := c.uses.cold()
	c.uses = nil
	c.cold, c.starts = make([]bool, len(c.ids)), make([]int32, len(c.ids))
	for i, id := range c.ids {
		c.cold[i] = cold[id] && !c.options.KeepCold
		for _, s := range slices.Backward(starts) {
			if c.from[i] > 0 && !s.StartedAt.After(time.UnixMilli(c.from[i])) {
				c.starts[i] = int32(s.Number)
				break
			}
		}
	}
}
