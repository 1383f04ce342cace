package selection

import (
	"bufio"
	"fmt"
	"io"
	"regexp"
	"strings"
)

var cellID = regexp.MustCompile(`^[0-9a-f]{20}$`)

// ReadIDs reads ids of cells: one a line, or several with commas or spaces between them, as the page copies them. What follows # in
// a line is no id.
func ReadIDs(r io.Reader) (map[string]bool, error) {
	ids := map[string]bool{}
	lines := bufio.NewScanner(r)
	lines.Buffer(nil, 64<<20) // the page copies all of them in one line
	for n := 1; lines.Scan(); n++ {
		line, _, _ := strings.Cut(strings.TrimPrefix(lines.Text(), "\ufeff"), "#")
		for _, id := range strings.FieldsFunc(line, func(r rune) bool { return strings.ContainsRune(", ;\t\r", r) }) {
			if !cellID.MatchString(id) {
				return nil, fmt.Errorf("line %d: %s is no id of a cell: write its 20 letters and digits, as results.csv and the page have them", n, quote(id))
			}
			ids[id] = true
		}
	}
	return ids, lines.Err()
}
