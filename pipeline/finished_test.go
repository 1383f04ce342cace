package pipeline_test

import (
	"context"
	"slices"
	"testing"
	"time"

	"wirobatch/pipeline"
	"wirobatch/wiro/sandbox"
)

// A reason to submit no more is none when there was no more to submit.
func TestReasonsThatStoppedNothing(t *testing.T) {
	const six = "{version: 1, name: x, model: Qwen/Qwen-Image-Fast, matrix: {prompt: [a], seed: 1..6}, limits: {concurrency: 6}}"
	early := func(o *pipeline.Options) { o.Deadline = time.Now().Add(3 * time.Second) }
	in(t, sandbox.Options{Timing: sevenSeconds}, func(p *place) {
		if r := p.run(six, early); !p.warned("what runs has 30s to finish") || r.ExitCode() != 0 || len(r.Reasons) != 0 || p.statuses()["done"] != 6 {
			t.Errorf("all done in the grace after the deadline: exit %d, %v, %v", r.ExitCode(), r.Reasons, p.statuses())
		}
	})
	in(t, sandbox.Options{Timing: sevenSeconds, Shape: sandbox.ShapeDocumentation, Faults: sandbox.Faults{"task_fail": 1}}, func(p *place) {
		if r := p.run(six, early); r.ExitCode() != 5 || !slices.Contains(r.Reasons, pipeline.DeadlineReached) || r.Progress.Failed != 0 {
			t.Errorf("what the model failed at is to run again: exit %d, %v, %+v", r.ExitCode(), r.Reasons, r.Progress)
		}
	})
	in(t, sandbox.Options{Timing: sevenSeconds}, func(p *place) {
		if r := p.run(six, func(o *pipeline.Options) { o.Limit = 6 }); r.ExitCode() != 0 || len(r.Reasons) != 0 {
			t.Errorf("a limit of as many cells as there are: exit %d, %v", r.ExitCode(), r.Reasons)
		}
	})
	in(t, sandbox.Options{Timing: sevenSeconds}, func(p *place) {
		stop := make(chan pipeline.Reason, 1)
		time.AfterFunc(3*time.Second, func() { stop <- pipeline.Terminated })
		if r, err := p.try(context.Background(), stop, six); err != nil || r.ExitCode() != 143 || !slices.Equal(r.Reasons, []pipeline.Reason{pipeline.Terminated}) {
			t.Errorf("a signal stays one: %v, exit %d, %v", err, r.ExitCode(), r.Reasons)
		}
	})
}
