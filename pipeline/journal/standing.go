package journal

import (
	"context"
	"database/sql"
	"errors"
	"strconv"
	"time"

	"github.com/shopspring/decimal"
)

// Standing is what the journal tells of a run to somebody who looks on.
type Standing struct {
	Name    string // of the manifest
	Service string
	Cells   int // of the grid, also while it is being enqueued
	Counts
	Run      Run                 // the last start that has told of itself; Number 0: none
	Opening  bool                // a later one has taken the folder, and not told of itself
	Price    decimal.NullDecimal // as Price tells
	Ends     []Ends              // of this start, in their order
	Failures []Failure           // the last, of this start when Run goes on, the newest first
}

// Ends is how many cells of the grid have ended within a second.
type Ends struct {
	At time.Time // of the last of them
	N  int
}

// Standing reads it all at one moment. Of the ends, those since then are given.
func (j *Journal) Standing(ctx context.Context, since time.Time, failures int) (Standing, error) {
	s := Standing{Counts: Counts{States: map[State]int{}, Former: map[State]int{}}}
	tx, err := j.reader.BeginTx(ctx, &sql.TxOptions{ReadOnly: true})
	if err == nil {
		defer tx.Rollback()
		err = s.load(ctx, tx, since, failures)
	}
	return s, unread(j.path, err)
}

func (s *Standing) load(ctx context.Context, q querier, since time.Time, most int) (err error) {
	if err = s.Counts.load(ctx, q); err != nil {
		return err
	}
	m, err := sumMoney(ctx, q)
	if err != nil {
		return err
	}
	s.Spent, s.Reserved, s.Unpriced, s.Attempts = m.spent, m.reserved, m.unpriced, m.attempts
	var run, cells, whole string
	for name, value := range map[string]*string{"service": &s.Service, "run": &run, "grid_name": &s.Name, "grid_cells": &cells, "grid_whole": &whole} {
		if *value, err = meta(ctx, q, name); err != nil {
			return err
		}
	}
	for _, n := range s.States {
		s.Cells += n
	}
	if expected, _ := strconv.Atoi(cells); whole != "1" {
		s.Cells = max(s.Cells, expected)
	}
	if s.Run, err = lastRun(ctx, q); err != nil {
		return err
	}
	s.Opening = run != strconv.Itoa(s.Run.Number)
	if s.Price, err = price(ctx, q, s.Counts); err != nil {
		return err
	}
	begun := time.Time{}
	if s.Run.EndedAt.IsZero() {
		begun = s.Run.StartedAt
	}
	if s.Failures, err = failures(ctx, q, begun, most); err != nil {
		return err
	}
	s.Ends, err = ends(ctx, q, s.Run.StartedAt, since)
	return err
}

func lastRun(ctx context.Context, q querier) (r Run, err error) {
	var started, ended sql.NullString
	err = q.QueryRowContext(ctx, "SELECT run, version, started_at, ended_at, coalesce(exit_code, 0), concurrency, base_url FROM runs ORDER BY run DESC LIMIT 1").
		Scan(&r.Number, &r.Version, &started, &ended, &r.ExitCode, &r.Concurrency, &r.BaseURL)
	if errors.Is(err, sql.ErrNoRows) {
		return r, nil
	}
	if err != nil {
		return r, err
	}
	r.StartedAt, r.EndedAt = parseTime(started), parseTime(ended)
	var limit, before, budget string
	for name, value := range map[string]*string{"run_limit": &limit, "run_before": &before, "run_budget": &budget} {
		if *value, err = meta(ctx, q, name); err != nil {
			return r, err
		}
	}
	r.Limit, _ = strconv.Atoi(limit) // a start before there were these has none
	r.Before, _ = strconv.Atoi(before)
	if usd, err := decimal.NewFromString(budget); err == nil {
		r.Budget = decimal.NewNullDecimal(usd)
	}
	return r, nil
}

// Price is what a cell costs: the mean over those that have ended, those that cost nothing among them; before that, what is held
// for a submit.
func (j *Journal) Price(ctx context.Context) (usd decimal.NullDecimal, err error) {
	tx, err := j.reader.BeginTx(ctx, &sql.TxOptions{ReadOnly: true})
	if err == nil {
		defer tx.Rollback()
		c := Counts{States: map[State]int{}, Former: map[State]int{}}
		if err = c.load(ctx, tx); err == nil {
			var m money
			if m, err = sumMoney(ctx, tx); err == nil {
				c.Spent = m.spent
				usd, err = price(ctx, tx, c)
			}
		}
	}
	return usd, unread(j.path, err)
}

func price(ctx context.Context, q querier, c Counts) (usd decimal.NullDecimal, err error) {
	n := c.States[Done] + c.States[Failed] + c.Former[Done] + c.Former[Failed]
	if n > 0 && c.Spent.IsPositive() {
		return decimal.NewNullDecimal(c.Spent.DivRound(decimal.NewFromInt(int64(n)), 12)), nil
	}
	return foreseen(ctx, q)
}

// foreseen is the mean of what was held for submits: what they should cost, by the price list.
func foreseen(ctx context.Context, q querier) (usd decimal.NullDecimal, err error) {
	rows, err := q.QueryContext(ctx, "SELECT reserved_usd, count(*) FROM attempts WHERE reserved_usd GLOB '*[1-9]*' GROUP BY 1")
	if err != nil {
		return usd, err
	}
	defer rows.Close()
	sum, all := decimal.Zero, 0
	for rows.Next() {
		var one decimal.Decimal
		var n int
		if err := rows.Scan(&one, &n); err != nil {
			return usd, err
		}
		sum, all = sum.Add(times(one, n)), all+n
	}
	if all > 0 {
		usd = decimal.NewNullDecimal(sum.DivRound(decimal.NewFromInt(int64(all)), 12))
	}
	return usd, rows.Err()
}

// ends counts those of a start since then.
func ends(ctx context.Context, q querier, begun, since time.Time) (all []Ends, err error) {
	if since.Before(begun) {
		since = begun
	}
	from, _ := at(since).(string)
	rows, err := q.QueryContext(ctx, `SELECT max(a.finished_at), count(*) FROM attempts a JOIN cells c ON c.key = a.cell AND c.attempt = a.attempt
		WHERE a.finished_at >= ? AND c.number IS NOT NULL AND c.state IN ('done', 'failed', 'cancelled') GROUP BY substr(a.finished_at, 1, 19) ORDER BY 1`, from)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	for rows.Next() {
		var last sql.NullString
		var e Ends
		if err := rows.Scan(&last, &e.N); err != nil {
			return nil, err
		}
		e.At = parseTime(last)
		all = append(all, e)
	}
	return all, rows.Err()
}
