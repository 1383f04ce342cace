package pipeline_test

import (
	"context"
	"testing"
	"time"

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

func TestAdoptedTaskOfAnotherThatFails(t *testing.T) {
	// Somebody else makes the second cell's picture before it, and fails; its own is made, and its answer is lost.
	in(t, sandbox.Options{Timing: sevenSeconds, Shape: sandbox.ShapeDocumentation}, func(p *place) {
		others := make(chan error, 1)
		time.AfterFunc(3*time.Second, func() {
			p.sandbox.SetFaults(sandbox.Faults{"task_fail": 1})
			_, err := p.client.Run(context.Background(), "Qwen/Qwen-Image-Fast", wiro.Input{Params: map[string]string{"prompt": "a", "seed": "2"}})
			p.sandbox.SetFaults(sandbox.Faults{"run_drop_after": 1})
			others <- err
		})
		time.AfterFunc(10*time.Second, func() { p.sandbox.SetFaults(nil) })
		r := p.run("{version: 1, name: x, model: Qwen/Qwen-Image-Fast, matrix: {prompt: [a], seed: [1, 2]}, limits: {concurrency: 1}}")
		fired := p.sandbox.FaultCounts()
		if err := <-others; err != nil || fired["task_fail"] != 1 || fired["run_drop_after"] != 1 {
			t.Fatalf("%v, fired: %v", err, fired)
		}
		if r.ExitCode() != 0 || len(p.sandbox.Charges()) != 2 || p.statuses()["done"] != 2 {
			t.Errorf("exit %d, %d charges for 2 cells, %v, %v", r.ExitCode(), len(p.sandbox.Charges()), p.statuses(), p.errors())
		}
		p.audit()
	})
}

func TestAListThatShowsTheLaterFirst(t *testing.T) {
	if testing.Short() {
		t.Skip("its many cases take long under the race detector; others of the same code are short")
	}
	// Tasks come into the list half a minute late, one sooner than the other: a later one may be there, and the lost one not yet.
	lost := 0
	for seed := range uint64(6) {
		o := sandbox.Options{
			Faults: sandbox.Faults{"run_drop_after": 0.2}, Seed: seed, PictureSize: 8, Timing: sevenSeconds,
			ListLag: sandbox.Span{Least: 30, Typical: 37, Most: 44},
		}
		in(t, o, func(p *place) {
			const yaml = "{version: 1, name: x, model: Qwen/Qwen-Image-Fast, matrix: {prompt: [a], seed: 1..120}, limits: {concurrency: 8}}"
			p.run(yaml, byDetail)
			lost += p.sandbox.FaultCounts()["run_drop_after"]
			p.sandbox.SetFaults(nil)
			time.Sleep(time.Minute)
			r := p.run(yaml, byDetail) // what was lost last is held until the list shows it
			if r.ExitCode() != 0 || p.sandbox.Accepted() != 120 || p.statuses()["done"] != 120 {
				t.Errorf("exit %d, %d tasks for 120 cells, %v", r.ExitCode(), p.sandbox.Accepted(), p.statuses())
			}
			p.audit()
		})
	}
	if lost < 60 {
		t.Errorf("only %d answers were lost", lost)
	}
}
