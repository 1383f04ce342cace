package wiro

import (
	"bytes"
	"encoding/json"
)

// unquoteEmbedded repairs the one kind of broken JSON that the seed shows: a
// document put into a string without escaping its quotes, as in
//
//	"categories": "["tool","image-to-image"]"
//
// It takes the outer quotes off, so that the document stands as a value, and
// reports whether it changed anything. Everything else is left as it is: a
// string that is whole stays whole.
func unquoteEmbedded(broken []byte) ([]byte, bool) {
	out := make([]byte, 0, len(broken))
	changed := false
	failures := 0
	for i := 0; i < len(broken); {
		if broken[i] != '"' {
			out = append(out, broken[i])
			i++
			continue
		}
		end := stringEnd(broken, i)
		// A failure has read on to the end: what cannot be repaired must not
		// cost the square of its length.
		if failures < 8 && looksEmbedded(broken, i, end) {
			if doc := embeddedAt(broken, i); doc != nil {
				out = append(out, doc...)
				i += len(doc) + 2
				changed = true
				continue
			}
			failures++
		}
		out = append(out, broken[i:end]...)
		i = end
	}
	return out, changed
}

// stringEnd is the index after the string that begins at i.
func stringEnd(b []byte, i int) int {
	for j := i + 1; j < len(b); j++ {
		switch b[j] {
		case '\\':
			j++
		case '"':
			return j + 1
		}
	}
	return len(b)
}

// looksEmbedded: the string begins as a document does, but text goes on after
// what JSON takes for its end.
func looksEmbedded(b []byte, start, end int) bool {
	inner := bytes.TrimSpace(b[start+1 : max(start+1, end-1)])
	if len(inner) == 0 || inner[0] != '[' && inner[0] != '{' {
		return false
	}
	rest := bytes.TrimLeft(b[end:], " \t\r\n")
	return len(rest) > 0 && bytes.IndexByte([]byte(",:}]"), rest[0]) < 0
}

// embeddedAt is the document that the quotes at start stand around, or nil.
func embeddedAt(b []byte, start int) []byte {
	dec := json.NewDecoder(bytes.NewReader(b[start+1:]))
	var doc json.RawMessage
	if dec.Decode(&doc) != nil {
		return nil
	}
	after := start + 1 + int(dec.InputOffset())
	if after >= len(b) || b[after] != '"' {
		return nil
	}
	return b[start+1 : after]
}
