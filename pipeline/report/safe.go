package report

import (
	"regexp"
	"strings"
)

// formulas begin so in one spreadsheet or another (OWASP, "CSV Injection"): the full-width signs count as well.
const formulas = "=+-@\t\r\n＝＋－＠"

var plainNumber = regexp.MustCompile(`^[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?$`)

// harmless puts an apostrophe before a field that a spreadsheet would run as a formula, also after quotes that it takes away.
// Spreadsheets take what follows an apostrophe as text. Numbers stay numbers.
func harmless(field string) string {
	bare := strings.TrimLeft(field, `"'`)
	if bare == "" || !strings.ContainsAny(firstRune(bare), formulas) || plainNumber.MatchString(field) {
		return field
	}
	return "'" + field
}

func firstRune(s string) string {
	for i := range s {
		if i > 0 {
			return s[:i]
		}
	}
	return s
}
