package manifest

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"iter"
	"slices"
	"strconv"
)

// A Grid is all cells of a manifest: repeat × (matrix − exclude + include). It
// holds how cells are made, not the cells, and is safe for concurrent use.
type Grid struct {
	model    string
	axes     []*axis
	levels   []level
	params   []Param // of the manifest, the same for every cell
	columns  []string
	varied   []string // those that can differ between cells
	inOrder  []int    // columns in order of their names, those of no id left out
	constant []slot
	base     *survivors
	extend   extenders
	own      [][]setting // combinations of their own, from include
	repeat   int
	order    Order
	digest   string
}

// A level is an axis, or several zipped ones that move together.
type level struct {
	axes []int
	size int
}

// A setting gives a column a value.
type setting struct {
	column int
	value  string
}

// A slot is the value of one column in a cell, if the cell has it.
type slot struct {
	value string
	ok    bool
}

// Cell is one generation that is asked for.
type Cell struct {
	Number int    // the place in the grid, from 1
	ID     string // see CellID
	Model  string
	Params []Param // in the order of Grid.Columns, only those that the cell has
	Repeat int     // the pass over the grid, from 1
}

// Param is one parameter of a cell, its value as spelled in the manifest.
type Param struct{ Name, Value string }

// Axis describes one axis of the matrix.
type Axis struct {
	Name string
	Len  int
}

// Len is the number of cells, all passes included.
func (g *Grid) Len() int { return g.repeat * g.pass() }

// pass is the number of cells in one pass over the grid.
func (g *Grid) pass() int { return g.base.total() + len(g.own) }

// At gives cell i, counted from 0, without making the others. Like an index
// out of range, an i that is not in [0, Len) panics.
func (g *Grid) At(i int) Cell {
	if i < 0 || i >= g.Len() {
		panic(fmt.Sprintf("manifest: cell %d of a grid of %d", i, g.Len()))
	}
	c := Cell{Number: i + 1, Model: g.model, Repeat: 1 + i/g.pass()}
	var few [16]slot // on the stack for all but the widest grids
	slots := append(few[:0], g.constant...)
	i %= g.pass()
	if n := g.base.total(); i < n {
		g.combination(i, slots)
	} else {
		for _, s := range g.own[i-n] {
			slots[s.column] = slot{s.value, true}
		}
	}
	c.Params = make([]Param, 0, len(slots))
	for column, s := range slots {
		if s.ok {
			c.Params = append(c.Params, Param{g.columns[column], s.value})
		}
	}
	var room [1024]byte
	buf := appendCell(room[:0], g.model, c.Repeat)
	for _, column := range g.inOrder {
		if slots[column].ok {
			buf = appendField(appendField(buf, g.columns[column]), slots[column].value)
		}
	}
	c.ID = hashID(buf)
	return c
}

// combination fills in the axes of combination i of the matrix, and what
// includes add to it. Column k is axis k.
func (g *Grid) combination(i int, slots []slot) {
	var few [16]int
	at := few[:]
	if len(g.levels) > len(few) {
		at = make([]int, len(g.levels))
	}
	g.base.locate(i, at)
	for k, l := range g.levels {
		for _, a := range l.axes {
			slots[a] = slot{g.axes[a].at(at[k]), true}
		}
	}
	g.extend.apply(at, slots)
}

// All gives every cell in order.
func (g *Grid) All() iter.Seq[Cell] {
	return func(yield func(Cell) bool) {
		for i := range g.Len() {
			if !yield(g.At(i)) {
				return
			}
		}
	}
}

// Columns are the names of all parameters that cells have: the axes in order,
// then params, then what only includes bring.
func (g *Grid) Columns() []string { return slices.Clone(g.columns) }

// Axes are the axes as written, zipped ones each.
func (g *Grid) Axes() []Axis {
	out := make([]Axis, len(g.axes))
	for i, a := range g.axes {
		out[i] = Axis{a.name, a.len()}
	}
	return out
}

// Digest is a hash of what the grid is made from. It changes when the id, the
// place or the turn of any cell changes. It is quick, since it looks at no cell; two
// ways of writing one grid (1..3 and [1, 2, 3]) have different digests.
func (g *Grid) Digest() string { return g.digest }

// resolve works out the digest from the definition, once it is complete.
func (g *Grid) resolve(excludes, includes [][]Param) {
	buf := appendField(nil, "wirobatch grid 1")
	add := func(fields ...string) {
		buf = strconv.AppendInt(append(buf, '('), int64(len(fields)), 10)
		for _, f := range fields {
			buf = appendField(buf, f)
		}
	}
	add(g.model, strconv.Itoa(g.repeat))
	for _, l := range g.levels {
		add("level", fmt.Sprint(l.axes))
	}
	for _, a := range g.axes {
		add("axis", a.name)
		for _, s := range a.segments {
			switch {
			case s.steps != nil:
				add("steps", fmt.Sprint(*s.steps))
			case s.draws != nil:
				add("draws", strconv.Itoa(len(s.draws)), strconv.FormatUint(s.seed, 10))
			default:
				add(append([]string{"texts"}, s.texts...)...)
			}
		}
	}
	addSets(add, "params", [][]Param{g.params})
	addSets(add, "exclude", excludes)
	addSets(add, "include", includes)
	if g.order != InGrid {
		add("order", string(g.order))
	}
	sum := sha256.Sum256(buf)
	g.digest = hex.EncodeToString(sum[:])
}

func addSets(add func(...string), kind string, sets [][]Param) {
	for _, ps := range sets {
		fields := []string{kind}
		for _, p := range ps {
			fields = append(fields, p.Name, p.Value)
		}
		add(fields...)
	}
}
