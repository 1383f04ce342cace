package pipeline_test

import (
	"context"
	"slices"
	"strings"
	"testing"
	"time"

	"wirobatch/pipeline"
	"wirobatch/wiro"
	"wirobatch/wiro/sandbox"
)

var sixSeconds = sandbox.Timing{Preprocess: sandbox.Exactly(1), Run: sandbox.Exactly(4), Postprocess: sandbox.Exactly(1)}

// silent takes from a task what says whether it succeeded, but for its outputs.
func silent(t map[string]any) {
	delete(t, "pexit")
	delete(t, "totalcost")
}

// Outputs may show a moment after the end: what looks like a failure until then is not paid again.
func TestOutputsThatComeAfterTheEnd(t *testing.T) {
	in(t, sandbox.Options{Shape: sandbox.ShapeDocumentation}, func(p *place) {
		first := map[any]time.Time{}
		turn := make(chan struct{}, 1)
		fired, restore := p.retold(func(t map[string]any) bool {
			turn <- struct{}{}
			defer func() { <-turn }()
			silent(t)
			if first[t["id"]].IsZero() {
				first[t["id"]] = time.Now()
			}
			if time.Since(first[t["id"]]) > 1500*time.Millisecond {
				return false
			}
			t["outputs"] = []any{}
			return true
		})
		defer restore()
		r := p.run(grid)
		if fired.Load() < 24 || r.ExitCode() != 0 || r.Submits != 24 || p.statuses()["done"] != 24 {
			t.Errorf("fired %d times, exit %d, %d submits, %v", fired.Load(), r.ExitCode(), r.Submits, p.statuses())
		}
		p.audit()
	})
}

// What never says whether it succeeded may have been billed: it is neither failed nor made again, and delivered by the start
// that finds its outputs.
func TestUnclearEndsAreNotPaidAgain(t *testing.T) {
	const retried = "{version: 1, name: x, model: Qwen/Qwen-Image-Fast, matrix: {prompt: [a], seed: 1..3}, limits: {concurrency: 3, retries: 2}}"
	for _, row := range []struct {
		why    string
		say    func(t map[string]any)
		faults sandbox.Faults
		cost   string
	}{
		{"nothing tells a cost", func(t map[string]any) { delete(t, "cps") }, sandbox.Faults{"tool_5xx": 1}, ""},
		{"the price list does", func(t map[string]any) { delete(t, "cps") }, nil, "0.002925"},
		{"elapsed × cps does", func(map[string]any) {}, sandbox.Faults{"tool_5xx": 1}, "0.002925"},
		{"it says that it was billed", func(t map[string]any) { t["totalcost"] = "0.002925" }, nil, "0.002925"},
	} {
		t.Run(row.why, func(t *testing.T) {
			in(t, sandbox.Options{Shape: sandbox.ShapeDocumentation, Timing: sixSeconds, Faults: row.faults}, func(p *place) {
				fired, restore := p.retold(func(t map[string]any) bool {
					silent(t)
					t["outputs"], t["elapsedseconds"] = []any{}, "5.0000"
					row.say(t)
					return true
				})
				defer restore()
				for start := range 4 {
					r := p.run(retried, func(o *pipeline.Options) { o.RetryFailed = start > 1 })
					now := p.rows()[0]
					if r.ExitCode() != 3 || p.sandbox.Accepted() != 3 || now["status"] != "pending" || now["task_id"] == "" || now["cost_usd"] != row.cost ||
						!strings.Contains(now["error"], "--redo") {
						t.Errorf("start %d: exit %d, %d tasks, %v", start+1, r.ExitCode(), p.sandbox.Accepted(), now)
					}
				}
				if fates, _, err := p.cancel(p.client); err != nil || fates[pipeline.Untold]+fates[pipeline.Paid] != 3 {
					t.Errorf("cancel: %v, %v", fates, err)
				}
				if fired.Load() < 24 || row.faults != nil && p.sandbox.FaultCounts()["tool_5xx"] == 0 {
					t.Errorf("fired %d times, %v", fired.Load(), p.sandbox.FaultCounts())
				}
				restore()
				if r := p.run(retried, func(o *pipeline.Options) { o.RetryFailed = true }); r.ExitCode() != 0 || r.Submits != 0 || p.statuses()["done"] != 3 {
					t.Errorf("when outputs show: exit %d, %d submits, %v", r.ExitCode(), r.Submits, p.statuses())
				}
				p.audit()
			})
		})
	}
}

// A budget holds with ends that are unclear: they may all have been billed. A person can have one made again.
func TestUnclearEndsCountForTheBudget(t *testing.T) {
	const sixty = "{version: 1, name: x, model: Qwen/Qwen-Image-Fast, matrix: {prompt: [a], seed: 1..60}, limits: {concurrency: 16, budget_usd: 0.02}}"
	for _, faults := range []sandbox.Faults{nil, {"tool_5xx": 1}} {
		in(t, sandbox.Options{Shape: sandbox.ShapeSeed, Timing: sixSeconds, Faults: faults}, func(p *place) {
			fired, restore := p.retold(func(t map[string]any) bool { t["outputs"] = []any{}; return true })
			defer restore()
			for start := range 3 {
				r := p.run(sixty, func(o *pipeline.Options) { o.RetryFailed = start > 0 })
				if r.ExitCode() != 4 || p.charged().GreaterThan(usd("0.02").Decimal) {
					t.Errorf("start %d: exit %d, $%s were charged for %d tasks", start+1, r.ExitCode(), p.charged(), p.sandbox.Accepted())
				}
			}
			if fired.Load() < 5 || p.statuses()["failed"] != 0 {
				t.Errorf("fired %d times, %v", fired.Load(), p.statuses())
			}
			made := p.sandbox.Accepted()
			restore()
			p.sandbox.SetFaults(nil)
			rows := p.rows()
			n := slices.IndexFunc(rows, func(row map[string]string) bool { return row["task_id"] != "" })
			id := rows[n]["id"]
			r := p.run(sixty, func(o *pipeline.Options) { o.Redo, o.Limits.Budget = []string{id}, usd("1") })
			if r.ExitCode() != 0 || p.sandbox.Accepted() != 61 || r.Submits != 61-made || p.rows()[n]["attempts"] != "2" {
				t.Errorf("--redo: exit %d, %d submits after %d, %v", r.ExitCode(), r.Submits, made, p.rows()[n])
			}
		})
	}
}

// What an unclear end came to counts when the service says so, and not before.
func TestUnclearEndsThatBecomeClear(t *testing.T) {
	const once = "{version: 1, name: x, model: Qwen/Qwen-Image-Fast, matrix: {prompt: [a], seed: 1..3}, limits: {concurrency: 3, retries: 0}}"
	for _, row := range []struct {
		how     string
		say     func(t map[string]any)
		status  string
		submits int // by --retry-failed
	}{
		{"it failed", func(t map[string]any) { t["pexit"] = "1" }, "failed", 3},
		{"it cost nothing", func(t map[string]any) { t["totalcost"] = "0" }, "failed", 3},
		{"it was cancelled and cost nothing", func(t map[string]any) { t["status"], t["totalcost"] = "task_cancel", "0" }, "cancelled", 3},
		{"it failed and was billed", func(t map[string]any) { t["pexit"], t["totalcost"] = "1", "0.002925" }, "failed", 0},
		{"it was cancelled", func(t map[string]any) { t["status"] = "task_cancel" }, "pending", 0},
		{"it runs", func(t map[string]any) { t["status"] = "task_start" }, "pending", 0},
	} {
		t.Run(row.how, func(t *testing.T) {
			in(t, sandbox.Options{Shape: sandbox.ShapeDocumentation, Timing: sixSeconds}, func(p *place) {
				var later bool
				fired, restore := p.retold(func(t map[string]any) bool {
					silent(t)
					t["outputs"] = []any{}
					if later {
						row.say(t)
					}
					return later
				})
				defer restore()
				p.run(once)
				if n := p.statuses()["pending"]; n != 3 || p.rows()[0]["cost_usd"] == "" {
					t.Fatalf("%v", p.rows()[0])
				}
				later = true
				time.Sleep(time.Hour)
				r := p.run(once)
				now := p.rows()[0]
				free := now["cost_usd"] == "0" && r.Summary.Money.Spent.IsZero()
				if fired.Load() < 3 || r.ExitCode() != 3 || r.Submits != 0 || now["status"] != row.status || free != (row.submits > 0) {
					t.Errorf("exit %d, %d submits, fired %d times, %v", r.ExitCode(), r.Submits, fired.Load(), now)
				}
				if r = p.run(once, func(o *pipeline.Options) { o.RetryFailed = true }); r.Submits != row.submits {
					t.Errorf("--retry-failed: %d submits, want %d", r.Submits, row.submits)
				}
				if n := p.sandbox.Requests(); n["Task/Kill"]+n["Task/Cancel"] != 0 {
					t.Errorf("told to end: %v", n)
				}
			})
		})
	}
}

// The task that was found for a lost submit is another's: when it is cancelled, the cell's own is looked for before it is
// made again.
func TestCancelOfAnAdoptedTask(t *testing.T) {
	for _, mode := range []pipeline.OnUnknown{pipeline.Verify, pipeline.Hold} {
		in(t, sandbox.Options{Timing: sevenSeconds}, func(p *place) {
			others := make(chan error, 1)
			time.AfterFunc(3*time.Second, func() {
				_, err := p.client.Run(context.Background(), "Qwen/Qwen-Image-Fast", wiro.Input{Params: map[string]string{"prompt": "a", "seed": "2"}})
				p.sandbox.SetFaults(sandbox.Faults{"run_drop_after": 1})
				others <- err
			})
			const two = "{version: 1, name: x, model: Qwen/Qwen-Image-Fast, matrix: {prompt: [a], seed: [1, 2]}, limits: {concurrency: 1}}"
			set := func(o *pipeline.Options) { o.OnUnknown = mode }
			ctx, leave := context.WithTimeout(context.Background(), 9*time.Second)
			defer leave()
			if _, err := p.try(ctx, nil, two, set); err != nil {
				t.Fatal(err)
			}
			p.sandbox.SetFaults(nil)
			fates, told, err := p.cancel(p.client)
			if err := <-others; err != nil || p.sandbox.FaultCounts()["run_drop_after"] != 1 {
				t.Fatalf("%v, fired: %v", err, p.sandbox.FaultCounts())
			}
			if err != nil || fates[pipeline.Killed] != 1 || len(told) != 1 || !told[0].Sought {
				t.Fatalf("%v, %v, %+v", err, fates, told)
			}
			time.Sleep(time.Minute)
			r := p.run(two, set)
			if r.ExitCode() != 0 || p.statuses()["done"] != 2 || p.sandbox.Accepted() != 3 || len(p.sandbox.Charges()) != 2 {
				t.Errorf("%s: exit %d, %v, %d tasks, %d charges for 2 cells, %v", mode, r.ExitCode(), p.statuses(), p.sandbox.Accepted(), len(p.sandbox.Charges()), p.errors())
			}
			p.audit()
		})
	}
}

// A price that nobody tells keeps neither a file from its place nor a run from its end.
func TestFilesDoNotWaitForAPrice(t *testing.T) {
	in(t, sandbox.Options{Shape: sandbox.ShapeSeed, Timing: sevenSeconds, Faults: sandbox.Faults{"tool_5xx": 1}}, func(p *place) {
		stop := make(chan pipeline.Reason, 1)
		begun := time.Now()
		time.AfterFunc(60*time.Second, func() { stop <- pipeline.Terminated })
		r, err := p.try(context.Background(), stop, three, func(o *pipeline.Options) { o.Limits.Budget = usd("0.10") })
		if n := p.sandbox.FaultCounts()["tool_5xx"]; err != nil || n < 5 || r.ExitCode() != 143 {
			t.Fatalf("%v, exit %d, fired %d times", err, r.ExitCode(), n)
		}
		if took := time.Since(begun); r.Progress.Done != 1 || took > 75*time.Second { // the price list is asked once more at the end
			t.Errorf("%d done, ended after %v", r.Progress.Done, took)
		}
		p.sandbox.SetFaults(nil)
		if r := p.run(three); r.ExitCode() != 0 || p.sandbox.Accepted() != 3 {
			t.Errorf("then: exit %d, %d tasks", r.ExitCode(), p.sandbox.Accepted())
		}
		p.audit()
	})
}

// A run that is told to leave while it looks again has not seen an end: the next one delivers.
func TestLeavingWhileAnEndIsUnclear(t *testing.T) {
	in(t, sandbox.Options{Shape: sandbox.ShapeSeed, Timing: sevenSeconds}, func(p *place) {
		fired, restore := p.retold(func(t map[string]any) bool { t["outputs"] = []any{}; return true })
		defer restore()
		ctx, leave := context.WithTimeout(context.Background(), 12*time.Second)
		defer leave()
		if _, err := p.try(ctx, nil, three); err != nil || fired.Load() < 6 {
			t.Fatalf("%v, fired %d times", err, fired.Load())
		}
		restore()
		if r := p.run(three); r.ExitCode() != 0 || r.Submits != 0 || p.sandbox.Accepted() != 3 {
			t.Errorf("exit %d, %d submits, %d tasks", r.ExitCode(), r.Submits, p.sandbox.Accepted())
		}
		p.audit()
	})
}

// A service whose model breaks for every cell, and which says neither that nor what it cost, stops the run as one does that says
// it; so do the next starts, until it says how they ended.
func TestUnclearEndsAreTooManyFailures(t *testing.T) {
	const forty = "{version: 1, name: x, model: Qwen/Qwen-Image-Fast, matrix: {prompt: [a], seed: 1..40}, limits: {concurrency: 1, max_failures: 3}}"
	in(t, sandbox.Options{Shape: sandbox.ShapeDocumentation, Timing: sixSeconds}, func(p *place) {
		fired, restore := p.retold(func(t map[string]any) bool { silent(t); t["outputs"] = []any{}; return true })
		defer restore()
		stopped := func(r pipeline.Result) bool { return slices.Contains(r.Reasons, pipeline.TooManyFailures) }
		r := p.run(forty)
		n := r.Submits // one may leave while the third is recorded
		if !stopped(r) || r.ExitCode() != 3 || n < 3 || n > 4 || r.Progress.Undelivered != n || fired.Load() == 0 {
			t.Errorf("exit %d, %v, %d submits, %+v, fired %d times", r.ExitCode(), r.Reasons, n, r.Progress, fired.Load())
		}
		for range 2 {
			if r = p.run(forty, func(o *pipeline.Options) { o.RetryFailed = true }); !stopped(r) || r.ExitCode() != 3 || r.Submits != 0 {
				t.Errorf("then: exit %d, %v, %d submits", r.ExitCode(), r.Reasons, r.Submits)
			}
		}
		r = p.run(forty, func(o *pipeline.Options) { o.Limits.MaxFailures.Count = n + 1 })
		if !stopped(r) || r.Submits < 1 || r.Submits > 2 {
			t.Errorf("raised: exit %d, %v, %d submits", r.ExitCode(), r.Reasons, r.Submits)
		}
		n += r.Submits
		restore()
		if r = p.run(forty); !stopped(r) || r.Submits != 0 || r.Progress.Done != n {
			t.Errorf("when outputs show: %v, %d submits, %+v", r.Reasons, r.Submits, r.Progress)
		}
		if r = p.run(forty); r.ExitCode() != 0 || r.Submits != 40-n || p.sandbox.Accepted() != 40 {
			t.Errorf("from then on: exit %d, %v, %d submits after %d", r.ExitCode(), r.Reasons, r.Submits, n)
		}
		p.audit()
	})
}
