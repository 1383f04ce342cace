package pipeline_test

import (
	"slices"
	"testing"
	"time"

	"wirobatch/manifest"
	"wirobatch/pipeline"
	"wirobatch/wiro/sandbox"
)

// Too many failures stop the next start as well: it follows what runs, and submits nothing before a person has decided.
func TestTooManyFailuresHoldOverStarts(t *testing.T) {
	in(t, sandbox.Options{Timing: sevenSeconds, Shape: sandbox.ShapeDocumentation, Faults: sandbox.Faults{"task_fail": 1}}, func(p *place) {
		const grid = "{version: 1, name: x, model: Qwen/Qwen-Image-Fast, matrix: {prompt: [a], seed: 1..30}, limits: {concurrency: 6, retries: 0}}"
		most := func(n int) func(*pipeline.Options) {
			return func(o *pipeline.Options) { o.Limits.MaxFailures = manifest.MaxFailures{Count: n} }
		}
		stopped := func(r pipeline.Result) bool { return slices.Contains(r.Reasons, pipeline.TooManyFailures) }

		// Six have failed when the deadline comes, six more run on.
		r := p.run(grid, func(o *pipeline.Options) { o.Deadline, o.Grace = time.Now().Add(10*time.Second), time.Second })
		if r.Submits != 12 || r.Progress.Failed != 6 {
			t.Fatalf("%d submits, %+v", r.Submits, r.Progress)
		}
		r = p.run(grid, most(5))
		if r.ExitCode() != 3 || !stopped(r) || r.Submits != 0 || r.Progress.Failed != 12 {
			t.Errorf("exit %d, %v, %d submits, %+v", r.ExitCode(), r.Reasons, r.Submits, r.Progress)
		}

		// Raised, it goes on to the next bound.
		r = p.run(grid, most(13))
		if !stopped(r) || r.Submits < 1 || r.Submits > 12 {
			t.Errorf("raised: %v, %d submits", r.Reasons, r.Submits)
		}
		// Asked for once more, the failed ones are no failures until they fail again.
		before := r.Progress.Failed
		r = p.run(grid, most(1), func(o *pipeline.Options) { o.RetryFailed = true })
		if !stopped(r) || r.Submits < 1 || r.Submits > 12 {
			t.Errorf("--retry-failed: %v, %d submits of %d", r.Reasons, r.Submits, before)
		}
		// When nothing is left to submit there is nothing to stop.
		p.run(grid)
		if r = p.run(grid, most(1)); r.ExitCode() != 3 || stopped(r) || r.Progress.Failed != 30 {
			t.Errorf("at the end: exit %d, %v, %+v", r.ExitCode(), r.Reasons, r.Progress)
		}
		p.audit()
	})
}
