package pipeline

import (
	"sync"
	"time"
)

const (
	// learnFrom is where a run without a concurrency starts; it doubles with each round of accepted submits.
	learnFrom = 8
	// MostSlots bounds what is learned: above it one machine gains nothing from more tasks at once.
	MostSlots = 1000

	growBelow = 10 * time.Second // from a refusal to the first step upward while under the limit that code 96 named
	growAbove = time.Minute      // and beyond it: the balance may have been raised
)

// gate decides how many tasks may be active at once. The account's limit is a tenth of its balance in USD, at least one
// (documentation); it is only told in the text of a code 96, and falls as money is spent. Others may hold slots of it.
type gate struct {
	mu    sync.Mutex
	slots int
	most  int       // what the person asked for, or MostSlots
	limit int       // as last named by the service, 0: none named
	moved time.Time // last refusal, or arrival at the limit
	vain  int       // refusals in a row while none of ours was active

	step  int // the last step upward since then; the next is double while all of it is taken
	taken int // submits that were accepted since that step
}

func newGate(concurrency int) *gate {
	if concurrency > 0 {
		return &gate{slots: concurrency, most: concurrency}
	}
	return &gate{slots: learnFrom, most: MostSlots}
}

// accepted tells the gate of a submit that the service took while active submits and tasks of ours were under way, that
// one among them, running of them known to have been taken; and gives the slots.
func (g *gate) accepted(active, running int, now time.Time) int {
	g.mu.Lock()
	defer g.mu.Unlock()
	g.vain = 0
	g.taken++
	if g.slots >= g.most || active < g.slots {
		return g.slots
	}
	if g.moved.IsZero() { // never refused: every accepted submit at the brim opens one more
		g.slots++
		return g.slots
	}
	if g.step == 0 && now.Sub(g.moved) < g.patience() {
		return g.slots
	}
	if g.step > 0 && running < g.slots && g.taken < g.slots { // whether all of the last step is taken is not known yet
		return g.slots
	}
	step := max(1, min(2*g.step, g.slots/4))                    // what is refused of it in the end is few
	if under := g.limit - g.slots; 0 < under && under <= step { // there it takes patience again
		g.slots, g.moved, g.step, g.taken = min(g.limit, g.most), now, 0, 0
		return g.slots
	}
	g.slots, g.step, g.taken = min(g.slots+step, g.most), step, 0
	return g.slots
}

func (g *gate) patience() time.Duration {
	if g.limit > 0 && g.slots >= g.limit {
		return growAbove
	}
	return growBelow
}

// refused tells the gate of a code 96 that named limit (0: it named none) while active other submits and tasks of ours
// were under way, and gives the slots: first what was named; when that is refused too, others share the account, and
// there are no more slots than are taken. wait is how long the refused cell stays back: none while a task of ours is
// active, whose end makes room for it; else it is a probe, and probes in vain are spaced out.
func (g *gate) refused(limit, active int, now time.Time) (slots int, wait time.Duration) {
	g.mu.Lock()
	defer g.mu.Unlock()
	g.moved, g.step, g.taken = now, 0, 0
	if limit > 0 {
		g.limit = limit
	}
	if limit > 0 && g.slots > limit {
		g.slots = limit
	} else {
		g.slots = max(1, min(g.slots, active))
	}
	if active > 0 {
		g.vain = 0
		return g.slots, 0
	}
	g.vain++
	return g.slots, max(time.Second, delay(g.vain+1))
}
