package watch

import (
	"math"
	"math/rand/v2"
	"testing"
)

// every calls f with the cost of every set of looks, at the edges of l, that has a look at the last.
func every(l law, price float64, f func(cost float64)) {
	last := len(l.edge) - 1
	for set := range 1 << (last - 1) {
		cost, from := 0.0, 0
		for j := 1; j <= last; j++ {
			if j < last && set>>(j-1)&1 == 0 {
				continue
			}
			cost += price * (1 - l.mass[from])
			for k := from + 1; k <= j; k++ { // a cell's tasks end, on average, in its middle
				cost += (l.mass[k] - l.mass[k-1]) * (l.edge[j] - (l.edge[k-1]+l.edge[k])/2)
			}
			from = j
		}
		f(cost)
	}
}

func TestPlanIsTheBestOfAll(t *testing.T) {
	random := rand.New(rand.NewPCG(1, 2))
	for range 300 {
		l := newLaw(12)
		weights, sum := make([]float64, 1+random.IntN(10)), 0.0
		for i := range weights {
			weights[i] = math.Pow(random.Float64(), 4)
			sum += weights[i]
		}
		at := 0.0
		for _, w := range weights {
			at += math.Pow(random.Float64(), 3) + 1e-3
			l.add(at, w/sum)
		}
		price := math.Pow(10, -4*random.Float64())
		least := math.Inf(1)
		every(l, price, func(cost float64) { least = min(least, cost) })
		if p := inspect(l, price); math.Abs(p.late+price*p.looks-least) > 1e-9 {
			t.Fatalf("price %v: %v late with %v looks, that is %v; the least is %v\n%v", price, p.late, p.looks, p.late+price*p.looks, least, l)
		}
	}
}

func TestPlanGoesOnFromAnyTime(t *testing.T) {
	l := newLaw(101)
	for i := range 100 {
		l.add(1+float64(i+1)/100, 0.01)
	}
	p := inspect(l, 0.01)
	for at := 0.0; at < 1.99; at += 0.007 {
		next, late := p.after(at)
		if next <= at || next > 2 || late <= 0 || late > 0.5 {
			t.Errorf("after %v: %v, late by %v", at, next, late)
		}
	}
	if next, _ := p.after(2); !math.IsInf(next, 1) {
		t.Errorf("a look at %v, when all have ended", next)
	}
}

// Known cases, which do not come from a programme.
func TestOracleKnowsTheKnown(t *testing.T) {
	// At evenly spread durations, n looks are best placed so that the spaces between them fall by the price, from one to
	// the next: that is where moving a look gains nothing.
	o := newOracle(truth{"", func(q float64) float64 { return q }}, 500)
	for _, price := range []float64{0.5, 0.1, 0.03, 0.01} {
		want := math.Inf(1)
		for n := 1.0; 1/n >= price*(n-1)/2; n++ {
			cost, left := 0.0, 1.0
			for k := 1.0; k <= n; k++ {
				space := 1/n + price*((n+1)/2-k)
				cost += price*left + space*space/2
				left -= space
			}
			want = min(want, cost)
		}
		if got, _ := o.cost(price); math.Abs(got-want) > 0.002*want {
			t.Errorf("price %v: %v, %v expected", price, got, want)
		}
	}
	// Without memory, looks are best spaced evenly, d apart: 1/(1−e^−d) looks, late by d times that, less the mean.
	f := newFrontier(newOracle(truth{"", func(q float64) float64 { return -math.Log(1 - q) }}, 700))
	for _, d := range []float64{0.2, 0.5, 1, 2} {
		looks := 1 / (1 - math.Exp(-d))
		if got, want := f.least(looks), d*looks-1; math.Abs(got-want) > 0.03*want {
			t.Errorf("%v apart: %v late, %v expected", d, got, want)
		}
	}
}
