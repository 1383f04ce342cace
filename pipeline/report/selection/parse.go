package selection

import (
	"errors"
	"fmt"
	"strings"
	"unicode/utf8"

	"github.com/alecthomas/participle/v2"
)

// longest is how long a condition may be; a list of ids has no limit.
const longest = 10_000

// form is what to write.
const form = "write conditions such as scale >= 4 or status = done, joined by and, or, not and parentheses"

// Parse reads a condition: column OP value, joined by and, or, not and parentheses. OP is one of = (or ==), !=, <, <=, >, >=,
// ~ (contains, whatever the case) and in (a, b). Values are words, numbers, or text in 'quotes' or "quotes".
// A mistake is an error that names the character at which it stands, from 1, and what to write instead.
func Parse(expr string) (Where, error) {
	switch {
	case strings.TrimSpace(expr) == "":
		return Where{}, errors.New("the condition is empty: " + form)
	case len(expr) > longest:
		return Where{}, fmt.Errorf("the condition has %d bytes, and at most %d are read: write ids into a file instead", len(expr), longest)
	case !utf8.ValidString(expr):
		return Where{}, errors.New("the condition is no UTF-8 text")
	}
	cond, err := grammar.ParseString("", expr)
	if mistake := participle.Error(nil); errors.As(err, &mistake) {
		at := mistake.Position()
		return Where{}, fmt.Errorf("character %d: %s", utf8.RuneCountInString(expr[:at.Offset])+1, advice(expr[:at.Offset], expr[at.Offset:]))
	}
	return Where{expr, cond}, err
}

// advice says what is wrong where a condition cannot be read on.
func advice(before, rest string) string {
	before = strings.TrimSpace(before)
	wrong, _, _ := strings.Cut(rest, " ")
	switch lower := strings.ToLower(wrong); {
	case rest == "" && strings.HasSuffix(before, "("):
		return "it ends within parentheses: " + form
	case rest == "" && strings.Count(before, "(") > strings.Count(before, ")"):
		return "it ends before the parentheses do: write )"
	case rest == "" && strings.ContainsAny(before[max(0, len(before)-1):], "=<>~"):
		return "it ends where a value must come: write one, or '' for what is not known"
	case rest == "":
		return "it ends too early: " + form
	case rest[0] == '\'' || rest[0] == '"':
		if strings.Count(rest, rest[:1])%2 == 1 {
			return "the quotes are not closed: write " + rest[:1] + " at the end of the text, and twice within it"
		}
		return fmt.Sprintf("%s is not expected: %s", quote(wrong), form)
	case strings.HasPrefix(lower, "&&"):
		return `write and instead of "&&"`
	case strings.HasPrefix(lower, "||"):
		return `write or instead of "||"`
	case rest[0] == '!':
		return `write not instead of "!"`
	case rest[0] == ')':
		return `")" is not expected: a condition or a parenthesis is missing before it`
	}
	return fmt.Sprintf("%s is not expected: %s; text of several words stands in quotes", quote(wrong), form)
}
