package journal

import (
	"context"
	"encoding/json"
	"fmt"
	"iter"
	"slices"
	"strconv"
	"strings"
)

// Grid describes what a start is to do.
type Grid struct {
	Digest   string // changes when any cell's id, place or turn does
	Cells    int
	Columns  []string // parameter names
	Manifest []byte   // as read
	Name     string
	Model    string
	CSVSafe  bool // the CSV of the reports is made safe for spreadsheets
}

// enqueueSize is how many cells one write of Enqueue adds: enough to make the commit cheap, few enough not to hold up others.
const enqueueSize = 4000

// firstSize is how many the first write adds, which the first lease waits for; each further one adds twice as many.
const firstSize = 250

// insertSize is how many of them one statement adds.
const insertSize = 50

// SetGrid says what this start is to do; call it before the first Lease. When the digest differs from the last start's, all cells lose
// their numbers, and Enqueue gives them back to those that the grid still has. known: the same grid was enqueued whole before, so that
// Enqueue may be left out.
func (j *Journal) SetGrid(ctx context.Context, g Grid) (known bool, err error) {
	columns, err := json.Marshal(g.Columns)
	if err != nil {
		return false, err
	}
	ctx = context.WithoutCancel(ctx)
	err = j.write(func(w *writer) (func(), error) {
		digest, err := meta(ctx, w.conn, "grid_digest")
		if err != nil {
			return nil, err
		}
		whole, err := meta(ctx, w.conn, "grid_whole")
		if err != nil {
			return nil, err
		}
		known = digest == g.Digest && whole == "1"
		if digest != g.Digest {
			whole = "0"
			if _, err := w.exec("UPDATE cells SET number = NULL, rank = NULL WHERE number IS NOT NULL"); err != nil {
				return nil, err
			}
		}
		for _, m := range [][2]string{{"grid_digest", g.Digest}, {"grid_whole", whole}, {"grid_cells", strconv.Itoa(g.Cells)},
			{"grid_columns", string(columns)}, {"grid_manifest", string(g.Manifest)}, {"grid_name", g.Name}, {"grid_model", g.Model}, {"grid_csv_safe", strconv.FormatBool(g.CSVSafe)}} {
			if err := w.setMeta(m[0], m[1]); err != nil {
				return nil, err
			}
		}
		return func() {
			if digest != g.Digest { // none has a number
				j.tally.states, j.tally.undelivered = map[State]int{}, 0
				j.queue.ahead, j.queue.cursor, j.queue.dry = nil, 0, false
			}
			if j.tally.expected = g.Cells; known {
				j.tally.expected = 0
			}
			j.queue.whole = known
		}, nil
	})
	return known, err
}

// Enqueue adds the cells that are not there yet, by id, in the order in which they are to be leased; of equal cells one is kept, with the
// first place in the grid. At the end the grid is whole. It works in batches, with flat memory, while cells are leased. When ctx ends, or the iterator is stopped, the grid stays in parts, and
// the next Enqueue completes it.
func (j *Journal) Enqueue(ctx context.Context, cells iter.Seq[Cell]) error {
	var last *write
	add := func(do func(*writer) (func(), error)) error {
		p, err := j.hand(do)
		if last != nil { // one is written while the next is made
			<-last.done
			if err == nil {
				err = last.err
			}
		}
		last = p
		return err
	}
	batch, size, rank := make([]Cell, 0, enqueueSize), firstSize, 1
	flush := func() error {
		do := j.enqueue(batch, rank)
		rank += len(batch)
		batch, size = batch[:0], min(2*size, enqueueSize)
		return add(do)
	}
	for c := range cells {
		if batch = append(batch, c); len(batch) < size {
			continue
		}
		if err := ctx.Err(); err != nil {
			return err
		}
		if err := flush(); err != nil {
			return err
		}
	}
	if err := ctx.Err(); err != nil {
		return err
	}
	if err := flush(); err != nil {
		return err
	}
	err := add(func(w *writer) (func(), error) {
		return func() { j.queue.whole, j.tally.expected = true, 0 }, w.setMeta("grid_whole", "1")
	})
	if err != nil {
		return err
	}
	<-last.done
	return last.err
}

var insertMany = "INSERT OR IGNORE INTO cells (id, number, rank, model, repeat, params, state, run) VALUES " +
	strings.TrimSuffix(strings.Repeat("(?, ?, ?, ?, ?, ?, 'pending', ?), ", insertSize), ", ")

const insertOne = "INSERT OR IGNORE INTO cells (id, number, rank, model, repeat, params, state, run) VALUES (?, ?, ?, ?, ?, ?, 'pending', ?)"

// enqueue makes the write that adds some cells, the first with that rank. It uses batch before it returns only.
func (j *Journal) enqueue(batch []Cell, first int) func(*writer) (func(), error) {
	const width = 7
	args := make([]any, 0, width*len(batch))
	for i, c := range batch {
		args = append(args, c.ID, c.Number, first+i, c.Model, c.Repeat, encodeParams(c.Params), j.run)
	}
	return func(w *writer) (func(), error) {
		added := 0
		var again []numbered
		for part := range slices.Chunk(args, width*insertSize) {
			query, step := insertOne, width
			if len(part) == width*insertSize {
				query, step = insertMany, len(part)
			}
			for one := range slices.Chunk(part, step) {
				n, err := w.exec(query, one...)
				if err != nil {
					return nil, err
				}
				added += int(n)
				if int(n)*width == len(one) {
					continue
				}
				if again, err = w.number(again, one, width); err != nil {
					return nil, err
				}
			}
		}
		return func() {
			j.tally.states[Pending] += added
			for _, c := range again {
				if !c.moved {
					j.tally.count(c.at, 1)
				}
				if l := j.queue.leases[c.key]; l != nil {
					l.number, l.rank = c.number, c.rank
				}
			}
			if added+len(again) > 0 {
				j.queue.reread(first)
			}
		}, nil
	}
}

// numbered is a cell that was there before and has got its place, or moved to that of an equal cell before it.
type numbered struct {
	key          int64
	number, rank int
	at           position
	moved        bool
}

const (
	giveNumber  = "UPDATE cells SET number = ?1, rank = ?2 WHERE id = ?3 AND number IS NULL"
	lowerNumber = "UPDATE cells SET number = ?1 WHERE id = ?3 AND number > ?1 AND rank < ?2"
)

func (w *writer) number(all []numbered, args []any, width int) ([]numbered, error) {
	for c := range slices.Chunk(args, width) {
		for _, update := range []string{giveNumber, lowerNumber} {
			rows, err := w.query(update+" RETURNING key, number, rank, state, undelivered", c[1], c[2], c[0])
			if err != nil {
				return nil, err
			}
			given := false
			for rows.Next() {
				n := numbered{moved: update == lowerNumber}
				if err := rows.Scan(&n.key, &n.number, &n.rank, &n.at.state, &n.at.undelivered); err != nil {
					rows.Close()
					return nil, err
				}
				all, given = append(all, n), true
			}
			if err := rows.Err(); err != nil {
				return nil, err
			}
			if given {
				break
			}
		}
	}
	return all, nil
}

// Grid is the grid as last set.
func (j *Journal) Grid(ctx context.Context) (g Grid, err error) {
	var cells, columns, manifest, safe string
	for name, value := range map[string]*string{"grid_digest": &g.Digest, "grid_cells": &cells, "grid_columns": &columns,
		"grid_manifest": &manifest, "grid_name": &g.Name, "grid_model": &g.Model, "grid_csv_safe": &safe} {
		if *value, err = meta(ctx, j.reader, name); err != nil {
			return g, unread(j.path, err)
		}
	}
	if g.Digest == "" {
		return g, nil
	}
	g.Manifest, g.CSVSafe = []byte(manifest), safe == "true"
	if g.Cells, err = strconv.Atoi(cells); err == nil {
		err = json.Unmarshal([]byte(columns), &g.Columns)
	}
	if err != nil {
		return g, fmt.Errorf("reading the grid in %s: %w", j.path, err)
	}
	return g, nil
}

// Columns are the parameter names of the grid in order, then those that only cells have which the manifest no longer has.
func (j *Journal) Columns(ctx context.Context) ([]string, error) {
	g, err := j.Grid(ctx)
	if err != nil {
		return nil, err
	}
	rows, err := j.reader.QueryContext(ctx, `SELECT p.key FROM cells c, json_each(c.params) p WHERE c.number IS NULL
		GROUP BY p.key ORDER BY min(c.key), min(p.id)`)
	if err != nil {
		return nil, unread(j.path, err)
	}
	defer rows.Close()
	columns := slices.Clone(g.Columns)
	for rows.Next() {
		var name string
		if err := rows.Scan(&name); err != nil {
			return nil, unread(j.path, err)
		}
		if !slices.Contains(columns, name) {
			columns = append(columns, name)
		}
	}
	return columns, unread(j.path, rows.Err())
}
