package watch

import (
	"context"
	"time"
)

// leaves is when the look at a task has to leave. By list, pages keep their distance: each shows what has ended since the
// one before. Where those were a part of what would show all tasks, the next ones may leave so much sooner. The caller holds the lock.
func (k *looks) leaves(v *watched, by way) time.Time {
	next := k.paged.Add(max(time.Duration(float64(v.wish.apart)*k.part), k.took))
	if by != byList || v.wish.soon || v.wish.sure || !next.After(v.wish.due) {
		return v.wish.due
	}
	if most := v.wish.due.Add(max(v.wish.apart, k.took)); next.After(most) { // else pages for others would put it off for ever
		return most
	}
	return next
}

// lead wakes when a look is due, waits for the turn of what leaves, and lets go what is due by then.
func (k *looks) lead() {
	timer := time.NewTimer(time.Hour)
	defer timer.Stop()
	for {
		at, until, any := k.soonest()
		if !any {
			return
		}
		if wait := time.Until(at); wait > 0 {
			timer.Reset(wait)
			select {
			case <-timer.C:
			case <-k.kick:
			case <-k.ctx.Done():
			}
			continue
		}
		pages := k.mode.pages()
		done, err := k.turn(k.ctx, until, pages)
		if err != nil {
			continue
		}
		if k.bound.Wait(k.ctx) != nil {
			done()
			continue
		}
		calls := k.plan(time.Now())
		if len(calls) > 0 && pages && calls[0].rows == 0 { // the turn of a page is none of a Detail
			done()
			done, calls[0].bound = nil, k.api.Row() == 0 // else it leaves later, when it is its turn
		}
		for i, c := range calls {
			turn := done // of the first; the others wait for their own
			if i > 0 {
				turn = nil
			}
			k.under.Go(func() { _ = k.make(c, turn) })
		}
		if len(calls) == 0 {
			done()
		}
	}
}

// restEach is how long the leader rests after it has gone through the watched tasks, for each of them: some fifty times what
// that takes.
const restEach = 10 * time.Microsecond

// turn waits for that of a page, which trouble of Detail alone does not hold up, or of a Detail.
func (k *looks) turn(ctx context.Context, by time.Time, page bool) (done func(), err error) {
	if page {
		return k.lists.host(ctx, by)
	}
	return k.api.Turn(ctx, by)
}

// judgeEvery is how often the way of watching is judged while nothing is due.
const judgeEvery = 5 * time.Second

// soonest is when the leader has something to do, and until when that may wait for the end of a trouble; any is false when
// it is of no more use.
func (k *looks) soonest() (at, until time.Time, any bool) {
	by := k.mode.way()
	k.mu.Lock()
	defer k.mu.Unlock()
	if len(k.watched) == 0 || k.ctx.Err() != nil {
		k.leads = false
		return at, until, false
	}
	at, until = time.Now().Add(judgeEvery), never
	for _, v := range k.watched {
		if v.call != nil || v.wish.due.IsZero() {
			continue
		}
		if leaves := k.leaves(v, by); leaves.Before(at) {
			at = leaves
		}
		if v.wish.until.Before(until) {
			until = v.wish.until
		}
	}
	at = later(at, k.rested)
	k.alarm = at
	return at, until, true
}

func later(a, b time.Time) time.Time {
	if a.Before(b) {
		return b
	}
	return a
}
