package grids

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"slices"
	"strings"
)

// label is what stands beside a row or above a column: the value, and below it those of the axes that move with it.
type label struct {
	value string
	more  []string
}

// page is the picture of one combination of the axes that are not X and Y. It may take several sheets.
type page struct {
	name         string // of the file, without its ending
	fixed        []pair // the combination
	xName, yName string
	xs, ys       []label
	tiles        [][]*tile // by row and column; nil where the grid has no cell
}

type pair struct{ name, value string }

// pages gives each combination, in the order of the grid, and what is the same for all cells.
func (t *table) pages(x, y int) (all []page, constant []pair) {
	var rest, withX, withY []int
	for _, a := range t.axes() {
		switch {
		case a == x || a == y:
		case x >= 0 && t.follows(a, x):
			withX = append(withX, a)
		case y >= 0 && t.follows(a, y):
			withY = append(withY, a)
		default:
			rest = append(rest, a)
		}
	}
	for i, c := range t.columns {
		if len(c.values) == 1 && c.values[0] != "" && i > 0 && i < len(t.columns)-1 {
			constant = append(constant, pair{c.name, c.values[0]})
		}
	}
	groups := map[string][]*tile{}
	var order []string
	for i := range t.tiles {
		var key strings.Builder
		for _, a := range rest {
			fmt.Fprintf(&key, "%d ", t.tiles[i].at[a])
		}
		if groups[key.String()] == nil {
			order = append(order, key.String())
		}
		groups[key.String()] = append(groups[key.String()], &t.tiles[i])
	}
	for _, key := range order {
		all = append(all, t.page(groups[key], x, y, rest, withX, withY))
	}
	return all, constant
}

func (t *table) page(tiles []*tile, x, y int, rest, withX, withY []int) page {
	var p page
	for _, a := range rest {
		p.fixed = append(p.fixed, pair{t.columns[a].name, t.columns[a].values[tiles[0].at[a]]})
	}
	p.name = fileName(p.fixed)
	var column, row map[int]int
	p.xName, p.xs, column = t.labels(tiles, x, withX)
	p.yName, p.ys, row = t.labels(tiles, y, withY)
	p.tiles = make([][]*tile, len(p.ys))
	for i := range p.tiles {
		p.tiles[i] = make([]*tile, len(p.xs))
	}
	for _, one := range tiles {
		p.tiles[row[at(one, y)]][column[at(one, x)]] = one
	}
	return p
}

func at(one *tile, axis int) int {
	if axis < 0 {
		return 0
	}
	return one.at[axis]
}

// labels gives those values of an axis that the page has, in order, and the place of each.
func (t *table) labels(tiles []*tile, axis int, with []int) (name string, all []label, places map[int]int) {
	if axis < 0 {
		return "", []label{{}}, map[int]int{0: 0}
	}
	first := map[int]*tile{}
	var values []int
	for _, one := range tiles {
		if first[one.at[axis]] == nil {
			first[one.at[axis]] = one
			values = append(values, one.at[axis])
		}
	}
	slices.Sort(values)
	places = map[int]int{}
	for i, v := range values {
		places[v] = i
		l := label{value: t.columns[axis].values[v]}
		for _, w := range with {
			l.more = append(l.more, t.columns[w].name+": "+shownValue(t.columns[w].values[first[v].at[w]]))
		}
		all = append(all, l)
	}
	return t.columns[axis].name, all, places
}

func shownValue(v string) string {
	if v == "" {
		return "(none)"
	}
	return v
}

// fileName is safe on every file system, and stays the same for a combination. Its end tells apart what reads the same.
func fileName(fixed []pair) string {
	if len(fixed) == 0 {
		return "grid"
	}
	sum := sha256.New()
	var parts []string
	for _, f := range fixed {
		fmt.Fprintf(sum, "%q%q", f.name, f.value)
		if part := slug(f.name, 20) + "-" + slug(f.value, 32); len(strings.Join(append(parts, part), "_")) <= 120 {
			parts = append(parts, part)
		}
	}
	return strings.Join(parts, "_") + "_" + hex.EncodeToString(sum.Sum(nil))[:8]
}

func slug(text string, most int) string {
	var b strings.Builder
	for _, r := range strings.ToLower(text) {
		switch {
		case r >= 'a' && r <= 'z' || r >= '0' && r <= '9':
			b.WriteRune(r)
		case b.Len() > 0 && !strings.HasSuffix(b.String(), "-"):
			b.WriteByte('-')
		}
		if b.Len() >= most {
			break
		}
	}
	if s := strings.Trim(b.String(), "-"); s != "" {
		return s
	}
	return "x"
}
