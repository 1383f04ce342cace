package pipeline

import (
	"sync"

	"wirobatch/pipeline/journal"
)

// claims keeps an adoption apart from submits of the same work whose task is not yet known.
type claims struct {
	mu         sync.Mutex
	unanswered map[string]int // by sameWork: submits under way, until their task is in the journal
}

// asking notes a submit that is about to leave; answered is called when its task, or its refusal, is known.
func (c *claims) asking(cell journal.Cell) (answered func()) {
	key := sameWork(cell)
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.unanswered == nil {
		c.unanswered = map[string]int{}
	}
	c.unanswered[key]++
	return func() {
		c.mu.Lock()
		defer c.mu.Unlock()
		if c.unanswered[key]--; c.unanswered[key] == 0 {
			delete(c.unanswered, key)
		}
	}
}

// claim keeps all other claims and new submits out until release, and tells whether no submit of the same work is unanswered.
func (c *claims) claim(cell journal.Cell) (release func(), free bool) {
	c.mu.Lock()
	return c.mu.Unlock, c.unanswered[sameWork(cell)] == 0
}

// tally counts by cell.
type tally struct {
	mu sync.Mutex
	n  map[string]int
}

func (t *tally) add(id string) int {
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.n == nil {
		t.n = map[string]int{}
	}
	t.n[id]++
	return t.n[id]
}

func (t *tally) count(id string) int {
	t.mu.Lock()
	defer t.mu.Unlock()
	return t.n[id]
}
