package manifest

import (
	"errors"
	"fmt"
	"regexp"
	"slices"
	"strings"
)

// A part of a template is literal text or a {field}.
type part struct {
	text  string
	field bool
	at    int // in characters from the template's start
}

func builtin(field string) bool {
	return field == "id" || field == "n" || field == "model" || field == "repeat"
}

func has(names []string, name string) bool { return slices.Contains(names, name) }

func unknownField(field string, columns []string) error {
	if field == "number" {
		return errors.New("{number} changes when the manifest does, so names carry {id} instead")
	}
	return fmt.Errorf("unknown field %s%s", quote("{"+field+"}"), unknown(field, append([]string{"id", "n", "model", "repeat"}, columns...)))
}

var literal = regexp.MustCompile(`^[A-Za-z0-9._=+/-]*$`)

// parseTemplate splits a template. An error comes with its place.
func parseTemplate(template string) (parts []part, at int, err error) {
	rest := template
	for rest != "" {
		text, after, open := strings.Cut(rest, "{")
		if !literal.MatchString(text) {
			return nil, at, fmt.Errorf("only letters, digits, . _ - + = and / may stand outside of { }, not %s", quote(text))
		}
		if text != "" {
			parts = append(parts, part{text: text, at: at})
			at += len(text)
		}
		if !open {
			break
		}
		field, next, closed := strings.Cut(after, "}")
		if !closed || field == "" || strings.ContainsAny(field, "{/") {
			return nil, at, errors.New("a field is written {name}")
		}
		parts = append(parts, part{field, true, at})
		at += len([]rune(field)) + 2
		rest = next
	}
	if err := pathOf(template); err != nil {
		return nil, 0, err
	}
	if least := leastLength(parts); least > maxName {
		return nil, 0, fmt.Errorf("names would have %d bytes or more, and at most %d are safe; write a shorter template", least, maxName)
	}
	return parts, 0, nil
}

// pathOf refuses what is no relative path to a file, or would hide it.
func pathOf(template string) error {
	for _, segment := range strings.Split(template, "/") {
		switch {
		case segment == "":
			return errors.New("a name begins and ends without /, and has no // in it")
		case strings.HasPrefix(segment, "."):
			return errors.New("no part of a name may begin with a dot")
		}
	}
	return nil
}

// leastLength is the length with every value cut to one character.
func leastLength(parts []part) int {
	n := len("-") + idLength + maxCounted + len(".") + maxEnding
	for _, p := range parts {
		switch {
		case !p.field: // a reserved folder name gets a sign in front
			n += len(p.text) + strings.Count(p.text, "/")
		case p.text == "id":
			n += idLength
		case p.text == "n", p.text == "repeat":
			n += maxCounted + 1
		default:
			n += 2
		}
	}
	return n
}

// defaultTemplate joins the axes and the id. Without axes, includes tell the
// cells apart.
func defaultTemplate(g *Grid) string {
	names := g.columns[:len(g.axes)]
	if len(names) == 0 {
		names = g.columns[len(g.params):]
	}
	var fields []string
	for _, n := range names {
		if !builtin(n) && !has(addressed, n) && len(fields) < 8 {
			fields = append(fields, "{"+n+"}")
		}
	}
	return strings.Join(append(fields, "{id}"), "_")
}
