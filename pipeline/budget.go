package pipeline

import (
	"context"
	"fmt"
	"time"

	"github.com/shopspring/decimal"

	"wirobatch/pipeline/journal"
)

// expect is the money to hold for a submit. Under a budget, without a price list and before anything was paid, one cell
// runs alone to learn it: the others wait for its end, which learned tells.
func (r *Run) expect(ctx context.Context, cell journal.Cell) (usd decimal.Decimal, learned func(), err error) {
	for {
		if usd, known := r.prices.expected(cell); known || !r.o.Limits.Budget.Valid {
			return usd, func() {}, ctx.Err()
		}
		select {
		case r.scout <- struct{}{}:
			if usd, known := r.prices.expected(cell); known {
				<-r.scout
				return usd, func() {}, ctx.Err()
			}
			return zero, func() { <-r.scout }, ctx.Err()
		case <-ctx.Done():
			return zero, nil, ctx.Err()
		}
	}
}

// overBudget ends or puts off a cell for which the money is not there. What is held for tasks under way may come back;
// only when nothing is, the budget is reached.
func (r *Run) overBudget(ctx context.Context, l *journal.Lease, rec journal.Record) error {
	if r.active.Load() > 0 {
		rec.NotBefore = time.Now().Add(time.Second)
		return l.Finish(ctx, rec)
	}
	r.halt(BudgetReached)
	return r.leave(l)
}

// watchBudget ends the submitting when a task that is paid for does not say its price, and nobody else does: a budget
// cannot be held against costs that are not known.
func (r *Run) watchBudget(cell journal.Cell, rec journal.Record) {
	if r.o.Limits.Budget.Valid && !rec.Cost.Valid {
		r.o.Warn(fmt.Sprintf("cell %s, task %s: neither the task nor the price list says what it cost: the budget cannot be held, no more is submitted", cell.ID, rec.TaskID))
		r.halt(BudgetReached)
	}
}
