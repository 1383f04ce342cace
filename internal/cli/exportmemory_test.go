package cli

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"flag"
	"fmt"
	"image"
	"image/png"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"sync"
	"testing"
	"time"

	"github.com/shopspring/decimal"

	"wirobatch/pipeline/journal"
	"wirobatch/pipeline/report/export"
)

var (
	exportCells = flag.Int("export.cells", 400, "cells of the folder whose export is watched for memory")
	exportSide  = flag.Int("export.side", 256, "pixels of a side of its pictures, which are noise: three bytes each")
)

// TestExportMemory exports with the real program, and holds the most memory that it has had against what does not grow with
// the number of cells. All of them, and more than fits into memory:
//
//	go test ./internal/cli -run ExportMemory -v -export.cells 100000 -export.side 32 -timeout 2h
//	go test ./internal/cli -run ExportMemory -v -export.cells 2000 -export.side 600 -timeout 30m
func TestExportMemory(t *testing.T) {
	if testing.Short() {
		t.Skip("it moves many bytes, which is slow under the race detector")
	}
	if out := os.Getenv("EXPORT_MEMORY_RUN"); out != "" {
		delivered(t, out, *exportCells, *exportSide)
		return
	}
	program, out := build(t), filepath.Join(t.TempDir(), "run")
	// Linux counts what the parent had as the child's own, so that another process makes the folder.
	c := exec.Command(os.Args[0], "-test.run=^TestExportMemory$", "-test.timeout=1h", fmt.Sprint("-export.cells=", *exportCells), fmt.Sprint("-export.side=", *exportSide))
	c.Env = append(os.Environ(), "EXPORT_MEMORY_RUN="+out)
	if said, err := c.CombinedOutput(); err != nil {
		t.Fatalf("%v\n%s", err, said)
	}
	for _, format := range export.Formats {
		set := filepath.Join(t.TempDir(), "set")
		c := exec.Command(program, "export", out, "--format", format, "--out", set, "--split", "train=0.8,validation=0.1,test=0.1")
		begun := time.Now()
		if said, err := c.CombinedOutput(); err != nil {
			t.Fatalf("%v\n%s", err, said)
		}
		took := time.Since(begun)
		t.Logf("%-11s %d cells in %.1f s, %d MB of memory at most", format, *exportCells, took.Seconds(), peakMB(c.ProcessState))
		if limit := 200; peakMB(c.ProcessState) > limit {
			t.Errorf("%s: peak memory is %d MB, over %d MB", format, peakMB(c.ProcessState), limit)
		}
		if err := os.RemoveAll(set); err != nil {
			t.Fatal(err)
		}
	}
}

// delivered makes the folder of a run whose cells are done, each with a picture of its own.
func delivered(t *testing.T, out string, cells, side int) {
	t.Helper()
	j, err := journal.Open(t.Context(), filepath.Join(out, ".wirobatch"), journal.Options{Service: "https://example.test/v1", Slots: 64})
	if err != nil {
		t.Fatal(err)
	}
	defer j.Close()
	grid := journal.Grid{Digest: "g", Cells: cells, Columns: []string{"prompt", "seed", "scale"}, Name: "run", Model: "owner/model"}
	if _, err := j.SetGrid(t.Context(), grid); err != nil {
		t.Fatal(err)
	}
	all := func(yield func(journal.Cell) bool) {
		for i := range cells {
			if !yield(journal.Cell{ID: fmt.Sprintf("%020x", i), Number: i + 1, Model: "owner/model", Repeat: 1, Params: []journal.Param{
				{Name: "prompt", Value: fmt.Sprintf("A mystical dragon hovering above a sparkling waterfall, number %d", i/4)},
				{Name: "seed", Value: strconv.Itoa(i)}, {Name: "scale", Value: "4.50"},
			}}) {
				return
			}
		}
	}
	if err := j.Enqueue(t.Context(), all); err != nil {
		t.Fatal(err)
	}
	for i := range (cells + 999) / 1000 {
		if err := os.MkdirAll(filepath.Join(out, "images", strconv.Itoa(i)), 0o755); err != nil {
			t.Fatal(err)
		}
	}
	var workers sync.WaitGroup
	for range 64 {
		workers.Go(func() {
			for {
				l, err := j.Lease(t.Context())
				if err != nil {
					return
				}
				if err := l.Finish(t.Context(), noise(t, out, l.Cell.Number, side)); err != nil {
					t.Error(err)
					return
				}
			}
		})
	}
	workers.Wait()
}

// noise is what a cell has when it is done: its picture does not compress.
func noise(t *testing.T, out string, n, side int) journal.Record {
	picture := image.NewRGBA(image.Rect(0, 0, side, side))
	rand.NewChaCha8([32]byte(fmt.Appendf(nil, "%032d", n))).Read(picture.Pix)
	for i := 3; i < len(picture.Pix); i += 4 {
		picture.Pix[i] = 255
	}
	var b bytes.Buffer
	if err := (&png.Encoder{CompressionLevel: png.BestSpeed}).Encode(&b, picture); err != nil {
		t.Error(err)
	}
	sum := sha256.Sum256(b.Bytes())
	path := fmt.Sprintf("images/%d/%d.png", (n-1)/1000, n)
	if err := os.WriteFile(filepath.Join(out, path), b.Bytes(), 0o644); err != nil {
		t.Error(err)
	}
	at := time.Date(2026, 3, 1, 22, 0, 0, 0, time.UTC).Add(time.Duration(n) * time.Second)
	seconds := decimal.NewNullDecimal(decimal.New(65, -1))
	return journal.Record{
		State: journal.Done, Attempt: 1, IntendedAt: at, SubmittedAt: at, FinishedAt: at.Add(9 * time.Second), TaskID: strconv.Itoa(2000 + n), Polls: 3,
		Elapsed: seconds, Queue: seconds, Run: seconds, Total: journal.Took(9 * time.Second), Cost: decimal.NewNullDecimal(decimal.New(351, -5)), CostSource: "reported",
		Files: []journal.File{{Path: path, ContentType: "image/png", Bytes: int64(b.Len()), Width: side, Height: side, SHA256: hex.EncodeToString(sum[:])}},
	}
}
