package export

import (
	"bytes"
	"encoding/json"
	"slices"
	"strings"
)

// numbers are the columns that are written as JSON numbers; money stays text, for it is exact.
var numbers = []string{
	"cell", "repeat", "attempts", "elapsed_s", "queue_s", "run_s", "postprocess_s", "wait_s", "download_s", "total_s", "polls", "bytes", "width", "height",
}

// object is a flat JSON object: what stands in front, then all columns, as results.jsonl has their values. What is unknown is null.
func object(s Sample, front ...[2]string) []byte {
	o := newMembers()
	for _, f := range front {
		o.add(f[0], f[1])
	}
	for i, name := range s.Columns {
		switch param, known := s.param(i); {
		case known:
			o.add(name, param)
		case s.Values[i] == "":
			o.add(name, nil)
		case slices.Contains(numbers, name):
			o.add(name, json.RawMessage(number(name, s.Values[i])))
		default:
			o.add(name, s.Values[i])
		}
	}
	return append(o.b.Bytes(), '}')
}

// number gives times a point, also where they are whole: readers take the type of a column from its first values.
func number(name, value string) string {
	if strings.HasSuffix(name, "_s") && !strings.Contains(value, ".") {
		return value + ".0"
	}
	return value
}

// members are those of an object, in order.
type members struct {
	b bytes.Buffer
	e *json.Encoder
}

func newMembers() *members {
	m := &members{}
	m.e = json.NewEncoder(&m.b)
	m.e.SetEscapeHTML(false)
	return m
}

func (m *members) add(name string, value any) {
	sign := byte(',')
	if m.b.Len() == 0 {
		sign = '{'
	}
	m.b.WriteByte(sign)
	m.encode(name)
	m.b.WriteByte(':')
	m.encode(value)
}

// encode adds text or a number, which always encode, without the line feed.
func (m *members) encode(value any) {
	_ = m.e.Encode(value)
	m.b.Truncate(m.b.Len() - 1)
}

// param gives the value of the parameter in a column, which may be the empty text; known is false where the cell has none.
func (s Sample) param(column int) (value string, known bool) {
	at := column - firstParam
	if at < 0 || at >= len(s.params) {
		return "", false
	}
	for _, p := range s.Row.Params {
		if p.Name == s.params[at] {
			return p.Value, true
		}
	}
	return "", false
}
