package grids

import (
	"fmt"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/rivo/uniseg"
	"golang.org/x/text/unicode/norm"
	"golang.org/x/text/unicode/runenames"
)

// wrap breaks a text into lines of a width, at most so many, where its script lets it. What does not fit ends in an ellipsis.
func (t *typeface) wrap(text string, width, most int) (lines []string) {
	rest, state := t.plain(text), -1
	line, next := "", ""
	for rest != "" || next != "" {
		if next == "" {
			next, rest, _, state = uniseg.FirstLineSegmentInString(rest, state)
		}
		if t.width(strings.TrimRight(line+next, " ")) <= width {
			line, next = line+next, ""
			continue
		}
		if line == "" { // too long by itself
			n := t.fitting(next, width)
			line, next = next[:n], next[n:]
		}
		line = strings.TrimRight(line, " ")
		if len(lines) == most-1 && next+rest != "" {
			return append(lines, t.cut(line+"…", width))
		}
		lines, line = append(lines, line), ""
	}
	if line = strings.TrimRight(line, " "); line != "" {
		lines = append(lines, line)
	}
	return lines
}

// fitting is how many bytes of a text have room in a line: those of a letter at least.
func (t *typeface) fitting(text string, width int) int {
	_, n := utf8.DecodeRuneInString(text)
	for i := range text {
		if t.width(text[:i]) > width {
			break
		}
		n = max(n, i)
	}
	return n
}

// cut shortens a line that ends in an ellipsis.
func (t *typeface) cut(line string, width int) string {
	runes := []rune(strings.TrimSuffix(line, "…"))
	for len(runes) > 0 && t.width(string(runes)+"…") > width {
		runes = runes[:len(runes)-1]
	}
	return strings.TrimRight(string(runes), " ,.;:-–") + "…"
}

// longest is how much of a text is looked at, in bytes: no sheet shows more.
const longest = 6000

// plain is a text in the glyphs that there are, without line breaks. Of symbols that there are none for, the names stand there, and of letters the
// code points, so that values can be told apart, and nobody takes a box for a mistake of the model.
func (t *typeface) plain(text string) string {
	var b strings.Builder
	var strange []string
	flush := func() {
		if n := len(strange); n > 6 {
			strange = append(strange[:6], fmt.Sprintf("and %d more", n-6))
		}
		if len(strange) > 0 {
			b.WriteString(" [" + strings.Join(strange, ", ") + "] ")
		}
		strange = nil
	}
	for _, r := range norm.NFC.String(text[:min(len(text), longest)]) {
		switch {
		case unicode.IsSpace(r) || unicode.IsControl(r):
			if len(strange) == 0 {
				b.WriteByte(' ')
			}
		case unicode.In(r, unicode.Cf, unicode.Variation_Selector): // joiners and marks of direction
		case t.has(r):
			flush()
			b.WriteRune(r)
		case unicode.In(r, unicode.So, unicode.Sk) && runenames.Name(r) != "":
			strange = append(strange, strings.ToLower(runenames.Name(r)))
		default:
			strange = append(strange, fmt.Sprintf("U+%04X", r))
		}
	}
	flush()
	return strings.Join(strings.Fields(b.String()), " ")
}
