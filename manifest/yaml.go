package manifest

import (
	"bytes"
	"fmt"
	"io"
	"regexp"
	"strconv"
	"strings"
	"unicode/utf8"

	"gopkg.in/yaml.v3"
)

// Bounds of what is given to the YAML parser. Nesting needs none here: the
// parser itself stops at a depth of 10,000, after a few megabytes.
const (
	maxBytes = 2 << 20
	// The parser takes about 250 bytes a node, two nodes for most marks.
	maxMarks = 80_000
)

// parseYAML gives the top node of the one document in data.
func (d *decoder) parseYAML(data []byte) *yaml.Node {
	if m := unreadable(data); m != nil {
		d.found(m)
		return nil
	}
	dec := yaml.NewDecoder(bytes.NewReader(data))
	var doc, second yaml.Node
	if err := dec.Decode(&doc); err == io.EOF {
		d.add(1, 1, "the manifest is empty; `wirobatch init` writes one to start from")
		return nil
	} else if err != nil {
		d.syntax(data, err)
		return nil
	}
	if err := dec.Decode(&second); err == nil {
		d.add(second.Line, second.Column, "a second document begins here; keep one manifest a file")
	} else if err != io.EOF {
		d.syntax(data, err)
	}
	return doc.Content[0]
}

func (d *decoder) found(m *Mistake) { d.add(m.Line, m.Column, m.What) }

// unreadable finds what must not reach the parser at all.
func unreadable(data []byte) *Mistake {
	if len(data) > maxBytes {
		return &Mistake{Line: 1, Column: 1, What: fmt.Sprintf("the file has more than %d MiB; split it into several manifests", maxBytes>>20)}
	}
	if marks(data) > maxMarks {
		return &Mistake{Line: 1, Column: 1, What: fmt.Sprintf("the file has more than %d values; use ranges such as 1..1000, or split it into several manifests", maxMarks)}
	}
	if !utf8.Valid(data) {
		return mistakeAt(data, invalid(data), "this is not UTF-8; save the file as UTF-8")
	}
	if i := bytes.IndexFunc(data, forbidden); i >= 0 {
		return mistakeAt(data, i, "a control character; delete it, or write it as an escape in double quotes")
	}
	i := bytes.Index(data, []byte("\n%")) + 1
	if i > 0 || bytes.HasPrefix(data, []byte("%")) {
		return mistakeAt(data, i, "a YAML directive; a manifest has none, and a text that begins with % needs quotes")
	}
	return nil
}

// mistakeAt gives the place of a byte of the file.
func mistakeAt(data []byte, i int, what string) *Mistake {
	before := data[:i]
	return &Mistake{
		Line:   bytes.Count(before, []byte("\n")) + 1,
		Column: utf8.RuneCount(before[bytes.LastIndexByte(before, '\n')+1:]) + 1,
		What:   what,
	}
}

// invalid finds the first byte that is not UTF-8.
func invalid(data []byte) int {
	i := 0
	for i < len(data) {
		r, n := utf8.DecodeRune(data[i:])
		if r == utf8.RuneError && n < 2 {
			break
		}
		i += n
	}
	return i
}

func forbidden(r rune) bool {
	return r < ' ' && r != '\n' && r != '\t' && r != '\r' || r == 0x7f
}

var problem = regexp.MustCompile(`^yaml: (?:line (\d+): )?(.*)$`)

// grammar are the errors that the parser finds above its scanner.
var grammar = regexp.MustCompile(`^did not find expected (key|',' or|'-' indicator|node content|<document start>)`)

var strayAlias = regexp.MustCompile(`^unknown anchor '([^']+)' referenced`)

// advice is what to do about the parser's terser messages.
var advice = []struct{ part, what string }{
	{"mapping values are not allowed", "a text that has `: ` in it needs quotes"},
	{"cannot start any token", "a text that begins with @ ` or % needs quotes"},
	{"alphabetic or numeric character", "a text that begins with & or * needs quotes"},
	{"unexpected end of stream", "a quote is not closed"},
	{"exceeded max depth", "brackets or lists are nested without end"},
	{"did not find expected ',' or ']'", "a list in [ ] needs a comma between its items and a ] at its end"},
	{"did not find expected ',' or '}'", "a mapping in { } needs a comma between its entries and a } at its end"},
	{"did not find expected key", "check the indentation of all lines of the mapping that is here"},
	{"did not find expected '-' indicator", "check the indentation of all lines of the list that is here"},
	{"did not find expected <document start>", "check the indentation here and on the line before"},
}

// syntax turns an error of the parser into a mistake with a place.
func (d *decoder) syntax(data []byte, err error) {
	text, at := err.Error(), 1
	if m := problem.FindStringSubmatch(text); m != nil {
		text = m[2]
		if n, err := strconv.Atoi(m[1]); err == nil {
			if at = n; grammar.MatchString(text) {
				at++ // the parser counts these from 0, unlike those of its scanner
			}
		}
	}
	if m := strayAlias.FindStringSubmatch(text); m != nil { // comes without a line
		if i := bytes.Index(data, []byte("*"+m[1])); i >= 0 {
			d.found(mistakeAt(data, i, "nothing is anchored as &"+m[1]+" before this; a text that begins with * needs quotes"))
			return
		}
	}
	number, column := 0, 1
	for line := range bytes.Lines(data) {
		number++
		indent := line[:len(line)-len(bytes.TrimLeft(line, " \t"))]
		if tab := bytes.IndexByte(indent, '\t'); tab >= 0 && number >= at-1 {
			d.add(number, tab+1, "a tab in the indentation; YAML takes spaces only")
			return
		}
		if number == at {
			column = len(indent) + 1
		}
		if number > at {
			break
		}
	}
	what := "not valid YAML: " + text
	for _, a := range advice {
		if strings.Contains(text, a.part) {
			what += "; " + a.what
			break
		}
	}
	d.add(max(1, min(at, number)), column, what)
}
