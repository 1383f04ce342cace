package wiro

import (
	"strings"
	"unicode"
)

// token is the token of a task, "" for what is none: a word by which programs spell that they have nothing, or a mask.
func token(s string) string {
	t := strings.TrimSpace(ident(s))
	switch strings.ToLower(t) {
	case "null", "undefined", "none", "nil", "nan", "true", "false":
		return ""
	}
	if strings.Contains(t, "*") || !strings.ContainsFunc(t, func(r rune) bool { return unicode.IsLetter(r) || unicode.IsDigit(r) }) {
		return ""
	}
	return t
}

// SameToken reports whether two tokens may be of one task: they differ by their case at most, or one is none.
func SameToken(a, b string) bool {
	a, b = token(a), token(b)
	return a == "" || b == "" || strings.EqualFold(a, b)
}
