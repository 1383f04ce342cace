package page

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
	"strconv"
	"testing"
	"time"

	"github.com/shopspring/decimal"

	"wirobatch/pipeline/journal"
)

var begun = time.Date(2026, 3, 1, 22, 0, 0, 0, time.UTC)

func dec(s string) decimal.NullDecimal { return decimal.NewNullDecimal(decimal.RequireFromString(s)) }

// hostile is a prompt that would be more than a text, were it let.
const hostile = `</script><script>document.title='had'</script><img src=x onerror="document.title='had'"> 'q' "q" {{.}} <!-- \u2028` + "\u2028"

type param = journal.Param

// cellOf is a cell that is done, with a file by that path.
func cellOf(n int, path, kind string, w, h int, params ...param) journal.Row {
	sum := sha256.Sum256([]byte(path))
	id := hex.EncodeToString(sum[:10])
	at := begun.Add(time.Duration(n) * time.Second)
	return journal.Row{
		Cell: journal.Cell{ID: id, Number: n, Model: "owner/model", Repeat: 1, Params: params}, Attempts: 1, Cost: dec("0.00351"),
		Record: journal.Record{
			State: journal.Done, Attempt: 1, IntendedAt: at, SubmittedAt: at, FinishedAt: at.Add(9 * time.Second), TaskID: strconv.Itoa(2000 + n), TaskStatus: "task_postprocess_end",
			Reserved: decimal.RequireFromString("0.004"), Elapsed: dec("6.0000"), Queue: dec("2"), Run: dec("4"), Postprocess: dec("0.5"), Wait: journal.Took(7 * time.Second),
			Download: journal.Took(150 * time.Millisecond), Total: journal.Took(9 * time.Second), Polls: 3, Cost: dec("0.00351"), CostSource: "reported",
			Files: []journal.File{{Path: path, ContentType: kind, Bytes: 1234, Width: w, Height: h, SHA256: hex.EncodeToString(sum[:])}},
		},
	}
}

// small is a grid of 2 prompts × 2 ratios × 4 seeds with a failure, a cell that is to come, a replicate, and outputs that are no pictures.
func small() []journal.Row {
	var rows []journal.Row
	for _, prompt := range []string{hostile, "a second prompt"} {
		for _, ratio := range []string{"16:9", "1:1"} {
			for seed := 1; seed <= 4; seed++ {
				n := len(rows) + 1
				w, h := 64, 64
				if ratio == "16:9" {
					h = 36
				}
				rows = append(rows, cellOf(n, fmt.Sprintf(`images/%d "quoted" #%% <b>'.png`, n), "image/png", w, h,
					param{Name: "prompt", Value: prompt}, param{Name: "ratio", Value: ratio}, param{Name: "seed", Value: strconv.Itoa(seed)}, param{Name: "scale", Value: "4.50"}))
			}
		}
	}
	failed, pending, text, sound := &rows[5], &rows[6], &rows[14], &rows[15]
	failed.State, failed.Files, failed.Error, failed.Cost = journal.Failed, nil, "the model said: <i>no</i>", dec("0")
	*pending = journal.Row{Cell: pending.Cell, Record: journal.Record{State: journal.Pending}}
	text.Files[0].Path, text.Files[0].ContentType, text.Files[0].Width, text.Files[0].Height = "images/poem.txt", "text/plain; charset=utf-8", 0, 0
	sound.Files[0].Path, sound.Files[0].ContentType, sound.Files[0].Width, sound.Files[0].Height = "images/song.wav", "audio/wav", 0, 0
	second := rows[1].Files[0]
	second.N = 1
	rows[0].Files = append(rows[0].Files, second)
	return rows
}

// large is a grid of n cells whose files are all the same few pictures.
func large(n int) []journal.Row {
	rows := make([]journal.Row, 0, n)
	for i := range n {
		path := fmt.Sprintf("images/%d.png", i%12)
		h := []int{64, 36, 80}[i%3]
		r := cellOf(i+1, path, "image/png", 64, h,
			param{Name: "prompt", Value: fmt.Sprintf("prompt %d of a long list that tells of a mountain, a river, and whoever walks there", i/400)},
			param{Name: "seed", Value: strconv.Itoa(i / 20 % 20)}, param{Name: "scale", Value: strconv.FormatFloat(1+float64(i%20)/2, 'f', 1, 64)})
		r.ID = fmt.Sprintf("%020x", i+1)
		if i%97 == 0 {
			r.State, r.Files, r.Error = journal.Failed, nil, "pexit 1: out of memory"
		}
		rows = append(rows, r)
	}
	return rows
}

func dataOf(rows []journal.Row) data {
	b := newBuilder([]string{"prompt", "ratio", "seed", "scale"}, nil)
	b.Name, b.Model, b.Version, b.Made, b.Service, b.Sandbox = "dragons", "owner/model", "1.2.3", "2026-03-01T22:00:00Z", "sandbox", true
	exit := 3
	b.Runs = []run{{Start: moment(begun), End: moment(begun.Add(time.Hour)), Exit: &exit, Concurrency: 8}}
	b.Money.Spent, b.Money.Reserved = "0.0491", "0"
	for _, r := range rows {
		b.add(r)
	}
	b.check(nil)
	return b.whole("seed", "ratio")
}

// written is a page with its files beside it.
func written(t *testing.T, rows []journal.Row) (path string) {
	t.Helper()
	out, d := delivered(t, rows)
	return placed(t, out, d)
}

// delivered is a folder with the files, and what a page tells of them.
func delivered(t *testing.T, rows []journal.Row) (out string, d data) {
	t.Helper()
	out, d = t.TempDir(), dataOf(rows)
	for _, files := range d.Cells.Files {
		for _, f := range files {
			put(t, filepath.Join(out, filepath.FromSlash(f.Path)), f.Width, f.Height)
		}
	}
	if err := texts(out, &d); err != nil {
		t.Fatal(err)
	}
	return out, d
}

func placed(t *testing.T, out string, d data) (path string) {
	t.Helper()
	var b bytes.Buffer
	if err := render(&b, d); err != nil {
		t.Fatal(err)
	}
	path = filepath.Join(out, File)
	if err := os.WriteFile(path, b.Bytes(), 0o644); err != nil {
		t.Fatal(err)
	}
	return path
}

// put makes a file of the kind that its name says, once.
func put(t *testing.T, path string, w, h int) {
	t.Helper()
	if _, err := os.Stat(path); err == nil {
		return
	}
	var b bytes.Buffer
	switch filepath.Ext(path) {
	case ".png":
		img := image.NewRGBA(image.Rect(0, 0, w, h))
		for i := range w * h {
			img.Set(i%w, i/w, color.RGBA{uint8(40 + i%w*3), uint8(60 + i/w*2), uint8(len(path) * 5), 255})
		}
		if err := png.Encode(&b, img); err != nil {
			t.Fatal(err)
		}
	case ".wav": // a tenth of a second of silence
		b.WriteString("RIFF\x44\x03\x00\x00WAVEfmt \x10\x00\x00\x00\x01\x00\x01\x00\x40\x1f\x00\x00\x40\x1f\x00\x00\x01\x00\x08\x00data\x20\x03\x00\x00")
		b.Write(bytes.Repeat([]byte{128}, 800))
	case ".webm": // two seconds of a test card
		film, err := os.ReadFile("testdata/film.webm")
		if err != nil {
			t.Fatal(err)
		}
		b.Write(film)
	default:
		b.WriteString("A poem <script>alert(1)</script>\nof two lines.\n")
	}
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(path, b.Bytes(), 0o644); err != nil {
		t.Fatal(err)
	}
}
