package journal

import (
	"context"
	"database/sql"
	"errors"
	"strconv"
	"strings"
	"time"

	"github.com/shopspring/decimal"
)

// Run is one start on the folder. ExitCode means something once EndedAt is set: a run without one was killed, or is going on.
type Run struct {
	Number      int // counts the starts from 1; set by the journal
	Version     string
	StartedAt   time.Time
	EndedAt     time.Time
	ExitCode    int
	Concurrency int
	BaseURL     string

	// What bounds this start, for those who look on. Of the last one alone it is kept; Runs does not give it.
	Limit  int                 // cells that it may submit, 0: all
	Before int                 // cells that had ended when it began
	Budget decimal.NullDecimal // of the folder
}

const putRun = `INSERT INTO runs (run, version, started_at, ended_at, exit_code, concurrency, base_url) VALUES (?, ?, ?, ?, ?, ?, ?)
ON CONFLICT (run) DO UPDATE SET version = excluded.version, started_at = excluded.started_at, ended_at = excluded.ended_at,
  exit_code = excluded.exit_code, concurrency = excluded.concurrency, base_url = excluded.base_url`

// StartRun records this start.
func (j *Journal) StartRun(_ context.Context, r Run) error {
	return j.write(func(w *writer) (func(), error) {
		budget := ""
		if r.Budget.Valid {
			budget = r.Budget.Decimal.String()
		}
		for _, m := range [][2]string{{"run_limit", strconv.Itoa(r.Limit)}, {"run_before", strconv.Itoa(r.Before)}, {"run_budget", budget}} {
			if err := w.setMeta(m[0], m[1]); err != nil {
				return nil, err
			}
		}
		_, err := w.exec(putRun, j.run, r.Version, at(r.StartedAt), at(r.EndedAt), nil, r.Concurrency, r.BaseURL)
		return nil, err
	})
}

// EndRun records how this start ended; what StartRun said is replaced by r.
func (j *Journal) EndRun(_ context.Context, r Run) error {
	return j.write(func(w *writer) (func(), error) {
		_, err := w.exec(putRun, j.run, r.Version, at(r.StartedAt), at(r.EndedAt), r.ExitCode, r.Concurrency, r.BaseURL)
		return nil, err
	})
}

// Runs gives all starts, the first one first.
func (j *Journal) Runs(ctx context.Context) (all []Run, err error) {
	rows, err := j.reader.QueryContext(ctx, "SELECT run, version, started_at, ended_at, coalesce(exit_code, 0), concurrency, base_url FROM runs ORDER BY run")
	if err != nil {
		return nil, unread(j.path, err)
	}
	defer rows.Close()
	for rows.Next() {
		var r Run
		var started, ended sql.NullString
		if err := rows.Scan(&r.Number, &r.Version, &started, &ended, &r.ExitCode, &r.Concurrency, &r.BaseURL); err != nil {
			return nil, err
		}
		r.StartedAt, r.EndedAt = parseTime(started), parseTime(ended)
		all = append(all, r)
	}
	return all, rows.Err()
}

// BegunBefore tells when the last start began that has submitted while neither the task nor a newer one was known: the task
// is not older than that. It is zero when there was no such start.
func (j *Journal) BegunBefore(ctx context.Context, task string) (begun time.Time, err error) {
	var at sql.NullString
	err = j.reader.QueryRowContext(ctx, `SELECT max(started_at) FROM runs WHERE started_at <= (SELECT max(intended_at) FROM attempts
		WHERE newest_known <> '' AND (length(newest_known), newest_known) < (length(?1), ?1))`, strings.TrimLeft(task, "0")).Scan(&at)
	return parseTime(at), unread(j.path, err)
}

// NewestTask is the newest task id known, from saves and from NoteTask; "" when there is none. Ids are compared as numbers.
func (j *Journal) NewestTask(context.Context) string {
	j.mu.Lock()
	defer j.mu.Unlock()
	return j.queue.newest
}

// NoteTask tells of a task id that was seen in a list. It is stored with the next write.
func (j *Journal) NoteTask(id string) {
	j.mu.Lock()
	defer j.mu.Unlock()
	j.queue.note(id)
}

// CountAnew forgets the newest task id known: the service has it no more, and counts anew.
func (j *Journal) CountAnew() {
	j.mu.Lock()
	defer j.mu.Unlock()
	j.queue.newest = ""
}

// storeNewest keeps the newest task id over restarts. Ids of the open transaction follow with the next: nothing relies on them.
func (j *Journal) storeNewest(w *writer) error {
	j.mu.Lock()
	newest := j.queue.newest
	j.mu.Unlock()
	if newest == w.newest {
		return nil
	}
	w.newest = newest
	return w.setMeta("newest_task", newest)
}

const knownTask = "SELECT c.id FROM attempts a JOIN cells c ON c.key = a.cell WHERE a.task_id = ? AND a.state <> 'lost' AND c.run >= ?"

// TaskKnown tells which cell has claimed a task. Tasks of a service that is gone are no longer known: its successor
// counts from the start again.
func (j *Journal) TaskKnown(ctx context.Context, id string) (cellID string, ok bool, err error) {
	since := int64(0)
	if j.options.Ephemeral {
		since = j.run
	}
	err = j.known.QueryRowContext(ctx, id, since).Scan(&cellID)
	switch {
	case errors.Is(err, sql.ErrNoRows):
		return "", false, nil
	case err != nil:
		return "", false, unread(j.path, err)
	}
	return cellID, true, nil
}

// Found is a submit whose answer was lost, and whose task was found and adopted.
type Found struct {
	Model       string
	Params      []Param
	NewestKnown string // the newest task known at its intent
	IntendedAt  time.Time
	EndedAt     time.Time // when its cell was done with; zero: not yet
}

// Found gives all adopted submits of the folder. Such a one has no time of submission of its own: it stands at its intent.
func (j *Journal) Found(ctx context.Context) (all []Found, err error) {
	rows, err := j.reader.QueryContext(ctx, `SELECT c.model, c.params, a.newest_known, a.intended_at, a.finished_at FROM attempts a JOIN cells c ON c.key = a.cell
		WHERE a.submitted_at = a.intended_at AND a.newest_known IS NOT NULL AND a.state <> 'lost'`)
	if err != nil {
		return nil, unread(j.path, err)
	}
	defer rows.Close()
	for rows.Next() {
		var f Found
		var params []byte
		var intended, ended sql.NullString
		if err := rows.Scan(&f.Model, &params, &f.NewestKnown, &intended, &ended); err != nil {
			return nil, err
		}
		f.IntendedAt, f.EndedAt = parseTime(intended), parseTime(ended)
		if f.Params, err = decodeParams(params); err != nil {
			return nil, err
		}
		all = append(all, f)
	}
	return all, rows.Err()
}

// HadTask tells whether a task was found before for the submit that a leased cell looks for, and has ended: an attempt before has
// the same intent, and was submitted then, or that much later. unclear: one of them ended without saying how. It may have been the
// cell's, and been paid for.
func (j *Journal) HadTask(ctx context.Context, l *Lease, later time.Duration) (had, unclear bool, err error) {
	var all, clear int
	intended := l.Record.IntendedAt
	err = j.reader.QueryRowContext(ctx, `SELECT count(*), count(task_status) FROM attempts
		WHERE cell = ? AND attempt < ? AND intended_at = ? AND submitted_at IN (intended_at, ?) AND task_id IS NOT NULL AND state <> 'lost'`,
		l.key, l.Record.Attempt, at(intended), at(intended.Add(later))).Scan(&all, &clear)
	return all > 0 && clear == all, clear < all, unread(j.path, err)
}

// Missing gives what the submits to other models have sent whose task is not known.
func (j *Journal) Missing(ctx context.Context, butFor string) (all [][]Param, err error) {
	rows, err := j.reader.QueryContext(ctx, "SELECT params FROM cells WHERE state IN ('intended', 'unknown', 'held') AND model <> ?", butFor)
	if err != nil {
		return nil, unread(j.path, err)
	}
	defer rows.Close()
	for rows.Next() {
		var params []byte
		if err := rows.Scan(&params); err != nil {
			return nil, unread(j.path, err)
		}
		sent, err := decodeParams(params)
		if err != nil {
			return nil, unread(j.path, err)
		}
		all = append(all, sent)
	}
	return all, unread(j.path, rows.Err())
}
