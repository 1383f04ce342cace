package sandbox

import (
	"container/heap"
	"maps"
	"time"

	"github.com/shopspring/decimal"
)

// account is the money and what runs on it.
type account struct {
	balance decimal.Decimal
	active  int     // tasks from task_queue to a terminal status
	due     dueHeap // tasks that will end
	billed  []int32 // indexes of the tasks that were paid for, in order
}

// unlimitedAbove is the balance above which there is no concurrency limit, in USD (documentation).
var unlimitedAbove = decimal.NewFromInt(250)

// limit is how many tasks a balance allows at once: a tenth of it in USD, and at least one.
func limit(balance decimal.Decimal) (n int, limited bool) {
	if balance.GreaterThan(unlimitedAbove) {
		return 0, false
	}
	return max(1, int(balance.Shift(-1).Floor().IntPart())), true
}

// settle bills what has ended, in the order of the ends. The caller holds the lock.
func (s *Sandbox) settle() { s.settleUntil(s.reach()) }

func (s *Sandbox) settleUntil(now time.Duration) {
	a := &s.account
	for len(a.due) > 0 && a.due[0].at <= now {
		index := int(heap.Pop(&a.due).(due).index)
		t := &s.tasks[index]
		if t.is(settled) {
			continue // killed before its end
		}
		t.fate |= settled
		a.active--
		switch end := t.ends(); {
		case t.killed <= end:
			s.faults.count("task_cancelled")
			s.ledger.write(s, "cancelled", index, decimal.Zero, end)
		case t.is(fateFails):
			if t.model.kind != makesNothing {
				s.faults.count("task_fail")
			}
			s.ledger.write(s, "failed", index, decimal.Zero, end)
		default:
			cost := s.cost(t)
			a.balance = a.balance.Sub(cost)
			a.billed = append(a.billed, int32(index))
			s.ledger.write(s, "billed", index, cost, end)
		}
	}
}

// elapsed is what is billed by: endtime − accepttime, in the whole seconds of the timestamps.
func (t *task) elapsed() int64 { return wholeSeconds(t.timeline().end - t.accept) }

// unix is a moment of a task's life as a timestamp. From its acceptance on the seconds are counted
// in whole ones, begun ones included: if both ends were cut to the second instead, the same task
// would cost a second more or less by the fraction at which it happened to be accepted.
func (s *Sandbox) unix(t *task, moment time.Duration) int64 {
	if moment <= t.accept {
		return s.date(moment).Unix()
	}
	return s.date(t.accept).Unix() + wholeSeconds(moment-t.accept)
}

func wholeSeconds(d time.Duration) int64 { return int64((d + time.Second - 1) / time.Second) }

// cost is what a task costs if it succeeds.
func (s *Sandbox) cost(t *task) decimal.Decimal {
	return t.model.cost(s.pool.unpack(t.params), t.elapsed(), int(t.outputs))
}

// Charge is one task that was paid for.
type Charge struct {
	Task, Model string
	Parameters  map[string]string // as they were sent
	Cost        decimal.Decimal   // USD
}

// Charges is what was billed so far, in the order of the tasks' ends.
func (s *Sandbox) Charges() []Charge {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.settle()
	charges := make([]Charge, 0, len(s.account.billed))
	for _, index := range s.account.billed {
		t := &s.tasks[index]
		params := map[string]string{}
		for _, p := range s.pool.unpack(t.params) {
			params[p.name] = p.value
		}
		charges = append(charges, Charge{taskID(int(index)), t.model.slug(), params, s.cost(t)})
	}
	return charges
}

// Balance is what the account has left, in USD.
func (s *Sandbox) Balance() decimal.Decimal {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.settle()
	return s.account.balance
}

// SetBalance replaces the balance, after what has ended was billed.
func (s *Sandbox) SetBalance(usd decimal.Decimal) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.settle()
	s.account.balance = usd
}

// Accepted is how many Run calls made a task.
func (s *Sandbox) Accepted() int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return len(s.tasks)
}

// Requests is how many requests came, by endpoint: "Run", "Task/Detail", "cdn", "socket" and so on.
// Those that were refused count too.
func (s *Sandbox) Requests() map[string]int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return maps.Clone(s.requests)
}

// due is when a task ends.
type due struct {
	at    time.Duration
	index int32
}

type dueHeap []due

func (h dueHeap) Len() int { return len(h) }
func (h dueHeap) Less(i, j int) bool {
	if h[i].at != h[j].at {
		return h[i].at < h[j].at
	}
	return h[i].index < h[j].index
}
func (h dueHeap) Swap(i, j int) { h[i], h[j] = h[j], h[i] }
func (h *dueHeap) Push(x any)   { *h = append(*h, x.(due)) }
func (h *dueHeap) Pop() any {
	old := *h
	last := old[len(old)-1]
	*h = old[:len(old)-1]
	return last
}
