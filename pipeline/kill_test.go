package pipeline_test

import (
	"fmt"
	"net/http"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"wirobatch/pipeline"
	"wirobatch/wiro/sandbox"
)

// What keeps showing task_error, or runs on past its time, is killed after a fresh look, and the row says so.
func TestKilledTasksSayWhyAndHow(t *testing.T) {
	for _, c := range []struct {
		fault, with string // with is what goes wrong with the kill
		says        []string
	}{
		{"task_stuck", "", []string{"killed by us: it did not end within its task_timeout of 5m0s", "the service answered task_cancel"}},
		{"task_error_stuck", "", []string{"killed by us: it kept showing task_error for 2m", "the service answered task_cancel"}},
		{"task_error_stuck", "kill_5xx", []string{"killed by us: it kept showing task_error", "Task/Kill"}},
		{"task_error_stuck", "kill_drop", []string{"killed by us: it kept showing task_error", "Task/Kill"}},
	} {
		t.Run(c.fault+" "+c.with, func(t *testing.T) {
			t.Parallel()
			faults := sandbox.Faults{c.fault: 0.3}
			if c.with != "" {
				faults[c.with] = 1
			}
			in(t, sandbox.Options{Faults: faults, Seed: 4}, func(p *place) {
				limit := func(o *pipeline.Options) { o.Limits.TaskTimeout = 5 * time.Minute }
				r := p.run(grid, limit)
				fired := p.sandbox.FaultCounts()
				n := fired[c.fault]
				if n < 4 || c.with != "" && fired[c.with] < n {
					t.Fatalf("fired: %v", fired)
				}
				if p.statuses()["cancelled"] != n || p.statuses()["done"] != 24-n || r.ExitCode() != 3 {
					t.Errorf("%d fired, %v, exit %d", n, p.statuses(), r.ExitCode())
				}
				for _, row := range p.rows() {
					for _, text := range c.says {
						if row["status"] == "cancelled" && !strings.Contains(row["error"], text) {
							t.Errorf("the row says %q, and not %q", row["error"], text)
						}
					}
				}
				p.sandbox.SetFaults(nil)
				if r = p.run(grid, limit); r.ExitCode() != 0 || r.Submits != n {
					t.Errorf("then: exit %d, %d submits", r.ExitCode(), r.Submits)
				}
				p.audit()
			})
		})
	}
}

// A task can end while the kill is on its way: what it made is paid for, and is delivered.
func TestEndedBeforeTheKill(t *testing.T) {
	in(t, sandbox.Options{Timing: sevenSeconds}, func(p *place) {
		var late atomic.Int32
		_, restore := p.behind(func(w http.ResponseWriter, r *http.Request, service http.Handler) {
			if strings.HasSuffix(r.URL.Path, "/Task/Kill") {
				late.Add(1)
				time.Sleep(10 * time.Second)
			}
			service.ServeHTTP(w, r)
		})
		defer restore()
		r := p.run(grid, func(o *pipeline.Options) { o.Limits.TaskTimeout = 5 * time.Second })
		if late.Load() < 24 || r.ExitCode() != 0 || p.statuses()["done"] != 24 {
			t.Errorf("%d kills came late, exit %d, %v", late.Load(), r.ExitCode(), p.statuses())
		}
		if !p.warned("it has already ended") {
			t.Error("nobody was told what the kill answered")
		}
		p.audit()
	})
}

// A kill that the service refuses leaves a task that may still be paid for: the cell stays its own.
func TestRefusedKillLeavesTheTask(t *testing.T) {
	in(t, sandbox.Options{Faults: sandbox.Faults{"task_stuck": 0.3}, Seed: 4}, func(p *place) {
		_, restore := p.behind(func(w http.ResponseWriter, r *http.Request, service http.Handler) {
			if strings.HasSuffix(r.URL.Path, "/Task/Kill") {
				fmt.Fprint(w, `{"result":false,"errors":[{"code":1,"message":"Not now."}]}`)
				return
			}
			service.ServeHTTP(w, r)
		})
		limit := func(o *pipeline.Options) { o.Limits.TaskTimeout = 2 * time.Minute }
		r := p.run(grid, limit)
		restore()
		n := p.sandbox.FaultCounts()["task_stuck"]
		if n < 4 || p.statuses()["pending"] != n || r.ExitCode() != 3 {
			t.Fatalf("%d fired, %v, exit %d", n, p.statuses(), r.ExitCode())
		}
		for _, row := range p.rows() {
			if e := row["error"]; row["status"] == "pending" && (!strings.Contains(e, "Not now.") || !strings.Contains(e, "still runs")) {
				t.Errorf("the row says %q", e)
			}
		}
		if r = p.run(grid, limit); r.Submits != 0 || p.statuses()["cancelled"] != n {
			t.Errorf("then: %d submits, %v", r.Submits, p.statuses())
		}
	})
}
