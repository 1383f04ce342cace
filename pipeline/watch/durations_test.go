package watch

import (
	"fmt"
	"math"
	"math/rand/v2"
	"runtime"
	"strings"
	"testing"
	"time"
)

// ran is a task of the model with these parameters, and names by turns.
func ran(id int, params ...string) Target {
	t := Target{ID: fmt.Sprint("task ", id), Model: "m", Params: map[string]string{}}
	for i := 0; i < len(params); i += 2 {
		t.Params[params[i]] = params[i+1]
	}
	return t
}

func TestDurationsDifferByTheParameterThatExplainsThem(t *testing.T) {
	random := rand.New(rand.NewPCG(3, 3))
	s := &schedule{}
	draw := func(i int) (Target, time.Duration) {
		size, style := random.IntN(3), random.IntN(4)
		took := float64(size+1)*4 + random.Float64()
		return ran(i, "prompt", fmt.Sprint("p", i), "style", fmt.Sprint(style), "size", fmt.Sprint(size), "kind", fmt.Sprint(size/2)), seconds(took)
	}
	for i := range 150 {
		s.learn(draw(i))
	}
	for i := range 100 {
		target, took := draw(i)
		if usual := s.usual(target); usual < took-time.Second || usual > took+time.Second {
			t.Errorf("usually %v, this one %v", usual, took)
		}
	}
	if usual := s.usual(ran(0, "size", "another")); usual < 7*time.Second || usual > 10*time.Second {
		t.Errorf("one of a size that was never seen: %v", usual)
	}
}

func TestTasksWithoutTheParameterAreAKindOfTheirOwn(t *testing.T) {
	s := &schedule{}
	for i := range 60 {
		s.learn(ran(2*i, "prompt", "p"), 4*time.Second+time.Duration(i)*time.Millisecond)
		s.learn(ran(2*i+1, "prompt", "p", "upscale", "4"), 20*time.Second+time.Duration(i)*time.Millisecond)
	}
	if plain, upscaled := s.usual(ran(0, "prompt", "p")), s.usual(ran(0, "upscale", "4")); plain > 5*time.Second || upscaled < 19*time.Second {
		t.Errorf("%v without, %v with", plain, upscaled)
	}
}

func TestParametersThatSayNothingDivideNothing(t *testing.T) {
	random := rand.New(rand.NewPCG(4, 4))
	divided := 0
	for range 200 {
		d := newDurations()
		for i := range 100 {
			x := random.Float64()
			d.add(ran(i, "a", fmt.Sprint(random.IntN(2)), "b", fmt.Sprint(random.IntN(8)), "c", fmt.Sprint(i)).Params, span{x, x})
		}
		if axis, _ := d.divide(); axis >= 0 {
			divided++
		}
	}
	if divided > 2 {
		t.Errorf("%d of 200 were divided by chance", divided)
	}
}

func TestChangeOfSpeedIsFollowed(t *testing.T) {
	s := &schedule{}
	random := rand.New(rand.NewPCG(5, 5))
	for i, factor := range []float64{1, 3, 0.5, 0.55} {
		for k := range 600 {
			took := factor * (4 + random.Float64())
			s.learn(named(k), seconds(took))
			if usual := s.usual(named(k)).Seconds(); k > 150 && math.Abs(usual/factor-4.5) > 0.3 {
				t.Fatalf("speed %d, %d ends later: usually %v", i, k, usual)
			}
		}
	}
}

func TestNoChangeIsSeenWhereThereIsNone(t *testing.T) {
	random := rand.New(rand.NewPCG(6, 6))
	seen := 0
	for range 300 {
		spans := make([]span, 200)
		for i := range spans {
			x := random.ExpFloat64()
			spans[i] = span{x, x}
		}
		if changed(spans) > 0 {
			seen++
		}
	}
	if seen > 6 {
		t.Errorf("%d of 300", seen)
	}
}

func TestWhatIsLearnedIsBounded(t *testing.T) {
	if testing.Short() {
		t.Skip("figures of one goroutine")
	}
	s := &schedule{}
	held := func() uint64 {
		var m runtime.MemStats
		runtime.GC()
		runtime.ReadMemStats(&m)
		return m.HeapAlloc
	}
	long := strings.Repeat("a long prompt ", 1000)
	learn := func(n int) {
		for i := range n {
			target := ran(i, "prompt", fmt.Sprint(long, i), "seed", fmt.Sprint(i), fmt.Sprint("name", i), "1")
			target.Model = fmt.Sprint(i % 100)
			s.learn(target, time.Second)
			s.next(target, 0, 0)
		}
	}
	learn(2000)
	before := held()
	learn(40000)
	if after := held(); after > before+8<<20 || after > 32<<20 {
		t.Errorf("%d bytes, then %d", before, after)
	}
	runtime.KeepAlive(s)
}

// A schedule that only sees what its own looks show must not believe that tasks take as long as it has waited for them.
func TestScheduleLearnsFromItsOwnLooks(t *testing.T) {
	for _, d := range []truth{
		{"constant", func(q float64) float64 { return 0.03 }}, // the first look comes when it is long over
		{"uniform", func(q float64) float64 { return 2 + 2*q }},
		{"exponential", func(q float64) float64 { return -4 * math.Log(1-q) }},
	} {
		s := &schedule{}
		random := rand.New(rand.NewPCG(7, 7))
		mean := d.mean()
		best := newFrontier(newOracle(d, 500))
		for round := range 5 {
			var looks, late float64
			const tasks = 200
			for i := range tasks {
				took := d.quantile(random.Float64())
				target := named(round*tasks + i)
				var at, running time.Duration
				for n := 0; ; n++ {
					running, at = at, at+s.next(target, at, n)
					if looks++; at.Seconds() >= took {
						break
					}
				}
				s.learnWithin(target, running, at)
				late += at.Seconds() - took
			}
			looks, late = looks/tasks, late/tasks
			t.Logf("%-12s %3d ends: %5.2f looks, %6.2f %% late, at best %6.2f %%", d.name, (round+1)*tasks, looks, 100*late/mean, 100*best.least(looks)/mean)
			if round > 0 && late > max(1.3*best.least(looks), best.least(looks)+max(0.02*mean, 0.003)) {
				t.Errorf("%s, after %d ends: late by %v with %v looks, at best %v", d.name, round*tasks, late, looks, best.least(looks))
			}
		}
	}
}

func BenchmarkNext(b *testing.B) {
	s := &schedule{}
	for i := range 600 {
		s.learn(ran(i, "prompt", "p", "size", fmt.Sprint(i%4)), time.Duration(i%4+1)*time.Second+time.Duration(i)*time.Millisecond)
	}
	s.load(1000, 2000)
	target := ran(1, "prompt", "p", "size", "2")
	for b.Loop() {
		s.next(target, 2*time.Second, 1)
	}
}

func BenchmarkNewPlan(b *testing.B) {
	for _, values := range []int{1, 4, 16} {
		for _, kind := range []string{"witnessed", "between looks"} {
			b.Run(fmt.Sprint(values, " values, ", kind), func(b *testing.B) {
				s := &schedule{}
				for i := range 600 {
					took := time.Duration(i%values+1)*time.Second + time.Duration(i)*time.Millisecond
					s.learnWithin(ran(i, "prompt", fmt.Sprint(i), "size", fmt.Sprint(i%values)), took-map[string]time.Duration{"witnessed": 0, "between looks": 200 * time.Millisecond}[kind], took)
				}
				s.load(1000, 1000)
				target := ran(1, "size", "0")
				for b.Loop() {
					s.models["m"].plans = nil
					s.next(target, 0, 0)
				}
			})
		}
	}
}
