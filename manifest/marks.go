package manifest

import (
	"bytes"
	"strings"
)

// marks counts the places in data where YAML can begin a node: an upper bound,
// within a factor of 3, on the nodes that a parser will make of it, found
// without making them. Commas are the crux, for prompts are full of them, and
// they part values only within [ ] and { }. So they count from the first line
// on that may leave a bracket open, and in every line that has one. A file can
// only hide brackets from this by what is an error to the parser.
func marks(data []byte) int {
	n, open := 0, false
	for line := range bytes.Lines(data) {
		bracket := bytes.ContainsAny(line, "[{")
		open = open || bracket && !closes(string(line))
		for i, c := range line {
			switch c {
			case '[', '{':
				n++
			case ',':
				if open || bracket {
					n++
				}
			case '-', '?', ':':
				if i+1 == len(line) || !wordByte(line[i+1]) {
					n++
				}
			}
		}
	}
	return n
}

func wordByte(c byte) bool {
	return c >= '0' && c <= '9' || c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || c >= 0x80
}

// closes reports whether a line that begins outside of all brackets is sure to
// end so. Only brackets where a value can begin are brackets; all others are
// text. When in doubt, the answer is no.
func closes(line string) bool {
	if strings.ContainsAny(line, "\u0085\u2028\u2029") {
		return false // line ends to YAML
	}
	depth, last := 0, byte(0) // last byte that is no space
	word := byte(0)           // first byte of the last word
	for i := 0; i < len(line); i++ {
		c := line[i]
		begins := last == 0 || strings.IndexByte("-?:,[{", last) >= 0 || word == '&' || word == '!'
		switch {
		case c == ' ' || c == '\t' || c == '\n':
			continue
		case c == '\r': // a line end too
			last = 0
			continue
		case (c == '[' || c == '{') && (begins || depth > 0):
			depth++
		case (c == ']' || c == '}') && depth > 0:
			if depth--; depth == 0 {
				return strings.TrimSpace(line[i+1:]) == ""
			}
		case (c == '"' || c == '\'') && begins && depth > 0:
			end := strings.IndexByte(line[i+1:], c)
			if end < 0 || strings.IndexByte(line[i+1:i+1+end], '\\') >= 0 {
				return false
			}
			i += 1 + end
		case c == '#' && depth > 0:
			return false
		}
		if last == 0 || i > 0 && strings.IndexByte(" \t-?:,[{", line[i-1]) >= 0 {
			word = c
		}
		last = c
	}
	return depth == 0
}
