package wiro

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"maps"
	"mime/multipart"
	"net/textproto"
	"slices"
	"strings"
)

// multipartPayload streams fields, in the order of their names, and files.
// The parts between the files are made first, so that the length of the whole
// is known when those of the files are: some gateways refuse bodies without.
func multipartPayload(fields map[string]string, files []InputFile) (payload, error) {
	var frame bytes.Buffer
	w := multipart.NewWriter(&frame)
	for _, name := range slices.Sorted(maps.Keys(fields)) {
		if err := w.WriteField(name, fields[name]); err != nil {
			return payload{}, err
		}
	}
	var parts []io.Reader
	var length int64
	cut := func() { // what is in the frame so far is one part
		part := bytes.Clone(frame.Bytes())
		frame.Reset()
		parts = append(parts, bytes.NewReader(part))
		length = plus(length, int64(len(part)))
	}
	for _, f := range files {
		if f.Content == nil || f.Param == "" {
			return payload{}, errors.New("an input file needs a parameter and content")
		}
		if _, err := w.CreatePart(fileHeader(f)); err != nil {
			return payload{}, err
		}
		cut()
		parts = append(parts, f.Content)
		length = plus(length, lengthOf(f.Content))
	}
	if err := w.Close(); err != nil {
		return payload{}, err
	}
	cut()
	return payload{contentType: w.FormDataContentType(), content: io.MultiReader(parts...), length: length}, nil
}

var quoteEscaper = strings.NewReplacer("\\", "\\\\", `"`, "%22", "\r", "%0D", "\n", "%0A")

func fileHeader(f InputFile) textproto.MIMEHeader {
	kind := f.ContentType
	if kind == "" || !printable(kind) {
		kind = "application/octet-stream"
	}
	name := f.Name
	if name == "" {
		name = "file"
	}
	return textproto.MIMEHeader{
		"Content-Disposition": {fmt.Sprintf(`form-data; name="%s"; filename="%s"`, quoteEscaper.Replace(f.Param), quoteEscaper.Replace(name))},
		"Content-Type":        {kind},
	}
}

// plus adds lengths, of which −1 is unknown.
func plus(a, b int64) int64 {
	if a < 0 || b < 0 {
		return -1
	}
	return a + b
}

// lengthOf is what is left in r, or −1.
func lengthOf(r io.Reader) int64 {
	if l, ok := r.(interface{ Len() int }); ok {
		return int64(l.Len())
	}
	s, ok := r.(io.Seeker)
	if !ok {
		return -1
	}
	at, err := s.Seek(0, io.SeekCurrent)
	if err != nil {
		return -1
	}
	end, err := s.Seek(0, io.SeekEnd)
	if err != nil {
		return -1
	}
	if _, err := s.Seek(at, io.SeekStart); err != nil {
		return -1
	}
	return end - at
}
