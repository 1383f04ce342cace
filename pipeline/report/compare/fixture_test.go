package compare

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"image"
	"image/color"
	"image/png"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"testing"
	"time"

	"github.com/shopspring/decimal"
	"golang.org/x/image/draw"

	"wirobatch/pipeline/journal"
)

var night = time.Date(2026, 3, 1, 22, 0, 0, 0, time.UTC)

func dec(s string) decimal.NullDecimal { return decimal.NewNullDecimal(decimal.RequireFromString(s)) }

// scene is a picture that looks like no other of another n, in any size.
func scene(t testing.TB, n, w, h int) []byte {
	r := rand.New(rand.NewPCG(uint64(n), 1))
	rough := image.NewRGBA(image.Rect(0, 0, 9, 9))
	for i := range 81 {
		rough.SetRGBA(i%9, i/9, color.RGBA{uint8(r.IntN(256)), uint8(r.IntN(256)), uint8(r.IntN(256)), 255})
	}
	img := image.NewRGBA(image.Rect(0, 0, w, h))
	draw.BiLinear.Scale(img, img.Bounds(), rough, rough.Bounds(), draw.Src, nil)
	return pngOf(t, img)
}

func pngOf(t testing.TB, img image.Image) []byte {
	var b bytes.Buffer
	if err := png.Encode(&b, img); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

// retouched has one pixel of another colour: other bytes that look the same.
func retouched(t testing.TB, file []byte) []byte {
	img, err := png.Decode(bytes.NewReader(file))
	if err != nil {
		t.Fatal(err)
	}
	c := image.NewRGBA(img.Bounds())
	draw.Copy(c, image.Point{}, img, img.Bounds(), draw.Src, nil)
	c.Set(3, 3, color.White)
	return pngOf(t, c)
}

// asks is a cell that asks for something, given as name, value, name, value …; its id depends on all of it, as that of a real one does.
func asks(model string, repeat int, params ...string) journal.Row {
	row := journal.Row{Cell: journal.Cell{Model: model, Repeat: repeat}}
	for p := range slices.Chunk(params, 2) {
		row.Params = append(row.Params, journal.Param{Name: p[0], Value: p[1]})
	}
	sum := sha256.Sum256(fmt.Append(nil, model, repeat, params))
	row.ID = hex.EncodeToString(sum[:10])
	return row
}

// gave is the cell once it is done, with its outputs; how long it ran is in seconds.
func gave(t testing.TB, row journal.Row, run, cost string, files ...[]byte) (journal.Row, map[string][]byte) {
	at := night.Add(time.Hour)
	took := decimal.RequireFromString(run)
	row.Record = journal.Record{
		State: journal.Done, Attempt: 1, IntendedAt: at, SubmittedAt: at, TaskID: "1", TaskStatus: "task_postprocess_end", CostSource: "reported",
		Elapsed: dec(run), Queue: dec("1"), Run: dec(run), Postprocess: dec("0.5"), Cost: dec(cost), Polls: 1,
		Download: journal.Took(200 * time.Millisecond), Total: journal.Took(time.Duration(took.InexactFloat64()*1e9) + 2*time.Second),
	}
	row.FinishedAt = at.Add(row.Total.Duration)
	on := map[string][]byte{}
	for n, f := range files {
		sum := sha256.Sum256(f)
		name := "images/" + row.ID + "-" + strconv.Itoa(n) + ".png"
		on[name] = f
		row.Files = append(row.Files, journal.File{N: n, Path: name, Bytes: int64(len(f)), SHA256: hex.EncodeToString(sum[:]), ContentType: "image/png"})
	}
	return row, on
}

func failed(row journal.Row, why string) journal.Row {
	row.Record = journal.Record{State: journal.Failed, Attempt: 1, IntendedAt: night, SubmittedAt: night, FinishedAt: night.Add(3 * time.Second), TaskID: "2", Error: why, Cost: dec("0"), CostSource: "reported"}
	return row
}

// run is an output folder to be.
type run struct {
	name, service string
	rows          []journal.Row
	files         map[string][]byte
}

func (r *run) add(row journal.Row, files map[string][]byte) {
	row.Number = len(r.rows) + 1
	r.rows = append(r.rows, row)
	if r.files == nil {
		r.files = map[string][]byte{}
	}
	for name, f := range files {
		r.files[name] = f
	}
}

// in makes the folder. What has no state stays pending.
func (r *run) in(t testing.TB, out string) Folder {
	t.Helper()
	ctx := t.Context()
	j, err := journal.Open(ctx, filepath.Join(out, ".wirobatch"), journal.Options{Service: r.service, Slots: len(r.rows) + 1})
	if err != nil {
		t.Fatal(err)
	}
	var cells []journal.Cell
	var columns []string
	for _, row := range r.rows {
		cells = append(cells, row.Cell)
		for _, p := range row.Params {
			if !slices.Contains(columns, p.Name) {
				columns = append(columns, p.Name)
			}
		}
	}
	must := func(err error) {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
	}
	_, err = j.SetGrid(ctx, journal.Grid{Digest: "d", Cells: len(cells), Columns: columns, Name: r.name, Model: "owner/model"})
	must(err)
	must(j.Enqueue(ctx, slices.Values(cells)))
	start := journal.Run{Version: "1.2.3", StartedAt: night, Concurrency: 4, BaseURL: r.service}
	must(j.StartRun(ctx, start))
	for range r.rows {
		l, err := j.Lease(ctx)
		must(err)
		if row := r.rows[l.Cell.Number-1]; row.State != "" {
			must(l.Finish(ctx, row.Record))
		}
	}
	start.EndedAt = night.Add(2 * time.Hour)
	must(j.EndRun(ctx, start))
	must(j.Close())
	for name, f := range r.files {
		path := filepath.Join(out, filepath.FromSlash(name))
		must(os.MkdirAll(filepath.Dir(path), 0o755))
		must(os.WriteFile(path, f, 0o644))
	}
	ro, err := journal.OpenReadOnly(ctx, filepath.Join(out, ".wirobatch"))
	must(err)
	t.Cleanup(func() { ro.Close() })
	return Folder{Dir: out, Journal: ro}
}

// nights are two runs of the same grid of 12: of B the pictures are the same but for one that looks the same, one that looks different, one of
// another size and one of a cell that has no seed; a cell failed in each alone, and one is only in A.
func nights(t testing.TB) (a, b *run) {
	a, b = &run{name: "dragons", service: "https://api.example.test/v1"}, &run{name: "dragons", service: "https://api.example.test/v1"}
	for n := range 12 {
		params := []string{"scale", []string{"2", "4.5", "10"}[n/4], "seed", strconv.Itoa(n%4 + 1), "prompt", "A mystical <b>dragon</b> | above a *waterfall*, under a starry sky"}
		if n == 11 {
			params[3] = "-1"
		}
		row := asks("owner/model", 1, params...)
		file := scene(t, n, 96, 96)
		add := func(r *run, took, cost string, file []byte) {
			row, files := gave(t, row, took, cost, file)
			r.add(row, files)
		}
		took := strconv.Itoa(4 + n%3)
		switch n {
		case 9:
			a.add(failed(row, "the model failed (pexit 1): \x1b[31mCUDA</script>"), nil)
		default:
			add(a, took, "0.004", file)
		}
		slower := strconv.Itoa(6 + n%3)
		switch n {
		case 1:
			add(b, slower, "0.005", retouched(t, file))
		case 2:
			add(b, slower, "0.005", scene(t, 100, 96, 96))
		case 3:
			add(b, slower, "0.005", scene(t, n, 48, 48))
		case 5:
			b.add(failed(row, "out of memory"), nil)
		case 8:
		case 11:
			add(b, slower, "0.005", scene(t, 101, 96, 96))
		default:
			add(b, slower, "0.005", file)
		}
	}
	return a, b
}

func compared(t testing.TB, a, b Folder, o Options) *Result {
	t.Helper()
	if o.Confidence == 0 {
		o.Confidence = 0.95
	}
	r, err := Compare(t.Context(), a, b, o)
	if err != nil {
		t.Fatal(err)
	}
	return r
}
