package journal

import (
	"context"
	"fmt"
)

// RetryFailed makes failed cells pending again, except those that any attempt was billed for: it cost something, or its cost is unknown
// and it has files. The attempts are kept. It gives the number of cells. Call it, as Redo and Resubmit, before the first Lease.
func (j *Journal) RetryFailed(ctx context.Context) (n int, err error) {
	// A cost is text: it is zero when it has no digit but 0.
	return j.again(ctx, `state = 'failed' AND NOT EXISTS (SELECT 1 FROM attempts a WHERE a.cell = cells.key
		AND (a.cost_usd GLOB '*[1-9]*'
			OR a.cost_usd IS NULL AND EXISTS (SELECT 1 FROM files f WHERE f.cell = a.cell AND f.attempt = a.attempt)))`)
}

// Resubmit is the person's word that all held cells of the grid are to be submitted again, though they may have been paid: they are
// pending again, and their money is no longer reserved. Unknown ones, whose look-up did not come to its end, are not among them.
func (j *Journal) Resubmit(ctx context.Context) (n int, err error) {
	return j.again(ctx, "state = 'held' AND number IS NOT NULL")
}

// Redo makes done, failed and undelivered cells pending again, knowingly to be paid again; their attempts are kept. Pending and
// cancelled ones stay as they are. Nothing changes when an id is not known, is no longer in the manifest, or is of a cell whose
// task is open: the error names them.
func (j *Journal) Redo(ctx context.Context, ids []string) error {
	ctx = context.WithoutCancel(ctx)
	return j.write(func(w *writer) (func(), error) {
		whole, err := meta(ctx, w.conn, "grid_whole")
		if err != nil {
			return nil, err
		}
		var wrong []string
		for _, id := range ids {
			var s State
			var in, undelivered bool
			err := w.conn.QueryRowContext(ctx, `SELECT coalesce(max(state), ''), coalesce(max(number), 0) > 0, coalesce(max(undelivered), 0)
				FROM cells WHERE id = ?`, id).Scan(&s, &in, &undelivered)
			switch {
			case err != nil:
				return nil, err
			case s == "":
				wrong = append(wrong, fmt.Sprintf("%q (no such cell)", id))
			case s.open() && !undelivered:
				wrong = append(wrong, fmt.Sprintf("%s (%s: its task is open)", id, s))
			case !in && whole == "1":
				wrong = append(wrong, id+" (no longer in the manifest)")
			}
		}
		if wrong != nil {
			return nil, refusal{&RedoError{Cells: wrong}}
		}
		for _, id := range ids {
			if _, err := w.exec(`UPDATE cells SET state = 'pending', undelivered = 0, run = ?
				WHERE (state IN ('done', 'failed') OR undelivered) AND id = ?`, j.run, id); err != nil {
				return nil, err
			}
		}
		return j.recount(ctx, w)
	})
}

// again makes the cells that a condition names pending.
func (j *Journal) again(ctx context.Context, where string) (n int, err error) {
	err = j.write(func(w *writer) (func(), error) {
		changed, err := w.exec("UPDATE cells SET state = 'pending', run = ? WHERE "+where, j.run)
		if err != nil {
			return nil, err
		}
		n = int(changed)
		return j.recount(context.WithoutCancel(ctx), w)
	})
	return n, err
}

// recount brings what is in memory up to a change of many cells in the open transaction.
func (j *Journal) recount(ctx context.Context, w *writer) (func(), error) {
	var t tally
	t.init()
	if err := t.load(ctx, w.conn); err != nil {
		return nil, err
	}
	m, err := sumMoney(ctx, w.conn)
	return func() {
		t.expected, t.attempts = j.tally.expected, m.attempts
		j.tally = t
		j.gate.spent, j.gate.reserved, j.gate.unpriced = m.spent, m.reserved, m.unpriced
		for _, l := range j.queue.leases {
			j.gate.reserved = j.gate.reserved.Add(l.reserved.Sub(l.durable))
		}
		j.queue.reread(1)
	}, err
}
