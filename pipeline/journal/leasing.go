package journal

import (
	"context"
	"database/sql"
	"math"
	"time"
)

// Lease blocks until there is a cell that may be worked on, and a slot for it. Cells with a task come first, then those that an earlier
// start left intended, unknown or held, each once a start, both whatever their grid; then pending cells in the order in which they were enqueued.
// Errors: ErrDone when nothing is left, now or later: all leases have ended, and the grid is enqueued whole; ctx's; ErrClosed; what stops all writing.
func (j *Journal) Lease(ctx context.Context) (*Lease, error) {
	if j.lock == nil {
		return nil, ErrReadOnly
	}
	select {
	case j.turn <- struct{}{}:
		defer func() { <-j.turn }()
	case <-ctx.Done():
		return nil, ctx.Err()
	case <-j.closing:
		return nil, ErrClosed
	}
	for {
		if err := ctx.Err(); err != nil {
			return nil, err
		}
		l, until, err := j.advance(ctx)
		if l != nil || err != nil {
			return l, err
		}
		if err := j.await(ctx, until); err != nil {
			return nil, err
		}
	}
}

// past is a time that need not be waited for.
var past = time.Unix(0, 0)

// advance does one step of the queue: it gives a lease, or the time until which to wait, which is zero when only a change will help.
func (j *Journal) advance(ctx context.Context) (*Lease, time.Time, error) {
	now := time.Now()
	j.mu.Lock()
	if j.err != nil {
		defer j.mu.Unlock()
		return nil, past, j.err
	}
	s, until := j.queue.next(now, j.gate.used < j.gate.slots)
	if s == leaseNext {
		defer j.mu.Unlock()
		c, again := j.queue.pop(now)
		l := j.grant(c)
		l.Again = again
		return l, past, nil
	}
	var key int64
	if s == leaseOpen {
		key, j.queue.open = j.queue.open[0], j.queue.open[1:]
	}
	j.mu.Unlock()
	switch s {
	case finished:
		return nil, past, ErrDone
	case wait:
		return nil, until, nil
	case listOpen:
		return nil, past, j.listOpen(ctx)
	case readPage:
		return nil, past, j.readPage(ctx)
	case readFar:
		return nil, past, j.readFar(ctx)
	}
	l, err := j.leaseOpen(ctx, key)
	return l, past, err
}

func (j *Journal) await(ctx context.Context, until time.Time) error {
	var alarm <-chan time.Time
	if !until.IsZero() {
		d := time.Until(until)
		if d <= 0 {
			return nil
		}
		t := time.NewTimer(d)
		defer t.Stop()
		alarm = t.C
	}
	select {
	case <-j.wake:
	case <-alarm:
	case <-ctx.Done():
	case <-j.closing:
		return ErrClosed
	}
	return nil
}

// grant makes a lease of a cell. The caller holds j.mu.
func (j *Journal) grant(c stored) *Lease {
	l := &Lease{Cell: c.Cell, Record: c.Record, j: j, key: c.key, at: c.at, earlier: c.earlier, slot: true, number: c.Number, rank: c.rank}
	if c.Record.State != Pending {
		l.spent, l.reserved, l.unpriced = c.Record.exposure()
		l.durable = l.reserved
	}
	j.gate.used++
	j.queue.leases[c.key] = l
	j.queue.taken[c.key] = struct{}{}
	return l
}

// The queue is read by the writer, in the order of the writes: so what is read cannot be overtaken by a change that the queue knows already.

func (j *Journal) listOpen(ctx context.Context) error {
	return j.write(func(w *writer) (func(), error) {
		var keys []int64
		rows, err := w.conn.QueryContext(context.WithoutCancel(ctx), `SELECT key FROM cells WHERE state IN ('submitted', 'intended', 'unknown', 'held')
			ORDER BY state <> 'submitted', number IS NULL, number, key`)
		if err != nil {
			return nil, err
		}
		defer rows.Close()
		for rows.Next() {
			var key int64
			if err := rows.Scan(&key); err != nil {
				return nil, err
			}
			keys = append(keys, key)
		}
		return func() { j.queue.open, j.queue.listed = keys, true }, rows.Err()
	})
}

func (j *Journal) leaseOpen(ctx context.Context, key int64) (l *Lease, err error) {
	err = j.write(func(w *writer) (func(), error) {
		rows, err := w.query(selectRows+" FROM cells c"+joinRows+" WHERE c.key = ? ORDER BY f.n", key)
		if err != nil {
			return nil, err
		}
		found, err := collect(rows)
		return func() {
			// A person may have made it pending meanwhile.
			if len(found) == 1 && found[0].Record.State.open() {
				l = j.grant(found[0])
			}
		}, err
	})
	return l, err
}

func (j *Journal) readPage(ctx context.Context) error {
	j.mu.Lock()
	cursor := j.queue.cursor
	j.mu.Unlock()
	return j.write(func(w *writer) (func(), error) {
		page, err := w.pending(cursor, readAhead)
		return func() {
			if j.queue.cursor == cursor { // else cells before it came meanwhile: read from there
				j.queue.filled(page)
			}
		}, err
	})
}

// readFar reads some pending cells from further on, each time elsewhere: those beside one another are often alike.
func (j *Journal) readFar(ctx context.Context) error {
	const some, golden = 8, 0.6180339887
	j.mu.Lock()
	cursor, jumps := j.queue.cursor, j.queue.jumps
	j.mu.Unlock()
	return j.write(func(w *writer) (func(), error) {
		var last sql.NullInt64
		if err := w.conn.QueryRowContext(context.WithoutCancel(ctx), "SELECT max(rank) FROM cells WHERE state = 'pending'").Scan(&last); err != nil {
			return nil, err
		}
		_, part := math.Modf(float64(jumps+1) * golden)
		page, err := w.pending(cursor+int(part*float64(max(int(last.Int64)-cursor-some, 0))), some)
		return func() { j.queue.jumped(page) }, err
	})
}

// pending gives cells that are, from beyond that rank on.
func (w *writer) pending(beyond, most int) ([]stored, error) {
	rows, err := w.query(selectRows+` FROM (SELECT * FROM cells WHERE state = 'pending' AND rank > ? ORDER BY rank LIMIT ?) c`+joinRows+
		" ORDER BY c.rank, c.key, f.n", beyond, most)
	if err != nil {
		return nil, err
	}
	page, err := collect(rows)
	for i, c := range page {
		page[i].earlier = c.earlier.with(c.submit, c.Record.Cost)
		page[i].Record = Record{State: Pending, Attempt: c.Attempts}
	}
	return page, err
}
