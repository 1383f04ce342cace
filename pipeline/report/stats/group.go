package stats

import (
	"math"

	"github.com/shopspring/decimal"
)

// Group is what there is to say of cells that have something in common.
type Group struct {
	Values []string // of the axes

	N                     int // cells
	Done, Failed, NotDone int // NotDone: pending, held or cancelled
	Cold                  int // done, and left out of the times
	Success               Rate
	Times                 []Measure // of done cells that are not cold
	Cost                  Cost
	Pictures              int // files on disk
	Pace                  Pace
	Looks                 *Looks // nil where there is nothing to compare with
}

// Measure is a stage with its figures. Unknown counts the cells whose figure is not known.
type Measure struct {
	Stage
	Summary
	Unknown int
}

// Of gives the figures of a stage.
func (g Group) Of(stage string) Measure {
	for _, m := range g.Times {
		if m.Name == stage {
			return m
		}
	}
	return g.Cost.Measure
}

// Cost is what done cells cost, all of their attempts. Sums and means are exact, of the cells whose cost is known, and nil where there is none.
type Cost struct {
	Measure
	Sum           *decimal.Decimal
	Mean          *decimal.Decimal // of a cell
	PerPicture    *decimal.Decimal // of a file
	Failed        *decimal.Decimal // what the failed cells cost on top
	FailedUnknown int              // of those, the ones without a cost
	NotDone       *decimal.Decimal // what is known to be paid for cells that are not done: not delivered, or looked at again
}

// moneyDigits is to how many decimals a mean that does not end is rounded.
const moneyDigits = 12

func (c *cells) group(values []string, members []int32) Group {
	g := Group{Values: values, N: len(members)}
	for _, i := range members {
		switch c.outcomes[i] {
		case done:
			g.Done++
			g.Pictures += int(c.files[i])
			if c.cold[i] {
				g.Cold++
			}
		case failed:
			g.Failed++
		default:
			g.NotDone++
		}
	}
	g.Success = rate(g.Done, g.Done+g.Failed, c.options.Confidence)
	for k, s := range c.stages {
		m := Measure{Stage: s}
		sample := c.sample(k, members)
		m.Summary = sample.Summarise(c.options.Confidence)
		m.Unknown = g.Done - m.N
		if s.Unit == "USD" {
			g.Cost = c.cost(m, members)
			continue
		}
		m.Unknown -= g.Cold
		g.Times = append(g.Times, m)
	}
	g.Pace = c.pace(members)
	return g
}

// sample gathers a stage of the done cells. A cold start takes longer, but costs what the others do.
func (c *cells) sample(stage int, members []int32) (s Sample) {
	money := c.stages[stage].Unit == "USD"
	for _, i := range members {
		if v := c.measured[stage][i]; !math.IsNaN(v) && (money || !c.cold[i]) {
			s.Values = append(s.Values, v)
		}
	}
	return s
}

func (c *cells) cost(m Measure, members []int32) Cost {
	cost := Cost{Measure: m}
	paid, lost, open := map[int32]int64{}, map[int32]int64{}, map[int32]int64{} // how many cost that
	known, files := int64(0), int64(0)
	for _, i := range members {
		switch price := c.costs[i]; {
		case c.outcomes[i] == done && price >= 0:
			paid[price]++
			known++
			files += int64(c.files[i])
		case c.outcomes[i] == failed && price >= 0:
			lost[price]++
		case c.outcomes[i] == failed:
			cost.FailedUnknown++
		case c.outcomes[i] != done && price >= 0:
			open[price]++
		}
	}
	cost.Sum, cost.Failed, cost.NotDone = c.sum(paid), c.sum(lost), c.sum(open)
	cost.Mean, cost.PerPicture = mean(cost.Sum, known), mean(cost.Sum, files)
	return cost
}

func (c *cells) sum(of map[int32]int64) *decimal.Decimal {
	if len(of) == 0 {
		return nil
	}
	sum := decimal.Zero
	for price, n := range of {
		sum = sum.Add(c.prices[price].Mul(decimal.NewFromInt(n)))
	}
	return &sum
}

func mean(sum *decimal.Decimal, n int64) *decimal.Decimal {
	if sum == nil || n == 0 {
		return nil
	}
	mean := sum.DivRound(decimal.NewFromInt(n), moneyDigits)
	return &mean
}
