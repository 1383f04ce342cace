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
)

// admit returns when the leased cell may be submitted: no trouble holds submits back, it is not kept back as a witness, the
// money is reserved, and the rate allows it. The rate comes last, so that what leaves after a pause does not leave in a
// crowd; what has changed while it was waited for is waited for anew. left must be called when the cell is pending no
// more, answered when the answer to its submit is known; both may be called again.
func (r *Run) admit(ctx context.Context, l *journal.Lease, usd decimal.Decimal) (left, answered func(), err error) {
	for {
		calm, answered, err := r.pause.wait(ctx)
		if err != nil {
			return nil, nil, err
		}
		if r.keptBack() {
			answered()
			if err := sleep(ctx, keptFor); err != nil {
				return nil, nil, err
			}
			continue
		}
		both, free := during(ctx, calm)
		err = r.journal.Admit(both, l, usd)
		free()
		switch {
		case ctx.Err() != nil:
			err = ctx.Err()
		case calm.Err() != nil:
			err = nil
		case err == nil && r.depart():
			return sync.OnceFunc(func() { r.leaving.Add(-1) }), sync.OnceFunc(answered), nil
		}
		answered()
		if err != nil {
			return nil, nil, err
		}
	}
}

// during gives a context that ends with either.
func during(ctx, other context.Context) (both context.Context, free func()) {
	both, cancel := context.WithCancel(ctx)
	unhook := context.AfterFunc(other, cancel)
	return both, func() { unhook(); cancel() }
}

// depart counts the cell among those that leave, unless it is to be kept back.
func (r *Run) depart() bool {
	r.door.Lock()
	defer r.door.Unlock()
	if r.keptBack() {
		return false
	}
	r.leaving.Add(1)
	return true
}

// keptBack reports whether a cell stays pending: it is the last one, and would leave too early to be a witness for the
// submits that are unknown.
func (r *Run) keptBack() bool {
	over, any := r.claims.latest()
	if !any || r.journal.Progress().Pending-int(r.leaving.Load()) > 1 {
		return false
	}
	after := witnessAfter
	if r.pause.lasts() {
		after = lastWitness
	}
	return time.Since(over) < after
}
