package pipeline_test

import (
	"flag"
	"fmt"
	"math"
	"runtime"
	"slices"
	"strings"
	"testing"
	"time"

	"golang.org/x/sync/errgroup"

	"wirobatch/wiro/sandbox"
)

var poolTable = flag.Bool("pool", false, "print the table of runs beside a greedy pool: go test ./pipeline -run TestPool -pool -v")

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

// fivePercent of what a run needs goes wrong, one thing or another.
var fivePercent = sandbox.Faults{
	"run_drop_after": 0.01, "run_502_before": 0.02, "run_429": 0.01, "run_502_after": 0.01,
	"detail_5xx": 0.03, "detail_drop": 0.02, "out_5xx": 0.02, "out_cut": 0.02, "out_drop": 0.01,
}

var poolModes = []string{"websocket", "list", "detail"}

// With -pool it prints the table of the README; without, it holds a part of it to a bound.
func TestPool(t *testing.T) {
	figures(t)
	t.Parallel()
	if !*poolTable {
		for _, law := range laws {
			if w := watch(t, "auto", 200, 20, sandbox.Options{Duration: law.at, Balance: usd("20000").Decimal}); w.ratio > 1.03 || w.calls > 2.5 {
				t.Errorf("%s: %.3f × the greedy pool with %.2f calls a task", law.name, w.ratio, w.calls)
			}
		}
		return
	}
	type row struct {
		law, slots int
		figures    [2][3]string // without faults, and with them
	}
	var rows []*row
	for law := range laws {
		for _, slots := range []int{1, 10, 40, 200, 1000} {
			rows = append(rows, &row{law: law, slots: slots})
		}
	}
	var work errgroup.Group
	work.SetLimit(runtime.GOMAXPROCS(0))
	for _, r := range slices.Backward(rows) { // large ones first
		for wrong, faults := range []sandbox.Faults{nil, fivePercent} {
			for i, mode := range poolModes {
				work.Go(func() error {
					o := sandbox.Options{Duration: laws[r.law].at, Faults: faults, Balance: usd("20000").Decimal}
					w := watch(t, mode, min(max(10*r.slots, 50), max(800, 2*r.slots)), r.slots, o)
					r.figures[wrong][i] = fmt.Sprintf("%.3f · %.1f", w.ratio, w.calls)
					return nil
				})
			}
		}
	}
	work.Wait()
	modes := strings.Join(poolModes, " | ")
	fmt.Printf("| durations | slots | %s | %s |\n|---|--:|--:|--:|--:|--:|--:|--:|\n", modes, strings.ReplaceAll(modes, " |", ", 5 % |")+", 5 %")
	for _, r := range rows {
		fmt.Printf("| %s | %d | %s | %s |\n", laws[r.law].name, r.slots, strings.Join(r.figures[0][:], " | "), strings.Join(r.figures[1][:], " | "))
	}
}
