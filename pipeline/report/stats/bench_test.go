package stats

import (
	"fmt"
	"testing"

	"wirobatch/pipeline/journal"
)

// A million cells: what is kept of each is small, and what is done with them is nearly linear.
func BenchmarkMillion(b *testing.B) {
	const n = 1_000_000
	for b.Loop() {
		c := newCells([]string{"scale", "seed", "prompt"}, Options{Confidence: 0.95})
		m := made{took: 5, cost: "0.004", files: "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef"}
		for i := range n {
			m.params = fmt.Sprintf("scale=%d;seed=%d;prompt=p%d", i%13, i%1000, i%7)
			m.repeat, m.at, m.took = 1+i/(n/2), i, 3+float64(i%977)/100
			r := m.record()
			c.add(journal.Row{Cell: m.cell(i + 1), Record: r, Cost: r.Cost})
		}
		c.settle([]journal.Run{{Number: 1, StartedAt: noon}})
		c.table([]string{"scale"})
		c.table([]string{"prompt"})
		c.repeats()
	}
	b.ReportMetric(float64(b.Elapsed().Seconds())*1e9/float64(b.N)/n, "ns/cell")
}
