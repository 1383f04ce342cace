package pipeline

import (
	"context"
	"errors"
	"sync/atomic"
	"time"

	"github.com/shopspring/decimal"

	"wirobatch/pipeline/journal"
	"wirobatch/wiro"
)

var zero = decimal.Zero

// prices tells what a cell should cost before it runs, and what it did cost after.
type prices struct {
	client *wiro.Client
	model  string
	mean   func() (decimal.Decimal, bool) // of what was paid so far

	tool  atomic.Pointer[wiro.Tool] // the model as the service describes it; nil: not known (yet)
	turn  chan struct{}             // one asks, the others wait for the answer
	asked time.Time
	err   error
}

// askAgain is how long a price list that could not be had is not asked for.
const askAgain = time.Minute

// load asks the service for the model's price, unless it is known. Without an answer the run goes on: the mean of its
// costs takes over.
func (p *prices) load(ctx context.Context) error {
	select {
	case p.turn <- struct{}{}:
		defer func() { <-p.turn }()
	case <-ctx.Done():
		return ctx.Err()
	}
	if p.tool.Load() != nil || p.err != nil && time.Since(p.asked) < askAgain {
		return p.err
	}
	p.err = patiently(ctx, func() error {
		t, err := p.client.Tool(ctx, p.model)
		if err == nil {
			p.tool.Store(&t)
		}
		return err
	})
	p.asked = time.Now()
	return p.err
}

// listed is the price list's for a run of the cell.
func (p *prices) listed(cell journal.Cell) (decimal.Decimal, bool) {
	t := p.tool.Load()
	if t == nil || cell.Model != p.model { // a cell that an earlier manifest left
		return zero, false
	}
	if usd, _, ok := t.Price(input(cell).Params); ok {
		return usd, true
	}
	return t.ApproximateCost.Decimal, t.ApproximateCost.Valid
}

// expected is what a run of the cell should cost: the price list's, else the mean of what was paid so far.
func (p *prices) expected(cell journal.Cell) (usd decimal.Decimal, known bool) {
	if usd, ok := p.listed(cell); ok {
		return usd, true
	}
	return p.mean()
}

// askings is how often the price list is asked for when a task that has ended does not say what it cost.
const askings = 4

// paid is what a task that has ended did cost, and how that is known: as the task says; else its seconds at the model's
// price of a second; else the price list's, for as many outputs as there are.
func (p *prices) paid(ctx context.Context, cell journal.Cell, task wiro.Task) (decimal.NullDecimal, string) {
	if usd, source, ok := task.Cost(); ok {
		return decimal.NewNullDecimal(usd), string(source)
	}
	for asking := 1; cell.Model == p.model; asking++ {
		e := (*wiro.Error)(nil)
		err := p.load(ctx)
		if err == nil || asking == askings || errors.As(err, &e) && e.Disposition() != wiro.Retry || sleep(ctx, askAgain) != nil {
			break // without it the cost is none, and the row says so
		}
	}
	t := p.tool.Load()
	if t == nil || cell.Model != p.model {
		return decimal.NullDecimal{}, "none"
	}
	// Without a price list a model is billed by the second (documentation).
	if len(t.Prices) == 0 && t.CPS.Valid && task.Elapsed.Valid {
		return decimal.NewNullDecimal(t.CPS.Decimal.Mul(task.Elapsed.Decimal)), string(wiro.CostComputed)
	}
	usd, method, ok := t.Price(input(cell).Params)
	if !ok {
		return decimal.NullDecimal{}, "none" // an average run's cost is no price
	}
	if method == "cpo" {
		usd = usd.Mul(decimal.NewFromInt(int64(len(task.Outputs))))
	}
	return decimal.NewNullDecimal(usd), "price"
}

// isDefault reports whether that is the value which the model takes for a parameter that is not sent.
func (p *prices) isDefault(name, value string) bool {
	t := p.tool.Load()
	if t == nil {
		return false
	}
	for _, parameter := range t.Parameters {
		if parameter.ID == name {
			return !clearlyOther(parameter.Default, value)
		}
	}
	return false
}
