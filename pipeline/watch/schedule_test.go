package watch

import (
	"fmt"
	"math"
	"math/rand/v2"
	"testing"
	"time"
)

// follow gives the looks at a task of that duration, and how late the last one was.
func follow(s *schedule, t Target, duration time.Duration) (looks int, late time.Duration) {
	var at time.Duration
	for {
		at += s.next(t, at, looks)
		looks++
		if at >= duration {
			return looks, at - duration
		}
	}
}

func named(i int) Target { return Target{ID: fmt.Sprint("task ", i), Model: "m"} }

func TestScheduleBeforeAnythingIsKnown(t *testing.T) {
	for _, tt := range []struct {
		duration time.Duration
		looks    int           // at most
		late     time.Duration // at most
	}{
		{50 * time.Millisecond, 1, 100 * time.Millisecond}, // a local service
		{7 * time.Second, 20, 2 * time.Second},
		{5 * time.Minute, 80, 6 * time.Second}, // video
		{time.Hour, 800, 6 * time.Second},
	} {
		for i := range 50 {
			looks, late := follow(&schedule{}, named(i), tt.duration)
			if looks > tt.looks || late > tt.late {
				t.Errorf("%v: %d looks, %v late; at most %d, %v", tt.duration, looks, late, tt.looks, tt.late)
			}
		}
	}
}

func TestScheduleLearns(t *testing.T) {
	for _, duration := range []time.Duration{20 * time.Millisecond, 7 * time.Second, 2 * time.Minute} {
		s := &schedule{}
		for i := range 20 {
			s.learn(named(i), duration)
		}
		for i := range 50 {
			looks, late := follow(s, named(i), duration)
			if looks > 2 || late > max(duration/100, 2*time.Millisecond) {
				t.Errorf("%v: %d looks, %v late", duration, looks, late)
			}
		}
	}
}

func TestScheduleOfATaskThatIsLongOver(t *testing.T) {
	s := &schedule{}
	s.learn(named(0), 7*time.Second)
	if d := s.next(named(1), time.Hour, 0); d > time.Second {
		t.Errorf("a task taken up again is first looked at after %v", d)
	}
}

func TestTasksSubmittedTogetherAreNotLookedAtTogether(t *testing.T) {
	for name, took := range map[string]func(i int) time.Duration{
		"constant": func(int) time.Duration { return 20 * time.Second },
		"spread":   func(i int) time.Duration { return 20*time.Second + time.Duration(i%10)*time.Second },
	} {
		s := &schedule{}
		for i := range 50 {
			s.learn(named(i), took(i))
		}
		const tasks = 1000
		at := map[time.Duration]int{}
		for i := range tasks {
			at[s.next(named(i), 0, 0)/(10*time.Millisecond)]++
		}
		for place, n := range at {
			if n > tasks/4 {
				t.Errorf("%s: %d of %d first looks within 10 ms, after %v", name, n, tasks, place*10*time.Millisecond)
			}
		}
	}
}

// A slot at work is simulated by its task's time alone: the tasks of all slots together take as many looks a second as
// one takes, times the slots.
func TestLooksKeepWithinTheirRate(t *testing.T) {
	for name, quantile := range map[string]func(q float64) float64{
		"constant": func(float64) float64 { return 5 },
		"spread":   func(q float64) float64 { return 2 + 6*q },
		"bimodal":  func(q float64) float64 { return 2 + q + 20*math.Floor(q+0.2) },
	} {
		for _, slots := range []int{1, 40, 1000} {
			for _, rate := range []float64{2, 20, 200} {
				s := &schedule{}
				s.load(slots, rate)
				random := rand.New(rand.NewPCG(8, 8))
				var looks, longest int
				var busy time.Duration
				for i := range 2000 {
					took := seconds(quantile(random.Float64()))
					n, late := follow(s, named(i), took)
					s.learn(named(i), took)
					if i < 200 {
						continue
					}
					looks += n
					longest = max(longest, n)
					busy += took + late
				}
				got := float64(looks) / busy.Seconds() * float64(slots)
				t.Logf("%-8s %4d slots, %3.0f looks a second: %6.2f, %.1f a task, at most %d", name, slots, rate, got, float64(looks)/1800, longest)
				if got > 1.12*rate { // the mean of 256 ends is that far off
					t.Errorf("%s: %d slots take %.2f looks a second, %v there may be", name, slots, got, rate)
				}
			}
		}
	}
}

func TestLooksGoOnAtATaskThatTakesLongerThanAny(t *testing.T) {
	s := &schedule{}
	for i := range 50 {
		s.learn(named(i), 10*time.Second+time.Duration(i)*100*time.Millisecond)
	}
	for i := range 20 {
		if looks, late := follow(s, named(i), 20*time.Minute); looks > 400 || late > 6*time.Second {
			t.Errorf("%d looks, %v late", looks, late)
		}
		if looks, late := follow(s, named(i), 20*time.Second); looks > 40 || late > 5*time.Second {
			t.Errorf("%d looks, %v late", looks, late)
		}
	}
}

func TestWaitsAreBounded(t *testing.T) {
	for n := 1; n < 200; n++ {
		if d := Pause(n); d < 500*time.Millisecond || d > time.Minute {
			t.Fatalf("after %d troubles: a pause of %v", n, d)
		}
		if d := Backoff(n); d < 0 || d > time.Minute || n == 1 && d > time.Second {
			t.Fatalf("after %d failures: %v", n, d)
		}
	}
}
