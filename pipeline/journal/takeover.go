package journal

import (
	"context"
	"crypto/rand"
	"database/sql"
	"errors"
	"strconv"
)

// takeOver binds the folder to its service and raises the number of the start, which shuts an earlier runner out;
// then it gives back what that one left behind. It is one transaction.
func (j *Journal) takeOver(ctx context.Context, w *writer) error {
	if _, err := w.exec("BEGIN IMMEDIATE"); err != nil {
		return &WriteError{Path: j.path, Err: err}
	}
	err := j.takeOverTx(ctx, w)
	if err == nil {
		_, err = w.exec("COMMIT")
	}
	if err == nil {
		return nil
	}
	w.exec("ROLLBACK")
	if _, ok := errors.AsType[*ServiceError](err); ok {
		return err
	}
	return &WriteError{Path: j.path, Err: err}
}

func (j *Journal) takeOverTx(ctx context.Context, w *writer) error {
	bound, err := meta(ctx, w.conn, "service")
	if err != nil {
		return err
	}
	if bound != "" && bound != j.options.Service {
		return &ServiceError{Bound: bound, Asked: j.options.Service}
	}
	before, err := meta(ctx, w.conn, "run")
	if err != nil {
		return err
	}
	last, _ := strconv.ParseInt(before, 10, 64)
	j.run = last + 1
	for _, m := range [][2]string{{"service", j.options.Service}, {"run", strconv.FormatInt(j.run, 10)}} {
		if err := w.setMeta(m[0], m[1]); err != nil {
			return err
		}
	}
	if err := j.keepSecret(ctx, w); err != nil {
		return err
	}
	if _, err := w.exec("UPDATE cells SET state = 'pending', run = ? WHERE state = 'cancelled'", j.run); err != nil {
		return err
	}
	if !j.options.Ephemeral {
		return nil
	}
	const underWay = "state IN ('intended', 'submitted', 'unknown', 'held')"
	if _, err := w.exec("UPDATE attempts SET state = 'lost' WHERE (cell, attempt) IN (SELECT key, attempt FROM cells WHERE " + underWay + ")"); err != nil {
		return err
	}
	if _, err := w.exec("UPDATE cells SET state = 'pending', undelivered = 0, run = ? WHERE "+underWay, j.run); err != nil {
		return err
	}
	return w.setMeta("newest_task", "") // its numbering began anew
}

// keepSecret reads the folder's secret, and makes it where there is none.
func (j *Journal) keepSecret(ctx context.Context, w *writer) (err error) {
	if j.secret, err = meta(ctx, w.conn, "secret"); err != nil || j.secret != "" {
		return err
	}
	j.secret = rand.Text()
	return w.setMeta("secret", j.secret)
}

// Secret is the folder's own: drawn once, and known to nobody else.
func (j *Journal) Secret() string { return j.secret }

// load reads what is kept in memory beside the database: counts, money, the state of the grid.
func (j *Journal) load(ctx context.Context, q querier) error {
	if err := j.tally.load(ctx, q); err != nil {
		return err
	}
	m, err := sumMoney(ctx, q)
	if err != nil {
		return err
	}
	j.gate.spent, j.gate.reserved, j.gate.unpriced, j.tally.attempts = m.spent, m.reserved, m.unpriced, m.attempts
	digest, err := meta(ctx, q, "grid_digest")
	if err != nil {
		return err
	}
	whole, err := meta(ctx, q, "grid_whole")
	if err != nil {
		return err
	}
	j.queue.whole = digest == "" || whole == "1"
	if cells, err := meta(ctx, q, "grid_cells"); err != nil {
		return err
	} else if !j.queue.whole {
		j.tally.expected, _ = strconv.Atoi(cells)
	}
	j.queue.newest, err = meta(ctx, q, "newest_task")
	return err
}

type querier interface {
	QueryContext(context.Context, string, ...any) (*sql.Rows, error)
	QueryRowContext(context.Context, string, ...any) *sql.Row
}

// meta gives a named value, "" when it is not set.
func meta(ctx context.Context, q querier, name string) (value string, err error) {
	err = q.QueryRowContext(ctx, "SELECT value FROM meta WHERE name = ?", name).Scan(&value)
	if errors.Is(err, sql.ErrNoRows) {
		err = nil
	}
	return value, err
}

func (w *writer) setMeta(name, value string) error {
	_, err := w.exec("INSERT INTO meta (name, value) VALUES (?, ?) ON CONFLICT (name) DO UPDATE SET value = excluded.value", name, value)
	return err
}
