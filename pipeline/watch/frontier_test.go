package watch

import (
	"fmt"
	"math"
	"math/rand/v2"
	"testing"
	"time"
)

func normal(q float64) float64 { return math.Sqrt2 * math.Erfinv(2*q-1) }

var (
	uniform = truth{"uniform", func(q float64) float64 { return 2 + 2*q }}
	slower  = truth{"slower", func(q float64) float64 { return 9 + 3*q }}
)

// work is what a run consists of: kinds of tasks in equal shares, told apart by a parameter, after others that the
// service made at another speed.
type work struct {
	name   string
	before []truth
	kinds  []truth
	within float64 // of the least lateness
}

func distributions() []work {
	one := func(name string, within float64, quantile func(q float64) float64) work {
		return work{name, nil, []truth{{name, quantile}}, within}
	}
	return []work{
		one("constant", 1.10, func(q float64) float64 { return 7 }),
		{"uniform", nil, []truth{uniform}, 1.10},
		one("normal", 1.10, func(q float64) float64 { return 10 + normal(q) }),
		one("log-normal", 1.10, func(q float64) float64 { return 5 * math.Exp(0.5*normal(q)) }),
		one("exponential", 1.10, func(q float64) float64 { return -4 * math.Log(1-q) }),
		one("bimodal", 1.10, func(q float64) float64 {
			if q < 0.7 {
				return 4 + 0.3*normal(q/0.7)
			}
			return 12 + normal((q-0.7)/0.3)
		}),
		one("heavy tail", 1.10, func(q float64) float64 { return 5 * math.Cbrt(1/(1-q)-1) }),
		one("triangular", 1.10, func(q float64) float64 {
			if q < 0.5 {
				return 20 + 10*math.Sqrt(2*q)
			}
			return 40 - 10*math.Sqrt(2*(1-q))
		}),
		{"drift", []truth{slower}, []truth{uniform}, 1.10},
		{"two values", nil, []truth{uniform, slower}, 1.10},
		// Where the density jumps, 50 ends cannot say where: the first of these has a wider bound.
		one("bimodal, sharp", 1.20, func(q float64) float64 {
			if q < 0.7 {
				return 2 + 0.5*q/0.7
			}
			return 9 + 2*(q-0.7)/0.3
		}),
		one("Pareto", 1.10, func(q float64) float64 { return 3 * math.Pow(1-q, -1/2.5) }),
	}
}

// TestLearnedScheduleAgainstOracle lets a schedule learn 50 ends and compares it, for several numbers of looks there may
// be, with the least lateness that any schedule could have that knows the distribution. Everything is worked out, in
// the tasks' own time.
func TestLearnedScheduleAgainstOracle(t *testing.T) {
	if testing.Short() {
		t.Skip("figures of one goroutine")
	}
	const learned, samples, tasks = 50, 32, 1000
	for _, w := range distributions() {
		var oracles []oracle
		mean := 0.0
		for _, k := range w.kinds {
			oracles = append(oracles, newOracle(k, 500))
			mean += k.mean() / float64(len(w.kinds))
		}
		best := newFrontier(oracles...)
		for _, budget := range []float64{1.2, 2, 3, 5, 8} {
			var looks, late float64
			for sample := range uint64(samples) {
				random := rand.New(rand.NewPCG(sample, 1))
				s := &schedule{}
				draw := func(from []truth, i int) (Target, time.Duration) {
					kind := random.IntN(len(from))
					target := Target{ID: fmt.Sprint("task ", sample, i), Model: "m", Params: map[string]string{
						"kind": fmt.Sprint(kind), "seed": fmt.Sprint(i),
					}}
					return target, seconds(from[kind].quantile(random.Float64()))
				}
				if w.before != nil {
					for i := range 200 {
						s.learn(draw(w.before, i))
					}
				}
				for i := range learned {
					s.learn(draw(w.kinds, i))
				}
				s.load(1000, 1000*budget/(mean+best.least(budget)))
				for i := range tasks {
					target, _ := draw(w.kinds, learned+i)
					kind := i % len(w.kinds)
					target.Params["kind"] = fmt.Sprint(kind)
					took := seconds(w.kinds[kind].quantile((float64(i/len(w.kinds)) + random.Float64()) / (tasks / float64(len(w.kinds)))))
					n, l := follow(s, target, took)
					looks += float64(n) / samples / tasks
					late += l.Seconds() / samples / tasks
				}
			}
			best := best.least(looks)
			sign := ""
			if late > max(w.within*best, best+0.01*mean) {
				sign = "  ✗"
				t.Errorf("%s: %.3f s late at %.2f looks a task, %.3f s at best", w.name, late, looks, best)
			}
			t.Logf("%-15s %.1f: %5.2f looks a task, %7.2f %% of the mean late; at best %7.2f %%: %.2f×, +%.2f %%%s",
				w.name, budget, looks, 100*late/mean, 100*best/mean, late/best, 100*(late-best)/mean, sign)
		}
	}
}
