package pipeline_test

import (
	"context"
	"net/http"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"wirobatch/pipeline"
	"wirobatch/wiro/sandbox"
)

// A start that only goes on with tasks submits again when one of them has failed: what is lost then is found as well.
func TestWhatARetryLosesIsFound(t *testing.T) {
	in(t, sandbox.Options{Timing: sevenSeconds, Shape: sandbox.ShapeDocumentation, Faults: sandbox.Faults{"task_fail": 1}}, func(p *place) {
		const yaml = "{version: 1, name: x, model: Qwen/Qwen-Image-Fast, matrix: {prompt: [a], seed: 1..4}, limits: {concurrency: 4, retries: 2}}"
		stop := make(chan pipeline.Reason, 1)
		time.AfterFunc(3*time.Second, func() { stop <- pipeline.Interrupted })
		if _, err := p.try(context.Background(), stop, yaml, func(o *pipeline.Options) { o.Grace = 0 }); err != nil {
			t.Fatal(err)
		}
		p.sandbox.SetFaults(nil) // those that were submitted fail
		var lost atomic.Int64
		_, restore := p.behind(func(w http.ResponseWriter, r *http.Request, service http.Handler) {
			if strings.Contains(r.URL.Path, "/Run/") && lost.Add(1) == 1 {
				lose(r, service)
				panic(http.ErrAbortHandler)
			}
			service.ServeHTTP(w, r)
		})
		defer restore()
		if r := p.run(yaml); lost.Load() != 4 || r.ExitCode() != 0 || p.statuses()["done"] != 4 {
			t.Errorf("%d submits, exit %d, %v, %v", lost.Load(), r.ExitCode(), p.statuses(), p.errors())
		}
		p.audit()
	})
}

// The list is down when a run begins. What is lost when it has come back is found.
func TestWhatIsLostAfterTheListHasComeBackIsFound(t *testing.T) {
	in(t, sandbox.Options{Timing: sevenSeconds}, func(p *place) {
		var down, submits, lost atomic.Int64
		began := time.Now()
		_, restore := p.behind(func(w http.ResponseWriter, r *http.Request, service http.Handler) {
			switch {
			case strings.HasSuffix(r.URL.Path, "/Task/List") && time.Since(began) < time.Minute:
				down.Add(1)
				w.WriteHeader(http.StatusServiceUnavailable)
			case strings.Contains(r.URL.Path, "/Run/") && submits.Add(1) > 1 && time.Since(began) > 90*time.Second && lost.Add(1) <= 2:
				lose(r, service)
				panic(http.ErrAbortHandler)
			default:
				service.ServeHTTP(w, r)
			}
		})
		defer restore()
		r := p.run("{version: 1, name: x, model: Qwen/Qwen-Image-Fast, matrix: {prompt: [a], seed: 1..60}, limits: {concurrency: 2}}", byDetail)
		if lost.Load() < 2 || down.Load() == 0 {
			t.Fatalf("%d lost, %d lists failed", lost.Load(), down.Load())
		}
		if !p.warned("Task/List does not answer") || r.ExitCode() != 0 || p.statuses()["done"] != 60 {
			t.Errorf("exit %d, %v, %v", r.ExitCode(), p.statuses(), p.errors())
		}
		p.once()
		if n := down.Load(); n > 12 {
			t.Errorf("%d calls of a list that is down for a minute", n)
		}
	})
}
