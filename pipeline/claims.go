package pipeline

import (
	"sync"
	"time"

	"wirobatch/pipeline/journal"
	"wirobatch/wiro"
)

// claims keeps an adoption apart from our own submits whose task is not yet known, and remembers those whose task is,
// as witnesses.
type claims struct {
	mu         sync.Mutex
	unanswered map[*submit]struct{} // under way, until their task is in the journal
	posted     map[string]submit    // by task, while a submit is unknown
	unknown    map[string]*lost     // by cell: submits that are being looked up
	ever       []*lost              // those, and all that were looked up before, also by earlier starts
	met        map[string]struct{}  // tasks that lost submits of other runs have taken: those are in ever
	models     map[string]string    // by the service's id of a model, as our own tasks have shown
}

// lost is a submit whose answer never came.
type lost struct {
	model    string
	params   map[string]string
	intended time.Time
	newest   string    // the newest task known at its intent
	over     time.Time // when its connection had ended at the latest
	settled  time.Time // when it had its task at the latest; zero: it may yet take one
	// witnessed: a task that looked the same has ended since, so the list has what came before it.
	witnessed bool
	marking   marking
	twin      bool // a task with its mark has ended without a result: is there another?
	likely    bool // its task was taken by likeness: it may be that of another
	swapped   bool // that of kin was
}

// submit is a request of ours.
type submit struct {
	model  string
	params map[string]string
	began  time.Time
}

func newClaims() claims {
	return claims{
		unanswered: map[*submit]struct{}{}, posted: map[string]submit{},
		unknown: map[string]*lost{}, models: map[string]string{}, met: map[string]struct{}{},
	}
}

// asking notes a submit that is about to leave; answered is called when its task is in the journal, or with "" when
// there is none.
func (c *claims) asking(model string, params map[string]string) (answered func(task string)) {
	s := &submit{model: model, params: params, began: time.Now()}
	c.mu.Lock()
	defer c.mu.Unlock()
	c.unanswered[s] = struct{}{}
	return func(task string) {
		c.mu.Lock()
		defer c.mu.Unlock()
		delete(c.unanswered, s)
		if task != "" && len(c.unknown) > 0 {
			c.posted[task] = *s
		}
	}
}

// claim keeps all other claims and new submits out until release, and tells whether the task could be that of no
// submit which is unanswered.
func (c *claims) claim(task map[string]string) (release func(), free bool) {
	c.mu.Lock()
	for s := range c.unanswered {
		if compare(task, s.params) != different {
			return c.mu.Unlock, false
		}
	}
	return c.mu.Unlock, true
}

// underway reports whether submits are, besides that of the cell, whose task may be in the list and is not yet known.
func (c *claims) underway(cell string) bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	_, itself := c.unknown[cell]
	return len(c.unanswered) > 0 || len(c.unknown) > 1 || len(c.unknown) == 1 && !itself
}

// expects reports whether a submit, besides that of the cell, has sent what the task shows, and is about to take it.
func (c *claims) expects(cell string, task map[string]string) bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	for s := range c.unanswered {
		if compare(task, s.params) == same {
			return true
		}
	}
	for id, l := range c.unknown {
		if id != cell && compare(task, l.params) == same {
			return true
		}
	}
	return false
}

// asks reports whether submits of that model are not yet answered.
func (c *claims) asks(model string) bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	for s := range c.unanswered {
		if s.model == model {
			return true
		}
	}
	return false
}

// looking notes a cell whose submit is unknown.
func (c *claims) looking(cell journal.Cell, l lost) (settled func()) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.unknown[cell.ID] = &l
	c.ever = append(c.ever, &l)
	return func() {
		c.mu.Lock()
		defer c.mu.Unlock()
		l.settled = time.Now()
		if delete(c.unknown, cell.ID); len(c.unknown) == 0 {
			clear(c.posted)
		}
	}
}

// likens notes that the cell has taken a task that looks like its own.
func (c *claims) likens(cell string) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if l := c.unknown[cell]; l != nil {
		l.likely = true
	}
}

// latest is when the connection of the last unknown submit was over.
func (c *claims) latest() (over time.Time, any bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	for _, l := range c.unknown {
		if l.over.After(over) {
			over = l.over
		}
	}
	return over, len(c.unknown) > 0
}

// clockSlack is how far the clock may have been set back between two starts.
const clockSlack = 10 * time.Minute

// recall adds what earlier starts have looked up and found; their connections were over when this one began.
func (c *claims) recall(earlier []journal.Found, over time.Time) {
	c.mu.Lock()
	defer c.mu.Unlock()
	for _, f := range earlier {
		settled := over
		if !f.EndedAt.IsZero() {
			settled = f.EndedAt.Add(clockSlack)
		}
		c.ever = append(c.ever, &lost{
			model: f.Model, params: params(f.Params), intended: f.IntendedAt, newest: f.NewestKnown, over: over, settled: settled, likely: true,
		})
	}
}

// meet notes that a lost submit of another run has taken the task. Its own may be there for one of ours, and its connection is
// over now at the latest.
func (c *claims) meet(task string, other journal.Owner) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if _, known := c.met[task]; !known {
		c.met[task] = struct{}{}
		c.ever = append(c.ever, &lost{
			model: other.Model, params: params(other.Params), intended: other.IntendedAt, newest: other.NewestKnown, over: time.Now(), likely: true,
		})
	}
}

// kin widens a lost submit to all that may be of the same work and may have taken its task. They are interchangeable: that
// task is then of a submit before, so that what is missing now may be as old as the first of their intents lets it be, and
// may come as late as the last of their connections does. What had its task before the intent cannot have taken this one's.
func (c *claims) kin(l lost) lost {
	c.mu.Lock()
	defer c.mu.Unlock()
	first := l.intended // of the intents of those that are kin
	met := make([]bool, len(c.ever))
	for again := true; again; {
		again = false
		for i, other := range c.ever {
			if met[i] || !other.settled.IsZero() && other.settled.Before(first) || compare(other.params, l.params) == different {
				continue
			}
			met[i], again = true, true
			l.swapped = l.swapped || other.likely
			if other.intended.Before(first) {
				first = other.intended
			}
			if other.newest != "" && journal.Newer(l.newest, other.newest) {
				l.newest = other.newest
			}
			if other.over.After(l.over) {
				l.over = other.over
			}
		}
	}
	return l
}

// witness reports whether the task is one of ours that is a witness.
func (c *claims) witness(task wiro.Task, over time.Time) bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	s, ours := c.posted[task.ID]
	if ours && task.ModelID != "" {
		c.models[task.ModelID] = s.model
	}
	return ours && s.witness(task.Parameters, over)
}

// witness reports whether a submit, whose task shows these parameters, began so long after that time that what was abandoned
// before it has run by then, or never will, and is echoed as it was sent.
func (s submit) witness(params map[string]string, over time.Time) bool {
	return !s.began.Before(over.Add(witnessAfter)) && compare(params, s.params) == same
}
