package manifest

import (
	"fmt"
	"runtime"
	"strings"
	"testing"
)

func million(b *testing.B) *Grid {
	b.Helper()
	return parse(b, `version: 1
model: Qwen/Qwen-Image-Fast
params: {scale: 4.5}
matrix:
  prompt: [A mystical dragon hovering above a sparkling waterfall under a starry sky., A cat]
  aspectRatio: ["16:9", "1:1", "9:16", "4:3", "3:4"]
  seed: 1..100000
`).Grid()
}

func live() uint64 {
	runtime.GC()
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	return m.HeapAlloc
}

// BenchmarkGridWalk walks a million cells; what the heap holds afterwards more
// than before is reported, and is next to nothing.
func BenchmarkGridWalk(b *testing.B) {
	g := million(b)
	b.ReportAllocs()
	before := live()
	for b.Loop() {
		n := 0
		for c := range g.All() {
			n += len(c.Params)
		}
		if n != 4*g.Len() {
			b.Fatal(n)
		}
	}
	b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N)/float64(g.Len()), "ns/cell")
	b.ReportMetric(float64(max(live(), before)-before)/1024, "live-KB")
	runtime.KeepAlive(g)
}

// BenchmarkInOrder walks a million cells in each order.
func BenchmarkInOrder(b *testing.B) {
	for _, order := range []Order{InGrid, Shuffled, Stratified} {
		b.Run(string(order), func(b *testing.B) {
			g := million(b)
			g.order = order
			b.ReportAllocs()
			before := live()
			for b.Loop() {
				n := 0
				for range g.InOrder() {
					n++
				}
				if n != g.Len() {
					b.Fatal(n)
				}
			}
			b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N)/float64(g.Len()), "ns/cell")
			b.ReportMetric(float64(max(live(), before)-before)/1024, "live-KB")
			runtime.KeepAlive(g)
		})
	}
	million := []int{2, 5, 100_000}
	b.Run("strata alone", func(b *testing.B) {
		s, at, k := newStrata(million), make([]int, len(million)), 0
		for b.Loop() {
			s.locate(k%1_000_000, at)
			k += 7919
		}
	})
	b.Run("shuffle alone", func(b *testing.B) {
		s, k := newShuffle(1_000_000, 1), 0
		for b.Loop() {
			s.at(k % 1_000_000)
			k += 7919
		}
	})
}

func BenchmarkAt(b *testing.B) {
	random := func(b *testing.B, g *Grid) {
		b.ReportAllocs()
		i := 0
		for b.Loop() {
			i = (i + 7919) % g.Len()
			g.At(i)
		}
	}
	b.Run("plain", func(b *testing.B) { random(b, million(b)) })
	b.Run("1000 excludes", func(b *testing.B) {
		var e strings.Builder
		for i := range 1000 {
			fmt.Fprintf(&e, "  - {b: %d, c: %d}\n", i*7%1000+1, i*13%1000+1)
		}
		random(b, parse(b, "version: 1\nmodel: a/b\nmatrix: {a: 1..10, b: 1..1000, c: 1..1000}\nexclude:\n"+e.String()).Grid())
	})
	b.Run("1000 includes", func(b *testing.B) {
		var e strings.Builder
		for i := range 1000 {
			fmt.Fprintf(&e, "  - {b: %d, c: %d, k: %d}\n", i*7%1000+1, i*13%1000+1, i)
		}
		random(b, parse(b, "version: 1\nmodel: a/b\nmatrix: {a: 1..10, b: 1..1000, c: 1..1000}\ninclude:\n"+e.String()).Grid())
	})
}

func BenchmarkParse(b *testing.B) {
	prompts := "version: 1\nmodel: Qwen/Qwen-Image-Fast\nmatrix:\n  seed: 1..4\n  prompt:\n" +
		strings.Repeat("    - a mystical dragon, a sparkling waterfall, a starry sky, soft light\n", 5000)
	b.SetBytes(int64(len(prompts)))
	b.ReportAllocs()
	for b.Loop() {
		parse(b, prompts)
	}
}

func BenchmarkFileName(b *testing.B) {
	c := million(b).At(77)
	b.ReportAllocs()
	for b.Loop() {
		if _, err := FileName("{prompt}_{aspectRatio}_{seed}_{id}", c, 0, "png"); err != nil {
			b.Fatal(err)
		}
	}
}
