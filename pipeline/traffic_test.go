package pipeline_test

import (
	"context"
	"fmt"
	"maps"
	"net/http"
	"strings"
	"testing"
	"time"

	"wirobatch/pipeline"
	"wirobatch/wiro"
	"wirobatch/wiro/sandbox"
)

// wide is a grid of n cells, 64 at once.
func wide(n int) string {
	return fmt.Sprintf("{version: 1, name: x, model: Qwen/Qwen-Image-Fast, matrix: {prompt: [a], seed: 1..%d}, limits: {concurrency: 64}}", n)
}

// far is a network on which each request takes a while to get there, and each answer as long to come back.
type far struct {
	http.RoundTripper
	way time.Duration
}

func (f far) RoundTrip(r *http.Request) (*http.Response, error) {
	time.Sleep(f.way)
	defer time.Sleep(f.way)
	return f.RoundTripper.RoundTrip(r)
}

// faraway runs a test in a bubble whose service is far away, and small, so that much of it is cheap.
func faraway(t *testing.T, o sandbox.Options, test func(*place)) {
	t.Helper()
	o.PictureSize = 8
	in(t, o, func(p *place) {
		p.client = p.dial(far{p.transport, 400 * time.Millisecond}, "sandbox")
		test(p)
	})
}

// once fails the test if the same parameters were charged twice.
func (p *place) once() {
	p.t.Helper()
	charges := map[string]int{}
	for _, c := range p.sandbox.Charges() {
		if charges[fmt.Sprint(c.Parameters)]++; charges[fmt.Sprint(c.Parameters)] == 2 {
			p.t.Errorf("%v: charged twice", c.Parameters)
		}
	}
}

func TestAnHourOfOutageCostsATenthMoreTraffic(t *testing.T) {
	figures(t)
	t.Parallel()
	type size struct {
		cells int
		watch string
	}
	o := sandbox.Options{Timing: sandbox.Timing{Preprocess: sandbox.Exactly(2), Run: sandbox.Span{Least: 2, Typical: 10, Most: 40}, Postprocess: sandbox.Exactly(1)}}
	usual := map[size]int{}
	for _, s := range []size{{400, "detail"}, {400, "auto"}, {40, "detail"}} { // what an outage costs is by its time, not by the tasks
		for range 400 / s.cells { // few differ from time to time
			faraway(t, o, func(p *place) {
				if r := p.run(wide(s.cells), func(o *pipeline.Options) { o.Watch = s.watch }); r.ExitCode() != 0 {
					t.Fatalf("exit %d", r.ExitCode())
				}
				usual[s] += total(p.sandbox.Requests())
			})
		}
		usual[s] /= 400 / s.cells
		t.Logf("%d by %s: %d requests", s.cells, s.watch, usual[s])
	}
	for _, row := range []struct {
		why    string
		onset  sandbox.Faults // comes first, so that each kind of call meets the outage
		faults sandbox.Faults
		left   bool // downloads may use up their tries
	}{
		{"nothing gets through", sandbox.Faults{"run_502_before": 1, "out_5xx": 1},
			sandbox.Faults{"run_502_before": 1, "out_5xx": 1, "detail_5xx": 1, "list_5xx": 1}, true},
		{"all gets through, and no answer comes back", sandbox.Faults{"run_502_after": 1, "out_cut": 1},
			sandbox.Faults{"run_502_after": 1, "out_cut": 1, "detail_drop": 1, "list_drop": 1}, true},
		{"submits and lists do not get through", nil,
			sandbox.Faults{"run_502_before": 1, "list_5xx": 1}, false},
	} {
		for s := range usual {
			few := s.cells < 64 // they are all submitted before
			if few && !row.left {
				continue
			}
			t.Run(fmt.Sprintf("%d by %s: %s", s.cells, s.watch, row.why), func(t *testing.T) {
				t.Parallel()
				set := func(o *pipeline.Options) { o.Watch = s.watch }
				sum, times := 0, map[bool]int{false: 1, true: 5}[few]
				for range times {
					faraway(t, o, func(p *place) {
						time.AfterFunc(20*time.Second, func() { p.sandbox.SetFaults(row.onset) })
						time.AfterFunc(25*time.Second, func() { p.sandbox.SetFaults(row.faults) })
						time.AfterFunc(25*time.Second+time.Hour, func() { p.sandbox.SetFaults(nil) })
						r := p.run(wide(s.cells), set)
						n, fired := p.sandbox.Requests(), p.sandbox.FaultCounts()
						t.Logf("exit %d, %v, %d of %d %v, %v", r.ExitCode(), p.statuses(), total(n), usual[s], n, fired)
						for fault := range row.faults {
							// Where looks at tasks fail too, those at the list may wait for the end of it.
							if fired[fault] == 0 && (!row.left || !strings.HasPrefix(fault, "list")) && (!few || !strings.HasPrefix(fault, "run")) {
								t.Errorf("%s did not fire", fault)
							}
						}
						sum += total(n)
						left := p.statuses()["pending"]
						if want := map[bool]int{false: 0, true: 3}[left > 0]; r.ExitCode() != want || left > 0 && !row.left || p.statuses()["done"]+left != s.cells {
							t.Errorf("exit %d, %v", r.ExitCode(), p.statuses())
						}
						if r = p.run(wide(s.cells), set); r.ExitCode() != 0 || r.Submits != 0 || p.sandbox.Accepted() != s.cells {
							t.Errorf("then exit %d, %d submits, %d tasks for %d cells", r.ExitCode(), r.Submits, p.sandbox.Accepted(), s.cells)
						}
						p.once()
						p.audit()
					})
				}
				more := usual[size{s.cells, "detail"}] / 10
				if s.watch == "auto" && !row.left { // what runs when the list goes away is asked after one by one
					more += 64 * usual[size{s.cells, "detail"}] / s.cells
				}
				if n := sum / times; n > usual[s]+more {
					t.Errorf("%d requests, %d without the outage", n, usual[s])
				}
			})
		}
	}
}

func TestAnHourWithoutDetailCostsOneCallAMinuteAtMost(t *testing.T) {
	figures(t)
	t.Parallel()
	const cells = 120
	for _, row := range []struct {
		watch string
		shape sandbox.Shape // with rows that lack the cost, so that an end takes a Detail
		tasks sandbox.Faults
	}{
		{"auto", sandbox.ShapeSeed, nil},
		{"list", sandbox.ShapeSeed, nil},
		{"auto", sandbox.ShapeDocumentation, sandbox.Faults{"task_fail": 0.5}},
	} {
		faraway(t, sandbox.Options{Shape: row.shape, Timing: sevenSeconds, Faults: row.tasks}, func(p *place) {
			down := sandbox.Faults{"detail_5xx": 1}
			maps.Copy(down, row.tasks)
			time.AfterFunc(3*time.Second, func() { p.sandbox.SetFaults(down) })
			var n, fired map[string]int
			time.AfterFunc(3*time.Second+time.Hour, func() {
				n, fired = p.sandbox.Requests(), p.sandbox.FaultCounts()
				p.sandbox.SetFaults(row.tasks)
			})
			begun := time.Now()
			r := p.run(strings.Replace(wide(cells), "concurrency: 64", "concurrency: 40", 1), func(o *pipeline.Options) { o.Watch = row.watch })
			late := time.Since(begun) - time.Hour
			t.Logf("%s %v: exit %d, %v, %v by then, %v, then %v", row.watch, row.shape, r.ExitCode(), p.statuses(), n, fired, late)
			if looks := fired["detail_5xx"]; looks < 40 || looks > 80+40 { // those that end together leave together
				t.Errorf("%s %v: %d looks at tasks in an hour", row.watch, row.shape, looks)
			}
			if s := p.statuses(); p.sandbox.Accepted() < cells || s["done"]+s["failed"] != cells || late > 6*time.Minute {
				t.Errorf("%s %v: %v, %d tasks, %v later", row.watch, row.shape, s, p.sandbox.Accepted(), late)
			}
			p.audit()
		})
	}
}

func TestAFullAccountIsProbedOnceAMinute(t *testing.T) {
	figures(t)
	t.Parallel()
	for _, row := range []struct {
		why  string
		fill func(p *place) (free func())
	}{
		{"the only slot is somebody else's", func(p *place) func() {
			p.sandbox.SetFaults(sandbox.Faults{"task_stuck": 1})
			sub, err := p.client.Run(context.Background(), textModel, wiro.Input{Params: map[string]string{"prompt": "theirs"}})
			if err != nil {
				t.Fatal(err)
			}
			p.sandbox.SetFaults(nil)
			return func() {
				if _, err := p.client.Kill(context.Background(), sub.TaskID); err != nil {
					t.Error(err)
				}
			}
		}},
		{"the service says so", func(p *place) func() {
			p.sandbox.SetFaults(sandbox.Faults{"run_96": 1})
			return func() { p.sandbox.SetFaults(nil) }
		}},
	} {
		faraway(t, sandbox.Options{Balance: usd("15").Decimal}, func(p *place) {
			free := row.fill(p)
			before := p.sandbox.Accepted()
			var refused int
			time.AfterFunc(6*time.Hour, func() {
				refused = p.sandbox.Requests()["Run"] - before
				free()
			})
			begun := time.Now()
			r := p.run("{version: 1, name: x, model: Qwen/Qwen-Image-Fast, matrix: {prompt: [a], seed: 1..40}}")
			n := p.sandbox.Requests()
			t.Logf("%s: %v, %d refused, %v", row.why, time.Since(begun), refused, n)
			if r.ExitCode() != 0 || p.statuses()["done"] != 40 {
				t.Errorf("%s: exit %d, %v", row.why, r.ExitCode(), p.statuses())
			}
			if refused < 6*60/2 || refused > 6*60*3/2 {
				t.Errorf("%s: %d probes in six hours", row.why, refused)
			}
			if since := n["Run"] - before - refused; since > 40+15 {
				t.Errorf("%s: then %d submits for 40 cells", row.why, since)
			}
			for _, cell := range p.rows() {
				if cell["attempts"] != "1" {
					t.Errorf("%s: cell %s took %s attempts", row.why, cell["cell"], cell["attempts"])
				}
			}
			p.audit()
		})
	}
}

func TestABalanceThatCrossesTheLimit(t *testing.T) {
	figures(t)
	t.Parallel()
	slow := sandbox.Timing{Preprocess: sandbox.Exactly(2), Run: sandbox.Exactly(27), Postprocess: sandbox.Exactly(1)}
	for _, row := range []struct {
		from, to, limits string
		cells, refused   int           // refused: submits, at most
		took             time.Duration // at most
	}{
		{"251", "249", "{concurrency: 64}", 200, 64 - 24 + 2*4, 4 * time.Minute},
		{"249", "400", "{}", 400, 24, 450 * time.Second}, // with 24 slots: 400/24 × 31 s
	} {
		faraway(t, sandbox.Options{Balance: usd(row.from).Decimal, Timing: slow}, func(p *place) {
			time.AfterFunc(20*time.Second, func() { p.sandbox.SetBalance(usd(row.to).Decimal) })
			begun := time.Now()
			r := p.run(strings.Replace(wide(row.cells), "{concurrency: 64}", row.limits, 1))
			took, n := time.Since(begun), p.sandbox.Requests()
			t.Logf("$%s to $%s: %v, %v", row.from, row.to, took, n)
			if r.ExitCode() != 0 || p.statuses()["done"] != row.cells || p.sandbox.Accepted() != row.cells {
				t.Errorf("$%s to $%s: exit %d, %v", row.from, row.to, r.ExitCode(), p.statuses())
			}
			if refused := n["Run"] - row.cells; refused < 1 || refused > row.refused || took > row.took {
				t.Errorf("$%s to $%s: %d refused, %v", row.from, row.to, refused, took)
			}
			if looks := n["Task/Detail"]; looks > row.cells*8 {
				t.Errorf("$%s to $%s: %d looks at %d tasks", row.from, row.to, looks, row.cells)
			}
			p.once()
			p.audit()
		})
	}
}

func TestAListWithoutParametersIsAskedAboutSparingly(t *testing.T) {
	faraway(t, sandbox.Options{Seed: 3, Faults: sandbox.Faults{"run_502_after": 0.2, "list_empty_params": 1}}, func(p *place) {
		r := p.run(wide(100), byDetail)
		n, fired := p.sandbox.Requests(), p.sandbox.FaultCounts()
		held := p.statuses()["held"]
		t.Logf("exit %d, %v, %v, %v", r.ExitCode(), p.statuses(), n, fired)
		if r.ExitCode() != 8 || held != fired["run_502_after"] || held < 8 || fired["list_empty_params"] < 12 || p.statuses()["done"]+held != 100 {
			t.Errorf("exit %d, %v, %v", r.ExitCode(), p.statuses(), fired)
		}
		if n["Run"] != 100 || n["Task/List"] > 3*held+20 {
			t.Errorf("%v", n)
		}
		p.sandbox.SetFaults(nil)
		if r = p.run(wide(100), byDetail); r.ExitCode() != 0 || r.Submits != 0 || p.sandbox.Accepted() != 100 || p.statuses()["done"] != 100 {
			t.Errorf("then exit %d, %d submits, %d tasks for 100 cells, %v", r.ExitCode(), r.Submits, p.sandbox.Accepted(), p.statuses())
		}
		if lists := p.sandbox.Requests()["Task/List"] - n["Task/List"]; lists > 4*2+2 {
			t.Errorf("then %d looks at the list", lists)
		}
		p.once()
		p.audit()
	})
}

func TestAListThatLagsIsWaitedFor(t *testing.T) {
	faraway(t, sandbox.Options{Seed: 4, Faults: sandbox.Faults{"run_drop_after": 0.2, "list_lag": 1}}, func(p *place) {
		r := p.run(wide(100))
		n, fired := p.sandbox.Requests(), p.sandbox.FaultCounts()
		t.Logf("exit %d, %v, %v, %v", r.ExitCode(), p.statuses(), n, fired)
		if lost := fired["run_drop_after"]; lost < 12 || fired["list_lag"] < 12 || n["Task/List"] > 4*lost+20 {
			t.Errorf("%v, %v", n, fired)
		}
		if r.ExitCode() != 0 || p.sandbox.Accepted() != 100 || n["Run"] != 100 || p.statuses()["done"] != 100 {
			t.Errorf("exit %d, %v, %d tasks for 100 cells, %v", r.ExitCode(), p.statuses(), p.sandbox.Accepted(), n)
		}
		p.once()
		p.audit()
	})
}
