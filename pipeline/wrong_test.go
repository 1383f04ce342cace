package pipeline_test

import (
	"slices"
	"strings"
	"testing"

	"wirobatch/manifest"
	"wirobatch/pipeline"
	"wirobatch/wiro/sandbox"
)

// A parameter that is misspelt fails twenty cells and those under way, not all.
func TestAllAreRefused(t *testing.T) {
	const slots = 8
	yaml := strings.Replace(hundred, "prompt: [a], seed: 1..100", "promt: [a], seed: 1..400", 1)
	few := func(o *pipeline.Options) { o.Limits.Concurrency = slots }
	stopped := func(r pipeline.Result) bool { return slices.Contains(r.Reasons, pipeline.TooManyFailures) }
	in(t, sandbox.Options{Timing: sevenSeconds}, func(p *place) {
		r := p.run(yaml, few)
		if n := r.Progress.Failed; r.ExitCode() != 3 || !stopped(r) || n < 20 || n > 20+slots || !strings.Contains(r.Refused, "[prompt] required") || !p.warned("refused all of the first 20 cells") {
			t.Errorf("exit %d, %v, %d failed, %q", r.ExitCode(), r.Reasons, n, r.Refused)
		}
		// The person's own bound overrides it.
		r = p.run(yaml, few, func(o *pipeline.Options) { o.Limits.MaxFailures = manifest.MaxFailures{Percent: 50} })
		if n := r.Progress.Failed; !stopped(r) || n < 200 || n > 200+slots || r.Refused != "" {
			t.Errorf("max_failures: %v, %d failed, %q", r.Reasons, n, r.Refused)
		}
		if p.sandbox.Accepted() != 0 {
			t.Errorf("%d tasks", p.sandbox.Accepted())
		}
	})
	// Once cells of the model were accepted, it is the single ones that are wrong.
	in(t, sandbox.Options{Timing: sevenSeconds}, func(p *place) {
		p.run(hundred, few, func(o *pipeline.Options) { o.Limit = 1 })
		r := p.run(yaml, few)
		if stopped(r) || r.ExitCode() != 3 || r.Progress.Failed != 400 || p.sandbox.Accepted() != 1 {
			t.Errorf("after one was accepted: %v, exit %d, %+v", r.Reasons, r.ExitCode(), r.Progress)
		}
	})
	// Tasks that fail are no refusals.
	in(t, sandbox.Options{Timing: sevenSeconds, Faults: sandbox.Faults{"task_fail": 1}}, func(p *place) {
		r := p.run(hundred, few, func(o *pipeline.Options) { o.Limits.Retries = 0 })
		if stopped(r) || r.Progress.Failed != 100 {
			t.Errorf("tasks that fail: %v, %+v", r.Reasons, r.Progress)
		}
	})
}
