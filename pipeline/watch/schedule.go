package watch

import (
	"math/rand/v2"
	"sync"
	"time"
)

const (
	firstLook    = 100 * time.Millisecond // before any task of the run has ended
	minSpacing   = 100 * time.Millisecond
	maxSpacing   = 5 * time.Second
	maxFirstLook = 10 * time.Minute // however long the tasks of the run have been
)

// schedule says when to look next. Until a task has ended nothing is known of their durations, and the looks are
// spaced by a quarter of the time waited, so that the lateness is a bounded share of the duration. Then the first look
// waits for 0.8 of the mean duration, and the next are spaced by a tenth of it.
type schedule struct {
	mu   sync.Mutex
	mean time.Duration // exponentially weighted, 0: nothing learned yet
}

func (s *schedule) learn(_ Target, d time.Duration) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.mean == 0 {
		s.mean = d
		return
	}
	s.mean += (d - s.mean) / 8
}

// usual is how long tasks have taken on average, 0 when none has ended yet.
func (s *schedule) usual(Target) time.Duration {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.mean
}

// next is the time to wait for the look after those already made, waited after the submission.
func (s *schedule) next(t Target, waited time.Duration, looks int) time.Duration {
	mean := s.usual(t)
	switch {
	case looks == 0 && mean == 0:
		return firstLook
	case looks == 0:
		return jitter(clamp(mean*8/10-waited, 0, maxFirstLook))
	case mean == 0 || waited > 2*mean:
		return jitter(clamp(waited/4, minSpacing, maxSpacing))
	default:
		return jitter(clamp(mean/10, minSpacing, maxSpacing))
	}
}

// jitter spreads looks by ±10 %, so that tasks submitted together are not asked about together.
func jitter(d time.Duration) time.Duration {
	return d - d/10 + rand.N(d/5+1)
}

func clamp(d, lo, hi time.Duration) time.Duration { return max(lo, min(d, hi)) }

func (s *schedule) load(int, float64) {}
