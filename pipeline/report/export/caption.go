package export

import (
	"fmt"
	"regexp"
	"strings"

	"wirobatch/pipeline/journal"
	"wirobatch/pipeline/report/selection"
)

// A caption is a template: text, and columns of results.csv in braces. A brace itself is written twice.
type caption []piece

type piece struct {
	text string
	at   int // of the column; below 0: text
}

func parseCaption(template string, header []string) (c caption, err error) {
	for rest := template; rest != ""; {
		at := strings.IndexAny(rest, "{}")
		if at < 0 {
			return append(c, piece{rest, -1}), nil
		}
		if at > 0 {
			c = append(c, piece{rest[:at], -1})
		}
		mark := rest[at : at+1]
		rest = rest[at+1:]
		if strings.HasPrefix(rest, mark) {
			c, rest = append(c, piece{mark, -1}), rest[1:]
			continue
		}
		name, after, closed := strings.Cut(rest, "}")
		if mark == "}" || !closed || strings.Contains(name, "{") {
			return nil, fmt.Errorf("caption %q: a column is written {prompt}, and a brace itself twice", template)
		}
		column, err := selection.Column(name, header)
		if err != nil {
			return nil, fmt.Errorf("caption %q: %w", template, err)
		}
		c, rest = append(c, piece{at: column}), after
	}
	return c, nil
}

// of gives the caption of a cell: all characters as they are.
func (c caption) of(line []string) string {
	var b strings.Builder
	for _, p := range c {
		if p.at < 0 {
			b.WriteString(p.text)
		} else {
			b.WriteString(line[p.at])
		}
	}
	return b.String()
}

var plainNumber = regexp.MustCompile(`^[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?$`)

// promptOf is what decides about the split of a cell: its prompt to the letter, or without one all text among its parameters, or
// without that its id. kind says which.
func promptOf(c journal.Cell) (text, kind string) {
	var texts strings.Builder
	for _, p := range c.Params {
		switch {
		case p.Name == "prompt":
			return p.Value, "prompt"
		case !plainNumber.MatchString(p.Value):
			fmt.Fprintf(&texts, "%q=%q\n", p.Name, p.Value)
		}
	}
	if texts.Len() > 0 {
		return texts.String(), "text parameters"
	}
	return c.ID, "id"
}
