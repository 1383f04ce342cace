package grids

import (
	"cmp"
	"context"
	"slices"
	"strconv"
	"strings"

	"wirobatch/pipeline/journal"
	"wirobatch/pipeline/report/pictures"
)

// Axis is what differs between the cells of a grid.
type Axis struct {
	Name    string
	Values  int  // how many it has
	Numeric bool // all of them are numbers
}

// manyValues is from where on an axis makes rows or columns that nobody overlooks.
const manyValues = 60

// Choose gives the axes of the columns and the rows, outermost first: sweeps of numbers before texts, what the models and the passes are last. "" is
// for an axis that there is none for.
func Choose(axes []Axis) (x, y string) {
	class := func(a Axis) int {
		switch {
		case a.Name == "repeat":
			return 4
		case a.Name == "model":
			return 3
		case a.Values > manyValues:
			return 2
		case !a.Numeric:
			return 1
		}
		return 0
	}
	best := slices.DeleteFunc(slices.Clone(axes), func(a Axis) bool { return a.Values < 2 })
	slices.SortStableFunc(best, func(a, b Axis) int {
		return cmp.Or(cmp.Compare(class(a), class(b)), cmp.Compare(b.Values, a.Values))
	})
	switch {
	case len(best) == 0:
		return "", ""
	case len(best) == 1 && prompting(best[0].Name): // long labels stand beside, not above
		return "", best[0].Name
	case len(best) == 1:
		return best[0].Name, ""
	}
	// Of two sweeps the longer goes across, else the inner axis does, but numbers before texts, and a prompt never.
	a, b := best[0], best[1]
	if outer(axes, b.Name) < outer(axes, a.Name) {
		a, b = b, a
	}
	if sweep := a.Numeric && b.Numeric && b.Name != "repeat"; sweep && (a.Values > b.Values || a.Values == b.Values && a.Name == "seed") {
		return a.Name, b.Name
	} else if sweep {
		return b.Name, a.Name
	}
	if a.Name == "seed" || prompting(b.Name) || b.Name == "repeat" && a.Numeric || a.Numeric && !b.Numeric {
		a, b = b, a
	}
	return b.Name, a.Name
}

func prompting(name string) bool { return strings.Contains(strings.ToLower(name), "prompt") }

func outer(axes []Axis, name string) int {
	return slices.IndexFunc(axes, func(a Axis) bool { return a.Name == name })
}

// column is a column of the grid's table, with its values in the order in which they come.
type column struct {
	name   string
	values []string
	index  map[string]int
}

func (c *column) of(value string) int {
	i, known := c.index[value]
	if !known {
		i = len(c.values)
		c.index[value] = i
		c.values = append(c.values, value)
	}
	return i
}

func (c *column) numeric() bool {
	return !slices.ContainsFunc(c.values, func(v string) bool { _, err := strconv.ParseFloat(v, 64); return err != nil })
}

// tile is a cell as it is shown.
type tile struct {
	at            []int // index into the values of each column
	status, err   string
	thumb, sha    string
	width, height int
	outputs       int
}

// table is the grid as it stands in the journal.
type table struct {
	columns []*column // the model, the parameters, and the pass
	tiles   []tile
}

// read takes what the manifest still has.
func read(ctx context.Context, j *journal.Journal, shown map[string][]pictures.Picture) (*table, error) {
	names, err := j.Columns(ctx)
	if err != nil {
		return nil, err
	}
	t := &table{}
	for _, name := range slices.Concat([]string{"model"}, names, []string{"repeat"}) {
		t.columns = append(t.columns, &column{name: name, index: map[string]int{}})
	}
	for row, err := range j.Rows(ctx) {
		if err != nil {
			return nil, err
		}
		if row.Number == 0 {
			continue
		}
		at := make([]int, len(t.columns))
		at[0] = t.columns[0].of(row.Model)
		at[len(at)-1] = t.columns[len(at)-1].of(strconv.Itoa(row.Repeat))
		for i, name := range names {
			k := slices.IndexFunc(row.Params, func(p journal.Param) bool { return p.Name == name })
			value := ""
			if k >= 0 {
				value = row.Params[k].Value
			}
			at[i+1] = t.columns[i+1].of(value)
		}
		one := tile{at: at, status: row.Status(), err: row.Error, outputs: len(row.Files)}
		if i := slices.IndexFunc(shown[row.ID], func(p pictures.Picture) bool { return p.Thumb != "" }); i >= 0 {
			p := shown[row.ID][i]
			one.thumb, one.sha, one.width, one.height = p.Thumb, p.SHA256, p.Width, p.Height
		} else if len(shown[row.ID]) > 0 {
			one.err = shown[row.ID][0].Err
		}
		t.tiles = append(t.tiles, one)
	}
	return t, nil
}

// follows tells whether each value of a has one value of b, as with axes that are zipped.
func (t *table) follows(b, a int) bool {
	of := make([]int, len(t.columns[a].values))
	for _, one := range t.tiles {
		if v := &of[one.at[a]]; *v == 0 {
			*v = one.at[b] + 1
		} else if *v != one.at[b]+1 {
			return false
		}
	}
	return true
}

// axes are the columns that differ.
func (t *table) axes() (axes []int) {
	for i, c := range t.columns {
		if len(c.values) > 1 {
			axes = append(axes, i)
		}
	}
	return axes
}

// choose gives the columns of X and Y, -1 for none.
func (t *table) choose(x, y string) (int, int) {
	axes := t.axes()
	named := func(name string) int {
		i := slices.IndexFunc(axes, func(a int) bool { return t.columns[a].name == name })
		if name == "" || i < 0 { // an axis of the manifest may be the same for all cells
			return -1
		}
		return axes[i]
	}
	ax, ay := named(x), named(y)
	if ax >= 0 && ay >= 0 {
		return ax, ay
	}
	given := max(ax, ay) // the other may not move with it
	free := []Axis{}
	for i, b := range axes {
		moves := slices.ContainsFunc(axes, func(a int) bool {
			return a != b && t.follows(b, a) && (!t.follows(a, b) || slices.Index(axes, a) < i)
		})
		if given >= 0 {
			moves = b == given || t.follows(b, given) || t.follows(given, b)
		}
		if !moves {
			free = append(free, Axis{t.columns[b].name, len(t.columns[b].values), t.columns[b].numeric()})
		}
	}
	cx, cy := Choose(free)
	switch {
	case ax >= 0:
		return ax, named(cmp.Or(cy, cx))
	case ay >= 0:
		return named(cmp.Or(cx, cy)), ay
	}
	return named(cx), named(cy)
}
