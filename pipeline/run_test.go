package pipeline_test

import (
	"context"
	"strings"
	"testing"
	"time"

	"wirobatch/pipeline"
	"wirobatch/wiro/sandbox"
)

const grid = `
version: 1
name: grid
model: Qwen/Qwen-Image-Fast
matrix:
  prompt: [A lighthouse at dusk, "A dragon, above a waterfall"]
  aspectRatio: ["16:9", "1:1", "3:4"]
  seed: 1..4
limits: {concurrency: 6}
`

func TestRunMakesTheWholeGrid(t *testing.T) {
	in(t, sandbox.Options{PictureSize: 64}, func(p *place) {
		r := p.run(grid)
		if r.ExitCode() != 0 || r.Submits != 24 || p.statuses()["done"] != 24 {
			t.Fatalf("exit %d, %d submits, %v", r.ExitCode(), r.Submits, p.statuses())
		}
		for i, row := range p.rows() {
			if row["cell"] == "" || row["attempts"] != "1" || row["run_s"] == "" || row["total_s"] == "" {
				t.Errorf("row %d: %v", i+1, row)
			}
			want := map[string][2]string{"16:9": {"64", "36"}, "1:1": {"64", "64"}, "3:4": {"48", "64"}}[row["aspectRatio"]]
			if row["width"] != want[0] || row["height"] != want[1] {
				t.Errorf("a picture of %s is %s × %s", row["aspectRatio"], row["width"], row["height"])
			}
		}
		p.audit()
	})
}

func TestSecondRunAsksForNothing(t *testing.T) {
	in(t, sandbox.Options{}, func(p *place) {
		p.run(grid)
		before := total(p.sandbox.Requests())
		r := p.run(grid)
		if r.ExitCode() != 0 || r.Submits != 0 {
			t.Errorf("exit %d, %d submits", r.ExitCode(), r.Submits)
		}
		if n := total(p.sandbox.Requests()) - before; n != 0 {
			t.Errorf("%d requests for a grid that was done", n)
		}
		p.audit()
	})
}

func TestEditedManifestRunsOnlyWhatIsNew(t *testing.T) {
	in(t, sandbox.Options{}, func(p *place) {
		p.run(grid)
		// One seed more, and one prompt less: 12 cells stay, 3 are new, 12 are no longer listed.
		r := p.run(`
version: 1
name: grid
model: Qwen/Qwen-Image-Fast
matrix: {prompt: [A lighthouse at dusk], aspectRatio: ["16:9", "1:1", "3:4"], seed: 1..5}
`)
		if r.Submits != 3 || r.ExitCode() != 0 {
			t.Errorf("%d submits, exit %d", r.Submits, r.ExitCode())
		}
		rows := p.rows()
		if len(rows) != 27 {
			t.Fatalf("%d rows", len(rows))
		}
		for i, row := range rows {
			if listed := i < 15; listed != (row["cell"] != "") {
				t.Errorf("row %d has the number %q", i+1, row["cell"])
			}
		}
		p.audit()
	})
}

func TestEqualCellsRunOnce(t *testing.T) {
	in(t, sandbox.Options{}, func(p *place) {
		r := p.run("{version: 1, name: x, model: Qwen/Qwen-Image-Fast, matrix: {prompt: [a, a], seed: [1, 2, 1]}}")
		if r.Submits != 2 || len(p.rows()) != 2 {
			t.Errorf("%d submits, %d rows", r.Submits, len(p.rows()))
		}
	})
}

func TestEveryOutputIsKept(t *testing.T) {
	in(t, sandbox.Options{}, func(p *place) {
		p.run("{version: 1, name: x, model: " + multiModel + ", matrix: {prompt: [a], samples: [3]}}")
		row := p.rows()[0]
		if got := len(split(row["file"])); got != 3 || len(split(row["sha256"])) != 3 || len(split(row["bytes"])) != 3 {
			t.Errorf("%d files of 3: %v", got, row)
		}
		p.audit()
	})
}

func TestTextIsAFileToo(t *testing.T) {
	in(t, sandbox.Options{}, func(p *place) {
		r := p.run("{version: 1, name: x, model: " + textModel + ", matrix: {prompt: [Say something]}}")
		if r.ExitCode() != 0 || p.statuses()["done"] != 1 {
			t.Fatalf("exit %d: %v", r.ExitCode(), p.rows())
		}
		p.audit()
	})
}

func TestSlotIsFreeBeforeTheDownload(t *testing.T) {
	// Each download begins 5 s late, each task takes 7 s, one slot: the downloads must not add to the time.
	o := sandbox.Options{Faults: sandbox.Faults{"out_slow": 1}, Timing: sevenSeconds}
	in(t, o, func(p *place) {
		begun := time.Now()
		p.run("{version: 1, name: x, model: Qwen/Qwen-Image-Fast, matrix: {prompt: [a], seed: 1..8}, limits: {concurrency: 1}}")
		if n := p.sandbox.FaultCounts()["out_slow"]; n < 8 {
			t.Fatalf("out_slow fired %d times", n)
		}
		if took := time.Since(begun); took > 8*12*time.Second*8/10 {
			t.Errorf("took %v: downloads held the slot", took)
		}
		p.audit()
	})
}

func TestLimitBudgetAndRedo(t *testing.T) {
	in(t, sandbox.Options{}, func(p *place) {
		r := p.run(grid, func(o *pipeline.Options) { o.Limit = 5 })
		if r.Submits != 5 || r.ExitCode() != 0 {
			t.Errorf("limit: %d submits, exit %d", r.Submits, r.ExitCode())
		}
		r = p.run(grid, func(o *pipeline.Options) { o.Limits.Budget = usd("0.03") })
		if r.ExitCode() != 4 || r.Summary.Money.Spent.GreaterThan(usd("0.034").Decimal) {
			t.Errorf("budget: exit %d, spent %s", r.ExitCode(), r.Summary.Money.Spent)
		}
		r = p.run(grid)
		if r.ExitCode() != 0 || p.statuses()["done"] != 24 {
			t.Errorf("then: exit %d, %v", r.ExitCode(), p.statuses())
		}
		p.audit()
		before := len(p.sandbox.Charges())
		row := p.rows()[0]
		r = p.run(grid, func(o *pipeline.Options) { o.Redo = []string{row["id"]} })
		if r.Submits != 1 || len(p.sandbox.Charges()) != before+1 || p.rows()[0]["attempts"] != "2" {
			t.Errorf("redo: %d submits, %v", r.Submits, p.rows()[0])
		}
		p.audit()
	})
}

func TestDeadlineAndSignalLeaveTheRestForLater(t *testing.T) {
	in(t, sandbox.Options{Timing: sevenSeconds}, func(p *place) {
		r := p.run(grid, func(o *pipeline.Options) { o.Deadline = time.Now().Add(10 * time.Second) })
		if r.ExitCode() != 5 || r.Submits >= 24 || r.Submits < 6 {
			t.Errorf("deadline: exit %d, %d submits", r.ExitCode(), r.Submits)
		}
		stop := make(chan pipeline.Reason, 1)
		time.AfterFunc(3*time.Second, func() { stop <- pipeline.Terminated })
		r, err := p.try(context.Background(), stop, grid, func(o *pipeline.Options) { o.Grace = time.Second })
		if err != nil || r.ExitCode() != 143 || p.statuses()["pending"] == 0 {
			t.Errorf("signal: %v, exit %d, %v", err, r.ExitCode(), p.statuses())
		}
		accepted := p.sandbox.Accepted()
		r = p.run(grid)
		if r.ExitCode() != 0 || p.sandbox.Accepted() != 24 || accepted == 24 {
			t.Errorf("then: exit %d, %d tasks for 24 cells (%d before)", r.ExitCode(), p.sandbox.Accepted(), accepted)
		}
		p.audit()
	})
}

func TestInProcessSandboxForgets(t *testing.T) {
	in(t, sandbox.Options{Timing: sevenSeconds}, func(p *place) {
		ctx, leave := context.WithTimeout(context.Background(), 5*time.Second)
		defer leave()
		forgetful := func(o *pipeline.Options) { o.Sandbox = true }
		p.try(ctx, nil, grid, forgetful)
		before := p.sandbox.Accepted()
		r := p.run(grid, forgetful)
		if r.ExitCode() != 0 || p.sandbox.Accepted() != before+24 {
			t.Errorf("exit %d, %d tasks after %d", r.ExitCode(), p.sandbox.Accepted(), before)
		}
	})
}

func TestSignalEndsTheWaitForTheRate(t *testing.T) {
	in(t, sandbox.Options{}, func(p *place) {
		stop := make(chan pipeline.Reason, 1)
		time.AfterFunc(90*time.Second, func() { stop <- pipeline.Interrupted })
		begun := time.Now()
		r, err := p.try(context.Background(), stop, strings.Replace(grid, "concurrency: 6", "concurrency: 6, rate: 1/m", 1))
		if err != nil || r.ExitCode() != 130 || r.Submits != 2 {
			t.Errorf("%v, exit %d, %d submits", err, r.ExitCode(), r.Submits)
		}
		if took := time.Since(begun); took > 100*time.Second {
			t.Errorf("it took %v to stop", took)
		}
	})
}

func TestCallbackIsNoPartOfTheWork(t *testing.T) {
	// The answer of each submit is lost; the list echoes what the sandbox echoes.
	in(t, sandbox.Options{Faults: sandbox.Faults{"run_drop_after": 1}}, func(p *place) {
		r := p.run("{version: 1, name: x, model: Qwen/Qwen-Image-Fast, params: {callbackUrl: \"http://127.0.0.1:9/x\"}, matrix: {prompt: [a], seed: 1..3}}")
		if r.ExitCode() != 0 || p.sandbox.Accepted() != 3 {
			t.Errorf("exit %d, %d tasks, %v", r.ExitCode(), p.sandbox.Accepted(), p.errors())
		}
	})
}
