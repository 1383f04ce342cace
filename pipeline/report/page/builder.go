package page

import (
	"slices"
	"strconv"

	"github.com/shopspring/decimal"

	"wirobatch/pipeline/journal"
	"wirobatch/pipeline/report/pictures"
)

// statuses are in the order in which a person wants to read them.
var statuses = []string{"done", "failed", "cancelled", "held", "pending"}

// builder takes rows in grid order.
type builder struct {
	data
	pictures      map[string][]pictures.Picture
	columns       []string
	values        []interned // of model, the columns, and repeat
	at            [][]int
	mimes, errors interned
	index         map[string]int
	expected      decimal.Decimal
	priced        int
}

func newBuilder(columns []string, looked map[string][]pictures.Picture) *builder {
	b := &builder{columns: slices.Concat([]string{"model"}, columns, []string{"repeat"}), pictures: looked, index: map[string]int{}}
	b.values, b.at = make([]interned, len(b.columns)), make([][]int, len(b.columns))
	return b
}

func (b *builder) add(row journal.Row) {
	c := &b.Cells
	b.index[row.ID] = len(c.ID)
	for i := range b.columns {
		b.at[i] = append(b.at[i], b.place(i, row))
	}
	c.ID = append(c.ID, row.ID)
	c.Number = append(c.Number, known(row.Number))
	c.Status = append(c.Status, slices.Index(statuses, row.Status()))
	c.Task = append(c.Task, row.TaskID)
	c.Attempts = append(c.Attempts, row.Attempts)
	var cost *string
	if row.Cost.Valid {
		s := row.Cost.Decimal.String()
		cost = &s
	}
	c.Cost = append(c.Cost, cost)
	c.Source = append(c.Source, row.CostSource)
	c.Elapsed = append(c.Elapsed, exact(row.Elapsed))
	c.Queue = append(c.Queue, exact(row.Queue))
	c.Run = append(c.Run, exact(row.Record.Run))
	c.Postprocess = append(c.Postprocess, exact(row.Postprocess))
	c.Wait = append(c.Wait, number(row.Wait.String()))
	c.Download = append(c.Download, number(row.Download.String()))
	c.Total = append(c.Total, number(row.Total.String()))
	c.Submitted = append(c.Submitted, moment(row.SubmittedAt))
	c.Finished = append(c.Finished, moment(row.FinishedAt))
	c.Polls = append(c.Polls, row.Polls)
	fault := -1
	if row.Error != "" {
		fault = b.errors.add(row.Error)
	}
	c.Error = append(c.Error, fault)
	c.Files = append(c.Files, b.files(row))
	if row.Reserved.IsPositive() {
		b.expected = b.expected.Add(row.Reserved)
		b.priced++
	}
}

// place is the number of the cell's value in column i, -1 where it has none.
func (b *builder) place(i int, row journal.Row) int {
	switch i {
	case 0:
		return b.values[i].add(row.Model)
	case len(b.columns) - 1:
		return b.values[i].add(strconv.Itoa(row.Repeat))
	}
	for _, p := range row.Params {
		if p.Name == b.columns[i] {
			return b.values[i].add(p.Value)
		}
	}
	return -1
}

func (b *builder) files(row journal.Row) []file {
	all := []file{}
	for _, f := range row.Files {
		if f.Path == "" { // it got lost
			continue
		}
		one := file{Path: f.Path, Width: f.Width, Height: f.Height, Bytes: f.Bytes, SHA256: f.SHA256, Mime: b.mimes.add(mime(f))}
		for _, p := range b.pictures[row.ID] {
			if p.Path == f.Path && p.SHA256 == f.SHA256 {
				one.Thumb = p.Thumb
				if p.Width > 0 {
					one.Width, one.Height = p.Width, p.Height
				}
			}
		}
		all = append(all, one)
	}
	return all
}

// whole settles what is known once all rows are in.
func (b *builder) whole(x, y string) data {
	b.V, b.Statuses, b.Mimes, b.Errors = 1, statuses, append([]string{}, b.mimes.all...), append([]string{}, b.errors.all...)
	b.Axes, b.Cells.Axes, b.Fixed = []axis{}, [][]int{}, map[string]string{}
	for i, name := range b.columns {
		v := b.values[i].all
		some := slices.Contains(b.at[i], -1)
		switch {
		case len(v) > 1 || len(v) == 1 && some:
			numeric := order(v, b.at[i])
			b.Axes = append(b.Axes, axis{Name: name, Values: v, Numeric: numeric})
			b.Cells.Axes = append(b.Cells.Axes, b.at[i])
		case len(v) == 1 && name != "repeat" && name != "model":
			b.Fixed[name] = v[0]
		}
	}
	b.X, b.Y = b.choose(x, y)
	if n := len(b.Cells.ID); b.priced > 0 {
		// Those for which nothing was set aside, or not yet, are taken for the mean of the others.
		all := b.expected.Mul(decimal.NewFromInt(int64(n))).DivRound(decimal.NewFromInt(int64(b.priced)), 8).String()
		b.Money.Expected = &all
	}
	return b.data
}

// check takes over what was found, with the places of the cells.
func (b *builder) check(found []pictures.Check) {
	b.Checks = []check{}
	for _, f := range found {
		c := check{Kind: f.Kind, Cells: []int{}, Note: f.Note}
		for _, id := range f.Cells {
			if at, ok := b.index[id]; ok {
				c.Cells = append(c.Cells, at)
			}
		}
		b.Checks = append(b.Checks, c)
	}
}
