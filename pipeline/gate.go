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

	growBelow = 10 * time.Second // pause between steps upward while under the limit that code 96 named
	growAbove = time.Minute      // and beyond it, in steps that double: the balance may have been raised
)

// gate decides how many tasks may be active at once. The account's limit is a tenth of its balance in USD, at least one
// (documentation); it is only told in the text of a code 96, and falls as money is spent.
type gate struct {
	mu    sync.Mutex
	slots int
	most  int       // what the person asked for, or MostSlots
	limit int       // as last named by the service, 0: none named
	moved time.Time // last refusal, or step upward after one
	vain  int       // refusals in a row while none of ours was active

	beyond int // the last step upward beyond the limit that was named
}

func newGate(concurrency int) *gate {
	if concurrency > 0 {
		return &gate{slots: concurrency, most: concurrency}
	}
	return &gate{slots: learnFrom, most: MostSlots}
}

// accepted tells the gate of a submit that the service took while active submits and tasks of ours were under way, that
// one among them, and gives the slots.
func (g *gate) accepted(active int, now time.Time) int {
	g.mu.Lock()
	defer g.mu.Unlock()
	g.vain = 0
	if g.slots >= g.most || active < g.slots {
		return g.slots
	}
	switch {
	case g.moved.IsZero(): // never refused: every accepted submit at the brim opens one more
		g.slots++
	case now.Sub(g.moved) >= g.patience():
		if g.limit == 0 || g.slots < g.limit {
			g.beyond = 0
		} else { // each step that is taken makes it likelier that the limit was raised
			g.beyond = max(1, min(2*g.beyond, g.slots))
		}
		g.slots = min(g.slots+max(1, g.beyond), g.most)
		g.moved = now
	}
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
// there are no more slots than are taken. wait is how long the refused cell stays back: its turn comes with the end of a
// task of ours; while none is active it is a probe, and probes in vain are spaced out.
func (g *gate) refused(limit, active int, now time.Time) (slots int, wait time.Duration) {
	g.mu.Lock()
	defer g.mu.Unlock()
	g.moved, g.beyond = now, 0
	if limit > 0 {
		g.limit = limit
	}
	if limit > 0 && g.slots > limit {
		g.slots = limit
	} else {
		g.slots = max(1, min(g.slots, active))
	}
	if g.vain++; active > 0 {
		g.vain = 1
	}
	return g.slots, max(time.Second, delay(g.vain+1))
}
