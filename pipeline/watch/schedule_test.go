package watch

import (
	"testing"
	"time"
)

// follow gives the looks at a task of that duration, and how late the last one was.
func follow(s *schedule, duration time.Duration) (looks int, late time.Duration) {
	var at time.Duration
	for {
		at += s.next(Target{}, at, looks)
		looks++
		if at >= duration {
			return looks, at - duration
		}
	}
}

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
		for range 50 {
			looks, late := follow(&schedule{}, tt.duration)
			if looks > tt.looks || late > tt.late {
				t.Errorf("%v: %d looks, %v late; at most %d, %v", tt.duration, looks, late, tt.looks, tt.late)
			}
		}
	}
}

func TestScheduleLearns(t *testing.T) {
	for _, duration := range []time.Duration{20 * time.Millisecond, 7 * time.Second, 2 * time.Minute} {
		s := &schedule{}
		for range 20 {
			s.learn(Target{}, duration)
		}
		for range 50 {
			looks, late := follow(s, duration)
			if looks > 8 || late > max(duration/8, 115*time.Millisecond) {
				t.Errorf("%v: %d looks, %v late", duration, looks, late)
			}
		}
	}
}

func TestScheduleOfATaskThatIsLongOver(t *testing.T) {
	s := &schedule{}
	s.learn(Target{}, 7*time.Second)
	if d := s.next(Target{}, time.Hour, 0); d > time.Second {
		t.Errorf("a task taken up again is first looked at after %v", d)
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
