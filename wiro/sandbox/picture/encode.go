package picture

import (
	"bytes"
	"compress/zlib"
	"encoding/binary"
	"hash/crc32"
)

// file is a PNG in the making; its buffers are used again.
type file struct {
	data bytes.Buffer
	body bytes.Buffer // what is compressed so far
	pack *zlib.Writer
	line []byte // the filtered row
}

// encode makes a PNG of 8-bit RGB of the rows that next returns. The standard
// encoder weighs up five filters for every row and takes longer than painting
// does; here every row is stored as its difference from the one above. Chunks
// and filters are those of the PNG specification, sections 5 and 9.
func (f *file) encode(w, h int, next func(y int) []byte) ([]byte, error) {
	f.data.Reset()
	f.body.Reset()
	if f.pack == nil {
		pack, err := zlib.NewWriterLevel(&f.body, packLevel)
		if err != nil {
			return nil, err
		}
		f.pack = pack
	}
	f.pack.Reset(&f.body)
	f.line = grow(f.line, 1+3*w)
	const up = 2
	f.line[0] = up
	above := make([]byte, 3*w)
	for y := range h {
		row := next(y)
		for i, v := range row {
			f.line[1+i] = v - above[i]
		}
		copy(above, row)
		if _, err := f.pack.Write(f.line); err != nil {
			return nil, err
		}
	}
	if err := f.pack.Close(); err != nil {
		return nil, err
	}
	f.data.WriteString("\x89PNG\r\n\x1a\n")
	head := binary.BigEndian.AppendUint32(nil, uint32(w))
	head = binary.BigEndian.AppendUint32(head, uint32(h))
	f.chunk("IHDR", append(head, 8, 2, 0, 0, 0)) // 8 bits, RGB, deflate, filters by row, not interlaced
	f.chunk("IDAT", f.body.Bytes())
	f.chunk("IEND", nil)
	return f.data.Bytes(), nil
}

func (f *file) chunk(kind string, body []byte) {
	f.data.Write(binary.BigEndian.AppendUint32(nil, uint32(len(body))))
	from := f.data.Len()
	f.data.WriteString(kind)
	f.data.Write(body)
	f.data.Write(binary.BigEndian.AppendUint32(nil, crc32.ChecksumIEEE(f.data.Bytes()[from:])))
}

// packLevel: a painted picture repeats little, so that looking for repeats costs
// more than it saves.
const packLevel = zlib.HuffmanOnly
