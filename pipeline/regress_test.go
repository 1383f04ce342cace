package pipeline_test

import (
	"context"
	"strings"
	"testing"
	"time"

	"wirobatch/pipeline"
	"wirobatch/wiro/sandbox"
)

func TestAdoptedTasksHaveTheGraceToo(t *testing.T) {
	in(t, sandbox.Options{Faults: sandbox.Faults{"run_502_after": 1}, Timing: sevenSeconds}, func(p *place) {
		stop := make(chan pipeline.Reason, 1)
		time.AfterFunc(5*time.Second, func() { stop <- pipeline.Interrupted })
		r, err := p.try(context.Background(), stop, grid)
		if err != nil || r.ExitCode() != 130 || p.statuses()["done"] == 0 || p.statuses()["done"] != p.sandbox.Accepted() {
			t.Errorf("%v, exit %d, %v of %d tasks", err, r.ExitCode(), p.statuses(), p.sandbox.Accepted())
		}
		p.audit()
	})
}

func TestAdoptedTasksKeepTheirSlots(t *testing.T) {
	in(t, sandbox.Options{Faults: sandbox.Faults{"run_502_after": 1}, Timing: sevenSeconds}, func(p *place) {
		begun := time.Now()
		r := p.run(strings.Replace(grid, "concurrency: 6", "concurrency: 2", 1))
		if r.ExitCode() != 0 {
			t.Errorf("exit %d", r.ExitCode())
		}
		if took := time.Since(begun); took < 24/2*7*time.Second {
			t.Errorf("24 tasks of 7 s took %v in 2 slots", took)
		}
	})
}

func TestLimitIsMadeWhole(t *testing.T) {
	for _, fault := range []string{"run_96", "run_429", "run_general", "task_fail", "run_502_after"} {
		in(t, sandbox.Options{Faults: sandbox.Faults{fault: 0.5}, Seed: 9, Shape: sandbox.ShapeDocumentation}, func(p *place) {
			r := p.run(grid, func(o *pipeline.Options) { o.Limit = 4; o.Limits.Retries = 10 })
			if p.statuses()["done"] != 4 || r.ExitCode() != 0 || p.sandbox.FaultCounts()[fault] < 1 {
				t.Errorf("%s: exit %d, %v of 4, fired %d", fault, r.ExitCode(), p.statuses(), p.sandbox.FaultCounts()[fault])
			}
		})
	}
}

func TestUnreachableIsNoLimitReached(t *testing.T) {
	in(t, sandbox.Options{Faults: sandbox.Faults{"run_general": 1}}, func(p *place) {
		r := p.run(grid, func(o *pipeline.Options) { o.Limit = 1 })
		if r.ExitCode() != 3 || r.Trouble == "" {
			t.Errorf("exit %d, %q", r.ExitCode(), r.Trouble)
		}
	})
}

func TestOutageCostsOneSubmitAPause(t *testing.T) {
	// Half a minute of "try again later" must not fail a grid, and must not be hammered at.
	in(t, sandbox.Options{Faults: sandbox.Faults{"run_general": 1}}, func(p *place) {
		time.AfterFunc(40*time.Second, func() { p.sandbox.SetFaults(sandbox.Faults{"run_general": 0}) })
		r := p.run(grid)
		if r.ExitCode() != 0 || p.statuses()["done"] != 24 || p.sandbox.Requests()["Run"] > 24+6+10 {
			t.Errorf("exit %d, %v, %d Run calls", r.ExitCode(), p.statuses(), p.sandbox.Requests()["Run"])
		}
		p.audit()
	})
}

func TestGatewayOutageHoldsFew(t *testing.T) {
	figures(t)
	t.Parallel()
	in(t, sandbox.Options{Faults: sandbox.Faults{"run_502_before": 0}}, func(p *place) {
		time.AfterFunc(10*time.Second, func() { p.sandbox.SetFaults(sandbox.Faults{"run_502_before": 1}) })
		time.AfterFunc(15*time.Minute, func() { p.sandbox.SetFaults(sandbox.Faults{"run_502_before": 0}) })
		r := p.run(strings.Replace(grid, "1..4", "1..40", 1), byDetail, func(o *pipeline.Options) { o.Limits.Concurrency = 20 })
		if lost := p.sandbox.FaultCounts()["run_502_before"]; r.ExitCode() != 0 || p.statuses()["done"] != 240 || lost < 10 || lost > 60 {
			t.Errorf("exit %d, %v, %d submits lost", r.ExitCode(), p.statuses(), lost)
		}
		if n := p.sandbox.Requests()["Task/List"]; n > 300 {
			t.Errorf("%d looks at the list", n)
		}
		p.audit()
	})
}

func TestGatewayOutageCostsAFewCellsNothing(t *testing.T) {
	// A minute of 502 on submits alone, and fewer cells than it has probes: the last one is kept back as a witness for all.
	for _, row := range []struct {
		limits string
		from   time.Duration
		lost   int // at least
	}{
		{"concurrency: 4", 9 * time.Second, 3},
		{"concurrency: 12, rate: 10/m", 33 * time.Second, 5},
		{"concurrency: 4, rate: 10/m", 33 * time.Second, 5},
		{"concurrency: 12, rate: 10/m", 50 * time.Second, 2}, // of the last three
	} {
		in(t, sandbox.Options{}, func(p *place) {
			time.AfterFunc(row.from, func() { p.sandbox.SetFaults(sandbox.Faults{"run_502_before": 1}) })
			time.AfterFunc(row.from+66*time.Second, func() { p.sandbox.SetFaults(nil) })
			r := p.run("{version: 1, name: x, model: Qwen/Qwen-Image-Fast, matrix: {prompt: [a], seed: 1..12}, limits: {" + row.limits + "}}")
			lost := p.sandbox.FaultCounts()["run_502_before"]
			if r.ExitCode() != 0 || p.statuses()["done"] != 12 || lost < row.lost {
				t.Errorf("%s: exit %d, %v, %d submits lost", row.limits, r.ExitCode(), p.statuses(), lost)
			}
			p.audit()
		})
	}
}

func TestAbsenceIsProvenByAWitness(t *testing.T) {
	// A passing 502 made nothing. A later submit of ours is in the list, the lost one is not: it is submitted anew.
	in(t, sandbox.Options{Faults: sandbox.Faults{"run_502_before": 0.3}, Seed: 6}, func(p *place) {
		r := p.run(grid)
		held := p.statuses()["held"] // the very last submit has no witness after it
		if n := p.sandbox.FaultCounts()["run_502_before"]; held > 1 || p.statuses()["done"] != 24-held || p.sandbox.Accepted() != 24-held || n < 4 {
			t.Errorf("exit %d, %v, %d tasks for 24 cells, %d lost\n%s", r.ExitCode(), p.statuses(), p.sandbox.Accepted(), n, strings.Join(p.warnings, "\n"))
		}
		p.audit()
	})
}

func TestHoldTakesNoAbsenceAsProven(t *testing.T) {
	in(t, sandbox.Options{Faults: sandbox.Faults{"run_502_before": 0.3}, Seed: 6}, func(p *place) {
		r := p.run(grid, func(o *pipeline.Options) { o.OnUnknown = pipeline.Hold })
		if n := p.sandbox.FaultCounts()["run_502_before"]; r.ExitCode() != 8 || p.statuses()["held"] != n || n < 4 {
			t.Errorf("exit %d, %v, %d lost", r.ExitCode(), p.statuses(), n)
		}
	})
}

func TestLateRunIsNotPaidTwice(t *testing.T) {
	if testing.Short() {
		t.Skip("its many cases take long under the race detector; others of the same code are short")
	}
	// The connection drops, and the task is made up to 4 s later; the list lags as well.
	for seed := range uint64(8) {
		in(t, sandbox.Options{Faults: sandbox.Faults{"run_drop_late": 0.3, "run_502_before": 0.1, "list_lag": 0.5}, Seed: seed}, func(p *place) {
			p.run(grid)
			if p.sandbox.FaultCounts()["run_drop_late"] < 2 {
				t.Error("run_drop_late did not fire")
			}
			if held := p.statuses()["held"]; p.sandbox.Accepted() > 24 || p.statuses()["done"]+held != 24 {
				t.Errorf("seed %d: %d tasks for 24 cells, %v", seed, p.sandbox.Accepted(), p.statuses())
			}
		})
	}
}

func TestNormalisedEchoesProveNothing(t *testing.T) {
	yaml := strings.Replace(grid, "seed: 1..4", "seed: 1..4\n  scale: [4.50]", 1)
	in(t, sandbox.Options{Faults: sandbox.Faults{"run_502_after": 0.3, "list_normalised_params": 0.5}, Seed: 2}, func(p *place) {
		p.run(yaml)
		if p.sandbox.Accepted() > 24 {
			t.Errorf("%d tasks for 24 cells: an absence was taken for proven", p.sandbox.Accepted())
		}
	})
}

func TestParametersOfOtherCellsTellTasksApart(t *testing.T) {
	for seed := range uint64(6) {
		in(t, sandbox.Options{Faults: sandbox.Faults{"run_drop_after": 0.5, "run_slow": 0.3}, Seed: seed}, func(p *place) {
			p.run(`
version: 1
name: x
model: Qwen/Qwen-Image
matrix: {prompt: [c, d, e, f]}
include: [{prompt: c, seed: 7}, {prompt: d, seed: 7}, {prompt: g, seed: 8}]
limits: {concurrency: 8}
`)
			p.audit()
			if p.sandbox.Accepted() > 6 {
				t.Errorf("%d tasks", p.sandbox.Accepted())
			}
		})
	}
}

func TestBudgetHoldsWithoutAPrice(t *testing.T) {
	for _, shape := range []sandbox.Shape{sandbox.ShapeDocumentation, sandbox.ShapeSeed} { // with and without costs in the tasks
		budgetWithoutPrice(t, shape)
	}
}

func budgetWithoutPrice(t *testing.T, shape sandbox.Shape) {
	in(t, sandbox.Options{Faults: sandbox.Faults{"tool_5xx": 1}, Shape: shape}, func(p *place) {
		r := p.run("{version: 1, name: x, model: Qwen/Qwen-Image, matrix: {prompt: [a], seed: 1..100}, limits: {budget_usd: 0.1}}")
		charged := usd("0").Decimal
		for _, c := range p.sandbox.Charges() {
			charged = charged.Add(c.Cost)
		}
		if charged.GreaterThan(usd("0.12").Decimal) || r.ExitCode() != 4 {
			t.Errorf("exit %d, $%s charged of a budget of $0.10, %v", r.ExitCode(), charged, r.Reasons)
		}
	})
}

func TestNamedLimitIsUsed(t *testing.T) {
	// 20 slots for 60 tasks of 7 s: three rounds, and what learning costs.
	for _, concurrency := range []string{"{}", "{concurrency: 100}", "{concurrency: 20}"} {
		in(t, sandbox.Options{Balance: usd("200").Decimal, Timing: sevenSeconds}, func(p *place) {
			begun := time.Now()
			r := p.run("{version: 1, name: x, model: Qwen/Qwen-Image-Fast, matrix: {prompt: [a], seed: 1..60}, limits: " + concurrency + "}")
			if took := time.Since(begun); r.ExitCode() != 0 || took > 45*time.Second {
				t.Errorf("limits %s: exit %d in %v, %d Run calls", concurrency, r.ExitCode(), took, p.sandbox.Requests()["Run"])
			}
		})
	}
}

func TestSignalAfterTheDeadlineCounts(t *testing.T) {
	in(t, sandbox.Options{Timing: sevenSeconds}, func(p *place) {
		stop := make(chan pipeline.Reason, 1)
		time.AfterFunc(12*time.Second, func() { stop <- pipeline.Interrupted })
		r, err := p.try(context.Background(), stop, grid, func(o *pipeline.Options) { o.Deadline = time.Now().Add(10 * time.Second) })
		if err != nil || r.ExitCode() != 130 {
			t.Errorf("%v, exit %d", err, r.ExitCode())
		}
	})
}

func TestUndeliveredOfAFormerGridCounts(t *testing.T) {
	in(t, sandbox.Options{Faults: sandbox.Faults{"out_gone": 1}}, func(p *place) {
		p.run("{version: 1, name: x, model: Qwen/Qwen-Image-Fast, matrix: {prompt: [a], seed: [1]}}")
		if r := p.run("{version: 1, name: x, model: Qwen/Qwen-Image-Fast, matrix: {prompt: [a], seed: [2]}}", func(o *pipeline.Options) { o.Limit = 1 }); r.ExitCode() != 3 {
			t.Errorf("exit %d", r.ExitCode())
		}
	})
}
