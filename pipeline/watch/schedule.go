package watch

import (
	"math"
	"sync"
	"time"
)

const (
	firstLook  = 100 * time.Millisecond // before any task of a model has ended
	minSpacing = 100 * time.Millisecond
	maxSpacing = 5 * time.Second
	soon       = 2 * time.Millisecond // at least, between looks at a task
	longAgo    = time.Second          // over which first looks are spread that should have been made before
	models     = 32                   // whose durations are kept apart

	// A look is moved by up to so much of the lateness to be expected of it, or of the time it comes at while that is less
	// than half the lateness; and one that hardly any lateness is expected of by surely, of its time, to later.
	moved  = 0.06
	slight = 0.01
	surely = 0.004

	// worth is the price of a look where nothing bounds them: the share of the mean duration by which it must be earlier
	// that a slot is free again. With tasks that take 10 s ± 1 s that comes to 5 looks a task and a lateness of 2 %, with
	// evenly spread ones (2 to 4 s) to 7 and 2.5 %: one look more would make them a tenth less late, and no slot is missed
	// for that. costs is the least price, in seconds, for tasks of milliseconds.
	worth = 0.004
	costs = 0.001

	surplus = 0.02 // of the mean duration: the first wait of a task that takes longer than any did

	replanned = 64                     // ends of a model after which a plan is made anew at the latest, but
	planEvery = 250 * time.Millisecond // not more often than that, by the ends to be expected
)

// schedule says when to look next at a task: where the lateness that is to be expected, by how long tasks of its model
// and parameters have taken, and the looks, at their price, cost least together. The price is what keeps all looks
// within so many a second. Until a task has ended nothing is known, and the looks are spaced by a quarter of the time
// waited, so that the lateness is a bounded share of the duration. It is safe for concurrent use.
type schedule struct {
	mu       sync.Mutex
	models   map[string]*model
	inFlight int
	pollRate float64
	priced   float64 // seconds between the looks at a task that the plans were made for
	least    float64 // seconds to every look, where no price keeps them within the rate
	rash     float64 // the part of the tasks that follows the plans of more looks
	stale    bool
}

// model has the plans for the tasks of one model.
type model struct {
	*durations
	planned int // ends that the plans know
	axis    int // the parameter by whose values the plans differ, −1 none
	plans   map[uint64]*group
}

// group has the plans for the tasks with one value of a parameter, or for all.
type group struct {
	law
	mean  float64 // of the durations, in seconds
	share float64 // of the model's ends
	plans [2]plan
}

const calm, rash = 0, 1

// load says how many tasks are watched and how many looks a second there may be, 0 for any number.
func (s *schedule) load(inFlight int, pollRate float64) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.inFlight, s.pollRate = inFlight, pollRate
	if every := s.every(); math.Abs(every-s.priced) > s.priced/10 {
		s.stale = true
	}
}

// every is the least time, in seconds, between the looks at one task: each has its share of the looks there may be.
func (s *schedule) every() float64 {
	if s.pollRate <= 0 {
		return 0
	}
	return float64(s.inFlight) / s.pollRate
}

// learn takes in how long a task took whose end was witnessed.
func (s *schedule) learn(t Target, took time.Duration) { s.learnWithin(t, took, took) }

// learnWithin takes in that a task was seen running so long after its submission, and ended so long after it.
func (s *schedule) learnWithin(t Target, running, ended time.Duration) {
	s.mu.Lock()
	defer s.mu.Unlock()
	m := s.models[t.Model]
	if m == nil {
		if len(s.models) >= models {
			return
		}
		if s.models == nil {
			s.models = map[string]*model{}
		}
		m = &model{durations: newDurations()}
		s.models[t.Model] = m
	}
	ended = max(ended, time.Millisecond)
	m.add(t.Params, span{clamp(running, 0, ended).Seconds(), ended.Seconds()})
}

// usual is how long tasks like this one have taken on average, 0 when none has ended yet.
func (s *schedule) usual(t Target) time.Duration {
	s.mu.Lock()
	defer s.mu.Unlock()
	if g := s.group(t); g != nil {
		return seconds(g.mean)
	}
	return 0
}

// next is how long to wait for the look at t that follows those already made, so long after its submission.
func (s *schedule) next(t Target, waited time.Duration, looks int) time.Duration {
	s.mu.Lock()
	defer s.mu.Unlock()
	every := seconds(s.every())
	g := s.group(t)
	if g == nil {
		if looks == 0 {
			return max(firstLook, scatter(t, looks, every, 0.5)) - min(waited, firstLook)
		}
		return scatter(t, looks, max(every, clamp(waited/4, minSpacing, maxSpacing)), 0.1)
	}
	from := waited.Seconds()
	if looks == 0 {
		from = 0
	}
	p := &g.plans[calm]
	if place(t, -1) < s.rash {
		p = &g.plans[rash]
	}
	at, late := p.after(from)
	if math.IsInf(at, 1) { // overdue: it may end at any moment, or take longer than any
		over := waited - seconds(g.edge[len(g.edge)-1])
		wait := min(waited/4, seconds(g.mean*surplus)+over/2)
		return scatter(t, looks, max(every, clamp(wait, soon, max(maxSpacing, seconds(g.mean/10)))), 0.1)
	}
	at = max(at, from+s.least)
	// Tasks submitted together are not looked at together.
	move := max(moved*late, min(late/2, slight*at))
	at += move * (2*place(t, looks) - 1)
	if late < surely*at {
		at += surely * at * place(t, looks)
	}
	wait := seconds(at) - waited
	if looks == 0 {
		if wait < 0 && waited > longAgo {
			return seconds(place(t, looks) * min(longAgo.Seconds(), s.every()))
		}
		return max(wait, 0)
	}
	return max(wait, soon)
}

// place gives every task and look its own place between 0 and 1.
func place(t Target, looks int) float64 {
	h := uint64(14695981039346656037)
	for i := range len(t.ID) {
		h = (h ^ uint64(t.ID[i])) * 1099511628211
	}
	h = (h ^ uint64(looks+1)) * 1099511628211
	h ^= h >> 32
	h *= 0xd6e8feb86659fd93
	h ^= h >> 32
	return float64(h>>11) / (1 << 53)
}

// scatter spreads d by that share up and down.
func scatter(t Target, looks int, d time.Duration, share float64) time.Duration {
	return time.Duration(float64(d) * (1 + share*(2*place(t, looks)-1)))
}

func seconds(s float64) time.Duration { return time.Duration(min(s, 1e9) * float64(time.Second)) }

func clamp(d, lo, hi time.Duration) time.Duration { return max(lo, min(d, hi)) }
