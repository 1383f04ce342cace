package sandbox

import "encoding/json"

// jsonText writes JSON in the order of the calls. The API spells the same value as a string here and
// as a number there, which struct tags cannot say.
type jsonText struct{ b []byte }

func (j *jsonText) comma() {
	if n := len(j.b); n > 0 {
		if c := j.b[n-1]; c != '{' && c != '[' && c != ':' {
			j.b = append(j.b, ',')
		}
	}
}

// open begins an object or a list.
func (j *jsonText) open(c byte) {
	j.comma()
	j.b = append(j.b, c)
}

func (j *jsonText) close(c byte) { j.b = append(j.b, c) }

// name begins a member, whose value the next call writes.
func (j *jsonText) name(name string) *jsonText {
	j.comma()
	j.b = append(quote(j.b, name), ':')
	return j
}

// raw writes a member whose value is JSON already.
func (j *jsonText) raw(name, value string) {
	j.name(name)
	j.b = append(j.b, value...)
}

// str writes a member whose value is a string.
func (j *jsonText) str(name, value string) {
	j.name(name)
	j.b = quote(j.b, value)
}

// text writes a string as an element of a list.
func (j *jsonText) text(value string) {
	j.comma()
	j.b = quote(j.b, value)
}

// num writes a number, as a string if so wanted.
func (j *jsonText) num(name, value string, quoted bool) {
	if quoted {
		j.str(name, value)
		return
	}
	j.raw(name, value)
}

func quote(b []byte, text string) []byte {
	for i := 0; i < len(text); i++ {
		if c := text[i]; c < ' ' || c == '"' || c == '\\' || c >= 0x7f || c == '<' || c == '>' || c == '&' {
			long, _ := json.Marshal(text) // strings always marshal
			return append(b, long...)
		}
	}
	b = append(b, '"')
	b = append(b, text...)
	return append(b, '"')
}
