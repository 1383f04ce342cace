package pictures_test

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"errors"
	"fmt"
	"hash/crc32"
	"image"
	"image/color"
	"image/gif"
	"image/jpeg"
	"image/png"
	"io"
	"iter"
	"maps"
	"math"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"golang.org/x/image/bmp"
	"golang.org/x/image/draw"
	"golang.org/x/image/tiff"

	"wirobatch/pipeline/journal"
	"wirobatch/pipeline/report/pictures"
)

// scene is a picture that looks like no other of another n, in any size.
func scene(n, w, h int) *image.RGBA {
	const patches = 9
	r := rand.New(rand.NewPCG(uint64(n), 1))
	rough := image.NewRGBA(image.Rect(0, 0, patches, patches))
	for i := range patches * patches {
		rough.SetRGBA(i%patches, i/patches, color.RGBA{uint8(r.IntN(256)), uint8(r.IntN(256)), uint8(r.IntN(256)), 255})
	}
	img := image.NewRGBA(image.Rect(0, 0, w, h))
	draw.BiLinear.Scale(img, img.Bounds(), rough, rough.Bounds(), draw.Src, nil)
	return img
}

func plain(c color.Color, w, h int) *image.RGBA {
	img := image.NewRGBA(image.Rect(0, 0, w, h))
	for i := range w * h {
		img.Set(i%w, i/w, c)
	}
	return img
}

func encoded(t *testing.T, encode func(io.Writer) error) []byte {
	t.Helper()
	var b bytes.Buffer
	if err := encode(&b); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

func pngOf(t *testing.T, img image.Image) []byte {
	return encoded(t, func(w io.Writer) error { return png.Encode(w, img) })
}

// cells of a folder: what each asked for, and what it got.
type cell struct {
	params string // name=value, separated by ;
	repeat int
	files  map[string][]byte // by path; nil bytes: not on disk
}

// ran is a folder with a journal of these cells, all done.
func ran(t testing.TB, cells ...cell) (out string, rows func() iter.Seq2[journal.Row, error]) {
	t.Helper()
	out = t.TempDir()
	j, err := journal.Open(t.Context(), filepath.Join(out, ".wirobatch"), journal.Options{Service: "https://example.test/v1", Slots: 10})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { j.Close() })
	if _, err := j.SetGrid(t.Context(), journal.Grid{Digest: "d", Cells: len(cells)}); err != nil {
		t.Fatal(err)
	}
	if err := j.StartRun(t.Context(), journal.Run{StartedAt: time.Unix(1e9, 0)}); err != nil {
		t.Fatal(err)
	}
	all := make([]journal.Cell, len(cells))
	for i, c := range cells {
		all[i] = journal.Cell{ID: fmt.Sprintf("%020d", i), Number: i + 1, Model: "a/b", Repeat: max(1, c.repeat)}
		for p := range strings.SplitSeq(c.params, ";") {
			name, value, _ := strings.Cut(p, "=")
			all[i].Params = append(all[i].Params, journal.Param{Name: name, Value: value})
		}
	}
	if err := j.Enqueue(t.Context(), slices.Values(all)); err != nil {
		t.Fatal(err)
	}
	for range cells {
		l, err := j.Lease(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		r := journal.Record{State: journal.Done, Attempt: 1, TaskID: l.Cell.ID}
		of := cells[l.Cell.Number-1].files
		for n, path := range slices.Sorted(maps.Keys(of)) {
			sum := sha256.Sum256(of[path])
			r.Files = append(r.Files, journal.File{N: n, Path: path, Bytes: int64(len(of[path])), SHA256: hex.EncodeToString(sum[:])})
			if of[path] != nil {
				write(t, out, path, of[path])
			}
		}
		if err := l.Finish(t.Context(), r); err != nil {
			t.Fatal(err)
		}
	}
	return out, func() iter.Seq2[journal.Row, error] { return j.Rows(t.Context()) }
}

func write(t testing.TB, out, path string, data []byte) {
	t.Helper()
	name := filepath.Join(out, filepath.FromSlash(path))
	if err := os.MkdirAll(filepath.Dir(name), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(name, data, 0o644); err != nil {
		t.Fatal(err)
	}
}

func one(path string, data []byte) map[string][]byte { return map[string][]byte{path: data} }

// update counts the files that were looked at.
func update(t testing.TB, out string, rows iter.Seq2[journal.Row, error]) (of map[string][]pictures.Picture, looked int) {
	t.Helper()
	of, err := pictures.Update(t.Context(), out, rows, func(done, all int) { looked = done })
	if err != nil {
		t.Fatal(err)
	}
	return of, looked
}

func thumbs(t testing.TB, out string) (names []string) {
	t.Helper()
	for _, pattern := range []string{"*.jpg", "*.png"} {
		found, err := filepath.Glob(filepath.Join(out, "thumbs", pattern))
		if err != nil {
			t.Fatal(err)
		}
		names = append(names, found...)
	}
	return names
}

func TestEveryFormatIsSeen(t *testing.T) {
	img := scene(3, 640, 360)
	clear := scene(4, 100, 300)
	clear.SetRGBA(5, 5, color.RGBA{})
	webp, err := base64.StdEncoding.DecodeString("UklGRiIAAABXRUJQVlA4IBYAAAAwAQCdASoBAAEADsD+JaQAA3AAAAAA") // nothing here writes WebP
	if err != nil {
		t.Fatal(err)
	}
	files := []struct {
		path   string
		data   []byte
		thumb  string // its ending
		w, h   int
		tw, th int
		err    string
	}{
		{path: "a.png", data: pngOf(t, img), thumb: ".jpg", w: 640, h: 360, tw: 320, th: 180},
		{path: "a.jpg", data: encoded(t, func(w io.Writer) error { return jpeg.Encode(w, img, nil) }), thumb: ".jpg", w: 640, h: 360, tw: 320, th: 180},
		{path: "a.gif", data: encoded(t, func(w io.Writer) error { return gif.Encode(w, img, nil) }), thumb: ".jpg", w: 640, h: 360, tw: 320, th: 180},
		{path: "a.bmp", data: encoded(t, func(w io.Writer) error { return bmp.Encode(w, img) }), thumb: ".jpg", w: 640, h: 360, tw: 320, th: 180},
		{path: "a.tiff", data: encoded(t, func(w io.Writer) error { return tiff.Encode(w, img, nil) }), thumb: ".jpg", w: 640, h: 360, tw: 320, th: 180},
		{path: "a.webp", data: webp, thumb: ".jpg", w: 1, h: 1, tw: 1, th: 1},
		{path: "clear.png", data: pngOf(t, clear), thumb: ".png", w: 100, h: 300, tw: 100, th: 300},
		{path: "thin.png", data: pngOf(t, scene(1, 3000, 2)), thumb: ".jpg", w: 3000, h: 2, tw: 320, th: 1},
		{path: "tall.png", data: pngOf(t, scene(1, 90, 960)), thumb: ".jpg", w: 90, h: 960, tw: 30, th: 320},
		{path: "a.mp4", data: []byte("\x00\x00\x00\x18ftypmp42 and more")},
		{path: "a.txt", data: []byte("words")},
		{path: "a.avif", data: []byte("\x00\x00\x00\x20ftypavif and more")},
		{path: "named.bin", data: pngOf(t, scene(9, 20, 20)), thumb: ".jpg", w: 20, h: 20, tw: 20, th: 20},
		{path: "page.png", data: []byte("<html><body>gone"), err: "called .png, but begins as text/html"},
		{path: "empty.png", data: []byte{}, err: "empty"},
		{path: "cut.png", data: pngOf(t, img)[:9000], w: 640, h: 360, err: "broken png"},
		{path: "head.jpg", data: []byte("\xff\xd8\xff\xe0"), err: "broken jpeg"},
		{path: "huge.png", data: header(t, 100_000, 100_000), w: 100_000, h: 100_000, err: "more pixels than are looked at"},
		{path: "wide.png", data: header(t, math.MaxInt32, 1), w: math.MaxInt32, h: 1, err: "more pixels than are looked at"},
	}
	cells := make([]cell, len(files))
	for i, f := range files {
		cells[i] = cell{params: "prompt=x", files: one("images/"+f.path, f.data)}
	}
	out, rows := ran(t, cells...)
	of, _ := update(t, out, rows())
	for i, f := range files {
		p := of[fmt.Sprintf("%020d", i)][0]
		if p.Width != f.w || p.Height != f.h || filepath.Ext(p.Thumb) != f.thumb || (f.err == "") != (p.Err == "") || !strings.Contains(p.Err, f.err) {
			t.Errorf("%s: %+v", f.path, p)
		}
		if f.thumb == "" {
			continue
		}
		file, err := os.Open(filepath.Join(out, p.Thumb))
		if err != nil {
			t.Error(err)
			continue
		}
		c, format, err := image.DecodeConfig(file)
		file.Close()
		if err != nil || c.Width != f.tw || c.Height != f.th || format != map[string]string{".jpg": "jpeg", ".png": "png"}[f.thumb] {
			t.Errorf("%s: its small picture is a %s of %d × %d: %v", f.path, format, c.Width, c.Height, err)
		}
	}
	left, _ := filepath.Glob(filepath.Join(out, ".wirobatch", "tmp", "*"))
	if len(left) > 0 {
		t.Errorf("left behind: %q", left)
	}
}

// header is a PNG that says that it is so large.
func header(t *testing.T, w, h uint32) []byte {
	t.Helper()
	data := pngOf(t, image.NewGray(image.Rect(0, 0, 1, 1)))
	put := func(at int, v uint32) { copy(data[at:], []byte{byte(v >> 24), byte(v >> 16), byte(v >> 8), byte(v)}) }
	put(16, w)
	put(20, h)
	put(29, crc32.ChecksumIEEE(data[12:29]))
	return data
}

// Killed at any moment, it goes on from there, and nothing is decoded twice.
func TestItGoesOnWhereItWasStopped(t *testing.T) {
	var cells []cell
	for i := range 12 {
		cells = append(cells, cell{params: fmt.Sprint("seed=", i), files: one(fmt.Sprintf("images/%d.png", i), pngOf(t, scene(i, 64, 64)))})
	}
	cells = append(cells, cell{params: "seed=x", files: one("images/broken.png", []byte("no picture"))})
	cells = append(cells, cell{params: "seed=y", files: one("images/gone.png", nil)})
	out, rows := ran(t, cells...)
	ctx, stop := context.WithCancel(t.Context())
	stopped := 0
	if _, err := pictures.Update(ctx, out, rows(), func(done, all int) {
		if stopped = done; done == 5 {
			stop()
		}
	}); !errors.Is(err, context.Canceled) || stopped != 5 {
		t.Fatalf("stopped after %d: %v", stopped, err)
	}
	if n := len(thumbs(t, out)); n != 5 {
		t.Errorf("%d small pictures after 5", n)
	}
	first, looked := update(t, out, rows())
	if looked != 14-5 || len(thumbs(t, out)) != 12 {
		t.Errorf("%d looked at, %d small pictures", looked, len(thumbs(t, out)))
	}
	again, looked := update(t, out, rows())
	if looked != 1 { // what is gone may be back
		t.Errorf("%d looked at again", looked)
	}
	if fmt.Sprint(first) != fmt.Sprint(again) {
		t.Errorf("what is known differs from what was seen:\n%v\n%v", again, first)
	}

	known, err := pictures.ReadKnown(out)
	if err != nil {
		t.Fatal(err)
	}
	for _, cell := range first {
		f := journal.File{N: cell[0].N, Path: cell[0].Path, SHA256: cell[0].SHA256}
		if p, seen := known.Of(cell[0].Cell, f); !seen && cell[0].Err == "" || seen && p.Hash != cell[0].Hash {
			t.Errorf("known is %v, seen was %v", p, cell[0])
		}
	}

	// What a power cut leaves: half a small picture, half a line.
	p := first[fmt.Sprintf("%020d", 3)][0]
	if err := os.Truncate(filepath.Join(out, p.Thumb), 100); err != nil {
		t.Fatal(err)
	}
	if err := os.Remove(filepath.Join(out, first[fmt.Sprintf("%020d", 4)][0].Thumb)); err != nil {
		t.Fatal(err)
	}
	index := filepath.Join(out, "thumbs", "index.jsonl")
	data, err := os.ReadFile(index)
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(index, data[:len(data)-30], 0o644); err != nil {
		t.Fatal(err)
	}
	if mended, looked := update(t, out, rows()); looked != 1+3 || fmt.Sprint(mended) != fmt.Sprint(first) {
		t.Errorf("%d looked at:\n%v\n%v", looked, mended, first)
	}
	if _, looked := update(t, out, rows()); looked != 1 {
		t.Errorf("%d looked at after it was mended", looked)
	}
}

// What is wrong with a file as it lies there is not kept: the next run mends it.
func TestADamagedFileIsLookedAtAgain(t *testing.T) {
	whole := pngOf(t, scene(1, 64, 64))
	out, rows := ran(t, cell{params: "seed=1", files: one("images/1.png", whole)})
	for _, damaged := range [][]byte{whole[:len(whole)/2], pngOf(t, scene(2, 64, 64)), {}} {
		write(t, out, "images/1.png", damaged)
		of, looked := update(t, out, rows())
		if p := of[fmt.Sprintf("%020d", 0)][0]; looked != 1 || p.Thumb != "" || !strings.Contains(p.Err, "not as it was delivered") {
			t.Errorf("%d looked at: %+v", looked, p)
		}
	}
	write(t, out, "images/1.png", whole)
	if of, _ := update(t, out, rows()); of[fmt.Sprintf("%020d", 0)][0].Err != "" {
		t.Errorf("mended: %v", of)
	}
}

func TestWhatNoFileHasIsDropped(t *testing.T) {
	out, rows := ran(t, cell{params: "seed=1", files: one("images/1.png", pngOf(t, scene(1, 64, 64)))},
		cell{params: "seed=2", files: one("images/2.png", pngOf(t, scene(2, 64, 64)))})
	update(t, out, rows())
	write(t, out, "thumbs/mine.jpg", []byte("mine"))
	write(t, out, "thumbs/0123456789abcdef01234567.jpg", []byte("of no line"))
	but := func(yield func(journal.Row, error) bool) { // the second has no files any more
		for row, err := range rows() {
			if row.Number == 2 {
				row.Files = nil
			}
			if !yield(row, err) {
				return
			}
		}
	}
	of, looked := update(t, out, but)
	if looked != 0 || len(of) != 1 {
		t.Errorf("%d looked at: %v", looked, of)
	}
	if names := thumbs(t, out); len(names) != 2 || !slices.Contains(names, filepath.Join(out, "thumbs", "mine.jpg")) {
		t.Errorf("%q", names)
	}
	if data, _ := os.ReadFile(filepath.Join(out, "thumbs", "index.jsonl")); bytes.Count(data, []byte("\n")) != 1 {
		t.Errorf("the index has more than its line:\n%s", data)
	}
}

// Whoever can write the journal must not have us read or write elsewhere.
func TestNamesNeverLeaveTheFolder(t *testing.T) {
	out, rows := ran(t, cell{params: "seed=1", files: one("images/1.png", pngOf(t, scene(1, 64, 64)))})
	outside := t.TempDir()
	write(t, outside, "secret.png", pngOf(t, scene(2, 64, 64)))
	if err := os.Symlink(outside, filepath.Join(out, "images", "link")); err != nil {
		t.Skip(err)
	}
	if err := os.Mkdir(filepath.Join(out, "images", "dir.png"), 0o755); err != nil {
		t.Fatal(err)
	}
	up, err := filepath.Rel(out, filepath.Join(outside, "secret.png"))
	if err != nil {
		t.Fatal(err)
	}
	sum := sha256.Sum256(pngOf(t, scene(2, 64, 64)))
	for _, path := range []string{filepath.ToSlash(up), filepath.Join(outside, "secret.png"), "images/link/secret.png", "images/dir.png", "images/../../x", "images/\x00.png", ""} {
		for _, sum := range []string{hex.EncodeToString(sum[:]), "../../../x", "aa", ""} {
			hostile := func(yield func(journal.Row, error) bool) {
				for row, err := range rows() {
					row.Files = []journal.File{{Path: path, SHA256: sum}}
					yield(row, err)
				}
			}
			of, _ := update(t, out, hostile)
			for _, p := range of[fmt.Sprintf("%020d", 0)] {
				if p.Err == "" || p.Thumb != "" || p.Hashed || p.Path != "" && !filepath.IsLocal(p.Path) {
					t.Errorf("%q %q: %+v", path, sum, p)
				}
			}
		}
	}
}
