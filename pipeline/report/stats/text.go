package stats

import (
	"bufio"
	"io"
	"strings"

	"github.com/mattn/go-runewidth"
)

// Text writes what fits into a terminal of that width: medians with their intervals, cost and rates, and more of it where there is room.
func (r *Report) Text(w io.Writer, width int) error {
	b := bufio.NewWriter(w)
	say := func(further string, lines ...string) {
		for _, l := range wrap(lines, width, further) {
			b.WriteString(l + "\n")
		}
	}
	say(gap, r.head()...)
	var used []shown
	for _, t := range r.Tables {
		s := t.sheet()
		s.fit(width)
		b.WriteString("\nBy " + t.name() + "\n" + s.text() + "\n")
		say("   ", s.cut()...)
		say(gap, t.sentences()...)
		used = append(used, s.columns...)
	}
	b.WriteString("\n")
	say(gap, r.notes()...)
	say(gap, r.legend(used)...)
	return b.Flush()
}

// Markdown writes the same with all columns.
func (r *Report) Markdown(w io.Writer) error {
	b := bufio.NewWriter(w)
	say := func(lines []string) {
		for _, l := range lines {
			b.WriteString("- " + l + "\n")
		}
	}
	b.WriteString("# Statistics of " + clean(r.Name) + "\n\n")
	say(r.head())
	var used []shown
	for _, t := range r.Tables {
		s := t.sheet()
		b.WriteString("\n## By " + t.name() + "\n\n" + s.writer().RenderMarkdown() + "\n\n")
		say(t.sentences())
		used = append(used, s.columns...)
	}
	b.WriteString("\n## Notes\n\n")
	say(append(r.notes(), r.legend(used)...))
	return b.Flush()
}

// name is that of its axes.
func (t Table) name() string {
	names := make([]string, len(t.By))
	for i, a := range t.By {
		names[i] = clean(a.Name)
	}
	return strings.Join(names, " and ")
}

// wrap breaks lines at spaces; what follows a break stands further in.
func wrap(lines []string, width int, further string) (all []string) {
	for _, line := range lines {
		now := ""
		for i, word := range strings.Split(line, " ") {
			switch {
			case i == 0:
				now = word
			case runewidth.StringWidth(now)+1+runewidth.StringWidth(word) > width:
				all = append(all, now)
				now = further + word
			default:
				now += " " + word
			}
		}
		all = append(all, now)
	}
	return all
}
