package manifest

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"github.com/agext/levenshtein"
)

// Mistake is one thing that is wrong in a manifest.
type Mistake struct {
	File         string
	Line, Column int    // both count from 1; the column counts characters
	What         string // what is wrong, and what to write instead
}

// Error gives the mistake as "file:line:column: what", the form that editors
// and terminals turn into a link.
func (m Mistake) Error() string {
	return fmt.Sprintf("%s:%d:%d: %s", m.File, m.Line, m.Column, m.What)
}

// Mistakes are all mistakes of one manifest, in order of line and column.
type Mistakes []Mistake

// Error gives one mistake a line.
func (ms Mistakes) Error() string {
	lines := make([]string, len(ms))
	for i, m := range ms {
		lines[i] = m.Error()
	}
	return strings.Join(lines, "\n")
}

// maxMistakes bounds what a hopeless file can print. Nobody mends more than
// this in one sitting.
const maxMistakes = 100

// sorted puts the mistakes in the order of the file, each once (an anchor that
// is used twice would repeat its own), and bounds their number.
func (ms Mistakes) sorted() Mistakes {
	slices.SortStableFunc(ms, func(a, b Mistake) int {
		return cmp.Or(cmp.Compare(a.Line, b.Line), cmp.Compare(a.Column, b.Column))
	})
	ms = slices.Compact(ms)
	if len(ms) > maxMistakes {
		rest := ms[maxMistakes]
		rest.What = "and more mistakes from here on"
		ms = append(ms[:maxMistakes:maxMistakes], rest)
	}
	return ms
}

// unknown is the tail of a message about a word that is not known: the one
// that was probably meant, or else all that there are.
func unknown(word string, known []string) string {
	if near := nearest(word, known); near != "" {
		return fmt.Sprintf("; did you mean %s?", near)
	}
	if len(known) == 0 {
		return ""
	}
	if len(known) > 12 {
		return fmt.Sprintf("; known are %s and %d more", strings.Join(known[:12], ", "), len(known)-12)
	}
	return "; known are " + strings.Join(known, ", ")
}

// nearest is the known word within a third of the length in typing mistakes
// (swapped letters count as two), or "" when none is that near.
func nearest(word string, known []string) string {
	if len(word) > 60 {
		return ""
	}
	most := max(2, len(word)/3)
	if len(word) < 4 {
		most = 1
	}
	best, least := "", most+1
	for _, k := range known {
		if len(k) > 60 {
			continue
		}
		if strings.EqualFold(word, k) {
			return k
		}
		if len(word) < 2 {
			continue
		}
		if d := levenshtein.Distance(strings.ToLower(word), strings.ToLower(k), nil); d < least {
			best, least = k, d
		}
	}
	return best
}

// quote shows a value of the file in a message: escaped and bounded.
func quote(s string) string {
	const most = 60
	if r := []rune(s[:min(len(s), 4*most)]); len(r) > most {
		s = string(r[:most-1]) + "…"
	}
	return fmt.Sprintf("%q", s)
}
