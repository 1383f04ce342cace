package wiro

import (
	"regexp"
	"strings"
	"unicode"
	"unicode/utf8"
)

const (
	maxMessage     = 500       // characters of a message
	maxID          = 256       // bytes of an id or token
	maxDebugOutput = 256 << 10 // bytes; text models answer here, so it is generous
	maxDebugError  = 16 << 10  // bytes
)

// clean makes server-supplied text fit for one line of a log or terminal:
// control characters and direction marks become spaces, runs of space one
// space, and what is longer than limit characters is cut off with "…".
func clean(s string, limit int) string {
	var b strings.Builder
	count, space := 0, false
	for _, r := range s {
		if unicode.IsSpace(r) || !unicode.IsPrint(r) {
			space = b.Len() > 0
			continue
		}
		if count+1 > limit {
			b.WriteString("…")
			break
		}
		if space {
			b.WriteByte(' ')
			count, space = count+1, false
		}
		b.WriteRune(r)
		count++
	}
	return b.String()
}

// block makes text of several lines harmless, and keeps its lines. Of text
// longer than limit bytes the beginning is kept, or the end with tail.
func block(s string, limit int, tail bool) string {
	switch {
	case len(s) <= limit:
	case tail:
		s = s[len(s)-limit:]
	default:
		s = s[:limit]
	}
	return strings.Map(func(r rune) rune {
		if r == '\n' || r == '\t' || unicode.IsPrint(r) && r != utf8.RuneError {
			return r
		}
		return -1
	}, s)
}

// ident is an id or token as given, or "" for what can be none.
func ident(s string) string {
	if len(s) > maxID || !utf8.ValidString(s) || strings.ContainsFunc(s, unicode.IsControl) {
		return ""
	}
	return s
}

// word is a short machine-readable text such as a status or content type.
func word(s string) string {
	const most = 120
	if len(s) <= most && !strings.ContainsFunc(s, func(r rune) bool { return r <= ' ' || r > '~' }) {
		return s // most of them
	}
	return clean(s, most)
}

// What URLs must not show in an error: signatures are in queries, passwords
// before the host.
var (
	urlQuery = regexp.MustCompile(`(?i)(https?://[^\s"'<>?]*)\?[^\s"'<>]*`)
	urlUser  = regexp.MustCompile(`://[^\s/@"'<>]*@`)
)

func withoutQueries(s string) string {
	return urlUser.ReplaceAllString(urlQuery.ReplaceAllString(s, "$1"), "://")
}
