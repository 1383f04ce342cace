package journal

import (
	"bytes"
	"context"
	"database/sql"
	"encoding/json"
	"fmt"
	"iter"
	"strings"

	"github.com/shopspring/decimal"
)

const selectRows = `SELECT c.key, c.id, c.number, c.rank, c.model, c.repeat, c.params, c.state, c.undelivered, c.attempt,
  CASE WHEN c.attempt > 1 THEN (SELECT group_concat(t.state || ' ' || coalesce(t.cost_usd, ''), ';') FROM attempts t WHERE t.cell = c.key AND t.attempt <> c.attempt) END,
  a.state, a.intended_at, a.newest_known, a.reserved_usd, a.task_id, a.task_token, a.submitted_at, a.finished_at, a.task_status, a.exit,
  a.elapsed_s, a.queue_s, a.run_s, a.postprocess_s, a.wait_ms, a.download_ms, a.total_ms, a.polls, a.cost_usd, a.cost_source, a.error,
  f.n, f.name, f.url, f.content_type, f.path, f.bytes, f.width, f.height, f.sha256`

// A pending cell has no files: those of an attempt before are kept, but not shown as its own.
const joinRows = ` LEFT JOIN attempts a ON a.cell = c.key AND a.attempt = c.attempt
  LEFT JOIN files f ON f.cell = c.key AND f.attempt = c.attempt AND c.state <> 'pending'`

// shownRows differs for a cell that is made again: until it is, it shows the files that were delivered before.
const shownRows = ` LEFT JOIN attempts a ON a.cell = c.key AND a.attempt = c.attempt
  LEFT JOIN files f ON f.cell = c.key AND f.attempt = CASE
    WHEN c.attempt = 0 OR c.state = 'done' OR c.state <> 'pending' AND EXISTS (SELECT 1 FROM files g WHERE g.cell = c.key AND g.attempt = c.attempt) THEN c.attempt
    ELSE (SELECT max(t.attempt) FROM attempts t WHERE t.cell = c.key AND t.state = 'done') END`

// stored is a cell as the database has it.
type stored struct {
	Row
	key     int64
	rank    int // its turn among the pending
	at      position
	submit  string // how the submit of the current attempt ended
	earlier sum    // cost of the attempts before it
}

// Rows gives all cells in grid order, those that the manifest no longer has at the end. It streams, and sees the journal as it was
// when it began. A cell that is made again has the files that were delivered before, until it is done.
func (j *Journal) Rows(ctx context.Context) iter.Seq2[Row, error] {
	return func(yield func(Row, error) bool) {
		tx, err := j.reader.BeginTx(ctx, &sql.TxOptions{ReadOnly: true})
		if err != nil {
			yield(Row{}, unread(j.path, err))
			return
		}
		defer tx.Rollback()
		for _, part := range []string{
			" WHERE c.number IS NOT NULL ORDER BY c.number, c.key, f.n",
			" WHERE c.number IS NULL ORDER BY c.key, f.n",
		} {
			rows, err := tx.QueryContext(ctx, selectRows+" FROM cells c"+shownRows+part)
			if err == nil {
				more := true
				err = scan(rows, func(s stored) bool {
					more = yield(s.Row, nil)
					return more
				})
				if !more {
					return
				}
			}
			if err != nil {
				yield(Row{}, unread(j.path, err))
				return
			}
		}
	}
}

func collect(rows *sql.Rows) (all []stored, err error) {
	err = scan(rows, func(s stored) bool { all = append(all, s); return true })
	return all, err
}

func (w *writer) query(query string, args ...any) (*sql.Rows, error) {
	s, err := w.prepared(query)
	if err != nil {
		return nil, err
	}
	return s.QueryContext(context.Background(), args...)
}

// scan puts the lines of a cell, one a file, together, and closes rows.
func scan(rows *sql.Rows, yield func(stored) bool) error {
	defer rows.Close()
	var s stored
	for rows.Next() {
		one, file, err := scanLine(rows)
		if err != nil {
			return err
		}
		if one.key != s.key {
			if s.key != 0 && !yield(s) {
				return nil
			}
			s = one
		}
		if file != nil {
			s.Files = append(s.Files, *file)
		}
	}
	if err := rows.Err(); err != nil {
		return err
	}
	if s.key != 0 {
		yield(s)
	}
	return nil
}

func scanLine(rows *sql.Rows) (s stored, file *File, err error) {
	var params []byte
	var number, rank, wait, download, total, polls, fn, bytes, width, height sql.NullInt64
	var earlier, submit, intended, newest, task, token, submitted, ended, status, exit, source, fault sql.NullString
	var name, url, kind, path, sum sql.NullString
	var reserved decimal.NullDecimal
	r := &s.Record
	err = rows.Scan(&s.key, &s.ID, &number, &rank, &s.Model, &s.Repeat, &params, &r.State, &r.Undelivered, &r.Attempt, &earlier,
		&submit, &intended, &newest, &reserved, &task, &token, &submitted, &ended, &status, &exit,
		&r.Elapsed, &r.Queue, &r.Run, &r.Postprocess, &wait, &download, &total, &polls, &r.Cost, &source, &fault,
		&fn, &name, &url, &kind, &path, &bytes, &width, &height, &sum)
	if err != nil {
		return s, nil, err
	}
	if s.Params, err = decodeParams(params); err != nil {
		return s, nil, fmt.Errorf("parameters of cell %s: %w", s.ID, err)
	}
	s.Number, s.rank = int(number.Int64), int(rank.Int64)
	s.at = position{state: r.State, undelivered: r.Undelivered, attempt: r.Attempt}
	r.IntendedAt, r.SubmittedAt, r.FinishedAt = parseTime(intended), parseTime(submitted), parseTime(ended)
	r.NewestKnown, r.Reserved, r.TaskID, r.TaskToken = newest.String, reserved.Decimal, task.String, token.String
	r.TaskStatus, r.Exit, r.CostSource, r.Error = status.String, exit.String, source.String, fault.String
	r.Wait, r.Download, r.Total, r.Polls = parseMS(wait), parseMS(download), parseMS(total), int(polls.Int64)
	s.submit = submit.String
	if s.Attempts = r.Attempt; s.submit == "refused" {
		s.Attempts--
	}
	for one := range strings.SplitSeq(earlier.String, ";") {
		state, usd, _ := strings.Cut(one, " ")
		var cost decimal.NullDecimal
		if usd != "" {
			if err := cost.Scan(usd); err != nil {
				return s, nil, fmt.Errorf("cost of cell %s: %w", s.ID, err)
			}
		}
		s.earlier = s.earlier.with(state, cost)
	}
	s.Cost = s.earlier.with(s.submit, r.Cost).cost()
	if fn.Valid {
		file = &File{N: int(fn.Int64), Name: name.String, URL: url.String, ContentType: kind.String, Path: path.String,
			Bytes: bytes.Int64, Width: int(width.Int64), Height: int(height.Int64), SHA256: sum.String}
	}
	return s, file, nil
}

// encodeParams writes a JSON object that keeps the order of the parameters.
func encodeParams(params []Param) string {
	var b bytes.Buffer
	enc := json.NewEncoder(&b)
	enc.SetEscapeHTML(false) // it is read by people
	str := func(s string) {
		enc.Encode(s)
		b.Truncate(b.Len() - 1) // the line feed
	}
	b.WriteByte('{')
	for i, p := range params {
		if i > 0 {
			b.WriteByte(',')
		}
		str(p.Name)
		b.WriteByte(':')
		str(p.Value)
	}
	b.WriteByte('}')
	return b.String()
}

func decodeParams(data []byte) (params []Param, err error) {
	d := json.NewDecoder(bytes.NewReader(data))
	if _, err := d.Token(); err != nil {
		return nil, err
	}
	for d.More() {
		name, err := d.Token()
		if err != nil {
			return nil, err
		}
		value, err := d.Token()
		if err != nil {
			return nil, err
		}
		n, _ := name.(string)
		v, ok := value.(string)
		if !ok {
			return nil, fmt.Errorf("%q is no string", n)
		}
		params = append(params, Param{n, v})
	}
	return params, nil
}
