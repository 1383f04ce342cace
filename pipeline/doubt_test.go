package pipeline_test

import (
	"context"
	"sync/atomic"
	"testing"
	"time"

	"wirobatch/pipeline"
	"wirobatch/wiro"
	"wirobatch/wiro/sandbox"
)

// Of two tasks alike that are found for a lost submit the first ends without saying how, and may have been billed; that the second
// fails is no reason to make the cell again.
func TestFailureAfterAnUnclearEnd(t *testing.T) {
	in(t, sandbox.Options{Shape: sandbox.ShapeDocumentation, Timing: sevenSeconds, Faults: sandbox.Faults{"run_drop_after": 1}}, func(p *place) {
		var first, second atomic.Value
		fired, restore := p.retold(func(t map[string]any) bool {
			switch t["id"] {
			case first.Load():
				silent(t)
				t["outputs"] = []any{}
			case second.Load():
				t["pexit"], t["totalcost"], t["outputs"] = "1", "0", []any{}
			default:
				return false
			}
			return true
		})
		defer restore()
		others := make(chan error, 1)
		time.AfterFunc(500*time.Millisecond, func() {
			page, err := p.client.List(context.Background(), wiro.ListQuery{Limit: 1})
			if err == nil {
				first.Store(page.Tasks[0].ID)
			}
			p.sandbox.SetFaults(nil)
			s, _ := p.client.Run(context.Background(), "Qwen/Qwen-Image-Fast", wiro.Input{Params: map[string]string{"prompt": "a", "seed": "1"}})
			second.Store(s.TaskID)
			others <- err
		})
		const one = "{version: 1, name: x, model: Qwen/Qwen-Image-Fast, matrix: {prompt: [a], seed: 1..2}, limits: {concurrency: 1, retries: 2}}"
		for start := range 3 {
			r := p.run(one)
			if start == 0 {
				if err := <-others; err != nil {
					t.Fatal(err)
				}
			}
			if now := p.rows()[0]; r.ExitCode() != 8 || p.sandbox.Accepted() != 3 || now["status"] != "held" || now["attempts"] != "3" || fired.Load() < 4 {
				t.Errorf("start %d: exit %d, %d tasks, fired %d times, %v", start+1, r.ExitCode(), p.sandbox.Accepted(), fired.Load(), now)
			}
		}
		if r := p.run(one, func(o *pipeline.Options) { o.OnUnknown = pipeline.Resubmit }); r.ExitCode() != 0 || p.sandbox.Accepted() != 4 {
			t.Errorf("at a person's word: exit %d, %d tasks", r.ExitCode(), p.sandbox.Accepted())
		}
	})
}
