package grids_test

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"image"
	"image/color"
	"image/png"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"wirobatch/pipeline/journal"
	"wirobatch/pipeline/report/grids"
)

// cell is what was asked for, and the colour and size of what came; no colour: as state says.
type cell struct {
	params string // name=value, separated by ;
	ink    color.RGBA
	w, h   int
	state  journal.State
}

// ran is a folder whose journal has these cells.
func ran(t testing.TB, columns string, cells ...cell) (out string, j *journal.Journal) {
	t.Helper()
	out = t.TempDir()
	j, err := journal.Open(t.Context(), filepath.Join(out, ".wirobatch"), journal.Options{Service: "https://example.test/v1", Slots: 10000})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { j.Close() })
	grid := journal.Grid{Digest: "d", Cells: len(cells), Columns: strings.Split(columns, ","), Name: "dragons", Model: "a/b"}
	if _, err := j.SetGrid(t.Context(), grid); err != nil {
		t.Fatal(err)
	}
	if err := j.StartRun(t.Context(), journal.Run{StartedAt: time.Unix(1e9, 0)}); err != nil {
		t.Fatal(err)
	}
	all := make([]journal.Cell, len(cells))
	for i, c := range cells {
		all[i] = journal.Cell{ID: fmt.Sprintf("%020d", i), Number: i + 1, Model: "a/b", Repeat: 1}
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
		c := cells[l.Cell.Number-1]
		r := journal.Record{State: journal.Done, Attempt: 1, TaskID: l.Cell.ID}
		switch {
		case c.state == journal.Pending:
			continue
		case c.state != "":
			r.State, r.Error = c.state, "Request parameter [prompt] is not what the model takes"
		default:
			path, data := fmt.Sprintf("images/%d.png", l.Cell.Number), one(t, c)
			sum := sha256.Sum256(data)
			r.Files = []journal.File{{Path: path, SHA256: hex.EncodeToString(sum[:])}}
			if err := os.MkdirAll(filepath.Join(out, "images"), 0o755); err != nil {
				t.Fatal(err)
			}
			if err := os.WriteFile(filepath.Join(out, path), data, 0o644); err != nil {
				t.Fatal(err)
			}
		}
		if err := l.Finish(t.Context(), r); err != nil {
			t.Fatal(err)
		}
	}
	return out, j
}

func one(t testing.TB, c cell) []byte {
	img := image.NewRGBA(image.Rect(0, 0, c.w, c.h))
	for i := range c.w * c.h {
		img.SetRGBA(i%c.w, i/c.w, c.ink)
	}
	var b bytes.Buffer
	if err := png.Encode(&b, img); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

// tint is a strong colour that stands for a number up to 63, and that no type or paper has.
func tint(n int) color.RGBA { return color.RGBA{200, uint8(n % 8 * 20), uint8(n / 8 * 20), 255} }

func tintOf(c color.Color) (n int, ok bool) {
	r, g, b, _ := c.RGBA()
	near := func(v uint32) (int, bool) { v >>= 8; return int(v+10) / 20, (v+10)%20 >= 4 && (v+10)%20 <= 16 }
	x, okX := near(g)
	y, okY := near(b)
	return y*8 + x, r>>8 > 190 && r>>8 < 210 && okX && okY && x < 8 && y < 8
}

func write(t testing.TB, out string, j *journal.Journal, o grids.Options) []string {
	t.Helper()
	names, err := grids.Write(t.Context(), out, j, o)
	if err != nil {
		t.Fatal(err)
	}
	return names
}

// boxes finds where each tint is on a sheet.
func boxes(t testing.TB, out, name string) (of map[int]image.Rectangle, size image.Point) {
	t.Helper()
	f, err := os.Open(filepath.Join(out, filepath.FromSlash(name)))
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	img, err := png.Decode(f)
	if err != nil {
		t.Fatal(err)
	}
	of = map[int]image.Rectangle{}
	b := img.Bounds()
	for y := range b.Dy() {
		for x := range b.Dx() {
			if n, ok := tintOf(img.At(x, y)); ok {
				of[n] = of[n].Union(image.Rect(x, y, x+1, y+1))
			}
		}
	}
	return of, b.Size()
}

func TestPicturesStandWhereTheirValuesAre(t *testing.T) {
	var cells []cell
	sizes := map[string][2]int{"16:9": {640, 360}, "9:16": {360, 640}}
	n := 0
	for _, prompt := range []string{"a dragon", "a surfer"} {
		for _, ratio := range []string{"16:9", "9:16"} {
			for seed := range 3 {
				cells = append(cells, cell{fmt.Sprintf("prompt=%s;aspectRatio=%s;seed=%d", prompt, ratio, seed), tint(n), sizes[ratio][0], sizes[ratio][1], ""})
				n++
			}
		}
	}
	out, j := ran(t, "prompt,aspectRatio,seed", cells...)
	for _, row := range []struct {
		x, y   string
		sheets [][][]int // by sheet and row
		why    string
	}{
		{"", "", [][][]int{{{0, 1, 2}, {6, 7, 8}}, {{3, 4, 5}, {9, 10, 11}}}, "seeds across, prompts down, and a picture for each ratio"},
		{"aspectRatio", "prompt", [][][]int{{{0, 3}, {6, 9}}, {{1, 4}, {7, 10}}, {{2, 5}, {8, 11}}}, "as the manifest says, with mixed ratios"},
		{"seed", "aspectRatio", [][][]int{{{0, 1, 2}, {3, 4, 5}}, {{6, 7, 8}, {9, 10, 11}}}, "rows of other heights"},
		{"nothing", "prompt", [][][]int{{{0, 1, 2}, {6, 7, 8}}, {{3, 4, 5}, {9, 10, 11}}}, "an axis that there is not is chosen"},
	} {
		names := write(t, out, j, grids.Options{X: row.x, Y: row.y})
		if len(names) != len(row.sheets) {
			t.Fatalf("%s: %q", row.why, names)
		}
		for i, name := range names {
			of, size := boxes(t, out, name)
			seen := 0
			for y, line := range row.sheets[i] {
				for x, n := range line {
					box, found := of[n]
					if !found {
						t.Errorf("%s: %s has no picture %d", row.why, name, n)
						continue
					}
					seen++
					w, h := 320, 180
					if cells[n].w < cells[n].h {
						w, h = 180, 320
					}
					if abs(box.Dx()-w) > 2 || abs(box.Dy()-h) > 2 {
						t.Errorf("%s: picture %d is %v, want %d × %d", row.why, n, box, w, h)
					}
					if !box.In(image.Rectangle{Max: size}.Inset(20)) {
						t.Errorf("%s: picture %d at %v has no margin of %v", row.why, n, box, size)
					}
					if x > 0 && (box.Min.X <= of[line[x-1]].Max.X || abs(box.Min.Y-of[line[0]].Min.Y) > 2) {
						t.Errorf("%s: picture %d at %v does not stand right of %v", row.why, n, box, of[line[x-1]])
					}
					if above := row.sheets[i][max(0, y-1)][x]; y > 0 && (box.Min.Y <= of[above].Max.Y || abs(box.Min.X-of[above].Min.X) > 2) {
						t.Errorf("%s: picture %d at %v does not stand below %v", row.why, n, box, of[above])
					}
				}
			}
			if seen != len(of) {
				t.Errorf("%s: %s has %d pictures, want %d", row.why, name, len(of), seen)
			}
		}
		made, _ := filepath.Glob(filepath.Join(out, "grids", "*.png"))
		if len(made) != len(names) {
			t.Errorf("%s: sheets of before are left: %q", row.why, made)
		}
	}
}

func abs(n int) int { return max(n, -n) }

func TestSheetsStayWithinTheLimit(t *testing.T) {
	if testing.Short() {
		t.Skip("it draws, in one goroutine, what is slow under the race detector")
	}
	var cells []cell
	for n := range 60 {
		cells = append(cells, cell{fmt.Sprintf("seed=%d;scale=%d", n%12, n/12), tint(n), 300, 300, ""})
	}
	out, j := ran(t, "seed,scale", cells...)
	for _, row := range []struct {
		w, h, sheets int
	}{{5000, 5000, 1}, {2600, 2600, 1}, {1400, 1400, 2}, {1400, 900, 4}, {100, 100, 60}} {
		names := write(t, out, j, grids.Options{X: "seed", Y: "scale", MaxWidth: row.w, MaxHeight: row.h})
		if len(names) != row.sheets {
			t.Errorf("%d × %d: %d sheets, want %d", row.w, row.h, len(names), row.sheets)
		}
		all := 0
		for _, name := range names {
			of, size := boxes(t, out, name)
			all += len(of)
			if row.w > 1000 && (size.X > row.w || size.Y > row.h) {
				t.Errorf("%s is %v, the limit %d × %d", name, size, row.w, row.h)
			}
		}
		if all != 60 {
			t.Errorf("%d × %d: %d of 60 pictures", row.w, row.h, all)
		}
	}
}

// A single axis of many values flows, as on a contact sheet.
func TestOneLongAxisFlows(t *testing.T) {
	var cells []cell
	for n := range 40 {
		cells = append(cells, cell{fmt.Sprintf("seed=%d;prompt=x", n), tint(n), 200, 200, ""})
	}
	out, j := ran(t, "seed,prompt", cells...)
	names := write(t, out, j, grids.Options{})
	of, size := boxes(t, out, names[0])
	if len(names) != 1 || len(of) != 40 || size.X > 2*size.Y || size.Y > 2*size.X {
		t.Errorf("%q: %d pictures on %v", names, len(of), size)
	}
	for n := range 39 {
		if a, b := of[n], of[n+1]; b.Min.Y < a.Min.Y || b.Min.Y == a.Min.Y && b.Min.X <= a.Max.X {
			t.Errorf("%d at %v, and then %d at %v", n, a, n+1, b)
		}
	}
}

func TestWhatIsNotThereIsShown(t *testing.T) {
	out, j := ran(t, "seed", cell{"seed=1", tint(1), 200, 200, ""}, cell{params: "seed=2", state: journal.Failed}, cell{params: "seed=3", state: journal.Pending})
	names := write(t, out, j, grids.Options{})
	f, err := os.Open(filepath.Join(out, names[0]))
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	img, err := png.Decode(f)
	if err != nil {
		t.Fatal(err)
	}
	count := map[color.RGBA]int{}
	for y := range img.Bounds().Dy() {
		for x := range img.Bounds().Dx() {
			count[color.RGBAModel.Convert(img.At(x, y)).(color.RGBA)]++
		}
	}
	if count[color.RGBA{0xf8, 0xe9, 0xe6, 0xff}] < 30000 || count[color.RGBA{0x9c, 0x2f, 0x22, 0xff}] < 20 {
		t.Error("the failed cell is not shown as such")
	}
	if count[color.RGBA{0xf0, 0xee, 0xea, 0xff}] < 30000 { // as wide as a picture
		t.Error("the pending cell is not shown as such")
	}
}

// Axes that move together are one: the labels of one have the others' values.
func TestZippedAxesAreOne(t *testing.T) {
	out, j := ran(t, "prompt,negative,seed", cell{"prompt=a;negative=x;seed=1", tint(0), 50, 50, ""}, cell{"prompt=a;negative=x;seed=2", tint(1), 50, 50, ""},
		cell{"prompt=b;negative=y;seed=1", tint(2), 50, 50, ""}, cell{"prompt=b;negative=y;seed=2", tint(3), 50, 50, ""})
	for _, o := range []grids.Options{{}, {X: "prompt", Y: "seed"}, {Y: "negative"}} {
		if names := write(t, out, j, o); !slices.Equal(names, []string{"grids/grid.png"}) {
			t.Errorf("%+v: %q", o, names)
		}
	}
	names := write(t, out, j, grids.Options{})
	if of, _ := boxes(t, out, names[0]); len(of) != 4 {
		t.Errorf("%d of 4 pictures", len(of))
	}
}

func TestWhatHasNotChangedIsKept(t *testing.T) {
	var cells []cell
	for n := range 8 {
		state := journal.State("")
		if n == 7 {
			state = journal.Failed
		}
		cells = append(cells, cell{fmt.Sprintf("seed=%d;scale=%d;style=%d", n%2, n/2%2, n/4), tint(n), 60, 60, state})
	}
	out, j := ran(t, "seed,scale,style", cells...)
	o := grids.Options{X: "seed", Y: "scale"}
	names := write(t, out, j, o)
	if len(names) != 2 {
		t.Fatalf("%q", names)
	}
	old := time.Unix(1e9, 0)
	age := func() {
		for _, name := range names {
			if err := os.Chtimes(filepath.Join(out, name), old, old); err != nil {
				t.Fatal(err)
			}
		}
	}
	fresh := func() (n int) {
		for _, name := range names {
			if info, err := os.Stat(filepath.Join(out, name)); err != nil {
				t.Fatal(err)
			} else if !info.ModTime().Equal(old) {
				n++
			}
		}
		return n
	}
	age()
	if write(t, out, j, o); fresh() != 0 {
		t.Errorf("%d drawn again for nothing", fresh())
	}
	if err := os.Truncate(filepath.Join(out, names[0]), 100); err != nil {
		t.Fatal(err)
	}
	age()
	if write(t, out, j, o); fresh() != 1 {
		t.Errorf("%d drawn again, one was cut short", fresh())
	}
	age()
	if write(t, out, j, grids.Options{X: "scale", Y: "seed"}); fresh() != 2 {
		t.Errorf("%d drawn again, both are turned", fresh())
	}
	mine := filepath.Join(out, "grids", "mine.png")
	if err := os.WriteFile(mine, []byte("mine"), 0o644); err != nil {
		t.Fatal(err)
	}
	index := filepath.Join(out, "grids", "index.jsonl")
	if err := os.WriteFile(index, []byte(`{"name":"../results.csv"}`+"\n"+`{"name":"old.png"}`+"\n{torn"), 0o644); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(out, "results.csv"), nil, 0o644); err != nil {
		t.Fatal(err)
	}
	write(t, out, j, o)
	for _, name := range []string{mine, filepath.Join(out, "results.csv")} {
		if _, err := os.Stat(name); err != nil {
			t.Errorf("not ours, and gone: %v", err)
		}
	}
	ctx, stop := context.WithCancel(t.Context())
	stop()
	if _, err := grids.Write(ctx, out, j, grids.Options{}); !errors.Is(err, context.Canceled) {
		t.Errorf("stopped: %v", err)
	}
	if left, _ := filepath.Glob(filepath.Join(out, ".wirobatch", "tmp", "*")); len(left) > 0 {
		t.Errorf("left behind: %q", left)
	}
}

// Whatever the values are, there is a sheet, and its name is safe.
func TestHostileValues(t *testing.T) {
	if testing.Short() {
		t.Skip("it draws, in one goroutine, what is slow under the race detector")
	}
	long := strings.Repeat("extraordinarily long ", 4000)
	values := []string{"", "..", "../../etc/passwd", `C:\con`, "a\x00b\nc", strings.Repeat("w", 5000), long, "你好，世界", "😀👩‍👩‍👧", "مرحبا", "\xff\xfe broken", "e\u0301\u0301\u0301", "NaN", "\u202eright to left"}
	var cells []cell
	for n, v := range values {
		for seed := range 2 {
			cells = append(cells, cell{fmt.Sprintf("prompt=%s;seed=%d;style=%s", v, seed, v), tint(n), 40, 30, ""})
			cells = append(cells, cell{fmt.Sprintf("prompt=%s;seed=%d;style=%s", values[(n+1)%len(values)], seed, v), tint(n), 40, 30, ""})
		}
	}
	out, j := ran(t, "prompt,seed,style", cells...)
	for _, o := range []grids.Options{{X: "prompt", Y: "style"}, {X: "seed", Y: "prompt"}, {X: "seed", Y: "style"}} {
		names := write(t, out, j, o)
		for _, name := range names {
			base, found := strings.CutPrefix(name, "grids/")
			if !found || len(base) > 200 || strings.Trim(base, "abcdefghijklmnopqrstuvwxyz0123456789_-.") != "" || strings.Contains(base, "..") {
				t.Errorf("%q", name)
			}
			if _, err := os.Stat(filepath.Join(out, name)); err != nil {
				t.Error(err)
			}
		}
	}
}

func TestChoose(t *testing.T) {
	axes := func(text string) (all []grids.Axis) {
		for one := range strings.FieldsSeq(text) {
			name, n, _ := strings.Cut(one, "=")
			a := grids.Axis{Name: strings.TrimSuffix(name, "#"), Numeric: strings.HasSuffix(name, "#")}
			fmt.Sscan(n, &a.Values)
			all = append(all, a)
		}
		return all
	}
	for _, row := range []struct{ axes, x, y, why string }{
		{"", "", "", "one cell"},
		{"seed#=1", "", "", "an axis of one value"},
		{"seed#=4", "seed", "", "one sweep"},
		{"prompt=4", "", "prompt", "long labels stand beside"},
		{"prompt=3 aspectRatio=2 seed#=4", "seed", "prompt", "numbers across, then the most values"},
		{"prompt=3 aspectRatio=7", "aspectRatio", "prompt", "two texts"},
		{"aspectRatio=7 prompt=3", "aspectRatio", "prompt", "in the other order"},
		{"scale#=13 seed#=3", "scale", "seed", "the longer sweep across"},
		{"seed#=4 scale#=4", "seed", "scale", "seeds across when equal"},
		{"prompt=9 scale#=13 seed#=3", "scale", "seed", "sweeps before texts"},
		{"seed#=5000 scale#=4 style=3", "scale", "style", "what nobody overlooks comes late"},
		{"prompt=3 repeat#=2", "repeat", "prompt", "passes where there is nothing else"},
		{"scale#=3 repeat#=9", "scale", "repeat", "the passes down"},
		{"model=2 prompt=4", "model", "prompt", "models side by side"},
	} {
		if x, y := grids.Choose(axes(row.axes)); x != row.x || y != row.y {
			t.Errorf("%s: %s: %q, %q, want %q, %q", row.why, row.axes, x, y, row.x, row.y)
		}
	}
}
