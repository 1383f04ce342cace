package compare

import (
	"fmt"
	"io"
	"slices"
	"strings"

	"github.com/dustin/go-humanize/english"
	"github.com/jedib0t/go-pretty/v6/table"
	"github.com/jedib0t/go-pretty/v6/text"
)

// shownCells is how many cells a list names: JSON and the page have them all.
const shownCells = 10

// shownBy are the figures that a table of values shows, for a terminal: JSON has them all.
var shownBy = []string{"total_s", "run_s", Cost, Success}

// Text writes the result for a terminal of that width.
func (r *Result) Text(w io.Writer, width int) error {
	return r.write(w, &document{width: max(width, 40) - nameWidth - 1})
}

// Markdown writes the same for a page.
func (r *Result) Markdown(w io.Writer) error { return r.write(w, &document{markdown: true}) }

func (r *Result) write(w io.Writer, d *document) error {
	d.heads(r)
	d.line("Pairs", r.pairing())
	d.line("Figures", r.about())
	d.table(r.Figures[0].table())
	for _, t := range r.by() {
		d.table(t)
	}
	d.list("Failures", r.failed(), r.failedCells(), len(r.Failures.Alone))
	d.list("Pictures", r.looked(), r.changedCells(), r.Pictures.Differ())
	if said := r.drifted(); said != "" {
		d.line("Drift", said)
	}
	for _, v := range r.Thresholds {
		d.line("Fail on", v.String())
	}
	_, err := io.WriteString(w, d.b.String())
	return err
}

// document is text, or Markdown with the same content.
type document struct {
	b        strings.Builder
	markdown bool
	width    int  // of what stands beside the names
	tables   bool // the last thing was a table
}

func (d *document) heads(r *Result) {
	d.line("A", r.A.String())
	d.line("B", r.B.String())
	for _, n := range r.Notes() {
		d.line("Note", n)
	}
}

const nameWidth = 9

func (d *document) line(name, said string) {
	if d.markdown {
		fmt.Fprintf(&d.b, "**%s** %s\n\n", name, escaped.Replace(said))
		return
	}
	d.wrapped(name, said)
}

// wrapped writes lines that fit into a terminal, the name beside them.
func (d *document) wrapped(name, said string) {
	if d.tables {
		d.b.WriteString("\n")
		d.tables = false
	}
	for line := range strings.SplitSeq(text.WrapSoft(said, d.width), "\n") {
		fmt.Fprintf(&d.b, "%-*s %s\n", nameWidth, name, strings.TrimRight(line, " "))
		name = ""
	}
}

// list says how many there are, and names some of them.
func (d *document) list(name, said string, items []string, of int) {
	d.line(name, said)
	if more := of - len(items); more > 0 && len(items) > 0 {
		items = append(items, fmt.Sprintf("… and %d more", more))
	}
	for _, item := range items {
		if d.markdown {
			fmt.Fprintf(&d.b, "- %s\n", escaped.Replace(item))
		} else {
			d.wrapped("", item)
		}
	}
	if d.markdown && len(items) > 0 {
		d.b.WriteString("\n")
	}
}

// escaped keeps what comes from elsewhere from being Markdown, or HTML in it.
var escaped = strings.NewReplacer("\\", "\\\\", "`", "\\`", "*", "\\*", "_", "\\_", "[", "\\[", "]", "\\]", "<", "&lt;", "&", "&amp;", "#", "\\#", "|", "\\|", "~", "\\~", "$", "\\$")

// sheet is a table: the first column is names, the others are right-aligned.
type sheet struct {
	head []string
	rows [][]string
	sure []bool // of each row: B differs from A beyond chance
}

func (d *document) table(s sheet) {
	if len(s.rows) == 0 {
		return
	}
	t := table.NewWriter()
	row := func(cells []string) (out table.Row) {
		for _, c := range cells {
			if d.markdown {
				c = escaped.Replace(c)
			}
			out = append(out, c)
		}
		return out
	}
	t.AppendHeader(row(s.head))
	for _, cells := range s.rows {
		t.AppendRow(row(cells))
	}
	var columns []table.ColumnConfig
	for i := 1; i < len(s.head); i++ {
		columns = append(columns, table.ColumnConfig{Number: i + 1, Align: text.AlignRight, AlignHeader: text.AlignRight})
	}
	t.SetColumnConfigs(columns)
	if d.markdown {
		d.b.WriteString(t.RenderMarkdown() + "\n\n")
		return
	}
	style := table.StyleDefault
	style.Format.Header = text.FormatDefault
	style.Options = table.OptionsNoBordersAndSeparators
	style.Box.PaddingLeft, style.Box.PaddingRight = "", "  "
	t.SetStyle(style)
	d.b.WriteString("\n")
	for line := range strings.Lines(t.Render()) {
		d.b.WriteString(strings.TrimRight(line, " \n") + "\n")
	}
	d.tables = true
}

func (g Group) table() sheet {
	s := sheet{head: []string{"", "A", "B", "B against A"}}
	for _, f := range g.Figures {
		if f.A.N+f.B.N > 0 {
			s.add(f.Metric, f)
		}
	}
	return s
}

func (s *sheet) add(name string, f Figure) {
	s.rows = append(s.rows, []string{name, f.A.text(f.Unit), f.B.text(f.Unit), f.against()})
	s.sure = append(s.sure, f.Significant)
}

// by gives a table for each figure that is shown by the values of --by.
func (r *Result) by() (all []sheet) {
	if len(r.Figures) < 2 {
		return nil
	}
	var names []string
	for _, p := range r.Figures[1].By {
		names = append(names, plain(p.Name))
	}
	for i, f := range r.Figures[0].Figures {
		if f.A.N+f.B.N == 0 || !slices.Contains(shownBy, f.Metric) {
			continue
		}
		s := sheet{head: []string{f.Metric + " by " + strings.Join(names, ", "), "A", "B", "B against A"}}
		for _, g := range r.Figures[1:] {
			var values []string
			for _, p := range g.By {
				values = append(values, shorten(plain(p.Value), 40))
			}
			s.add(strings.Join(values, ", "), g.Figures[i])
		}
		all = append(all, s)
	}
	return all
}

func cells(n int) string { return english.Plural(n, "cell", "") }
