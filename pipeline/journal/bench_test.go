package journal

import (
	"context"
	"fmt"
	"iter"
	"sync"
	"testing"
	"time"

	"github.com/shopspring/decimal"
)

// manyCells is a grid as a manifest would give it, cell by cell.
func manyCells(from, to int) iter.Seq[Cell] {
	return func(yield func(Cell) bool) {
		for i := from; i <= to; i++ {
			if !yield(testCell(i)) {
				return
			}
		}
	}
}

func testCell(i int) Cell {
	return Cell{ID: fmt.Sprintf("%020x", uint64(i)*0x9e3779b97f4a7c15), Number: i, Model: "Qwen/Qwen-Image-Fast", Repeat: 1, Params: []Param{
		{"prompt", "A mystical dragon hovering above a sparkling waterfall under a starry sky."}, {"aspectRatio", "16:9"}, {"seed", fmt.Sprint(i)}, {"scale", "4.50"}}}
}

func BenchmarkEnqueue(b *testing.B) {
	j, err := Open(context.Background(), b.TempDir(), Options{Service: "s"})
	if err != nil {
		b.Fatal(err)
	}
	defer j.Close()
	b.ReportAllocs()
	b.ResetTimer()
	if err := j.Enqueue(context.Background(), manyCells(1, b.N)); err != nil {
		b.Fatal(err)
	}
	b.ReportMetric(float64(b.N)/b.Elapsed().Seconds(), "cells/s")
}

// BenchmarkSave is 64 cells at work at once, each of their three saves durable before it returns.
func BenchmarkSave(b *testing.B) {
	ctx := context.Background()
	j, err := Open(ctx, b.TempDir(), Options{Service: "s", Slots: 64})
	if err != nil {
		b.Fatal(err)
	}
	defer j.Close()
	cells := (b.N + 2) / 3
	if err := j.Enqueue(ctx, manyCells(1, cells)); err != nil {
		b.Fatal(err)
	}
	b.ReportAllocs()
	b.ResetTimer()
	var wg sync.WaitGroup
	for range 64 {
		wg.Go(func() {
			for {
				l, err := j.Lease(ctx)
				if err == ErrDone {
					return
				}
				if err != nil {
					b.Error(err)
					return
				}
				if err := workOff(ctx, l); err != nil {
					b.Error(err)
					return
				}
			}
		})
	}
	wg.Wait()
	b.ReportMetric(float64(3*cells)/b.Elapsed().Seconds(), "saves/s")
}

func workOff(ctx context.Context, l *Lease) error {
	r := Record{State: Intended, Attempt: l.Record.Attempt + 1, IntendedAt: time.Now(), Reserved: decimal.New(4, -3)}
	if err := l.Save(ctx, r); err != nil {
		return err
	}
	r.State, r.TaskID, r.TaskToken, r.SubmittedAt = Submitted, fmt.Sprint(1000000+l.Cell.Number), "7f8a9b", time.Now()
	if err := l.Save(ctx, r); err != nil {
		return err
	}
	r.State, r.FinishedAt, r.Exit, r.Cost, r.CostSource = Done, time.Now(), "0", decimal.NewNullDecimal(decimal.New(351, -5)), "reported"
	r.Elapsed, r.Polls, r.Total = decimal.NewNullDecimal(decimal.New(6, 0)), 3, Took(8*time.Second)
	r.Files = []File{{Name: "0.png", URL: "https://cdn1.wiro.ai/x/0.png", ContentType: "image/png", Path: "images/a.png", Bytes: 202472, Width: 512, Height: 288, SHA256: "aa"}}
	return l.Finish(ctx, r)
}

// BenchmarkReopen opens a journal of a hundred thousand cells that are done, each with its attempt.
func BenchmarkReopen(b *testing.B) {
	ctx, dir := context.Background(), b.TempDir()
	const cells = 100_000
	fill(b, dir, cells)
	for b.Loop() {
		j, err := Open(ctx, dir, Options{Service: "s", Slots: 8})
		if err != nil {
			b.Fatal(err)
		}
		if _, err := j.Lease(ctx); err != ErrDone {
			b.Fatal(err)
		}
		j.Close()
	}
}

func BenchmarkRows(b *testing.B) {
	ctx, dir := context.Background(), b.TempDir()
	const cells = 100_000
	fill(b, dir, cells)
	j, err := OpenReadOnly(ctx, dir)
	if err != nil {
		b.Fatal(err)
	}
	defer j.Close()
	b.ReportAllocs()
	for b.Loop() {
		for _, err := range j.Rows(ctx) {
			if err != nil {
				b.Fatal(err)
			}
		}
	}
	b.ReportMetric(float64(b.N)*cells/b.Elapsed().Seconds(), "rows/s")
}

func fill(b *testing.B, dir string, cells int) {
	ctx := context.Background()
	j, err := Open(ctx, dir, Options{Service: "s", Slots: 64})
	if err != nil {
		b.Fatal(err)
	}
	defer j.Close()
	if err := j.Enqueue(ctx, manyCells(1, cells)); err != nil {
		b.Fatal(err)
	}
	var wg sync.WaitGroup
	for range 64 {
		wg.Go(func() {
			for {
				l, err := j.Lease(ctx)
				if err != nil {
					return
				}
				if err := workOff(ctx, l); err != nil {
					b.Error(err)
					return
				}
			}
		})
	}
	wg.Wait()
}
