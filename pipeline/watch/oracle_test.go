package watch

import (
	"math"
	"sort"
)

// truth is a distribution by its quantile function.
type truth struct {
	name     string
	quantile func(q float64) float64
}

func (d truth) mean() float64 {
	var sum float64
	for i := range draws {
		sum += d.quantile((float64(i) + 0.5) / draws)
	}
	return sum / draws
}

const draws = 20000

// oracle has the true distribution on a fine grid: how many of so many draws end by each time, and when on average.
type oracle struct {
	at       []float64
	ends, by []float64 // of the draws between a time and the one before: their share, and the sum of their durations
}

func newOracle(d truth, cells int) oracle {
	var o oracle
	all := make([]float64, draws)
	for i := range all {
		all[i] = d.quantile((float64(i) + 0.5) / draws)
	}
	// Half of the grid by quantiles, half evenly over time.
	for k := 1; k <= cells/2; k++ {
		o.at = append(o.at, all[k*draws/(cells/2)-1], all[draws-1]*float64(k)/float64(cells/2))
	}
	sort.Float64s(o.at)
	o.ends, o.by = make([]float64, len(o.at)), make([]float64, len(o.at))
	for _, x := range all {
		k := sort.SearchFloat64s(o.at, x)
		o.ends[k] += 1.0 / draws
		o.by[k] += x / draws
	}
	return o
}

// cost is the least of E(lateness) + price·E(looks) of any schedule, and the looks of that schedule: by plain dynamic
// programming, over what remains at each time.
func (o oracle) cost(price float64) (cost, looks float64) {
	n := len(o.at)
	costs, counts := make([]float64, n+1), make([]float64, n+1) // after a look at the time before
	running := 0.0
	for i := n - 1; i >= 0; i-- {
		running += o.ends[i]
		best, count := math.Inf(1), 0.0
		share, sum := 0.0, 0.0
		for j := i; j < n; j++ { // the next look is at at[j]
			share += o.ends[j]
			sum += o.by[j]
			if j+1 < n && o.at[j+1] == o.at[j] {
				continue
			}
			if c := price*running + o.at[j]*share - sum + costs[j+1]; c < best {
				best, count = c, running+counts[j+1]
			}
		}
		costs[i], counts[i] = best, count
	}
	return costs[0], counts[0]
}

// frontier is what the least cost is at many prices, over tasks of which equal shares follow each of the oracles.
type frontier []struct{ price, cost float64 }

func newFrontier(oracles ...oracle) (f frontier) {
	for price := 1e-4; price < 1e5; price *= 1.08 {
		sum := 0.0
		for _, o := range oracles {
			cost, _ := o.cost(price)
			sum += cost / float64(len(oracles))
		}
		f = append(f, struct{ price, cost float64 }{price, sum})
	}
	return f
}

// least is the least lateness that any schedule, or any mixture of schedules, has with that many looks on average: were it
// less, it would cost less than the least at one of the prices.
func (f frontier) least(looks float64) (late float64) {
	for _, at := range f {
		late = max(late, at.cost-at.price*looks)
	}
	return late
}
