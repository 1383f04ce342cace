package pipeline_test

import (
	"context"
	"fmt"
	"strings"
	"testing"
	"time"

	"wirobatch/pipeline"
	"wirobatch/wiro/sandbox"
)

// Each row is a grid of 24 cells against a service with one fault. fired is the least number of times that the fault must
// have struck for the row to mean anything.
var faults = []struct {
	why   string
	fault string
	p     float64
	fired int
}{
	{"passing trouble on reads is waited out", "detail_5xx", 0.5, 20},
	{"HTML in place of an answer is trouble, not a verdict", "detail_html", 0.5, 20},
	{"dropped reads are asked again", "detail_drop", 0.5, 20},
	{"cut-off reads are asked again", "detail_cut", 0.5, 20},
	{"429 on reads is waited out", "detail_429", 0.5, 20},
	{"429 on submits pauses them, and costs no attempt", "run_429", 0.5, 8},
	{"code 96 waits for a slot, and costs no attempt", "run_96", 0.5, 8},
	{"a passing refusal is tried again", "run_general", 0.25, 4},
	{"a lost answer is looked up and adopted", "run_502_after", 0.5, 8},
	{"a dropped connection is looked up and adopted", "run_drop_after", 0.5, 8},
	{"a cut-off answer is looked up and adopted", "run_cut", 0.5, 8},
	{"an answer without a task is looked up and adopted", "run_no_taskid", 0.5, 8},
	{"an answer that never comes is looked up and adopted", "run_hang", 0.3, 3},
	{"downloads that fail are tried again", "out_5xx", 0.2, 4},
	{"downloads that break off are tried again", "out_cut", 0.3, 4},
	{"downloads that stall are tried again", "out_stall", 0.2, 3},
	{"a page in place of a picture is not kept", "out_html", 0.2, 4},
	{"hostile names name nothing", "out_name_hostile", 1, 24},
	{"a body shorter than the task says is tried again", "out_short", 0.3, 4},
	{"a wrong size in the task is a warning", "out_size_differs", 1, 24},
	{"the model's failures are tried again", "task_fail", 0.3, 4},
	{"task_error is not the end", "task_error_recover", 1, 4},
}

func TestFaultsAreSurvived(t *testing.T) {
	for _, f := range faults {
		t.Run(f.fault, func(t *testing.T) {
			t.Parallel()
			o := sandbox.Options{Seed: 7, Faults: sandbox.Faults{f.fault: f.p}}
			if f.fault == "task_fail" {
				o.Shape = sandbox.ShapeDocumentation // it says so: what does not is not tried again by itself
			}
			in(t, o, func(p *place) {
				r := p.run(grid, byDetail, func(o *pipeline.Options) { o.Limits.Retries = 8 })
				if n := p.sandbox.FaultCounts()[f.fault]; n < f.fired {
					t.Errorf("%s fired %d times, at least %d are needed", f.fault, n, f.fired)
				}
				if r.ExitCode() != 0 || p.statuses()["done"] != 24 {
					t.Errorf("%s: exit %d, %v\n%s\n%s", f.why, r.ExitCode(), p.statuses(), strings.Join(p.warnings, "\n"), strings.Join(p.errors(), "\n"))
				}
				charges := map[string]int{}
				for _, c := range p.sandbox.Charges() {
					charges[fmt.Sprint(c.Parameters)]++
				}
				for what, n := range charges {
					if n != 1 {
						t.Errorf("%s: charged %d times", what, n)
					}
				}
				for _, row := range p.rows() {
					if f.fault != "task_fail" && row["attempts"] != "1" {
						t.Errorf("cell %s took %s attempts", row["id"], row["attempts"])
					}
				}
				p.audit()
			})
		})
	}
}

func TestHeldWhenItCannotBeFound(t *testing.T) {
	// The answer is lost, and the list is of no help: neither made nor not made can be shown.
	for _, list := range []string{"list_empty_params", "list_5xx"} {
		t.Run(list, func(t *testing.T) {
			in(t, sandbox.Options{Seed: 3, Faults: sandbox.Faults{"run_502_after": 0.5, list: 1}}, func(p *place) {
				r := p.run(grid)
				held := p.statuses()["held"]
				if lost := p.sandbox.FaultCounts()["run_502_after"]; held != lost || lost < 6 || r.ExitCode() != 8 {
					t.Fatalf("%d held of %d lost, exit %d", held, lost, r.ExitCode())
				}
				if p.sandbox.Accepted() != 24 {
					t.Errorf("%d tasks for 24 cells", p.sandbox.Accepted())
				}
				if !r.Summary.Money.Reserved.IsPositive() {
					t.Error("no money is said to be at stake")
				}
				// A second run looks again, and submits nothing.
				if r = p.run(grid); r.Submits != 0 || r.ExitCode() != 8 {
					t.Errorf("then: %d submits, exit %d", r.Submits, r.ExitCode())
				}
				// The person's word.
				r = p.run(grid, func(o *pipeline.Options) { o.OnUnknown = pipeline.Resubmit })
				if r.Submits+p.statuses()["held"] < held {
					t.Errorf("resubmit: %d submits, %v", r.Submits, p.statuses())
				}
			})
		})
	}
}

func TestLostAnswersAreFoundByTheNextRun(t *testing.T) {
	// The list lags by up to 15 s, and the run is told to leave before it has caught up.
	in(t, sandbox.Options{Seed: 5, Faults: sandbox.Faults{"run_drop_after": 1, "list_lag": 1}}, func(p *place) {
		ctx, leave := context.WithTimeout(context.Background(), time.Second)
		defer leave()
		if _, err := p.try(ctx, nil, grid); err != nil {
			t.Fatal(err)
		}
		made := p.sandbox.Accepted()
		if made == 0 {
			t.Fatal("nothing was submitted")
		}
		time.Sleep(time.Minute)
		r := p.run(grid)
		if r.ExitCode() != 0 || p.sandbox.Accepted() != 24 {
			t.Errorf("exit %d, %d tasks for 24 cells, %v", r.ExitCode(), p.sandbox.Accepted(), p.statuses())
		}
		p.audit()
	})
}

func TestUndeliveredIsOnlyDownloadedLater(t *testing.T) {
	for _, fault := range []string{"out_gone", "out_bad_host", "out_redirect_private"} {
		t.Run(fault, func(t *testing.T) {
			in(t, sandbox.Options{Seed: 2, Faults: sandbox.Faults{fault: 0.4}}, func(p *place) {
				r := p.run(grid)
				n := p.statuses()["pending"]
				if fired := p.sandbox.FaultCounts()[fault]; n == 0 || n > fired || r.ExitCode() != 3 {
					t.Fatalf("%d undelivered, %d fired, exit %d", n, fired, r.ExitCode())
				}
				for _, row := range p.rows() {
					if row["status"] == "pending" && (row["task_id"] == "" || row["cost_usd"] == "" || row["error"] == "") {
						t.Errorf("an undelivered row lacks task, cost or error: %v", row)
					}
				}
				if !p.warned("not delivered") {
					t.Error("nobody was warned")
				}
				r = p.run(grid, func(o *pipeline.Options) { o.RetryFailed = true })
				if r.Submits != 0 || p.sandbox.Accepted() != 24 {
					t.Errorf("paid again: %d submits", r.Submits)
				}
				p.audit()
			})
		})
	}
}

func TestRetriesAreForFailuresOfTheModel(t *testing.T) {
	in(t, sandbox.Options{Shape: sandbox.ShapeDocumentation}, func(p *place) {
		const manifest = "{version: 1, name: x, model: " + failingModel + ", matrix: {prompt: [a, b]}, limits: {retries: 2}}"
		r := p.run(manifest)
		if r.ExitCode() != 3 || r.Submits != 6 || p.rows()[0]["attempts"] != "3" || p.rows()[0]["cost_usd"] != "0" {
			t.Errorf("exit %d, %d submits, %v", r.ExitCode(), r.Submits, p.rows()[0])
		}
		if r = p.run(manifest); r.Submits != 0 || r.ExitCode() != 3 {
			t.Errorf("a rerun that leaves failed cells failed: %d submits, exit %d", r.Submits, r.ExitCode())
		}
		if r = p.run(manifest, func(o *pipeline.Options) { o.RetryFailed = true }); r.Submits != 2 || p.rows()[0]["attempts"] != "4" {
			t.Errorf("--retry-failed: %d submits", r.Submits)
		}
	})
}

func TestValidationIsAVerdict(t *testing.T) {
	in(t, sandbox.Options{}, func(p *place) {
		// This model needs a prompt, and nothing here knows that.
		const manifest = "{version: 1, name: x, model: Qwen/Qwen-Image, matrix: {seed: 1..50}, limits: {max_failures: 4, concurrency: 2}}"
		r := p.run(manifest)
		if r.ExitCode() != 3 || p.statuses()["failed"] < 4 || p.statuses()["failed"] > 6 {
			t.Errorf("exit %d, %v", r.ExitCode(), p.statuses())
		}
		if e := p.rows()[0]["error"]; !strings.Contains(e, "prompt") {
			t.Errorf("the error is %q", e)
		}
	})
}

func TestAccountLimitIsLearned(t *testing.T) {
	in(t, sandbox.Options{Balance: usd("50").Decimal}, func(p *place) {
		r := p.run(strings.Replace(grid, "{concurrency: 6}", "{}", 1))
		if r.ExitCode() != 0 || p.statuses()["done"] != 24 {
			t.Errorf("exit %d, %v", r.ExitCode(), p.statuses())
		}
		if n := p.sandbox.Requests()["Run"]; n > 24+10 {
			t.Errorf("%d Run calls for 24 cells", n)
		}
		p.audit()
	})
}

func TestExhaustedBalanceStopsTheRun(t *testing.T) {
	in(t, sandbox.Options{Balance: usd("0.02").Decimal}, func(p *place) {
		r := p.run(grid)
		if r.ExitCode() != 6 || p.statuses()["pending"] == 0 || p.statuses()["done"] == 0 {
			t.Errorf("exit %d, %v", r.ExitCode(), p.statuses())
		}
		p.sandbox.SetBalance(usd("100").Decimal)
		if r = p.run(grid); r.ExitCode() != 0 {
			t.Errorf("then: exit %d", r.ExitCode())
		}
		p.audit()
	})
}

func TestWrongKeyStopsTheRun(t *testing.T) {
	in(t, sandbox.Options{Key: "right", Secret: "s"}, func(p *place) {
		r := p.run(grid)
		if r.ExitCode() != 7 || p.statuses()["pending"] != 24 || p.sandbox.Requests()["Run"] > 1 {
			t.Errorf("exit %d, %v, %v", r.ExitCode(), p.statuses(), p.sandbox.Requests())
		}
	})
}

func TestTaskTimeoutKills(t *testing.T) {
	in(t, sandbox.Options{Faults: sandbox.Faults{"task_stuck": 0.3}, Seed: 4}, func(p *place) {
		r := p.run(grid, func(o *pipeline.Options) { o.Limits.TaskTimeout = 2 * time.Minute })
		stuck := p.sandbox.FaultCounts()["task_stuck"]
		if stuck < 4 || p.statuses()["cancelled"] != stuck || r.ExitCode() != 3 || p.sandbox.Requests()["Task/Kill"] != stuck {
			t.Errorf("%d stuck, %v, exit %d, %v", stuck, p.statuses(), r.ExitCode(), p.sandbox.Requests())
		}
		p.audit()
	})
}

func TestUnreachableServiceIsResumable(t *testing.T) {
	in(t, sandbox.Options{}, func(p *place) {
		nowhere := listen()
		nowhere.Close()
		real := p.client
		p.client = p.dial(transport(nowhere), "sandbox")
		r := p.run(grid)
		if r.ExitCode() != 3 || p.statuses()["pending"] != 24 {
			t.Errorf("exit %d, %v", r.ExitCode(), p.statuses())
		}
		p.client = real
		if r = p.run(grid); r.ExitCode() != 0 {
			t.Errorf("then: exit %d", r.ExitCode())
		}
		p.audit()
	})
}
