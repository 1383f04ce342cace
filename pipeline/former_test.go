package pipeline_test

import (
	"context"
	"testing"

	"wirobatch/pipeline"
	"wirobatch/pipeline/journal"
	"wirobatch/wiro/sandbox"
)

// What a person says of cells is for those of the manifest as it is now, also where it was edited since the last start: others
// would be pending for good, and what was paid for them be forgotten.
func TestWordsAboutCellsThatTheManifestNoLongerHas(t *testing.T) {
	const two = "{version: 1, name: x, model: Qwen/Qwen-Image-Fast, matrix: {prompt: [a], seed: [1, 2]}}"
	in(t, sandbox.Options{Timing: sevenSeconds}, func(p *place) {
		p.run(three)
		id := p.rows()[2]["id"]
		_, err := p.try(context.Background(), nil, two, func(o *pipeline.Options) { o.Redo = []string{id} })
		if _, refused := as[*journal.RedoError](err); !refused {
			t.Errorf("--redo: %v", err)
		}
		if r := p.run(two); r.ExitCode() != 0 || p.sandbox.Accepted() != 3 || p.rows()[2]["status"] != "done" {
			t.Errorf("exit %d, %d tasks, %v", r.ExitCode(), p.sandbox.Accepted(), p.rows()[2])
		}
		p.audit()
		if r := p.run(three, func(o *pipeline.Options) { o.Redo = []string{id} }); r.ExitCode() != 0 || p.sandbox.Accepted() != 4 {
			t.Errorf("in the manifest again: exit %d, %d tasks", r.ExitCode(), p.sandbox.Accepted())
		}
	})
	in(t, sandbox.Options{Timing: sevenSeconds, Faults: sandbox.Faults{"run_drop_after": 1, "list_5xx": 1}}, func(p *place) {
		resubmit := func(o *pipeline.Options) { o.OnUnknown = pipeline.Resubmit }
		p.run(three)
		held := p.statuses()["held"]
		p.sandbox.SetFaults(sandbox.Faults{"list_5xx": 1})
		const none = "{version: 1, name: x, model: Qwen/Qwen-Image-Fast, matrix: {prompt: [b], seed: [1]}}"
		r := p.run(none, resubmit)
		if held == 0 || r.ExitCode() != 8 || p.statuses()["held"] != held || p.sandbox.Accepted() != held+1 {
			t.Errorf("%d were held: exit %d, %d tasks, %v", held, r.ExitCode(), p.sandbox.Accepted(), p.statuses())
		}
		if r = p.run(three, resubmit); r.ExitCode() != 0 || p.sandbox.Accepted() != held+4 {
			t.Errorf("in the manifest again: exit %d, %d tasks, %v", r.ExitCode(), p.sandbox.Accepted(), p.statuses())
		}
	})
}
