package pictures_test

import (
	"fmt"
	"image/color"
	"image/jpeg"
	"io"
	"math/bits"
	"math/rand/v2"
	"regexp"
	"strings"
	"testing"

	"wirobatch/pipeline/journal"
	"wirobatch/pipeline/report/pictures"
)

// check gives the findings, each as its kind and the numbers of its cells.
func check(t *testing.T, cells ...cell) (found []string, notes string) {
	t.Helper()
	out, rows := ran(t, cells...)
	of, _ := update(t, out, rows())
	checks, err := pictures.Checks(rows(), of)
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range checks {
		text := c.Kind
		for _, id := range c.Cells {
			text += " " + strings.TrimLeft(id[:19], "0") + id[19:]
		}
		found, notes = append(found, text), notes+c.Note+"\n"
	}
	return found, notes
}

func TestChecks(t *testing.T) {
	a, b := pngOf(t, scene(1, 200, 200)), pngOf(t, scene(2, 200, 200))
	// The same as a to the eye: other size, other format, other bytes.
	alike := encoded(t, func(w io.Writer) error { return jpeg.Encode(w, scene(1, 260, 260), &jpeg.Options{Quality: 60}) })
	third := encoded(t, func(w io.Writer) error { return jpeg.Encode(w, scene(1, 160, 160), &jpeg.Options{Quality: 30}) })
	grey := pngOf(t, plain(color.Gray{90}, 64, 64))
	stars := plain(color.Black, 320, 320)
	for i := range 60 {
		stars.Set(i*53%320, i*71%320, color.White)
	}
	n := 0
	two := func(x, y []byte) map[string][]byte {
		n++
		return map[string][]byte{fmt.Sprintf("images/%d-0.png", n): x, fmt.Sprintf("images/%d-1.png", n): y}
	}
	f := func(data []byte) map[string][]byte { n++; return one(fmt.Sprintf("images/%d.png", n), data) }
	for _, row := range []struct {
		cells []cell
		want  string
		why   string
	}{
		{[]cell{{"seed=1", 1, f(a)}, {"seed=2", 1, f(b)}}, "", "all is well"},
		{[]cell{{"seed=1", 1, f(grey)}, {"seed=2", 1, f(a)}}, "blank 0", "one colour"},
		{[]cell{{"seed=1", 1, f(pngOf(t, stars))}}, "", "a few stars are a picture"},
		{[]cell{{"seed=1", 1, f([]byte("x"))}, {"seed=2", 1, f(nil)}}, "unreadable 0|unreadable 1", "broken, and gone"},
		{[]cell{{"seed=1", 1, f(a)}, {"seed=2", 1, f(b)}, {"seed=3", 1, f(a)}, {"seed=1", 2, f(a)}}, "duplicate 0 2 3", "the same bytes for another seed"},
		{[]cell{{"seed=1", 1, f(a)}, {"seed=1", 2, f(a)}}, "", "replicates are meant to be the same"},
		{[]cell{{"seed=1", 1, f(a)}, {"seed=1", 2, f(b)}, {"seed=1", 3, f(a)}}, "differs 0 1 2", "a replicate with other bytes"},
		{[]cell{{"seed=1", 1, f(a)}, {"seed=1", 2, f(alike)}}, "differs 0 1", "though they look alike"},
		{[]cell{{"prompt=x", 1, f(a)}, {"prompt=x", 2, f(b)}}, "", "without a seed that is what they are for"},
		{[]cell{{"seed=-1", 1, f(a)}, {"seed=-1", 2, f(b)}}, "", "nor with one of chance"},
		{[]cell{{"seed=1", 1, f(a)}, {"seed=2", 1, f(b)}, {"seed=3", 1, f(alike)}}, "near 0 2", "they look alike"},
		{[]cell{{"seed=1", 1, f(a)}, {"seed=2", 1, f(alike)}, {"seed=3", 1, f(third)}}, "near 0 1 2", "each is in one group"},
		{[]cell{{"seed=1", 1, f(a)}, {"seed=2", 1, f(pngOf(t, scene(1, 300, 200)))}}, "", "the same scene in another shape"},
		{[]cell{{"seed=1", 1, f(grey)}, {"seed=2", 1, f(pngOf(t, plain(color.White, 64, 64)))}}, "blank 0|blank 1", "what is blank looks like nothing"},
		{[]cell{{"seed=1", 1, two(a, a)}}, "duplicate 0", "both outputs of a cell are one"},
		{[]cell{{"seed=1", 1, two(a, b)}, {"seed=1", 2, two(a, b)}}, "", "outputs of replicates"},
		{[]cell{{"seed=1", 1, two(a, b)}, {"seed=1", 2, two(b, a)}}, "duplicate 0 1|duplicate 0 1|differs 0 1", "outputs of replicates, in another order"},
		{[]cell{{"aspectRatio=16:9", 1, f(a)}, {"aspectRatio=1:1", 1, f(b)}}, "aspect 0", "a square, asked for 16:9"},
		{[]cell{{"aspect_ratio=16:9;seed=1", 1, one("v.mp4", []byte("film"))}, {"seed=2", 1, one("w.mp4", []byte("film"))}}, "duplicate 0 1", "videos have bytes too"},
	} {
		found, notes := check(t, row.cells...)
		if got := strings.Join(found, "|"); got != row.want {
			t.Errorf("%s: found %q, want %q:\n%s", row.why, got, row.want, notes)
		}
	}
}

func TestAspects(t *testing.T) {
	for _, row := range []struct {
		params string
		w, h   int
		wrong  bool
		why    string
	}{
		{"aspectRatio=16:9", 1024, 576, false, "exact"},
		{"aspectRatio=16:9", 1344, 768, false, "in steps of 64, as SDXL has it"},
		{"aspectRatio=16:9", 512, 256, false, "in steps of 64, though a small picture"},
		{"aspectRatio=16:9", 1360, 768, false, "in steps of 16"},
		{"aspectRatio=3:2", 1248, 832, false, "exact"},
		{"aspectRatio=2:3", 683, 1024, false, "to the pixel"},
		{"aspectRatio=21:9", 1536, 640, false, "21:9 is never exact"},
		{"aspectRatio=16:9", 1024, 1024, true, "a square"},
		{"aspectRatio=16:9", 768, 1344, true, "turned"},
		{"aspectRatio=16:9", 1152, 768, true, "3:2"},
		{"aspectRatio=4:3", 512, 512, true, "a square"},
		{"aspectRatio=4:3", 1216, 832, true, "a step of 64 too wide"},
		{"aspectRatio=16:9", 128, 128, true, "a small square"},
		{"width=1024;height=512", 1024, 512, false, "exact"},
		{"width=1000;height=500", 1024, 512, false, "rounded up"},
		{"width=1024;height=512", 512, 1024, true, "turned"},
		{"width=1024", 512, 1024, false, "one side says nothing"},
		{"size=1024x1536", 1024, 1024, true, "as one word"},
		{"resolution=720p", 1024, 1024, false, "says nothing of proportions"},
		{"aspectRatio=auto;width=512;height=512", 512, 512, false, "left to the sides"},
		{"aspectRatio=auto", 512, 300, false, "left to the model"},
		{"aspectRatio=0:0", 512, 300, false, "nonsense"},
		{"aspectRatio=1e999:1;width=NaN;height=1", 512, 300, false, "more of it"},
		{"aspectRatio=16:9;width=512;height=512", 1024, 576, false, "the ratio counts first"},
	} {
		out, rows := ran(t, cell{params: row.params})
		_ = out
		checks, err := pictures.Checks(rows(), map[string][]pictures.Picture{fmt.Sprintf("%020d", 0): {{SHA256: "x", Width: row.w, Height: row.h}}})
		if err != nil {
			t.Fatal(err)
		}
		if got := len(checks) == 1 && checks[0].Kind == "aspect"; got != row.wrong {
			t.Errorf("%s: %d × %d for %s: %+v", row.why, row.w, row.h, row.params, checks)
		} else if got && !strings.Contains(checks[0].Note, fmt.Sprintf("%d × %d, asked for", row.w, row.h)) {
			t.Errorf("%q", checks[0].Note)
		}
	}
}

// What differs says how far: the looks are what a person asks after.
func TestDiffersSaysHowFar(t *testing.T) {
	a, b := pngOf(t, scene(1, 200, 200)), pngOf(t, scene(2, 200, 200))
	alike := encoded(t, func(w io.Writer) error { return jpeg.Encode(w, scene(1, 260, 260), &jpeg.Options{Quality: 60}) })
	for _, row := range []struct {
		again []byte
		want  string
	}{
		{b, `different results, up to (\d\d) of 64 bits apart$`},
		{alike, `different results, which look alike \(([0-4]) of 64 bits apart\)$`},
		{pngOf(t, plain(color.White, 64, 64)), `different results, and how far they are apart is not known()$`},
	} {
		_, notes := check(t, cell{"seed=1", 1, one("images/1.png", a)}, cell{"seed=1", 2, one("images/2.png", row.again)})
		if !regexp.MustCompile("(?m)" + row.want).MatchString(notes) {
			t.Errorf("%q, want %s", notes, row.want)
		}
	}
}

// Whichever bits differ: few of them make a group with the first that looks so, more do not, and there are no chains.
func TestNearIsCountedInBits(t *testing.T) {
	r := rand.New(rand.NewPCG(7, 7))
	for n := range 400 {
		base, other := r.Uint64(), uint64(0)
		for other = base; bits.OnesCount64(base^other) < n%8; {
			other ^= 1 << r.IntN(64)
		}
		hashes := []uint64{base, r.Uint64(), other, other, r.Uint64()}
		if n%8 == 4 { // near to the other, but not to the first
			for bits.OnesCount64(base^hashes[len(hashes)-1]) != 6 || bits.OnesCount64(other^hashes[len(hashes)-1]) != 2 {
				hashes = append(hashes[:5], other^1<<r.IntN(64)^1<<r.IntN(64))
			}
		}
		of := map[string][]pictures.Picture{}
		var all []journal.Row
		for i, h := range hashes {
			id := fmt.Sprint(i)
			of[id] = []pictures.Picture{{Cell: id, SHA256: id, Hash: h, Hashed: true}}
			all = append(all, journal.Row{Cell: journal.Cell{ID: id, Params: []journal.Param{{Name: "seed", Value: id}}}})
		}
		checks, err := pictures.Checks(func(yield func(journal.Row, error) bool) {
			for _, row := range all {
				yield(row, nil)
			}
		}, of)
		want := "0 2 3"
		if n%8 > 4 {
			want = "2 3"
		}
		if err != nil || len(checks) != 1 || strings.Join(checks[0].Cells, " ") != want {
			t.Fatalf("%d bits: %v, want %s of %064b", n%8, checks, want, hashes)
		}
	}
}
