package pipeline

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"

	"github.com/shopspring/decimal"

	"wirobatch/pipeline/journal"
	"wirobatch/wiro"
)

// askings is how often a price list is asked for when nothing else is left to hold a budget by.
const askings = 4

// priced notes what a task that has ended did cost. What was known before is not lowered, but for an estimate that the service
// corrects. A price that nobody tells yet is waited for where a budget depends on it, until no more is submitted.
func (r *Run) priced(ctx context.Context, cell journal.Cell, rec *journal.Record, task wiro.Task) {
	usd, source, told := task.Cost()
	switch {
	case !told && rec.Cost.Valid, told && rec.Cost.Decimal.GreaterThan(usd) && !corrects(*rec, task):
		return
	case told:
		if !rec.Cost.Valid {
			r.prices.learn(cell, usd, task.Outcome() == wiro.Succeeded)
		}
		rec.Cost, rec.CostSource = decimal.NewNullDecimal(usd), string(source)
		return
	}
	ctx, leave := context.WithCancel(ctx)
	defer leave()
	defer context.AfterFunc(r.submitting, leave)()
	rec.Cost, rec.CostSource = r.prices.paid(ctx, cell, task)
	for asking := 1; rec.CostSource == "" && asking < askings && r.blind(cell, *rec) && !r.stopped(); asking++ {
		if e := (*wiro.Error)(nil); !errors.As(r.prices.load(ctx, cell.Model), &e) || e.Disposition() != wiro.Retry || sleep(ctx, askAgain) != nil {
			break
		}
		rec.Cost, rec.CostSource = r.prices.paid(ctx, cell, task)
	}
	if rec.Cost.Valid && !task.Unclear() {
		r.prices.learn(cell, rec.Cost.Decimal, task.Outcome() == wiro.Succeeded)
	}
}

// corrects reports whether what the service says of a successful task takes the place of an estimate.
func corrects(rec journal.Record, task wiro.Task) bool {
	return rec.CostSource != string(wiro.CostReported) && task.Outcome() == wiro.Succeeded && task.TotalCost.Decimal.IsPositive()
}

// fillCosts asks the price lists for the cost of what was paid for without it becoming known: they did not answer when its
// tasks ended. No lease is out.
func (r *Run) fillCosts(ctx context.Context) (missing map[string]int, err error) {
	missing, err = r.journal.CostsMissing(ctx)
	if err != nil {
		return nil, err
	}
	for _, model := range slices.Sorted(maps.Keys(missing)) {
		if r.prices.ask(ctx, model, 0) != nil {
			continue
		}
		if err := r.journal.TellCosts(ctx, model, r.prices.told); err != nil {
			return nil, err
		}
		delete(missing, model)
	}
	return missing, nil
}

// fillEarlier fills in what earlier starts have left without a cost, so that the budget counts it.
func (r *Run) fillEarlier(ctx context.Context) error {
	_, err := r.fillCosts(ctx)
	r.before = r.Progress().Spent
	if err == nil && r.o.Limits.Budget.Valid {
		err = r.recallPrices(ctx)
	}
	if ctx.Err() != nil { // nothing is submitted any more
		return nil
	}
	return err
}

// fillOwn fills in what this start has left without a cost.
func (r *Run) fillOwn(ctx context.Context) error {
	missing, err := r.fillCosts(ctx)
	if ctx.Err() != nil {
		return nil
	}
	for _, model := range slices.Sorted(maps.Keys(missing)) {
		r.o.Warn(fmt.Sprintf("tasks of %s whose cost is not known: %d: its price list is not to be had (%v): the next run asks again",
			model, missing[model], r.prices.load(ctx, model)))
	}
	return err
}
