package pipeline_test

import (
	"bytes"
	"container/heap"
	"encoding/json"
	"fmt"
	"math"
	"net/http"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"wirobatch/pipeline"
	"wirobatch/wiro/sandbox"
)

// pool is when each slot is free again.
type pool []time.Duration

func (p pool) Len() int           { return len(p) }
func (p pool) Less(i, j int) bool { return p[i] < p[j] }
func (p pool) Swap(i, j int)      { p[i], p[j] = p[j], p[i] }
func (p *pool) Push(x any)        { *p = append(*p, x.(time.Duration)) }
func (p *pool) Pop() any          { panic("it keeps its slots") }

// greedy is how long a pool takes that fills a slot again the moment its task ends.
func greedy(durations []time.Duration, slots int) (makespan time.Duration) {
	p := make(pool, slots)
	for _, d := range durations {
		p[0] += d
		makespan = max(makespan, p[0])
		heap.Fix(&p, 0)
	}
	return makespan
}

// durations are those of the tasks, by the service's books, in the order in which it accepted them, and the time from the
// first of those to the last end.
func durations(t *testing.T, ledger []byte) (all []time.Duration, makespan time.Duration) {
	t.Helper()
	began := map[string]time.Time{}
	var order []string
	took := map[string]time.Duration{}
	var first, last time.Time
	for line := range bytes.Lines(ledger) {
		var e struct {
			Event, Task string
			Time        time.Time
		}
		if err := json.Unmarshal(line, &e); err != nil {
			t.Fatal(err)
		}
		if e.Event == "accepted" {
			began[e.Task] = e.Time
			order = append(order, e.Task)
			if first.IsZero() {
				first = e.Time
			}
			continue
		}
		took[e.Task] = e.Time.Sub(began[e.Task])
		if e.Time.After(last) {
			last = e.Time
		}
	}
	for _, task := range order {
		all = append(all, took[task])
	}
	return all, last.Sub(first)
}

// watched is what a run came to.
type watched struct {
	ratio, calls float64 // makespan to the greedy pool's, and calls of the API a task
	late         time.Duration
	requests     map[string]int
	fired        map[string]int
	warnings     []string
}

// watch runs so many cells on so many slots in a mode.
func watch(t *testing.T, mode string, cells, slots int, o sandbox.Options) (w watched) {
	t.Helper()
	var ledger bytes.Buffer
	o.Ledger, o.PictureSize = &ledger, 8
	in(t, o, func(p *place) {
		p.socket()
		yaml := fmt.Sprintf("{version: 1, name: x, model: Qwen/Qwen-Image-Fast, matrix: {prompt: [a], seed: 1..%d}, limits: {concurrency: %d}}", cells, slots)
		r := p.run(yaml, func(o *pipeline.Options) { o.Watch = mode; o.Limits.Retries = 8 })
		ends := p.statuses()
		if r.ExitCode() != 0 && o.Faults["run_502_after"] == 0 || ends["done"]+ends["held"] != cells || ends["held"] > cells/100 {
			p.t.Errorf("%s: exit %d, %v\n%s", mode, r.ExitCode(), p.statuses(), strings.Join(p.errors(), "\n"))
		}
		p.audit()
		w.requests, w.fired, w.warnings = p.sandbox.Requests(), p.sandbox.FaultCounts(), p.warnings
		for _, row := range p.rows() {
			if row["status"] == "done" && (row["polls"] == "0" || row["polls"] == "") {
				p.t.Errorf("%s: a cell has ended by %q looks", mode, row["polls"])
			}
		}
		all, makespan := durations(p.t, ledger.Bytes())
		w.ratio = makespan.Seconds() / greedy(all, slots).Seconds()
		n := w.requests
		w.calls = float64(n["Run"]+n["Task/Detail"]+n["Task/List"]) / float64(cells)
		w.late = (makespan - greedy(all, slots)) * time.Duration(slots) / time.Duration(cells)
	})
	t.Logf("%-9s %4d cells %4d slots: %.3f × the greedy pool, %.2f calls a task, some %v late, %v %v", mode, cells, slots, w.ratio, w.calls,
		w.late.Round(time.Millisecond), w.requests, w.warnings)
	return w
}

// threeSeconds is a duration of 3 s ± 1 s.
var threeSeconds = sandbox.Timing{Run: sandbox.Span{Least: 2, Typical: 3, Most: 4}}

func TestSlotsAreRefilledSoonOnFewCalls(t *testing.T) {
	figures(t)
	for _, row := range []struct {
		mode         string
		ratio, calls float64
	}{
		{"auto", 1.03, 2}, {"websocket", 1.03, 2}, {"list", 1.03, 2}, {"detail", math.Inf(1), math.Inf(1)},
	} {
		t.Run(row.mode, func(t *testing.T) {
			w := watch(t, row.mode, 400, 40, sandbox.Options{Timing: threeSeconds, Balance: usd("400").Decimal, Seed: 1})
			if w.ratio > row.ratio || w.calls > row.calls || len(w.warnings) > 0 {
				t.Errorf("%s: %.3f × the greedy pool, %.2f calls a task, %v", row.mode, w.ratio, w.calls, w.warnings)
			}
		})
	}
}

// Each mode with what can go wrong on its way. Whatever does, all tasks end, at a bounded price.
func TestWatchingUnderFaults(t *testing.T) {
	figures(t)
	for _, row := range []struct {
		mode         string
		faults       sandbox.Faults
		ratio, calls float64
		warns        string
	}{
		{"list", sandbox.Faults{"list_lag": 0.5}, 1.1, 5, ""},
		{"list", sandbox.Faults{"list_lag": 1}, 1.1, 9.5, "list"},
		{"list", sandbox.Faults{"list_5xx": 0.3}, 1.1, 7, "list"},
		{"list", sandbox.Faults{"list_5xx": 1}, 1.1, 9.5, "list"},
		{"list", sandbox.Faults{"list_empty_params": 1}, 1.03, 2, ""},
		{"list", sandbox.Faults{"list_foreign": 0.5}, 1.03, 2.1, ""},
		{"list", sandbox.Faults{"detail_5xx": 0.5}, 1.05, 2, ""},
		{"auto", sandbox.Faults{"ws_refuse": 1}, 1.05, 2, "websocket"},
		{"auto", sandbox.Faults{"ws_silent": 1}, 1.05, 2.2, "websocket"},
		{"auto", sandbox.Faults{"ws_drop": 1}, 1.05, 2.5, ""},
		{"auto", sandbox.Faults{"ws_no_token": 1, "ws_late_silent": 1}, 1.03, 2, ""},
		{"auto", sandbox.Faults{"ws_refuse": 1, "list_5xx": 1}, 1.1, 9.5, "websocket"},
		{"auto", sandbox.Faults{"ws_silent": 1, "list_lag": 1}, 1.1, 9.5, "websocket"},
		{"auto", sandbox.Faults{"detail_5xx": 0.05, "list_5xx": 0.05}, 1.1, 3, ""},
		{"websocket", sandbox.Faults{"ws_refuse": 0.5}, 1.3, 3, ""},
		{"websocket", sandbox.Faults{"ws_silent": 1}, 2.5, 5, "websocket"},
		{"websocket", sandbox.Faults{"list_lag": 1}, 1.03, 3.5, ""},
		{"detail", sandbox.Faults{"detail_5xx": 0.04, "detail_drop": 0.02}, 1.3, 12, ""},
	} {
		t.Run(row.mode+" "+fmt.Sprint(row.faults), func(t *testing.T) {
			t.Parallel()
			w := watch(t, row.mode, 400, 40, sandbox.Options{Timing: threeSeconds, Seed: 1, Faults: row.faults})
			for fault := range row.faults {
				if least := 5; w.fired[fault] < least && !strings.HasPrefix(fault, "ws_") && fault != "detail_5xx" || w.fired[fault] == 0 {
					t.Errorf("%s fired %d times", fault, w.fired[fault])
				}
			}
			if w.ratio > row.ratio || w.calls > row.calls {
				t.Errorf("%.3f × the greedy pool, at most %v; %.2f calls a task, at most %v", w.ratio, row.ratio, w.calls, row.calls)
			}
			said := slices.DeleteFunc(w.warnings, func(text string) bool { return row.warns != "" && strings.Contains(strings.ToLower(text), row.warns) })
			if row.warns != "" && row.faults["list_5xx"] != 0.3 && len(w.warnings) == len(said) || row.mode == "auto" && len(w.warnings) > 3 {
				t.Errorf("said %q", w.warnings)
			}
		})
	}
}

// times notes when the looks at tasks leave.
type times struct {
	http.RoundTripper
	mu    sync.Mutex
	tasks bool // before there are any, the list is asked for the newest
	at    []time.Time
}

func (c *times) RoundTrip(r *http.Request) (*http.Response, error) {
	c.mu.Lock()
	c.tasks = c.tasks || strings.Contains(r.URL.Path, "/Run/")
	if c.tasks && (strings.HasSuffix(r.URL.Path, "/Task/Detail") || strings.HasSuffix(r.URL.Path, "/Task/List")) {
		c.at = append(c.at, time.Now())
	}
	c.mu.Unlock()
	return c.RoundTripper.RoundTrip(r)
}

// most is how many looks there were within any span of time.
func (c *times) most(within time.Duration) (most int) {
	first := 0
	for last, at := range c.at {
		for at.Sub(c.at[first]) >= within {
			first++
		}
		most = max(most, last-first+1)
	}
	return most
}

func TestPollRateHoldsInAnyWindow(t *testing.T) {
	figures(t)
	t.Parallel()
	for _, row := range []struct {
		mode   string
		faults sandbox.Faults
	}{
		{"detail", nil}, {"list", nil}, {"list", sandbox.Faults{"list_lag": 1}}, {"list", sandbox.Faults{"list_5xx": 0.5}}, {"auto", nil},
		{"detail", sandbox.Faults{"detail_5xx": 0.3}},
	} {
		const rate, burst = 2, 1
		in(t, sandbox.Options{Timing: threeSeconds, PictureSize: 8, Seed: 1, Faults: row.faults}, func(p *place) {
			looks := &times{RoundTripper: p.transport}
			p.transport = looks
			p.socket()
			yaml := "{version: 1, name: x, model: Qwen/Qwen-Image-Fast, matrix: {prompt: [a], seed: 1..100}, limits: {concurrency: 20, poll_rate: 2/s}}"
			if r := p.run(yaml, func(o *pipeline.Options) { o.Watch = row.mode }); r.ExitCode() != 0 {
				p.t.Errorf("%s %v: exit %d", row.mode, row.faults, r.ExitCode())
			}
			if len(looks.at) < 20 {
				p.t.Errorf("%s %v: only %d looks", row.mode, row.faults, len(looks.at))
			}
			for _, within := range []time.Duration{time.Second, 10 * time.Second} {
				if n := looks.most(within); n > rate*int(within.Seconds())+burst {
					p.t.Errorf("%s %v: %d looks within %v", row.mode, row.faults, n, within)
				}
			}
			p.t.Logf("%s %v: %d looks, at most %d in 1 s, %d in 10 s", row.mode, row.faults, len(looks.at), looks.most(time.Second), looks.most(10*time.Second))
		})
	}
}

// What was of no use is taken up again when it works, and each loss is said once.
func TestAutoGoesBackUp(t *testing.T) {
	figures(t)
	t.Parallel()
	socket, list := "the websocket is of no use", "Task/List does not show"
	for _, row := range []struct {
		faults, after  sandbox.Faults // for two minutes, and then
		details, pages float64        // for each task, from the fourth minute on, at most
		says           []string
	}{
		{sandbox.Faults{"ws_refuse": 1}, nil, 1.1, 0.2, []string{socket}},
		{sandbox.Faults{"ws_silent": 1}, nil, 1.1, 0.2, []string{socket}},
		{sandbox.Faults{"ws_refuse": 1, "list_5xx": 1}, nil, 1.1, 0.2, []string{socket, list}},
		{sandbox.Faults{"ws_refuse": 1, "list_5xx": 1}, sandbox.Faults{"ws_refuse": 1}, 0.1, 1.7, []string{socket, list}},
		{sandbox.Faults{"ws_refuse": 1, "list_lag": 1}, sandbox.Faults{"ws_refuse": 1}, 0.1, 1.7, []string{socket}},
	} {
		long := sandbox.Timing{Run: sandbox.Span{Least: 20, Typical: 28, Most: 36}}
		in(t, sandbox.Options{Timing: long, PictureSize: 8, Seed: 1, Faults: row.faults}, func(p *place) {
			p.socket()
			var before, since map[string]int
			time.AfterFunc(2*time.Minute, func() { before = p.sandbox.Requests(); p.sandbox.SetFaults(row.after) })
			time.AfterFunc(4*time.Minute, func() { since = p.sandbox.Requests() })
			if r := p.run("{version: 1, name: x, model: Qwen/Qwen-Image-Fast, matrix: {prompt: [a], seed: 1..260}, limits: {concurrency: 20}}"); r.ExitCode() != 0 {
				p.t.Errorf("%v: exit %d", row.faults, r.ExitCode())
			}
			after := p.sandbox.Requests()
			tasks := float64(after["cdn"] - since["cdn"])
			details, pages := float64(after["Task/Detail"]-since["Task/Detail"])/tasks, float64(after["Task/List"]-since["Task/List"])/tasks
			p.t.Logf("%v: %v, then to %.2f Details and %.2f pages for each of %.0f tasks", row.faults, before, details, pages, tasks)
			if tasks < 80 || details > row.details || pages > row.pages {
				p.t.Errorf("%v: %.2f Details and %.2f pages for each of %.0f tasks, at most %v and %v", row.faults, details, pages, tasks, row.details, row.pages)
			}
			for fault := range row.faults {
				if n := p.sandbox.FaultCounts()[fault]; n < 3 {
					p.t.Errorf("%s fired %d times", fault, n)
				}
			}
			for _, text := range []string{socket, list} {
				said := strings.Count(strings.Join(p.warnings, "\n"), text)
				if want := strings.Count(strings.Join(row.says, "\n"), text); said != want {
					p.t.Errorf("%v: %q was said %d times", row.faults, text, said)
				}
			}
		})
	}
}
