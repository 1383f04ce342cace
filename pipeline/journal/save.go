package journal

import (
	"database/sql"
	"time"

	"github.com/shopspring/decimal"
)

const moveCell = "UPDATE cells SET state = ?, undelivered = ?, attempt = ?, run = ? WHERE key = ? AND state = ? AND attempt = ?"

const putAttempt = `INSERT INTO attempts (cell, attempt, state, intended_at, newest_known, reserved_usd, task_id, task_token,
  submitted_at, finished_at, task_status, exit, elapsed_s, queue_s, run_s, postprocess_s,
  wait_ms, download_ms, total_ms, polls, cost_usd, cost_source, error)
VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
ON CONFLICT (cell, attempt) DO UPDATE SET state = excluded.state, intended_at = excluded.intended_at, newest_known = excluded.newest_known,
  reserved_usd = excluded.reserved_usd, task_id = excluded.task_id, task_token = excluded.task_token, submitted_at = excluded.submitted_at,
  finished_at = excluded.finished_at, task_status = excluded.task_status, exit = excluded.exit, elapsed_s = excluded.elapsed_s,
  queue_s = excluded.queue_s, run_s = excluded.run_s, postprocess_s = excluded.postprocess_s, wait_ms = excluded.wait_ms,
  download_ms = excluded.download_ms, total_ms = excluded.total_ms, polls = excluded.polls, cost_usd = excluded.cost_usd,
  cost_source = excluded.cost_source, error = excluded.error`

const putFile = `INSERT INTO files (cell, attempt, n, name, url, content_type, path, bytes, width, height, sha256)
VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`

// position is what a lease believes the database to say of its cell: a write whose belief is wrong changes nothing.
type position struct {
	state       State
	undelivered bool
	attempt     int
}

// put writes a record of the cell in the open transaction. filed: files of this attempt are there already, and are replaced.
func (w *writer) put(run, key int64, from position, r Record, filed bool) error {
	attempt := r.Attempt
	if !r.begun() {
		attempt = from.attempt // nothing but the state of the cell
	}
	n, err := w.exec(moveCell, string(r.State), r.Undelivered, attempt, run, key, string(from.state), from.attempt)
	if err != nil {
		return err
	}
	if n != 1 {
		return refusal{ErrLeaseLost}
	}
	if !r.begun() {
		return nil
	}
	_, err = w.exec(putAttempt, key, attempt, r.submitState(), at(r.IntendedAt), text(r.NewestKnown), amount(r.Reserved), text(r.TaskID), text(r.TaskToken),
		at(r.SubmittedAt), at(r.FinishedAt), text(r.TaskStatus), text(r.Exit), exact(r.Elapsed), exact(r.Queue), exact(r.Run), exact(r.Postprocess),
		ms(r.Wait), ms(r.Download), ms(r.Total), r.Polls, exact(r.Cost), text(r.CostSource), text(r.Error))
	if err != nil || len(r.Files) == 0 {
		return err
	}
	if filed {
		if _, err := w.exec("DELETE FROM files WHERE cell = ? AND attempt = ?", key, attempt); err != nil {
			return err
		}
	}
	for _, f := range r.Files {
		_, err := w.exec(putFile, key, attempt, f.N, text(f.Name), text(f.URL), text(f.ContentType), text(f.Path), f.Bytes, f.Width, f.Height, text(f.SHA256))
		if err != nil {
			return err
		}
	}
	return nil
}

// submitState is how the submit ended: a cell that is pending again had one that was refused, or one that failed.
func (r Record) submitState() string {
	switch {
	case r.refused():
		return "refused"
	case r.State == Pending:
		return "failed"
	}
	return string(r.State)
}

const timeLayout = "2006-01-02T15:04:05.000Z"

// Unknown is NULL, so that nobody takes it for nothing.

func at(t time.Time) any {
	if t.IsZero() {
		return nil
	}
	return t.UTC().Format(timeLayout)
}

func text(s string) any {
	if s == "" {
		return nil
	}
	return s
}

func amount(d decimal.Decimal) any {
	if d.IsZero() {
		return nil
	}
	return d.String()
}

func exact(d decimal.NullDecimal) any {
	if !d.Valid {
		return nil
	}
	return d.Decimal.String()
}

func ms(s Seconds) any {
	if !s.Valid {
		return nil
	}
	return s.Duration.Milliseconds()
}

func parseTime(s sql.NullString) time.Time {
	t, _ := time.Parse(timeLayout, s.String)
	return t
}

func parseMS(n sql.NullInt64) Seconds {
	return Seconds{Duration: time.Duration(n.Int64) * time.Millisecond, Valid: n.Valid}
}
