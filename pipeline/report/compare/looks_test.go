package compare

import (
	"bytes"
	"image"
	"image/color"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"golang.org/x/image/draw"

	"wirobatch/pipeline/journal"
)

// one is a folder with a single cell that has these files.
func one(t *testing.T, kinds []string, files ...[]byte) Folder {
	t.Helper()
	r := &run{name: "x", service: "s"}
	row, on := gave(t, asks("m", 1, "seed", "1"), "3", "0.01", files...)
	for i, kind := range kinds {
		row.Files[i].ContentType = kind
		if ext, _, _ := strings.Cut(strings.TrimPrefix(kind, "text/"), "/"); kind != "image/png" {
			on[strings.TrimSuffix(row.Files[i].Path, "png")+ext] = on[row.Files[i].Path]
			delete(on, row.Files[i].Path)
			row.Files[i].Path = strings.TrimSuffix(row.Files[i].Path, "png") + ext
		}
	}
	r.add(row, on)
	return r.in(t, t.TempDir())
}

// swapped has the light and dark of a picture nearly as they were, and other colours.
func swapped(t *testing.T, file []byte) []byte {
	img, _, err := image.Decode(bytes.NewReader(file))
	if err != nil {
		t.Fatal(err)
	}
	c := image.NewRGBA(img.Bounds())
	for i := range c.Bounds().Dx() * c.Bounds().Dy() {
		x, y := i%c.Bounds().Dx(), i/c.Bounds().Dx()
		r, g, b, _ := img.At(x, y).RGBA()
		grey := (299*r + 587*g + 114*b) / 1000
		c.Set(x, y, color.RGBA64{uint16(grey), uint16(grey), uint16(grey), 0xffff})
	}
	return pngOf(t, c)
}

func TestLooks(t *testing.T) {
	first, other := scene(t, 1, 96, 96), scene(t, 2, 96, 96)
	flat := func(c color.Color) []byte {
		img := image.NewRGBA(image.Rect(0, 0, 96, 96))
		draw.Draw(img, img.Bounds(), image.NewUniform(c), image.Point{}, draw.Src)
		return pngOf(t, img)
	}
	text, video := []byte("a poem"), []byte("\x00\x00\x00\x18ftypmp42 and more of it")
	png := []string{"image/png", "image/png"}
	for name, c := range map[string]struct {
		kinds []string
		a, b  [][]byte
		want  []Look
	}{
		"the same":                         {png[:1], [][]byte{first}, [][]byte{first}, []Look{Same}},
		"a pixel":                          {png[:1], [][]byte{first}, [][]byte{retouched(t, first)}, []Look{Alike}},
		"other colours":                    {png[:1], [][]byte{first}, [][]byte{swapped(t, first)}, []Look{Changed}},
		"another picture":                  {png[:1], [][]byte{first}, [][]byte{other}, []Look{Changed}},
		"smaller":                          {png[:1], [][]byte{first}, [][]byte{scene(t, 1, 48, 48)}, []Look{Resized}},
		"turned":                           {png[:1], [][]byte{scene(t, 1, 96, 48)}, [][]byte{scene(t, 1, 48, 96)}, []Look{Resized}},
		"black now":                        {png[:1], [][]byte{first}, [][]byte{flat(color.Black)}, []Look{Changed}},
		"black and white":                  {png[:1], [][]byte{flat(color.Black)}, [][]byte{flat(color.White)}, []Look{Other}},
		"broken now":                       {png[:1], [][]byte{first}, [][]byte{first[:200]}, []Look{Other}},
		"text":                             {[]string{"text/plain"}, [][]byte{text}, [][]byte{[]byte("a poet")}, []Look{Other}},
		"the same text":                    {[]string{"text/plain"}, [][]byte{text}, [][]byte{text}, []Look{Same}},
		"video":                            {[]string{"video/mp4"}, [][]byte{video}, [][]byte{append(slices.Clone(video), 1)}, []Look{Other}},
		"two outputs, the second another":  {png, [][]byte{first, other}, [][]byte{first, first}, []Look{Same, Changed}},
		"two outputs, of which B has none": {png[:1], [][]byte{first}, nil, []Look{OnlyA}},
	} {
		t.Run(name, func(t *testing.T) {
			var kindsB []string
			if len(c.b) > 0 {
				kindsB = c.kinds
			}
			r := compared(t, one(t, c.kinds, c.a...), one(t, kindsB, c.b...), Options{})
			var got []Look
			for _, s := range r.shown {
				got = append(got, s.look)
			}
			if !slices.Equal(got, c.want) {
				t.Errorf("%q, not %q", got, c.want)
			}
			if same := !slices.ContainsFunc(got, func(l Look) bool { return l != Same }); same == (r.Drift.Differ > 0) && r.Drift.Checked > 0 {
				t.Errorf("%+v", r.Drift)
			}
		})
	}
}

// Where the bytes are the same, nothing is looked at and nothing is written: last night's folder may be on a disk that can only be read.
func TestSameBytesLeaveTheFoldersAlone(t *testing.T) {
	a, b := one(t, nil, scene(t, 1, 64, 64)), one(t, nil, scene(t, 1, 64, 64))
	compared(t, a, b, Options{})
	for _, f := range []Folder{a, b} {
		if _, err := os.Stat(filepath.Join(f.Dir, "thumbs")); !os.IsNotExist(err) {
			t.Errorf("%s has thumbs now: %v", f.Dir, err)
		}
	}
	compared(t, a, b, Options{Looks: true})
	if _, err := os.Stat(filepath.Join(a.Dir, "thumbs")); err != nil {
		t.Error(err)
	}
}

// What the journal calls a file may lead anywhere: the page follows none of it out of the folder.
func TestHostileNames(t *testing.T) {
	row, _ := gave(t, asks("m", 1, "seed", "1"), "3", "0.01")
	for i, name := range []string{"../../etc/passwd", "/etc/passwd", "images/../../x.png", "a/../b.png", "javascript:alert(1)", `images/100% "<b>'#?.png`} {
		row.Files = append(row.Files, journal.File{N: i, Path: name, SHA256: strings.Repeat("a", 64), ContentType: "image/png"})
	}
	r := &run{name: "x", service: "s"}
	r.add(row, nil)
	f := r.in(t, filepath.Join(t.TempDir(), "out"))
	d, err := compared(t, f, f, Options{}).pageData(filepath.Join(f.Dir, "..", "page.html"))
	if err != nil {
		t.Fatal(err)
	}
	if d.Sides[0].Base != "./out/" {
		t.Errorf("the way to the folder is %q", d.Sides[0].Base)
	}
	var got []string
	for _, item := range d.Items {
		got = append(got, item.Files[0].Path)
	}
	if want := []string{"", "", "", "", "javascript:alert(1)", `images/100% "<b>'#?.png`}; !slices.Equal(got, want) { // the last two are names, and follow ./out/
		t.Errorf("%q, not %q", got, want)
	}
}

func TestWay(t *testing.T) {
	dir := t.TempDir()
	for _, c := range [][3]string{
		{".", "a", "./a/"}, {"pages", "a", "./../a/"}, {"a", "a", "./"}, {".", "100% #1?/x:y", "./100%25%20%231%3F/x:y/"},
	} {
		if got, err := way(filepath.Join(dir, c[0]), filepath.Join(dir, filepath.FromSlash(c[1]))); err != nil || got != c[2] {
			t.Errorf("%v: %q, %v", c, got, err)
		}
	}
}

// One runs, one is a rehearsal: it is said before anything else.
func TestNotes(t *testing.T) {
	a, b := &run{name: "x", service: "sandbox"}, &run{name: "x", service: "https://api.example.test/v1"}
	row, files := gave(t, asks("m", 1, "seed", "1"), "3", "0.01", scene(t, 1, 64, 64))
	a.add(row, files)
	row, files = gave(t, asks("n", 1, "seed", "1"), "3", "0.01", scene(t, 1, 64, 64))
	b.add(row, files)
	inA, inB := a.in(t, t.TempDir()), b.in(t, t.TempDir())
	going, err := journal.Open(t.Context(), filepath.Join(inB.Dir, ".wirobatch"), journal.Options{Service: b.service, Slots: 1})
	if err != nil {
		t.Fatal(err)
	}
	defer going.Close()
	r := compared(t, inA, inB, Options{})
	want := []string{
		"A is a rehearsal in the sandbox: its times, costs and pictures are play, and tell nothing about the service",
		"a run is at work in B: it is compared as it stands", "the models differ: m against n",
	}
	if got := r.Notes(); !slices.Equal(got, want) {
		t.Errorf("%q", got)
	}
	if r.B.Ended != nil || r.Drift.Checked != 0 || r.Pictures.Same != 1 {
		t.Errorf("%+v %+v %+v", r.B, r.Drift, r.Pictures)
	}
}
