package manifest

import (
	"crypto/sha256"
	"encoding/hex"
	"slices"
	"strconv"
)

// CellID names what a cell asks for: the same model, parameters and repeat
// give the same id on every machine and with every release. It is the first 20
// digits of the lower-case hexadecimal SHA-256 of this text, without spaces
// or line ends but those shown as \n:
//
//	wirobatch cell 1\n
//	<model> <repeat> <name> <value> <name> <value> …
//
// where the parameters are in order of the bytes of their names, repeat is in
// decimal and counts from 1, and each <x> is the length of x in bytes in
// decimal, a colon, and x itself ("5:hello"), so that no two lists of fields
// have the same text. callbackUrl and projectid are left out: they change where
// an answer goes, not what is made.
func CellID(model string, params []Param, repeat int) string {
	kept := make([]Param, 0, len(params))
	for _, p := range params {
		if !slices.Contains(addressed, p.Name) {
			kept = append(kept, p)
		}
	}
	slices.SortStableFunc(kept, func(a, b Param) int {
		if a.Name < b.Name {
			return -1
		} else if a.Name > b.Name {
			return 1
		}
		return 0
	})
	buf := appendCell(make([]byte, 0, 512), model, repeat)
	for _, p := range kept {
		buf = appendField(appendField(buf, p.Name), p.Value)
	}
	return hashID(buf)
}

func appendCell(buf []byte, model string, repeat int) []byte {
	buf = append(buf, "wirobatch cell 1\n"...)
	buf = appendField(buf, model)
	var digits [20]byte
	return appendField(buf, strconv.AppendInt(digits[:0], int64(repeat), 10))
}

func appendField[T string | []byte](buf []byte, field T) []byte {
	buf = strconv.AppendInt(buf, int64(len(field)), 10)
	buf = append(buf, ':')
	return append(buf, field...)
}

// idLength is the number of hexadecimal digits in a cell id: 80 bits, so that
// a million cells meet by chance once in 10^12.
const idLength = 20

func hashID(buf []byte) string {
	sum := sha256.Sum256(buf)
	var id [idLength]byte
	hex.Encode(id[:], sum[:idLength/2])
	return string(id[:])
}
