package pipeline_test

import (
	"bytes"
	"container/heap"
	"encoding/json"
	"flag"
	"fmt"
	"math"
	"strings"
	"testing"
	"time"

	"github.com/shopspring/decimal"

	"wirobatch/pipeline"
	"wirobatch/wiro/sandbox"
)

var poolTable = flag.Bool("pool", false, "print the table of runs beside a greedy pool: go test ./pipeline -run TestPool -pool -v")

// A greedy pool sees the end of a task at once and refills its slot at once: no run on so many slots is faster.
func greedy(durations []time.Duration, slots int) time.Duration {
	var busy ends
	var last time.Duration
	for _, d := range durations {
		var from time.Duration
		if len(busy) == slots {
			from = heap.Pop(&busy).(time.Duration)
		}
		heap.Push(&busy, from+d)
		last = max(last, from+d)
	}
	return last
}

type ends []time.Duration

func (e ends) Len() int           { return len(e) }
func (e ends) Less(i, k int) bool { return e[i] < e[k] }
func (e ends) Swap(i, k int)      { e[i], e[k] = e[k], e[i] }
func (e *ends) Push(x any)        { *e = append(*e, x.(time.Duration)) }
func (e *ends) Pop() any {
	last := (*e)[len(*e)-1]
	*e = (*e)[:len(*e)-1]
	return last
}

// laws are how long tasks take, by the share u of those that take less. Each has a mean near 7 s.
var laws = []struct {
	name string
	at   func(u float64) time.Duration
}{
	{"constant", func(float64) time.Duration { return 7 * time.Second }},
	{"uniform", func(u float64) time.Duration { return inSeconds(4 + 6*u) }},
	{"log-normal", func(u float64) time.Duration { return inSeconds(6.2 * math.Exp(0.5*math.Sqrt2*math.Erfinv(2*u-1))) }},
	{"bimodal", func(u float64) time.Duration {
		if u < 0.75 {
			return inSeconds(4 + u/0.75)
		}
		return inSeconds(14 + (u-0.75)/0.25)
	}},
}

func inSeconds(s float64) time.Duration {
	return time.Duration(min(max(s, 0.1), 60) * float64(time.Second))
}

// modes are the ways to notice the end of a task, with what asks for each.
var modes = []struct {
	name string
	set  func(*pipeline.Options)
}{
	{"detail", func(*pipeline.Options) {}}, // the one way that there is
}

// fivePercent of what a run needs goes wrong, one thing or another.
var fivePercent = sandbox.Faults{
	"run_drop_after": 0.01, "run_502_before": 0.02, "run_429": 0.01, "run_502_after": 0.01,
	"detail_5xx": 0.03, "detail_drop": 0.02, "out_5xx": 0.02, "out_cut": 0.02, "out_drop": 0.01,
}

// A pooled is what a run came to beside the greedy pool on the same durations in the same order.
type pooled struct{ ratio, calls float64 }

// pool runs that many cells in a bubble, where time is simulated and the machine's own speed does not count.
func pool(t *testing.T, set func(*pipeline.Options), law func(float64) time.Duration, slots, cells int, faults sandbox.Faults) (p pooled) {
	t.Helper()
	var ledger bytes.Buffer
	o := sandbox.Options{Duration: law, Faults: faults, Ledger: &ledger, Balance: decimal.NewFromInt(100000), PictureSize: 8}
	in(t, o, func(at *place) {
		begun := time.Now()
		// Cells differ, for a lost submit to be told apart from the others.
		r := at.run(fmt.Sprintf("{version: 1, name: x, model: Qwen/Qwen-Image-Fast, matrix: {prompt: [a], seed: 1..%d}, limits: {concurrency: %d}}", cells, slots), set)
		took := time.Since(begun)
		if r.Progress.Done != cells {
			t.Fatalf("%d of %d cells are done", r.Progress.Done, cells)
		}
		calls := 0
		for endpoint, n := range at.sandbox.Requests() {
			if endpoint != "cdn" {
				calls += n
			}
		}
		at.sandbox.Close() // the ledger is whole
		p = pooled{ratio: took.Seconds() / greedy(durations(t, &ledger), slots).Seconds(), calls: float64(calls) / float64(cells)}
	})
	return p
}

// durations are those of all tasks, in the order in which they were accepted.
func durations(t *testing.T, ledger *bytes.Buffer) (all []time.Duration) {
	t.Helper()
	type line struct {
		Event, Task string
		Time        time.Time
	}
	place, accepted := map[string]int{}, map[string]time.Time{}
	for d := json.NewDecoder(ledger); d.More(); {
		var l line
		if err := d.Decode(&l); err != nil {
			t.Fatal(err)
		}
		if l.Event == "accepted" {
			place[l.Task], accepted[l.Task] = len(all), l.Time
			all = append(all, 0)
			continue
		}
		all[place[l.Task]] = l.Time.Sub(accepted[l.Task])
	}
	return all
}

// With -pool it prints the table of the README; without, it holds a part of it to a bound.
func TestPool(t *testing.T) {
	if !*poolTable {
		mode := modes[0]
		for _, law := range laws {
			if p := pool(t, mode.set, law.at, 20, 200, nil); p.ratio > 1.35 || p.calls > 8 {
				t.Errorf("%s: %.3f × the greedy pool with %.2f calls a task", law.name, p.ratio, p.calls)
			}
		}
		return
	}
	var table strings.Builder
	table.WriteString("| durations | faults | slots | tasks | watch | × greedy pool | calls a task |\n|---|---|---:|---:|---|---:|---:|\n")
	for _, law := range laws {
		for _, faults := range []sandbox.Faults{nil, fivePercent} {
			for _, slots := range []int{1, 10, 40, 200, 1000} {
				for _, mode := range modes {
					cells, wrong := min(max(10*slots, 50), 3000), "none"
					if faults != nil {
						wrong = "5 %"
					}
					p := pool(t, mode.set, law.at, slots, cells, faults)
					fmt.Fprintf(&table, "| %s | %s | %d | %d | %s | %.3f | %.2f |\n", law.name, wrong, slots, cells, mode.name, p.ratio, p.calls)
				}
			}
		}
	}
	t.Log("\n" + table.String())
}
