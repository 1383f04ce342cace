package export

import (
	"encoding/json"
	"strings"
	"unicode"
)

// longestValue is how many characters of a value a card shows.
const longestValue = 200

// code shows a value within a table: as code, in one line, whatever it is.
func code(value string) string {
	text := strings.Map(func(r rune) rune {
		if !unicode.IsPrint(r) {
			return ' '
		}
		return r
	}, strings.ToValidUTF8(value, "\ufffd"))
	if r := []rune(text); len(r) > longestValue {
		text = string(r[:longestValue-1]) + "…"
	}
	if text = strings.TrimSpace(text); text == "" {
		return "(empty)"
	}
	ticks := "`"
	for strings.Contains(text, ticks) {
		ticks += "`"
	}
	if len(ticks) > 1 {
		text = " " + text + " "
	}
	return ticks + strings.ReplaceAll(text, "|", `\|`) + ticks
}

// plain shows text that is no Markdown.
func plain(text string) string {
	var b strings.Builder
	for _, r := range text {
		switch {
		case strings.ContainsRune("\\`*_{}[]<>#|~", r):
			b.WriteByte('\\')
			b.WriteRune(r)
		case unicode.IsPrint(r):
			b.WriteRune(r)
		default:
			b.WriteByte(' ')
		}
	}
	return b.String()
}

// quoted is text for YAML, which reads JSON's.
func quoted(text string) string {
	data, _ := json.Marshal(strings.ToValidUTF8(text, "\ufffd")) // text always encodes
	return string(data)
}
