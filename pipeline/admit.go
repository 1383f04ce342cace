package pipeline

import (
	"context"
	"sync"
	"time"

	"github.com/shopspring/decimal"

	"wirobatch/pipeline/journal"
)

const (
	// lastWitness is how long the last cell that may be a witness stays back while one submit after the other is lost:
	// for so long that what is in the way is likely to be over.
	lastWitness = 5 * time.Minute
	keptFor     = 100 * time.Millisecond // before a cell that is kept back looks again
	// postsAtOnce bounds the submits that are under way: thousands of slots need no thousands of connections, and what waits
	// here can still be told to stay.
	postsAtOnce = 128
)

// admit returns when the leased cell may be submitted: no trouble holds submits back, it is not kept back as a witness or
// while all are being judged as wrong, not too many are under way, the money is reserved, and the rate allows it. The rate comes last, so that what leaves after a pause does not leave in a
// crowd; what has changed while it was waited for is waited for anew. reserved is usd, or the price that has shown meanwhile
// where there was none. left must be called when the cell is pending no more, answered when the answer to its submit is known;
// both may be called again.
func (r *Run) admit(ctx context.Context, l *journal.Lease, usd decimal.Decimal) (reserved decimal.Decimal, left, answered func(), err error) {
	r.queued.Add(1)
	defer r.queued.Add(-1)
	for {
		calm, answered, err := r.pause.wait(ctx)
		if err != nil {
			return zero, nil, nil, err
		}
		if usd.IsZero() {
			usd, _ = r.prices.expected(l.Cell)
		}
		wait, err := r.allAreWrong(ctx, l.Cell.Model)
		if err != nil {
			answered()
			return zero, nil, nil, err
		}
		if wait || r.keptBack(l, usd) {
			answered()
			if err := sleep(ctx, keptFor); err != nil {
				return zero, nil, nil, err
			}
			continue
		}
		both, free := during(ctx, calm)
		posted, err := r.posts.turn(both)
		if err == nil {
			r.prices.hold(l.Cell, usd)
			err = r.journal.Admit(both, l, usd)
		}
		free()
		calmed := answered
		answered = func() { calmed(); posted() }
		switch {
		case ctx.Err() != nil:
			err = ctx.Err()
		case calm.Err() != nil:
			err = nil
		case err == nil && r.depart(l, usd):
			return usd, sync.OnceFunc(func() { r.leaving.Add(-1) }), sync.OnceFunc(answered), nil
		}
		answered()
		if err != nil {
			return zero, nil, nil, err
		}
	}
}

// posts are the submits that are under way.
type posts chan struct{}

// turn waits until there is room for one more. done must be called in any case.
func (p posts) turn(ctx context.Context) (done func(), err error) {
	select {
	case p <- struct{}{}:
		return func() { <-p }, nil
	case <-ctx.Done():
		return func() {}, ctx.Err()
	}
}

// during gives a context that ends with either.
func during(ctx, other context.Context) (both context.Context, free func()) {
	both, cancel := context.WithCancel(ctx)
	unhook := context.AfterFunc(other, cancel)
	return both, func() { unhook(); cancel() }
}

// depart counts the cell among those that leave, unless it is to be kept back.
func (r *Run) depart(l *journal.Lease, usd decimal.Decimal) bool {
	r.door.Lock()
	defer r.door.Unlock()
	if r.wrongs.judged(l.Cell.Model) || r.keptBack(l, usd) {
		return false
	}
	r.leaving.Add(1)
	return true
}

// keptBack reports whether a cell that would cost so much stays pending: it is the last one that this start may submit, and
// would leave too early to be a witness for the submits that are unknown.
func (r *Run) keptBack(l *journal.Lease, usd decimal.Decimal) bool {
	over, any := r.claims.latest()
	if !any || r.mayLeave(l, usd) > 1 {
		return false
	}
	after := witnessAfter
	if r.pause.lasts() {
		after = lastWitness
	}
	return time.Since(over) < after
}

// mayLeave is how many cells this start may yet submit, the leased one among them: those that are pending, within --limit,
// and within the budget, if all cost as much.
func (r *Run) mayLeave(l *journal.Lease, usd decimal.Decimal) int {
	left := r.journal.Progress().Pending - int(r.leaving.Load())
	if r.o.Limit > 0 {
		left = min(left, r.o.Limit-int(r.fresh.Load())+int(r.queued.Load()))
	}
	if room, bounded := r.journal.Room(l, usd); bounded {
		left = min(left, room)
	}
	return left
}
