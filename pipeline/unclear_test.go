package pipeline_test

import (
	"context"
	"strings"
	"testing"
	"time"

	"wirobatch/pipeline"
	"wirobatch/wiro"
	"wirobatch/wiro/sandbox"
)

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

// What never says whether it succeeded may have been billed: it has failed, and is made again by a person's word alone; where
// the time that it took tells a cost, only by name.
func TestUnclearEndsAreNotPaidAgain(t *testing.T) {
	for _, row := range []struct {
		why          string
		say          func(t map[string]any)
		cost, status string
		submits      int // by --retry-failed
	}{
		{"nothing tells a cost", func(t map[string]any) { delete(t, "cps") }, "", "failed", 3},
		{"elapsed × cps does", func(map[string]any) {}, "0.00351", "failed", 0},
		{"it says that it was billed", func(t map[string]any) { t["totalcost"] = "0.00351" }, "0.00351", "pending", 0},
	} {
		t.Run(row.why, func(t *testing.T) {
			timing := sandbox.Timing{Preprocess: sandbox.Exactly(1), Run: sandbox.Exactly(4), Postprocess: sandbox.Exactly(1)}
			in(t, sandbox.Options{Shape: sandbox.ShapeDocumentation, Timing: timing}, func(p *place) {
				fired, restore := p.retold(func(t map[string]any) bool {
					silent(t)
					t["outputs"], t["elapsedseconds"] = []any{}, "6.0000"
					row.say(t)
					return true
				})
				defer restore()
				r := p.run(three)
				now := p.rows()[0]
				if fired.Load() < 15 || r.ExitCode() != 3 || r.Submits != 3 || now["status"] != row.status || now["cost_usd"] != row.cost || now["error"] == "" {
					t.Errorf("fired %d times, exit %d, %d submits, %v", fired.Load(), r.ExitCode(), r.Submits, now)
				}
				if r = p.run(three); r.Submits != 0 || r.ExitCode() != 3 {
					t.Errorf("then: exit %d, %d submits", r.ExitCode(), r.Submits)
				}
				if r = p.run(three, func(o *pipeline.Options) { o.RetryFailed = true }); r.Submits != row.submits {
					t.Errorf("--retry-failed: %d submits, want %d", r.Submits, row.submits)
				}
				restore()
				made := p.sandbox.Accepted()
				if r = p.run(three, func(o *pipeline.Options) { o.Redo = []string{now["id"]} }); r.Submits != 1 || p.rows()[0]["status"] != "done" || p.sandbox.Accepted() != made+1 {
					t.Errorf("--redo: %d submits, %v", r.Submits, p.rows()[0])
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
			if err != nil || fates[pipeline.Killed] != 1 || len(told) != 1 || told[0].Err == nil || !strings.Contains(told[0].Err.Error(), "found in the list") {
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
