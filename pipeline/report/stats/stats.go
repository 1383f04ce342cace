// Package stats says how the values of an axis differ in time, cost, success and looks, and how sure that is. It reads the journal, and what was
// seen of the pictures so far; it writes no file. The mathematics is that of libraries: benchmath for medians and tests, gonum for the rest.
package stats

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"wirobatch/pipeline/journal"
	"wirobatch/pipeline/report/pictures"
	"wirobatch/pipeline/report/selection"
)

// MostValues is up to how many values an axis has a table without being asked for.
const MostValues = 50

// Options say what is wanted.
type Options struct {
	By         []string               // one axis or two; none: each by itself that varies, up to MostValues values
	Where      func(journal.Row) bool // nil: all cells
	Confidence float64                // of the intervals, as 0.95
	KeepCold   bool                   // count the times of cold starts too
	Known      pictures.Known         // what was seen of the pictures
}

// Report is what there is to say of a folder.
type Report struct {
	Name, Model string
	Confidence  float64
	KeepCold    bool

	Unselected, Unlisted int // cells that Where leaves out, and of the rest those that are no longer in the manifest
	All                  Group
	Tables               []Table
	Skipped              []Axis // that have more than MostValues values
	Repeats              Repeats
}

// Table has a group for each value of an axis, or for each pair of values of two.
type Table struct {
	By     []Axis
	Groups []Group
	Ends   []Change // from the first value to the last, where these are ends of something
}

// UnknownAxisError means that there is no such axis.
type UnknownAxisError struct {
	Name string
	Has  []string
}

func (e *UnknownAxisError) Error() string {
	if near := selection.Nearest(e.Name, e.Has); near != "" {
		return fmt.Sprintf("there is no axis %q; did you mean %s?", e.Name, near)
	}
	return fmt.Sprintf("there is no axis %q: the folder has %s", e.Name, strings.Join(e.Has, ", "))
}

// Of makes the statistics of a folder's journal, in one pass over it.
func Of(ctx context.Context, j *journal.Journal, o Options) (*Report, error) {
	grid, err := j.Grid(ctx)
	if err != nil {
		return nil, err
	}
	params, err := j.Columns(ctx)
	if err != nil {
		return nil, err
	}
	starts, err := j.Runs(ctx)
	if err != nil {
		return nil, err
	}
	c := newCells(params, o)
	for _, name := range o.By {
		if c.axis(name) < 0 {
			return nil, &UnknownAxisError{name, c.names()}
		}
	}
	for row, err := range j.Rows(ctx) {
		if err != nil {
			return nil, err
		}
		c.add(row)
	}
	c.settle(starts)
	r := &Report{Name: grid.Name, Model: grid.Model, Confidence: o.Confidence, KeepCold: o.KeepCold, Unselected: c.unselected, Unlisted: c.unlisted}
	r.All = c.group(nil, c.every())
	r.Repeats = c.repeats()
	if len(o.By) > 0 {
		r.Tables = append(r.Tables, c.table(o.By))
		return r, nil
	}
	for _, a := range c.axes {
		switch {
		case !a.Varies():
		case len(a.Values) > MostValues:
			r.Skipped = append(r.Skipped, a)
		default:
			r.Tables = append(r.Tables, c.table([]string{a.Name}))
		}
	}
	return r, nil
}

// table groups the cells by axes, outermost first, in the order of their values.
func (c *cells) table(by []string) Table {
	t := Table{}
	at := make([]int, len(by))
	for i, name := range by {
		at[i] = c.axis(name)
		t.By = append(t.By, c.axes[at[i]])
	}
	compare := func(a, b int32) int {
		for _, k := range at {
			if d := int(c.places[k][a]) - int(c.places[k][b]); d != 0 {
				return d
			}
		}
		return 0
	}
	order := c.every()
	slices.SortStableFunc(order, compare)
	apart := c.fromFirst(at)
	for from := 0; from < len(order); {
		to := from + 1
		for to < len(order) && compare(order[from], order[to]) == 0 {
			to++
		}
		var values []string
		for i, k := range at {
			values = append(values, t.By[i].Values[c.places[k][order[from]]])
		}
		g := c.group(values, order[from:to])
		g.Looks = apart.of(order[from:to])
		t.Groups = append(t.Groups, g)
		from = to
	}
	t.Ends = c.ends(t, order)
	return t
}
