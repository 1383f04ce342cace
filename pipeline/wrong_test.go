package pipeline_test

import (
	"fmt"
	"io"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"wirobatch/manifest"
	"wirobatch/pipeline"
	"wirobatch/wiro/sandbox"
)

// Where every other cell is wrong, and the answers to the others are slow, the run waits for those, and goes on.
func TestNotAllAreRefused(t *testing.T) {
	if testing.Short() {
		t.Skip("its many cases take long under the race detector; others of the same code are short")
	}
	for _, valid := range []int{2, 0} { // every second one, none
		in(t, sandbox.Options{Timing: sevenSeconds}, func(p *place) {
			var slow, quick atomic.Int64
			_, restore := p.behind(func(w http.ResponseWriter, r *http.Request, service http.Handler) {
				if strings.Contains(r.URL.Path, "/Run/") {
					seed, err := strconv.Atoi(fmt.Sprint(bodyOf(r)["seed"]))
					if err != nil {
						t.Error(err)
					}
					slowly := seed%2 == 0
					if slowly {
						slow.Add(1)
						time.Sleep(4 * time.Second)
					}
					if !slowly || valid == 0 {
						quick.Add(1)
						w.Header().Set("Content-Type", "application/json")
						io.WriteString(w, `{"result":false,"errors":[{"code":0,"message":"Request parameter [seed] must be even"}]}`)
						return
					}
				}
				service.ServeHTTP(w, r)
			})
			defer restore()
			r := p.run(strings.Replace(hundred, "1..100", "1..2000", 1), func(o *pipeline.Options) { o.Limits.Concurrency = 64; o.Limit = 600 })
			if slow.Load() < 20 || quick.Load() < 20 {
				t.Fatalf("%d slow, %d quick", slow.Load(), quick.Load())
			}
			stopped := slices.Contains(r.Reasons, pipeline.TooManyFailures)
			if valid == 0 {
				if n := r.Progress.Failed; !stopped || n > 2*64+20 || !strings.Contains(r.Refused, "must be even") {
					t.Errorf("none is right: %v, %d failed, %q", r.Reasons, n, r.Refused)
				}
			} else if stopped || r.Progress.Done != 300 || r.Progress.Failed != 300 {
				t.Errorf("half are right: %v, %+v", r.Reasons, r.Progress)
			}
			p.once()
		})
	}
}

// A parameter that is misspelt fails twenty cells and those under way, not all.
func TestAllAreRefused(t *testing.T) {
	const slots = 8
	yaml := strings.Replace(hundred, "prompt: [a], seed: 1..100", "promt: [a], seed: 1..400", 1)
	few := func(o *pipeline.Options) { o.Limits.Concurrency = slots }
	stopped := func(r pipeline.Result) bool { return slices.Contains(r.Reasons, pipeline.TooManyFailures) }
	in(t, sandbox.Options{Timing: sevenSeconds}, func(p *place) {
		r := p.run(yaml, few)
		if n := r.Progress.Failed; r.ExitCode() != 3 || !stopped(r) || n < 20 || n > 20+slots || !strings.Contains(r.Refused, "[prompt] required") || !p.warned("cells of Qwen/Qwen-Image, and accepted none") {
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
	in(t, sandbox.Options{Timing: sevenSeconds, Shape: sandbox.ShapeDocumentation, Faults: sandbox.Faults{"task_fail": 1}}, func(p *place) {
		r := p.run(hundred, few, func(o *pipeline.Options) { o.Limits.Retries = 0 })
		if stopped(r) || r.Progress.Failed != 100 {
			t.Errorf("tasks that fail: %v, %+v", r.Reasons, r.Progress)
		}
	})
}
