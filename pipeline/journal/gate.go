package journal

import (
	"context"
	"database/sql"
	"fmt"
	"math"
	"time"

	"github.com/shopspring/decimal"
	"golang.org/x/time/rate"
)

// gate counts what is limited: slots and money. It is guarded by Journal.mu.
type gate struct {
	slots, used     int
	spent, reserved decimal.Decimal // USD, over all starts of the folder
	unpriced        int             // attempts that may cost something, with nothing reserved for them
	short           decimal.Decimal // what submits under way are known to cost beyond what is reserved
}

// Admit reserves the money for a submit of the leased cell and waits for the rate. The money is in memory until the next Save makes it
// durable, and free again when ctx ends first, with ctx's error. A *BudgetError, which is ErrBudget, when spent, reserved and cost together pass the budget;
// reserved money that comes back may change that later. What has nothing reserved, because its price was not known, is taken to
// cost as much as this cell. A second Admit of the same attempt replaces the first.
func (j *Journal) Admit(ctx context.Context, l *Lease, cost decimal.Decimal) error {
	j.mu.Lock()
	if err := l.usable(); err != nil {
		j.mu.Unlock()
		return err
	}
	before := l.reserved
	others := j.gate.reserved.Sub(before)
	held := others.Add(times(cost, j.gate.unpriced-l.unpriced)).Add(j.gate.short)
	if b := j.options.Budget; b.Valid && j.gate.spent.Add(held).Add(cost).GreaterThan(b.Decimal) {
		defer j.mu.Unlock()
		return &BudgetError{Spent: j.gate.spent, Held: held, Budget: b.Decimal, Cost: cost, Returns: j.returns(l) || j.gate.short.IsPositive()}
	}
	j.gate.reserved, l.reserved = others.Add(cost), cost
	j.mu.Unlock()

	err := j.pace(ctx)
	if err == nil {
		return nil
	}
	j.mu.Lock()
	if !l.ended {
		j.gate.reserved, l.reserved = j.gate.reserved.Sub(cost).Add(before), before
	}
	j.mu.Unlock()
	j.poke()
	if ctx.Err() == nil { // the limiter sees at once that the deadline comes first
		return fmt.Errorf("%w: %w", context.DeadlineExceeded, err)
	}
	return ctx.Err()
}

// SetShort says how much more than what is reserved for them submits under way will cost, as was found meanwhile. Admit
// counts it as held.
func (j *Journal) SetShort(usd decimal.Decimal) {
	j.mu.Lock()
	j.gate.short = usd
	j.mu.Unlock()
	j.poke()
}

// Room is how many submits at that cost the budget has room for, that of the leased cell among them; bounded is false where
// it has for any number.
func (j *Journal) Room(l *Lease, cost decimal.Decimal) (n int, bounded bool) {
	j.mu.Lock()
	defer j.mu.Unlock()
	b := j.options.Budget
	if !b.Valid || !cost.IsPositive() {
		return 0, false
	}
	left := b.Decimal.Sub(j.gate.spent).Sub(j.gate.reserved.Sub(l.reserved)).Sub(times(cost, j.gate.unpriced-l.unpriced)).Sub(j.gate.short)
	room := left.Div(cost).IntPart()
	return int(max(0, min(room, math.MaxInt32))), true
}

// pace waits for the rate. One at a time has a claim on it, which is given back whole when ctx ends.
func (j *Journal) pace(ctx context.Context) error {
	select {
	case j.pacing <- struct{}{}:
		defer func() { <-j.pacing }()
		return j.limiter.Wait(ctx)
	case <-ctx.Done():
		return ctx.Err()
	}
}

// recallRate takes what earlier starts may have used up of the rate: a start is no reason for another burst. More than
// everything they cannot have used by their last intent.
func (j *Journal) recallRate(ctx context.Context, q querier) error {
	if j.options.Rate == rate.Inf {
		return nil
	}
	var last sql.NullString
	if err := q.QueryRowContext(ctx, "SELECT max(intended_at) FROM attempts").Scan(&last); err != nil || !last.Valid {
		return err
	}
	j.limiter.AllowN(parseTime(last).Add(time.Millisecond), j.options.Burst) // of which the journal keeps whole ones
	return nil
}

// returns reports whether another lease holds money and is on its way to an end. One that is looked up may have none. The
// caller holds j.mu.
func (j *Journal) returns(l *Lease) bool {
	for _, other := range j.queue.leases {
		s := other.at.state
		if other != l && !other.reserved.IsZero() && (s == Pending || s == Submitted || s == Intended && other.slot) {
			return true
		}
	}
	return false
}

// SetSlots changes how many cells may be leased with a slot at once. Fewer than are out: none is leased until enough came back.
func (j *Journal) SetSlots(n int) {
	j.mu.Lock()
	j.gate.slots = n
	j.mu.Unlock()
	j.poke()
}

// StopNew lets Lease give no pending cells but those that came back to be leased again; ErrDone when all of them have ended.
func (j *Journal) StopNew() {
	j.mu.Lock()
	j.queue.noNew = true
	j.mu.Unlock()
	j.poke()
}

// NewFirst lets cells that have not been leased by this start go before those that came back, or no longer.
func (j *Journal) NewFirst(on bool) {
	j.mu.Lock()
	changed := j.queue.newFirst != on
	j.queue.newFirst = on
	j.mu.Unlock()
	if changed {
		j.poke()
	}
}

// StopLeasing lets Lease give no more pending cells, only such as earlier starts left with a task or an intent; then ErrDone.
func (j *Journal) StopLeasing() {
	j.mu.Lock()
	j.queue.stopped = true
	j.mu.Unlock()
	j.poke()
}
