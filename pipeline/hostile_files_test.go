package pipeline_test

import (
	"bytes"
	"compress/gzip"
	"encoding/binary"
	"fmt"
	"hash/crc32"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"wirobatch/wiro/sandbox"
)

// What is hostile and does no harm is delivered as it is, and the row is honest about it.
func TestHostileFilesAreKeptAsTheyAre(t *testing.T) {
	if testing.Short() {
		t.Skip("it moves many bytes, which is slow under the race detector")
	}
	bomb := packed(64 << 20)
	names := []string{"../../../../out-of-here.png", "/etc/passwd", `..\..\x.png`, "a\x00.png", strings.Repeat("n", 5000) + ".png", "", ".", "CON", "\u202egnp.exe"}
	rows := []struct {
		why    string
		output func(map[string]any)
		file   []byte
		header string // Content-Encoding
		ext    string
		width  string
	}{
		{why: "a picture 100,000 pixels wide and high", file: widePNG(100_000), ext: ".png", width: "100000"},
		{why: "a picture with more pixels than there are numbers", file: widePNG(1<<31 - 1), ext: ".png"},
		{why: "a gzip bomb", file: bomb, ext: ".gz"},
		{why: "a gzip bomb that says it is packed on the way", file: bomb, header: "gzip", ext: ".gz"},
		{why: "an extension that is a path", output: func(o map[string]any) { o["contenttype"] = "image/../../x" }, ext: ".png", width: "64"},
		{why: "a film that its bytes do not name", file: []byte("\x00\x00\x00\x14ftypqt  \x00\x00\x02\x00qt  "), output: func(o map[string]any) { o["contenttype"] = "video/quicktime" }, ext: ".mov"},
	}
	for _, name := range names {
		rows = append(rows, rows[0])
		rows[len(rows)-1].why, rows[len(rows)-1].output = fmt.Sprintf("the name %.20q", name), func(o map[string]any) { o["name"] = name }
	}
	for _, c := range rows {
		t.Run(c.why, func(t *testing.T) {
			in(t, sandbox.Options{PictureSize: 64}, func(p *place) {
				_, restore := p.behind(func(w http.ResponseWriter, r *http.Request, service http.Handler) {
					switch {
					case isRead(r):
						retell(w, r, service, func(o map[string]any) {
							if c.file != nil {
								o["size"] = len(c.file)
							}
							if c.output != nil {
								c.output(o)
							}
						})
					case r.Method == http.MethodGet && c.file != nil:
						if c.header != "" {
							w.Header().Set("Content-Encoding", c.header)
						}
						w.Write(c.file)
					default:
						service.ServeHTTP(w, r)
					}
				})
				defer restore()
				before := allocated()
				r := p.run(twoCells)
				if used := allocated() - before; used > 64<<20 {
					t.Errorf("%d bytes of memory", used)
				}
				if r.ExitCode() != 0 || p.statuses()["done"] != 2 {
					t.Errorf("exit %d, %v, %v", r.ExitCode(), p.statuses(), p.errors())
				}
				for _, row := range p.rows() {
					kept, err := os.ReadFile(filepath.Join(p.out, row["file"]))
					if err != nil || c.file != nil && !bytes.Equal(kept, c.file) || row["bytes"] != fmt.Sprint(len(kept)) {
						t.Errorf("%d bytes are kept, %v; the row says %s", len(kept), err, row["bytes"])
					}
					if filepath.Ext(row["file"]) != c.ext || row["width"] != c.width {
						t.Errorf("%s is %q wide", row["file"], row["width"])
					}
				}
				p.audit()
				p.only()
			})
		})
	}
}

// widePNG says it is so many pixels wide and high, and has none.
func widePNG(side uint32) []byte {
	b := []byte(pngMagic)
	chunk := func(kind string, data []byte) {
		b = binary.BigEndian.AppendUint32(b, uint32(len(data)))
		begin := len(b)
		b = append(append(b, kind...), data...)
		b = binary.BigEndian.AppendUint32(b, crc32.ChecksumIEEE(b[begin:]))
	}
	head := binary.BigEndian.AppendUint32(binary.BigEndian.AppendUint32(nil, side), side)
	chunk("IHDR", append(head, 8, 6, 0, 0, 0))
	chunk("IEND", nil)
	return b
}

// packed is so many zeros, packed.
func packed(zeros int) []byte {
	var b bytes.Buffer
	z := gzip.NewWriter(&b)
	if _, err := io.CopyN(z, zeroes{}, int64(zeros)); err != nil {
		panic(err)
	}
	z.Close()
	return b.Bytes()
}

type zeroes struct{}

func (zeroes) Read(p []byte) (int, error) { clear(p); return len(p), nil }
