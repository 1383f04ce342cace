package report

import (
	"cmp"
	"context"
	"errors"
	"io"
	"os"
	"path/filepath"

	"wirobatch/pipeline/durable"
	"wirobatch/pipeline/journal"
)

// table is results.csv.
type table struct {
	*CSV
	params []string
	begun  bool
}

func newTable(w io.Writer, params []string, safe bool) *table {
	return &table{CSV: NewCSV(w, safe), params: params}
}

func (t *table) add(row journal.Row) error {
	if err := t.head(); err != nil {
		return err
	}
	return t.Write(Record(t.params, row))
}

func (t *table) head() error {
	if t.begun {
		return nil
	}
	t.begun = true
	return t.Write(Header(t.params))
}

func (t *table) flush() error {
	if err := t.head(); err != nil {
		return err
	}
	return t.Flush()
}

// A Live is the results.csv of a run that goes on: lines come as cells end, in that order. Write replaces it with the
// ordered one at the end. It is for people who look in meanwhile; the journal is what counts, so it is not synced.
type Live struct {
	// Failed, when set before Follow, is told of the first line that cannot be written.
	Failed func(error)
	f      *os.File
	t      *table
}

// Begin starts the live CSV with the cells that had ended before.
func Begin(ctx context.Context, j *journal.Journal, out string) (*Live, error) {
	params, err := j.Columns(ctx)
	if err != nil {
		return nil, err
	}
	grid, err := j.Grid(ctx)
	if err != nil {
		return nil, err
	}
	// The final name is only taken once the old lines are in: a kill here leaves the last CSV whole.
	err = one(out, CSVFile, func(w io.Writer) error {
		t := newTable(w, params, grid.CSVSafe)
		for row, err := range j.Rows(ctx) {
			if err != nil {
				return err
			}
			if ended(row) {
				if err := t.add(row); err != nil {
					return err
				}
			}
		}
		return t.flush()
	})
	if err != nil {
		return nil, err
	}
	name := filepath.Join(out, CSVFile)
	f, err := os.OpenFile(name, os.O_WRONLY|os.O_APPEND, 0)
	if err != nil {
		return nil, durable.NewError("open", name, err)
	}
	t := newTable(f, params, grid.CSVSafe)
	t.begun = true
	return &Live{f: f, t: t}, nil
}

func ended(row journal.Row) bool {
	switch row.State {
	case journal.Done, journal.Failed, journal.Cancelled, journal.Held:
		return true
	}
	return row.Undelivered
}

// Follow adds a line for each cell that ends, until over is closed and what had ended before is written. It takes all
// outcomes, also when it cannot write them.
func (l *Live) Follow(outcomes <-chan journal.Row, over <-chan struct{}) (err error) {
	for {
		select {
		case row := <-outcomes:
			err = cmp.Or(err, l.tell(err, l.write(row, len(outcomes) == 0)))
			continue
		default:
		}
		select {
		case row := <-outcomes:
			err = cmp.Or(err, l.tell(err, l.write(row, len(outcomes) == 0)))
		case <-over:
			if len(outcomes) == 0 {
				return cmp.Or(err, l.tell(err, l.close()))
			}
		}
	}
}

// tell passes the first failure on at once: it is no use to pay for more.
func (l *Live) tell(before, err error) error {
	if before == nil && err != nil && l.Failed != nil {
		l.Failed(err)
	}
	return err
}

// write adds a line. A line alone is seen at once, a burst of them goes in one write.
func (l *Live) write(row journal.Row, seen bool) error {
	err := l.t.add(row)
	if err == nil && seen {
		err = l.t.flush()
	}
	return durable.NewError("write", l.f.Name(), err)
}

func (l *Live) close() error {
	return durable.NewError("write", l.f.Name(), errors.Join(l.t.flush(), l.f.Close()))
}
