package journal

import (
	"context"
	"database/sql"
	"time"
)

// Failure is a cell that failed, or that was paid for and is not on disk.
type Failure struct {
	Cell        string
	Number      int
	At          time.Time // zero: not known
	Undelivered bool
	Error       string
}

// Failures gives the last of the grid since then, the newest first.
func (j *Journal) Failures(ctx context.Context, since time.Time, most int) ([]Failure, error) {
	all, err := failures(ctx, j.reader, since, most)
	return all, unread(j.path, err)
}

func failures(ctx context.Context, q querier, since time.Time, most int) (all []Failure, err error) {
	begun, _ := at(since).(string) // "" is before all
	rows, err := q.QueryContext(ctx, `SELECT c.id, c.number, coalesce(a.finished_at, a.submitted_at), c.state = 'submitted', coalesce(a.error, '')
		FROM cells c JOIN attempts a ON a.cell = c.key AND a.attempt = c.attempt
		WHERE c.number IS NOT NULL AND (c.state = 'failed' OR c.state = 'submitted' AND c.undelivered) AND coalesce(a.finished_at, a.submitted_at, '') >= ?
		ORDER BY 3 DESC, c.number LIMIT ?`, begun, most)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	for rows.Next() {
		var f Failure
		var ended sql.NullString
		if err := rows.Scan(&f.Cell, &f.Number, &ended, &f.Undelivered, &f.Error); err != nil {
			return nil, err
		}
		f.At = parseTime(ended)
		all = append(all, f)
	}
	return all, rows.Err()
}
