package selection

import (
	"fmt"
	"slices"
	"strings"

	"github.com/agext/levenshtein"
)

// Column finds a column by its name. The error names the one that may be meant, or those that there are.
func Column(name string, header []string) (int, error) {
	if at := slices.Index(header, name); at >= 0 {
		return at, nil
	}
	if near := Nearest(name, header); near != "" {
		return 0, fmt.Errorf("there is no column %s; did you mean %s?", quote(name), near)
	}
	return 0, fmt.Errorf("there is no column %s; there are %s", quote(name), strings.Join(header, ", "))
}

// Nearest is the name within a third of the length in typing mistakes, "" when none is.
func Nearest(name string, header []string) (best string) {
	least := max(2, len(name)/3) + 1
	for _, known := range header {
		if d := levenshtein.Distance(strings.ToLower(name), strings.ToLower(known), nil); d < least && len(name) > 1 {
			best, least = known, d
		}
	}
	return best
}

// quote shows a text in a message: escaped and bounded.
func quote(s string) string {
	if r := []rune(s); len(r) > 60 {
		s = string(r[:59]) + "…"
	}
	return fmt.Sprintf("%q", s)
}
