package stats

import (
	"fmt"
	"slices"
	"strings"

	"github.com/jedib0t/go-pretty/v6/table"
	"github.com/jedib0t/go-pretty/v6/text"
	"github.com/mattn/go-runewidth"
)

// sheet is a table for people: the values of the axes, and figures beside them.
type sheet struct {
	by      []Axis
	values  [][]string // of each group, fit to be shown
	columns []shown
	figures [][]string // of each group
	label   int        // what a value may take of a line; what is longer is cut, and listed whole below
	numbers []map[string]string
}

// The values of an axis may be prompts: a terminal shows so much of them.
const longest, fair, shortest = 40, 12, 6

// gap is what stands between columns.
const gap = "  "

func (t Table) sheet() *sheet {
	s := &sheet{by: t.By, label: 1 << 20}
	for _, c := range t.columns() {
		if c.usual || slices.ContainsFunc(t.Groups, func(g Group) bool { return c.of(g) != nothing }) {
			s.columns = append(s.columns, c)
		}
	}
	for _, g := range t.Groups {
		var values, figures []string
		for _, v := range g.Values {
			values = append(values, name(v))
		}
		for _, c := range s.columns {
			figures = append(figures, c.of(g))
		}
		s.values, s.figures = append(s.values, values), append(s.figures, figures)
	}
	return s
}

// name is a value as it is shown.
func name(value string) string {
	if value == "" {
		return "(none)"
	}
	return clean(value)
}

// fit makes the sheet as wide as a terminal: values are cut down to a fair length for the usual columns to have room, and what else fits is added.
func (s *sheet) fit(width int) {
	labels := make([]int, len(s.by))
	for i, a := range s.by {
		labels[i] = runewidth.StringWidth(a.Name)
		for _, v := range s.values {
			labels[i] = max(labels[i], runewidth.StringWidth(v[i]))
		}
	}
	figures := make([]int, len(s.columns))
	n := 0
	for k, c := range s.columns {
		figures[k] = runewidth.StringWidth(c.name)
		for _, f := range s.figures {
			figures[k] = max(figures[k], runewidth.StringWidth(f[k]))
		}
		if c.usual {
			n = k + 1
		}
	}
	fits := func(n int) bool {
		sum := len(gap) * (len(labels) - 1)
		for _, w := range labels {
			sum += min(w, s.label)
		}
		for _, w := range figures[:n] {
			sum += len(gap) + w
		}
		return sum <= width
	}
	s.label = longest
	for s.label > fair && !fits(n) {
		s.label--
	}
	for n > 1 && !fits(n) {
		n--
	}
	for s.label > shortest && !fits(n) {
		s.label--
	}
	for n < len(figures) && fits(n+1) {
		n++
	}
	s.columns = s.columns[:n]
}

func (s *sheet) text() string {
	lines := strings.Split(s.writer().Render(), "\n")
	for i, l := range lines { // what pads the last column
		lines[i] = strings.TrimRight(l, " ")
		if i == 1 {
			lines[i] = strings.TrimSuffix(l, "──")
		}
	}
	return strings.Join(lines, "\n")
}

func (s *sheet) writer() table.Writer {
	w := table.NewWriter()
	w.SetStyle(table.Style{
		Name: "wirobatch", Box: table.BoxStyle{PaddingRight: gap, MiddleHorizontal: "─"},
		Format: table.FormatOptions{Header: text.FormatDefault}, Options: table.Options{SeparateHeader: true},
	})
	header := table.Row{}
	var looks []table.ColumnConfig
	right := func() {
		looks = append(looks, table.ColumnConfig{Number: len(header), Align: text.AlignRight, AlignHeader: text.AlignRight})
	}
	for _, a := range s.by {
		if header = append(header, clean(a.Name)); a.Numeric {
			right()
		}
	}
	for _, c := range s.columns {
		header = append(header, c.name)
		right()
	}
	w.SetColumnConfigs(looks)
	w.AppendHeader(header)
	for i, values := range s.values {
		row := table.Row{}
		for k, v := range values {
			row = append(row, s.short(k, v))
		}
		for k := range s.columns {
			row = append(row, s.figures[i][k])
		}
		w.AppendRow(row)
	}
	return w
}

// short cuts a value that is too long. It gets a number, for two may begin alike.
func (s *sheet) short(axis int, value string) string {
	if runewidth.StringWidth(value) <= s.label {
		return value
	}
	return runewidth.Truncate(s.numbered(axis)[value], s.label, "…")
}

// cut gives the values that had to be, whole.
func (s *sheet) cut() (lines []string) {
	for axis, a := range s.by {
		for _, v := range a.Values {
			if v = name(v); runewidth.StringWidth(v) > s.label {
				lines = append(lines, s.numbered(axis)[v])
			}
		}
	}
	return lines
}

func (s *sheet) numbered(axis int) map[string]string {
	for len(s.numbers) <= axis {
		of := map[string]string{}
		for i, v := range s.by[len(s.numbers)].Values {
			of[name(v)] = fmt.Sprintf("#%d %s", i+1, name(v))
		}
		s.numbers = append(s.numbers, of)
	}
	return s.numbers[axis]
}
