package sandbox

import (
	"encoding/binary"
	"strings"
)

// param is one parameter of a task, spelled as it was sent.
type param struct{ name, value string }

// pool packs the parameters of a task into one short string. Grids repeat their names and prompts,
// so whatever is longer than a few bytes is kept once and referred to by number.
type pool struct {
	numbers map[string]uint64
	texts   []string
}

const shortText = 8 // bytes up to which a text is cheaper in place than as a reference

func newPool() pool { return pool{numbers: map[string]uint64{}} }

func (p *pool) pack(params []param) string {
	b := make([]byte, 0, 64)
	for _, kv := range params {
		b = p.append(b, kv.name)
		b = p.append(b, kv.value)
	}
	return string(b)
}

// append writes a text as an even number (twice its length) and its bytes, or as an odd one that
// refers to the pool.
func (p *pool) append(b []byte, text string) []byte {
	if len(text) <= shortText {
		return append(binary.AppendUvarint(b, uint64(len(text))<<1), text...)
	}
	n, ok := p.numbers[text]
	if !ok {
		text = strings.Clone(text) // or a whole request body is kept for the sake of one value
		n = uint64(len(p.texts))
		p.texts = append(p.texts, text)
		p.numbers[text] = n
	}
	return binary.AppendUvarint(b, n<<1|1)
}

func (p *pool) unpack(packed string) []param {
	var params []param
	next := func() string {
		n, size := uvarint(packed)
		packed = packed[size:]
		if n&1 == 1 {
			return p.texts[n>>1]
		}
		text := packed[:n>>1]
		packed = packed[n>>1:]
		return text
	}
	for packed != "" {
		name := next()
		params = append(params, param{name, next()})
	}
	return params
}

func uvarint(s string) (n uint64, size int) {
	for shift := 0; ; shift += 7 {
		c := s[size]
		size++
		n |= uint64(c&0x7f) << shift
		if c < 0x80 {
			return n, size
		}
	}
}

// lookup finds a parameter by name.
func lookup(params []param, name string) string {
	for _, p := range params {
		if p.name == name {
			return p.value
		}
	}
	return ""
}
