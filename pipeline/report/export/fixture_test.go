package export_test

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"image"
	"image/color"
	"image/png"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/shopspring/decimal"

	"wirobatch/pipeline/journal"
	"wirobatch/pipeline/report/export"
)

var begun = time.Date(2026, 3, 1, 22, 0, 0, 0, time.UTC)

func dec(s string) decimal.NullDecimal { return decimal.NewNullDecimal(decimal.RequireFromString(s)) }

type param = journal.Param

// cell is one of a run, with what it delivered.
type cell struct {
	params []param
	state  journal.State
	files  []file
}

type file struct {
	name string
	data []byte
}

// done is a cell whose picture is of some bytes that begin as a PNG does, no two alike.
func done(prompt, ratio string, seed int) cell {
	c := cell{state: journal.Done, params: []param{{Name: "prompt", Value: prompt}, {Name: "aspectRatio", Value: ratio}, {Name: "seed", Value: strconv.Itoa(seed)}}}
	return c.with(fmt.Sprintf("images/%d-%x.png", seed, sha256.Sum256([]byte(prompt+ratio)))[:30]+".png", aPNG(prompt+ratio+strconv.Itoa(seed)))
}

func (c cell) with(name string, data []byte) cell {
	c.files = append(slices.Clone(c.files), file{name, data})
	return c
}

// aPNG has the right first chunk, and then a text in place of a picture.
func aPNG(text string) []byte {
	return []byte("\x89PNG\r\n\x1a\n\x00\x00\x00\rIHDR\x00\x00\x00\x10\x00\x00\x00\x09\x08\x02\x00\x00\x00\x00\x00\x00\x00" + text)
}

func (c cell) id() string {
	h := sha256.New()
	fmt.Fprintf(h, "%q", c.params)
	return hex.EncodeToString(h.Sum(nil)[:10])
}

// run makes the output folder of a run.
func run(t testing.TB, out string, cells ...cell) string {
	t.Helper()
	check := func(err error) {
		if err != nil {
			t.Helper()
			t.Fatal(err)
		}
	}
	j, err := journal.Open(t.Context(), filepath.Join(out, ".wirobatch"), journal.Options{Service: "https://example.test/v1", Slots: 64})
	check(err)
	defer j.Close()
	var columns []string
	all := make([]journal.Cell, len(cells))
	of := map[string]cell{}
	for i, c := range cells {
		all[i] = journal.Cell{ID: c.id(), Number: i + 1, Model: "owner/model", Repeat: 1, Params: c.params}
		of[c.id()] = c
		for _, p := range c.params {
			if !slices.Contains(columns, p.Name) {
				columns = append(columns, p.Name)
			}
		}
	}
	_, err = j.SetGrid(t.Context(), journal.Grid{Digest: "d", Cells: len(cells), Columns: columns, Name: filepath.Base(out), Model: "owner/model"})
	check(err)
	check(j.Enqueue(t.Context(), slices.Values(all)))
	check(j.StartRun(t.Context(), journal.Run{Version: "1.2.3", StartedAt: begun, Concurrency: 4, BaseURL: "https://example.test/v1"}))
	var ends sync.WaitGroup
	leases := make(chan *journal.Lease)
	for range 64 {
		ends.Go(func() {
			for l := range leases {
				if c := of[l.Cell.ID]; c.state != "" {
					if err := l.Finish(t.Context(), c.record(t, out, l.Cell.Number)); err != nil {
						t.Error(err)
					}
				}
			}
		})
	}
	for range cells {
		l, err := j.Lease(t.Context())
		check(err)
		if of[l.Cell.ID].state != "" {
			leases <- l
		}
	}
	close(leases)
	ends.Wait()
	return out
}

func (c cell) record(t testing.TB, out string, n int) journal.Record {
	at := begun.Add(time.Duration(n) * time.Second)
	r := journal.Record{
		State: c.state, Attempt: 1, IntendedAt: at, SubmittedAt: at, FinishedAt: at.Add(9 * time.Second), TaskID: strconv.Itoa(2000 + n),
		Elapsed: dec("6.5"), Queue: dec("2"), Run: dec("4"), Wait: journal.Took(7 * time.Second), Total: journal.Took(9 * time.Second), Polls: 3,
		Cost: dec("0.00351"), CostSource: "reported",
	}
	if c.state == journal.Failed {
		r.Error, r.Cost, r.CostSource = "the model said no", dec("0"), "none"
	}
	for i, f := range c.files {
		name := filepath.Join(out, filepath.FromSlash(f.name))
		if filepath.IsLocal(filepath.FromSlash(f.name)) {
			if err := os.MkdirAll(filepath.Dir(name), 0o755); err != nil {
				t.Error(err)
			}
			if err := os.WriteFile(name, f.data, 0o644); err != nil {
				t.Error(err)
			}
		}
		one := journal.File{N: i, Path: f.name, Bytes: int64(len(f.data)), SHA256: sum(f.data), ContentType: "image/png"}
		if strings.HasSuffix(f.name, ".txt") {
			one.ContentType = "text/plain"
		}
		if bytes.HasPrefix(f.data, []byte("\x89PNG")) {
			one.Width, one.Height = 16, 9
		}
		r.Files = append(r.Files, one)
	}
	return r
}

func sum(data []byte) string {
	s := sha256.Sum256(data)
	return hex.EncodeToString(s[:])
}

// gradient is a picture that can be looked at.
func gradient(angle int, noise uint8) []byte {
	img := image.NewRGBA(image.Rect(0, 0, 96, 96))
	for y := range 96 {
		for x := range 96 {
			v := uint8((x*angle + y*(7-angle) + (x*x*angle)/40 + 90*((x/(8+angle*3)+y/(20-angle*2))%2)) % 251)
			img.Set(x, y, color.RGBA{v, v / 2, 255 - v, 255})
		}
	}
	img.Set(3, 3, color.RGBA{noise, 0, 0, 255})
	var b bytes.Buffer
	if err := png.Encode(&b, img); err != nil {
		panic(err)
	}
	return b.Bytes()
}

// options are those without flags.
func options(format, out string, dirs ...string) export.Options {
	return export.Options{Dirs: dirs, Format: format, Out: out, Caption: export.DefaultCaption, ShardCount: export.DefaultShard, Images: true}
}

func makes(t testing.TB, o export.Options) export.Result {
	t.Helper()
	r, err := export.Export(t.Context(), o)
	if err != nil {
		t.Fatal(err)
	}
	if left, _ := filepath.Glob(o.Out + ".*"); len(left) > 0 {
		t.Errorf("left over: %q", left)
	}
	return r
}

// tree is all files of a folder.
func tree(t testing.TB, dir string) map[string]string {
	t.Helper()
	all := map[string]string{}
	err := filepath.WalkDir(dir, func(path string, d os.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		data, err := os.ReadFile(path)
		name, _ := filepath.Rel(dir, path)
		all[filepath.ToSlash(name)] = string(data)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return all
}

// hostile are prompts that would be more than texts, were they let.
var hostile = []string{
	"two\nlines\r\nand \"quotes\", 'more' | `ticks` ``` and # signs", "../../../etc/passwd", "NUL \x00 and \x1b[31m and \u2028", "=cmd()|' /C calc'!A0",
	"---\nlicense: mit\n---\n<script>alert(1)</script>", strings.Repeat("lång ", 1000), "{prompt} {{x}} %s %d", "",
}
