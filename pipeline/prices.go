package pipeline

import (
	"context"
	"sync"
	"time"

	"github.com/shopspring/decimal"

	"wirobatch/pipeline/journal"
	"wirobatch/pipeline/watch"
	"wirobatch/wiro"
)

var zero = decimal.Zero

// prices tells what a cell should cost before it runs, and what it did cost after. A folder may have cells of more models
// than its manifest names: each is asked for when it is needed.
type prices struct {
	client *wiro.Client
	api    *watch.Line
	mu     sync.Mutex
	models map[string]*price
	open   map[string]open           // submits by the price of the list, by cell
	short  func(usd decimal.Decimal) // told what they will cost beyond what is held for them
	last   decimal.Decimal           // that it was told
}

// price is what is known of one model's.
type price struct {
	turn  chan struct{} // one asks, the others wait for the answer
	asked time.Time
	err   error

	// Under prices.mu:
	tool *wiro.Tool // the model as the service describes it; nil: not known (yet)
	estimate
	said, held decimal.Decimal // for its submits that are open: by the list, and what is held
}

// askAgain is how long a price list that could not be had is not asked for.
const askAgain = time.Minute

// of gives the price of a model. The caller holds p.mu.
func (p *prices) of(model string) *price {
	if p.models == nil {
		p.models = map[string]*price{}
	}
	if p.models[model] == nil {
		p.models[model] = &price{turn: make(chan struct{}, 1)}
	}
	return p.models[model]
}

// tool is the model as the service describes it, if that is known.
func (p *prices) tool(model string) *wiro.Tool {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.of(model).tool
}

// load asks the service for the model's price, unless it is known. Without an answer the run goes on: the mean of its
// costs takes over.
func (p *prices) load(ctx context.Context, model string) error { return p.ask(ctx, model, askAgain) }

// ask does so unless that was tried in vain so shortly before.
func (p *prices) ask(ctx context.Context, model string, before time.Duration) error {
	if p.tool(model) != nil {
		return nil
	}
	p.mu.Lock()
	m := p.of(model)
	p.mu.Unlock()
	select {
	case m.turn <- struct{}{}:
		defer func() { <-m.turn }()
	case <-ctx.Done():
		return ctx.Err()
	}
	if p.tool(model) != nil || m.err != nil && time.Since(m.asked) < before {
		return m.err
	}
	var t wiro.Tool
	err := p.api.Read(ctx, func() (err error) { t, err = p.client.Tool(ctx, model); return err })
	if err != nil && ctx.Err() != nil { // says nothing of the service
		return err
	}
	m.err, m.asked = err, time.Now()
	if err == nil {
		p.mu.Lock()
		m.tool = &t
		m.compare()
		p.mu.Unlock()
	}
	return err
}

// listed is the price list's for a run of a cell. A 0 is none: lists have it where nobody has entered a price.
func listed(t *wiro.Tool, cell journal.Cell) (usd decimal.Decimal, known bool) {
	if t == nil {
		return zero, false
	}
	usd, _, ok := t.Price(input(cell).Params)
	if !ok {
		usd = t.ApproximateCost.Decimal
	}
	return usd, usd.IsPositive()
}

// paid is what a task that has ended did cost, and how that is known: as the task says; else as its model's price list
// does. Without a source it is not known yet, for the price list is not to be had.
func (p *prices) paid(ctx context.Context, cell journal.Cell, task wiro.Task) (decimal.NullDecimal, string) {
	if usd, source, ok := task.Cost(); ok {
		return decimal.NewNullDecimal(usd), string(source)
	}
	if p.load(ctx, cell.Model) != nil {
		return decimal.NullDecimal{}, ""
	}
	return p.told(journal.Paid{Cell: cell, Elapsed: task.Elapsed, Outputs: len(task.Outputs)})
}

// told is what the price list tells of a run that was paid for: none when it does not tell that. The list is known.
func (p *prices) told(paid journal.Paid) (decimal.NullDecimal, string) {
	usd, source, ok := p.tool(paid.Cell.Model).Cost(input(paid.Cell).Params, paid.Elapsed, paid.Outputs)
	if !ok {
		return decimal.NullDecimal{}, "none"
	}
	return decimal.NewNullDecimal(usd), string(source)
}

// isDefault reports whether that is the value which the model takes for a parameter that is not sent.
func (p *prices) isDefault(model, name, value string) bool {
	t := p.tool(model)
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
