package pipeline

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/shopspring/decimal"

	"wirobatch/pipeline/journal"
)

// scouts is how many tasks may be there that cost nobody knows how much. They run one after the other; more of them than
// these are no way to learn a price.
const scouts = 3

// recalled is how many costs of earlier starts are held against the price list.
const recalled = 1000

// recallPrices takes what earlier starts have learned of prices.
func (r *Run) recallPrices(ctx context.Context) error {
	paid, err := r.journal.Spending(ctx)
	if err != nil {
		return err
	}
	latest, err := r.journal.LatestCosts(ctx, recalled)
	r.prices.recall(paid, latest)
	return err
}

// expect is the money to hold for a submit. Under a budget, without a price in the list and before anything was paid, one
// cell runs alone to learn it: the others wait for its end, which learned tells.
func (r *Run) expect(ctx context.Context, cell journal.Cell) (usd decimal.Decimal, learned func(), err error) {
	over := func() { r.prices.over(cell.ID) }
	if usd, known := r.prices.expected(cell); known || !r.o.Limits.Budget.Valid {
		return usd, over, ctx.Err()
	}
	select {
	case r.scout <- struct{}{}:
		learned = func() { over(); <-r.scout } // a price that shows while it waits to leave is held for it too
	case <-ctx.Done():
		return zero, nil, ctx.Err()
	}
	for {
		_ = r.prices.load(ctx, cell.Model)
		usd, known := r.prices.expected(cell)
		switch unpriced := r.Progress().Unpriced; {
		case ctx.Err() != nil:
			learned()
			return zero, nil, ctx.Err()
		case known:
			learned()
			return usd, over, nil
		case unpriced < scouts:
			return zero, learned, nil
		case !r.ending():
			learned()
			return zero, nil, fmt.Errorf("%w: nobody tells what a cell of %s costs, nor what %d tasks did cost", journal.ErrBudget, cell.Model, unpriced)
		}
		if err := sleep(ctx, time.Second); err != nil {
			learned()
			return zero, nil, err
		}
	}
}

// ending reports whether tasks of ours are under way whose end may give money back, or tell a price.
func (r *Run) ending() bool { return r.active.Load() > 0 || r.Progress().Downloading > 0 }

// unadmitted ends or puts off a cell that is not submitted now: nothing more is, or the money for it is not there. What is
// held for tasks under way may come back; only when nothing is, the budget is reached.
func (r *Run) unadmitted(ctx context.Context, l *journal.Lease, rec journal.Record, err error) error {
	if !errors.Is(err, journal.ErrBudget) {
		return r.leave(l)
	}
	short := (*journal.BudgetError)(nil)
	switch {
	case !errors.As(err, &short):
		r.o.Warn(err.Error())
	case short.Returns:
		r.short.Store(time.Now().UnixNano())
		rec.NotBefore = time.Now().Add(time.Second)
		return l.Finish(ctx, rec)
	}
	r.halt(BudgetReached)
	return r.leave(l)
}

// blind reports whether the budget has nothing to hold for a task whose cost is not known: neither was any money reserved
// for it, nor is there a price to take in its place.
func (r *Run) blind(cell journal.Cell, rec journal.Record) bool {
	_, known := r.prices.expected(cell)
	return r.o.Limits.Budget.Valid && rec.Reserved.IsZero() && !known
}

// watchBudget ends the submitting when a task that is paid for does not say its price, and nobody else does: a budget
// cannot be held against costs that are not known.
func (r *Run) watchBudget(cell journal.Cell, rec journal.Record) {
	if !rec.Cost.Valid && r.blind(cell, rec) {
		r.o.Warn(fmt.Sprintf("cell %s, task %s: neither the task nor the price list says what it cost: the budget cannot be held, no more is submitted", cell.ID, rec.TaskID))
		r.halt(BudgetReached)
	}
}
