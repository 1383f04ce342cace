package cli

import (
	"bytes"
	"errors"
	"flag"
	"fmt"
	"maps"
	"math"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"wirobatch/pipeline/journal"
)

var (
	crashKills   = flag.Int("crash.kills", 6, "how often the program is killed")
	crashTerms   = flag.Int("crash.terms", 3, "how often it is stopped with SIGTERM")
	crashCells   = flag.Int("crash.cells", 16, "cells of the grid; so many at most are added to it at a time")
	crashFolders = flag.Int("crash.folders", 2, "how many folders are worked on at once")
)

// worlds are what the sandbox does to a run. Chances are small enough for a run to get somewhere.
var worlds = []struct {
	name, sandbox, run, faults string
	longest                    time.Duration // moment that a run is ended at
	faulty, blurred            bool
}{
	{name: "calm", sandbox: "--instant", longest: 3 * time.Second},
	{
		name: "trouble with everything", sandbox: "--speed=6", longest: 3 * time.Second, faulty: true,
		faults: "run_429=0.01,run_96=0.02,run_general=0.02,run_slow=0.02,detail_5xx=0.04,detail_html=0.02,detail_drop=0.04,detail_cut=0.02,detail_slow=0.02," +
			"detail_empty_params=0.3,tool_5xx=0.2,tool_drop=0.2,task_fail=0.1,task_error_recover=0.05,task_slow=0.05,task_cancelled=0.03," +
			"out_gone=0.02,out_5xx=0.05,out_drop=0.05,out_cut=0.05,out_short=0.05,out_html=0.03,out_429=0.02,out_slow=0.05,out_name_hostile=0.1,out_size_differs=0.05",
	},
	{
		name: "lost answers", sandbox: "--instant", longest: 30 * time.Second,
		faults: "run_502_before=0.03,run_502_after=0.03,run_drop_before=0.03,run_drop_after=0.03,run_drop_late=0.02,run_cut=0.02,run_html=0.02," +
			"run_no_taskid=0.02,list_lag=0.2,list_5xx=0.05,list_drop=0.05,list_cut=0.05",
	},
	{
		name: "a list that blurs", sandbox: "--speed=20", longest: 30 * time.Second, blurred: true,
		faults: "run_502_before=0.02,run_drop_after=0.03,run_drop_late=0.02,run_no_taskid=0.02," +
			"list_lag=0.2,list_empty_params=0.2,list_normalised_params=0.5,list_foreign=0.3,list_html=0.05",
	},
	{
		name: "held", sandbox: "--instant", run: "--on-unknown=hold", longest: 3 * time.Second,
		faults: "run_502_before=0.01,run_drop_after=0.03,run_cut=0.03,list_lag=0.1,out_drop=0.05",
	},
}

// TestKilledRunIsGoneOnWith kills the real program with SIGKILL, and stops it with SIGTERM, at random moments of its whole life, against the real
// sandbox in a process of its own, with faults, while the grid grows. Each folder is gone on with to its end; rows, files
// and the sandbox's ledger must then agree to the last cent.
//
// The long form takes ten minutes; the other one watches the memory of a large run:
//
//	go test ./internal/cli -run Killed -crash.kills 1000 -crash.terms 200 -crash.folders 16 -parallel 16 -timeout 1h -v
//	go test ./internal/cli -run Killed -crash.kills 1 -crash.terms 0 -crash.folders 1 -crash.cells 10000 -v
func TestKilledRunIsGoneOnWith(t *testing.T) {
	if testing.Short() {
		t.Skip("it is about processes, not about what goes on in one")
	}
	t.Parallel() // it waits for looks at the list, at 20 s
	program := build(t)
	struck, moments := map[string]int{}, map[string]int{}
	var mu sync.Mutex
	t.Run("in", func(t *testing.T) {
		for i := range *crashFolders {
			w := worlds[i%len(worlds)]
			t.Run(w.name, func(t *testing.T) {
				t.Parallel()
				share := func(all int) int { return (all + *crashFolders - 1 - i) / *crashFolders }
				f := &disturbed{t: t, program: program, dir: t.TempDir(), moments: map[string]int{}, args: strings.Fields(w.run)}
				shape := "--shape=mixed"
				if w.faulty { // what is to be held against the ledger must say whether it failed
					shape = "--shape=documentation"
				}
				s := serve(t, program, w.sandbox, shape, "--picture-size=16", "--ledger="+f.path("ledger.jsonl"), "--faults="+w.faults, fmt.Sprintf("--seed=%d", rand.Uint32()))
				f.url = s.url
				terms := share(*crashTerms)
				if runtime.GOOS == "windows" { // it has no such signal
					terms = 0
				}
				f.disturb(share(*crashKills), terms, w.longest)
				f.goOn()
				count := s.struck()
				held := audit{out: f.path("out"), ledger: f.path("ledger.jsonl"), cells: f.cells, faulty: w.faulty, blurred: w.blurred}.check(t)
				t.Logf("%d cells after %d starts, %d submits held, at most %d MB, faults %v", f.cells, f.starts, held, f.peak, count)
				mu.Lock()
				defer mu.Unlock()
				for name, n := range count {
					struck[name] += n
				}
				for name, n := range f.moments {
					moments[name] += n
				}
			})
		}
	})
	for _, name := range slices.Sorted(maps.Keys(moments)) {
		t.Logf("%4d ended %s", moments[name], name)
	}
	if *crashKills < 500 || *crashFolders < len(worlds) {
		return
	}
	for _, w := range worlds {
		for item := range strings.SplitSeq(w.faults, ",") {
			if name, _, _ := strings.Cut(item, "="); name != "" && struck[name] < 5 {
				t.Errorf("%s struck %d times", name, struck[name])
			}
		}
	}
	for _, name := range lifetime {
		if moments[name] < 5 {
			t.Errorf("%d runs were killed %s", moments[name], name)
		}
	}
}

// disturbed is an output folder that run after run is started on.
type disturbed struct {
	t             *testing.T
	program, dir  string
	url           string
	args          []string
	cells, starts int
	peak          int            // memory of a run, MB
	moments       map[string]int // at which runs were ended
}

func (f *disturbed) path(name string) string { return filepath.Join(f.dir, name) }

// grow adds cells to the grid. Replicates are alike: after a kill their tasks can only be told apart by what the journal
// knows.
func (f *disturbed) grow() {
	if most := max(1, *crashCells/4); f.cells == 0 {
		f.cells = 4 * most
	} else {
		f.cells += 4 * (1 + rand.IntN(most))
	}
	text := fmt.Sprintf("{version: 1, name: crash, model: Qwen/Qwen-Image-Fast, matrix: {prompt: [a, b], seed: 1..%d}, repeat: 2, limits: {concurrency: 16, retries: 3}}", f.cells/4)
	if err := os.WriteFile(f.path("crash.yaml"), []byte(text), 0o644); err != nil {
		f.t.Fatal(err)
	}
}

// run starts the program, lets the disturbance happen to it, and gives its exit code at its end: -1 when it was killed.
func (f *disturbed) run(disturb func(*exec.Cmd), args ...string) (code int, said string) {
	f.t.Helper()
	args = append([]string{"run", f.path("crash.yaml"), "--out", f.path("out")}, slices.Concat(f.args, args)...)
	c := exec.Command(f.program, args...)
	c.Env = append(os.Environ(), "WIRO_BASE_URL="+f.url, "WIRO_API_KEY=sandbox", "XDG_CACHE_HOME="+f.path("cache"))
	var all bytes.Buffer
	c.Stdout, c.Stderr = &all, &all
	if err := c.Start(); err != nil {
		f.t.Fatal(err)
	}
	f.starts++
	endless := time.AfterFunc(5*time.Minute, func() { c.Process.Signal(syscall.SIGQUIT) })
	disturb(c)
	c.Wait()
	if !endless.Stop() {
		f.t.Fatalf("it had no end:\n%s", all.String())
	}
	f.peak = max(f.peak, peakMB(c.ProcessState))
	limit := 150
	if racing { // the detector keeps a shadow of all memory
		limit *= 3
	}
	if f.peak > limit {
		f.t.Errorf("peak memory is %d MB, over %d MB", f.peak, limit)
	}
	return c.ProcessState.ExitCode(), all.String()
}

// disturb ends runs until so many of them were killed, and stopped by SIGTERM.
func (f *disturbed) disturb(kills, terms int, longest time.Duration) {
	f.grow()
	for kills+terms > 0 {
		if rand.IntN(3) == 0 {
			f.grow()
		}
		// Each power of ten is as likely: the start of a run, its end, and the wait for what is looked up.
		const soonest = 5 * time.Millisecond
		after := time.Duration(float64(soonest) * math.Pow(float64(longest)/float64(soonest), rand.Float64()))
		if f.starts == 0 { // a folder has only one beginning
			after = rand.N(2 * soonest)
		}
		begun := time.Now()
		if rand.IntN(kills+terms) < kills {
			code, said := f.run(func(c *exec.Cmd) { time.AfterFunc(after, func() { c.Process.Kill() }) })
			if code == -1 {
				kills--
				for _, name := range f.moment(begun) {
					f.moments[name]++
				}
			} else {
				f.ended(code, said)
			}
			continue
		}
		at := []time.Duration{after}
		if rand.IntN(3) == 0 {
			at = append(at, after+time.Duration(rand.IntN(30))*time.Millisecond)
		}
		grace := time.Duration(rand.IntN(2000)) * time.Millisecond
		code, said := f.run(func(c *exec.Cmd) {
			for _, after := range at {
				time.AfterFunc(after, func() { c.Process.Signal(syscall.SIGTERM) })
			}
		}, "--grace", grace.String())
		switch code {
		case 143:
			terms--
			f.moments[fmt.Sprintf("by SIGTERM, sent %d times", len(at))]++
		case -1: // before it listened for signals
		default:
			f.ended(code, said)
		}
	}
}

// ended judges a run that came to its end before it was disturbed.
func (f *disturbed) ended(code int, said string) {
	f.t.Helper()
	if code != 0 && code != 3 && code != 8 {
		f.t.Fatalf("exit %d:\n%s", code, said)
	}
	f.grow()
}

// goOn runs to the end. What is held is looked up once more, with others as witnesses; what the service has cancelled is
// submitted anew.
func (f *disturbed) goOn() {
	f.t.Helper()
	if code, said := f.run(func(*exec.Cmd) {}); code != 0 {
		f.ended(code, said)
		if code, said := f.run(func(*exec.Cmd) {}); code != 0 && code != 3 && code != 8 {
			f.t.Fatalf("exit %d:\n%s", code, said)
		}
	}
}

// lifetime is what a run is about, in the order in which it comes to it.
var lifetime = []string{
	"before it had a journal", "with cells to submit", "with requests under way", "with submits to be looked up", "with tasks to be watched", "with files or reports half written", "with all cells ended",
}

// moment tells what a run that was killed was about, as far as its folder shows it. It looks at a copy: opening a journal
// mends it.
func (f *disturbed) moment(begun time.Time) (is []string) {
	f.t.Helper()
	copied := f.t.TempDir()
	own := filepath.Join(copied, ".wirobatch")
	if err := os.CopyFS(own, os.DirFS(f.path("out/.wirobatch"))); err != nil && !os.IsNotExist(err) {
		f.t.Fatal(err)
	}
	rows, err := journalled(copied)
	if errors.Is(err, os.ErrNotExist) {
		return lifetime[:1]
	}
	if err != nil {
		f.t.Fatal(err)
	}
	ended := true
	seen := map[string]bool{}
	for _, row := range rows {
		switch row.State {
		case journal.Pending:
			seen[lifetime[1]] = true
		case journal.Intended:
			if row.IntendedAt.Before(begun) {
				seen[lifetime[3]] = true
			} else {
				seen[lifetime[2]] = true
			}
		case journal.Unknown:
			seen[lifetime[3]] = true
		case journal.Submitted:
			seen[lifetime[4]] = true
		default:
			continue
		}
		ended = false
	}
	parts, _ := filepath.Glob(filepath.Join(own, "tmp", "part-*"))
	seen[lifetime[5]] = len(parts) > 0
	seen[lifetime[6]] = ended
	for _, name := range lifetime {
		if seen[name] {
			is = append(is, name)
		}
	}
	return is
}
