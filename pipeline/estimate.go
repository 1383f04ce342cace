package pipeline

import (
	"github.com/shopspring/decimal"

	"wirobatch/pipeline/journal"
)

// freeAfter is how many tasks of a model without a price must have cost nothing, and none anything, before it is taken to
// be free.
const freeAfter = 3

// estimate is what the costs of a model's tasks say of the next one's. A folder's budget outlives a start, and so does it.
type estimate struct {
	paid journal.Spending // by tasks that cost something
	free int              // tasks that made something, and cost nothing

	// Of tasks that have a price in the list, and cost something: where the list has proved too low, it is too low for the
	// others.
	listed, cost decimal.Decimal
	earlier      []journal.Known // of earlier starts, not held against the list yet
}

// low is how many times its listed price a task costs, at least 1.
func (e *estimate) low() decimal.Decimal {
	if !e.cost.GreaterThan(e.listed) {
		return decimal.NewFromInt(1)
	}
	return e.cost.DivRound(e.listed, 12)
}

// learn adds what a task has cost that made something, or was paid for, and what the list says of it, if it does.
func (e *estimate) learn(usd, listed decimal.Decimal) {
	if usd.IsPositive() && listed.IsPositive() {
		e.cost, e.listed = e.cost.Add(usd), e.listed.Add(listed)
	}
}

// expected is what a run of the cell should cost: the price list's, as far as it has not proved too low; else the mean of
// what was paid so far for its model.
func (p *prices) expected(cell journal.Cell) (usd decimal.Decimal, known bool) {
	p.mu.Lock()
	defer p.mu.Unlock()
	m := p.of(cell.Model)
	if usd, known := listed(m.tool, cell); known {
		return usd.Mul(m.low()).Round(12), true
	}
	if m.paid.Attempts == 0 {
		return zero, m.free >= freeAfter
	}
	return m.paid.USD.DivRound(decimal.NewFromInt(int64(m.paid.Attempts)), 12), true
}

// recall adds what earlier starts have paid: all, and the latest of them each.
func (p *prices) recall(paid map[string]journal.Spending, latest []journal.Known) {
	p.mu.Lock()
	defer p.mu.Unlock()
	for model, s := range paid {
		p.of(model).paid = s
	}
	for _, k := range latest {
		m := p.of(k.Cell.Model)
		m.earlier = append(m.earlier, k)
		if k.USD.IsZero() {
			m.free++
		}
	}
	for _, m := range p.models {
		m.compare()
	}
}

// compare holds what earlier starts have paid against the list, once that is known. The caller holds prices.mu.
func (m *price) compare() {
	if m.tool == nil {
		return
	}
	for _, k := range m.earlier {
		usd, _ := listed(m.tool, k.Cell)
		m.learn(k.USD, usd)
	}
	m.earlier = nil
}

// learn adds what a task of a cell has cost. made tells that there is a result.
func (p *prices) learn(cell journal.Cell, usd decimal.Decimal, made bool) {
	p.mu.Lock()
	defer p.mu.Unlock()
	m := p.of(cell.Model)
	switch {
	case usd.IsPositive():
		m.paid.USD, m.paid.Attempts = m.paid.USD.Add(usd), m.paid.Attempts+1
		said, _ := listed(m.tool, cell)
		m.estimate.learn(usd, said)
		p.tellShort()
	case made:
		m.free++
	}
}

// open is a submit under way, or about to leave, by the price of the list.
type open struct {
	model        string
	listed, held decimal.Decimal
}

// hold notes what is held for a submit, until its cell is over. What it will cost beyond that, should the list prove too low
// meanwhile, is told at once.
func (p *prices) hold(cell journal.Cell, usd decimal.Decimal) {
	p.mu.Lock()
	defer p.mu.Unlock()
	said, known := listed(p.of(cell.Model).tool, cell)
	if !known {
		return
	}
	if p.open == nil {
		p.open = map[string]open{}
	}
	p.release(cell.ID)
	p.open[cell.ID] = open{cell.Model, said, usd}
	m := p.of(cell.Model)
	m.said, m.held = m.said.Add(said), m.held.Add(usd)
	p.tellShort()
}

// over ends what hold began.
func (p *prices) over(cell string) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.release(cell) {
		p.tellShort()
	}
}

// release takes a submit out of those that are open. The caller holds p.mu.
func (p *prices) release(cell string) bool {
	o, held := p.open[cell]
	if held {
		m := p.of(o.model)
		m.said, m.held = m.said.Sub(o.listed), m.held.Sub(o.held)
		delete(p.open, cell)
	}
	return held
}

// tellShort tells what the submits that are open will cost beyond what is held for them. The caller holds p.mu.
func (p *prices) tellShort() {
	usd := zero
	for _, m := range p.models {
		if more := m.said.Mul(m.low()).Sub(m.held); more.IsPositive() {
			usd = usd.Add(more.Round(12))
		}
	}
	if !usd.Equal(p.last) && p.short != nil {
		p.last = usd
		p.short(usd)
	}
}
