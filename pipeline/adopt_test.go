package pipeline_test

import (
	"context"
	"testing"

	"wirobatch/wiro"
	"wirobatch/wiro/sandbox"
)

func TestOlderTasksAreNotAdopted(t *testing.T) {
	// Somebody made the same before; our own submit made nothing, and its answer was lost.
	in(t, sandbox.Options{}, func(p *place) {
		for range 3 {
			if _, err := p.client.Run(context.Background(), "Qwen/Qwen-Image-Fast", wiro.Input{Params: map[string]string{"prompt": "a", "seed": "1"}}); err != nil {
				t.Fatal(err)
			}
		}
		p.sandbox.SetFaults(sandbox.Faults{"run_502_before": 1})
		r := p.run("{version: 1, name: x, model: Qwen/Qwen-Image-Fast, matrix: {prompt: [a], seed: [1]}}")
		if r.ExitCode() != 8 || p.statuses()["held"] != 1 {
			t.Errorf("exit %d, %v: it took what others had made", r.ExitCode(), p.statuses())
		}
	})
}

func TestReplicatesKeepTheirTasksApart(t *testing.T) {
	// Half of the answers are lost and a quarter come 5 s late, while the lost ones are looked up: the tasks are alike.
	faults := sandbox.Faults{"run_drop_after": 0.5, "run_slow": 0.5}
	in(t, sandbox.Options{Faults: faults, Seed: 11}, func(p *place) {
		r := p.run("{version: 1, name: x, model: Qwen/Qwen-Image-Fast, matrix: {prompt: [a]}, repeat: 24, limits: {concurrency: 24}}")
		fired := p.sandbox.FaultCounts()
		if fired["run_drop_after"] < 6 || fired["run_slow"] < 3 {
			t.Fatalf("fired: %v", fired)
		}
		if r.ExitCode() != 0 || p.sandbox.Accepted() != 24 || p.statuses()["done"] != 24 {
			t.Errorf("exit %d, %d tasks for 24 cells, %v, %v", r.ExitCode(), p.sandbox.Accepted(), p.statuses(), p.errors())
		}
		p.audit()
	})
}
