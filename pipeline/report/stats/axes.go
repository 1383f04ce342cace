package stats

import (
	"cmp"
	"context"
	"regexp"
	"slices"
	"strconv"

	"wirobatch/pipeline/journal"
	"wirobatch/pipeline/report"
)

// Axis is a column whose values cells are grouped by: the model, a parameter, or the pass. Its name is that of the column in results.csv.
type Axis struct {
	Name    string
	Values  []string // as spelled; numbers in their order, texts in that of the grid, and last "" for cells that have none
	Numeric bool

	param string // "": the model or the pass
}

// Of gives the value of a cell, "" where it has none.
func (a Axis) Of(row journal.Row) string {
	switch {
	case a.param == "" && a.Name == "model":
		return row.Model
	case a.param == "":
		return strconv.Itoa(row.Repeat)
	}
	for _, p := range row.Params {
		if p.Name == a.param {
			return p.Value
		}
	}
	return ""
}

// Varies tells whether the axis has more than one value.
func (a Axis) Varies() bool { return len(a.Values) > 1 }

// Axes gives what the cells of the grid can be grouped by: model, parameters, repeat.
func Axes(ctx context.Context, j *journal.Journal) ([]Axis, error) {
	params, err := j.Columns(ctx)
	if err != nil {
		return nil, err
	}
	all := newColumns(params)
	for row, err := range j.Rows(ctx) {
		if err != nil {
			return nil, err
		}
		if row.Number > 0 {
			for _, c := range all {
				c.index(c.Of(row))
			}
		}
	}
	axes := make([]Axis, len(all))
	for i, c := range all {
		axes[i], _ = c.ordered()
	}
	return axes, nil
}

// column is an axis whose values are numbered as they come.
type column struct {
	Axis
	known map[string]int32
}

func newColumns(params []string) []*column {
	axes := []Axis{{Name: "model"}}
	for i, name := range report.ParamColumns(params) {
		axes = append(axes, Axis{Name: name, param: params[i]})
	}
	axes = append(axes, Axis{Name: "repeat"})
	all := make([]*column, len(axes))
	for i, a := range axes {
		all[i] = &column{a, map[string]int32{}}
	}
	return all
}

func (c *column) index(value string) int32 {
	i, known := c.known[value]
	if !known {
		i = int32(len(c.Values))
		c.known[value] = i
		c.Values = append(c.Values, value)
	}
	return i
}

var number = regexp.MustCompile(`^[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?$`)

// ordered gives the axis with its values in their order, and the place of each number that index gave.
func (c *column) ordered() (a Axis, place []int32) {
	a = c.Axis
	order := make([]int32, len(a.Values))
	size := make([]float64, len(a.Values))
	texts, numbers := 0, 0
	for i, v := range a.Values {
		order[i] = int32(i)
		switch {
		case v == "":
		case number.MatchString(v):
			size[i], _ = strconv.ParseFloat(v, 64)
			numbers++
		default:
			texts++
		}
	}
	a.Numeric = texts == 0 && numbers > 0
	slices.SortStableFunc(order, func(i, k int32) int {
		v, w := a.Values[i], a.Values[k]
		switch {
		case v == "" || w == "":
			return cmp.Compare(len(w), len(v))
		case !a.Numeric:
			return 0
		}
		return cmp.Or(cmp.Compare(size[i], size[k]), cmp.Compare(len(v), len(w)), cmp.Compare(v, w))
	})
	place = make([]int32, len(order))
	values := make([]string, len(order))
	for to, from := range order {
		place[from], values[to] = int32(to), a.Values[from]
	}
	a.Values = values
	return a, place
}
