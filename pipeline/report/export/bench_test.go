package export_test

import (
	"context"
	"flag"
	"fmt"
	"io"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"slices"
	"testing"
	"time"

	"wirobatch/pipeline/report/export"
)

var (
	benchCells = flag.Int("export.cells", 2000, "cells of the folder that is exported")
	benchBytes = flag.Int("export.bytes", 400_000, "bytes of each picture, about")
)

// BenchmarkExport sets exports beside tar and cp of the same files, all of them durable at the end, in turns. Its figures are pictures a second, and
// how many times longer than tar or cp it takes, by the medians:
//
//	go test ./pipeline/report/export -run '^$' -bench Export -benchtime 5x -export.cells 2000
func BenchmarkExport(b *testing.B) {
	for _, tool := range []string{"tar", "cp"} {
		if _, err := exec.LookPath(tool); err != nil {
			b.Skip(tool + " is not there")
		}
	}
	var cells []cell
	chance := rand.NewChaCha8([32]byte{1})
	for i := range *benchCells {
		c := cell{params: []param{{Name: "prompt", Value: fmt.Sprintf("a prompt of some words, number %d", i/8)}, {Name: "seed", Value: fmt.Sprint(i)}}, state: "done"}
		data := make([]byte, *benchBytes/2+int(chance.Uint64()%uint64(*benchBytes)))
		chance.Read(data)
		cells = append(cells, c.with(fmt.Sprintf("images/%d.png", i), append(aPNG(""), data...)))
	}
	out := run(b, filepath.Join(b.TempDir(), "run"), cells...)
	cells = nil
	warm(b, filepath.Join(out, "images"))
	for _, row := range []struct {
		format string
		tool   func(to string) *exec.Cmd
	}{
		{export.WebDataset, func(to string) *exec.Cmd { return exec.Command("tar", "-C", out, "-cf", to, "images") }},
		{export.ImageFolder, func(to string) *exec.Cmd { return exec.Command("cp", "-r", filepath.Join(out, "images"), to) }},
	} {
		b.Run(row.format, func(b *testing.B) {
			var ours, theirs []float64
			for b.Loop() {
				dir := b.TempDir()
				begun := time.Now()
				if err := row.tool(filepath.Join(dir, "tool")).Run(); err != nil {
					b.Fatal(err)
				}
				if err := exec.Command("sync", "-f", dir).Run(); err != nil {
					b.Fatal(err)
				}
				theirs = append(theirs, time.Since(begun).Seconds())
				os.RemoveAll(filepath.Join(dir, "tool"))
				begun = time.Now()
				if _, err := export.Export(context.Background(), options(row.format, filepath.Join(dir, "set"), out)); err != nil {
					b.Fatal(err)
				}
				ours = append(ours, time.Since(begun).Seconds())
				os.RemoveAll(dir)
			}
			b.ReportMetric(float64(*benchCells)/median(ours), "pictures/s")
			b.ReportMetric(float64(*benchCells)/median(theirs), "tool-pictures/s")
			b.ReportMetric(median(ours)/median(theirs), "times-the-tool")
		})
	}
}

func median(all []float64) float64 {
	slices.Sort(all)
	return all[len(all)/2]
}

// warm reads all files, so that neither has to wait for the disk.
func warm(b *testing.B, dir string) {
	files, err := os.ReadDir(dir)
	if err != nil {
		b.Fatal(err)
	}
	for _, f := range files {
		data, err := os.Open(filepath.Join(dir, f.Name()))
		if err != nil {
			b.Fatal(err)
		}
		io.Copy(io.Discard, data)
		data.Close()
	}
}

// TestMemoryIsFlat exports -export.flat cells, and watches the heap: a few bytes for each cell are all that is kept.
//
//	go test ./pipeline/report/export -run Flat -v -export.flat 100000 -timeout 30m
func TestMemoryIsFlat(t *testing.T) {
	if *flatCells == 0 {
		t.Skip("-export.flat says how many cells")
	}
	cells := make([]cell, *flatCells)
	for i := range cells {
		c := cell{params: []param{{Name: "prompt", Value: fmt.Sprintf("a prompt of some words, number %d", i)}, {Name: "seed", Value: fmt.Sprint(i)}}, state: "done"}
		cells[i] = c.with(fmt.Sprintf("images/%d/%d.png", i/1000, i), aPNG(fmt.Sprint(i)))
	}
	out := run(t, filepath.Join(t.TempDir(), "run"), cells...)
	cells = nil
	for _, format := range export.Formats {
		var before, at runtime.MemStats
		runtime.GC()
		runtime.ReadMemStats(&before)
		o := options(format, filepath.Join(t.TempDir(), "set"), out)
		o.Splits, o.Dedupe = splits(t, "train=0.9,test=0.1"), export.Exact
		var most uint64
		o.Progress = func(p export.Progress) {
			if p.Done%1024 == 0 {
				runtime.ReadMemStats(&at)
				most = max(most, at.HeapInuse)
			}
		}
		begun := time.Now()
		r := makes(t, o)
		t.Logf("%s: %d samples in %s, heap at most %d MB over %d MB", format, r.Samples, time.Since(begun).Round(time.Millisecond), (most-before.HeapInuse)>>20, before.HeapInuse>>20)
		if limit := uint64(80 << 20); most > before.HeapInuse+limit {
			t.Errorf("%s: the heap grew by %d MB", format, (most-before.HeapInuse)>>20)
		}
	}
}

var flatCells = flag.Int("export.flat", 0, "cells whose export is watched for memory")
