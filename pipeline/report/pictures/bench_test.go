package pictures_test

import (
	"bytes"
	"fmt"
	"image/png"
	"iter"
	"math/rand/v2"
	"testing"

	"wirobatch/pipeline/journal"
	"wirobatch/pipeline/report/pictures"
)

// go test ./pipeline/report/pictures -run '^$' -bench Update: an op is one picture of 1024 × 1024.
func BenchmarkUpdate(b *testing.B) {
	var cells []cell
	for i := range 8 {
		var data bytes.Buffer
		if err := png.Encode(&data, scene(i, 1024, 1024)); err != nil {
			b.Fatal(err)
		}
		cells = append(cells, cell{params: fmt.Sprint("seed=", i), files: one(fmt.Sprintf("images/%d.png", i), data.Bytes())})
	}
	out, rows := ran(b, cells...)
	done := 0
	for b.Loop() {
		if done%len(cells) == 0 { // all of them again, without what is known of them
			none := func(func(journal.Row, error) bool) {}
			update(b, out, none)
			update(b, out, rows())
		}
		done++
	}
}

// An op is 20,000 pictures, a tenth of which look like another.
func BenchmarkChecks(b *testing.B) {
	r := rand.New(rand.NewPCG(1, 2))
	of := map[string][]pictures.Picture{}
	var all []journal.Row
	for i := range 20_000 {
		id := fmt.Sprintf("%020d", i)
		hash := r.Uint64()
		if i%10 == 0 && i > 0 {
			hash = of[all[i-1].ID][0].Hash ^ 1<<r.IntN(64)
		}
		of[id] = []pictures.Picture{{Cell: id, SHA256: id, Width: 512, Height: 512, Hash: hash, Hashed: true}}
		all = append(all, journal.Row{Cell: journal.Cell{ID: id, Number: i + 1, Model: "a/b", Repeat: 1, Params: []journal.Param{{Name: "seed", Value: id}}}})
	}
	rows := func() iter.Seq2[journal.Row, error] {
		return func(yield func(journal.Row, error) bool) {
			for _, row := range all {
				if !yield(row, nil) {
					return
				}
			}
		}
	}
	for b.Loop() {
		checks, err := pictures.Checks(rows(), of)
		if err != nil || len(checks) < 1900 || len(checks) > 2000 {
			b.Fatalf("%d findings, %v", len(checks), err)
		}
	}
}
