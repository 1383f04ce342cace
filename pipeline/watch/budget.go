package watch

import (
	"math"
	"math/rand/v2"
	"sync"
	"time"
)

const (
	// earned is what each answer adds to what may fail: in a long trouble a run makes about a tenth more calls, beyond those
	// with which it begins and those that the longest pauses let through.
	earned = 0.1
	// atOnce is how many calls in a row may fail, with nothing of any kind answered in between, before all wait.
	atOnce = 3
	// long is how long nothing is answered in a trouble that is an outage, not a service that fails at random.
	long = 4 * time.Minute
	// horizon is how long what is left of a budget is to last in a trouble; in a longer one, for as long again.
	horizon = time.Hour
)

// RetryBudget is what may fail of the calls of a run, all kinds together: what is foreseen and what was answered beyond that
// have earned, less what has failed. How the pauses of a long trouble grow hangs on it. It is safe for concurrent use.
type RetryBudget struct {
	mu   sync.Mutex
	left float64
	row  int       // failures since anything was answered
	last time.Time // when anything was; zero: never
}

// Foresee takes in that so many calls will be made whose answers do not earn.
func (b *RetryBudget) Foresee(calls int) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.left += float64(calls) * earned
}

// Spend takes out what was called in vain, and is no trouble.
func (b *RetryBudget) Spend() {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.left = max(b.left-1, 0)
}

func (b *RetryBudget) answered(earns bool) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.row, b.last = 0, time.Now()
	if earns {
		b.left += earned
	}
}

// failed reports whether there were too many in a row.
func (b *RetryBudget) failed() (many bool) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.left = max(b.left-1, 0)
	b.row++
	return b.row > atOnce
}

// pause is how long all stay back after n troubles in a row: like Pause, and in an outage such a share of that time that what is left lasts. So pauses grow the faster the less there is left, at most twofold from
// one to the next, and up to ten minutes. Where nothing was ever answered there is more likely a mistake of ours than an
// outage, and that is to be found out soon.
func (b *RetryBudget) pause(n int) time.Duration {
	b.mu.Lock()
	left, quiet := b.left, time.Since(b.last)
	if b.last.IsZero() {
		quiet = 0
	}
	b.mu.Unlock()
	d := doubled(n, pauseMost)
	if quiet > long {
		share := 1.0
		if left > 0 {
			share = min(math.Expm1(math.Log(max(float64(horizon)/float64(quiet), 2))/left), 1)
		}
		d = max(d, min(time.Duration(share*float64(quiet)), doubled(n, longest)))
	}
	return d - rand.N(d/4+1)
}
