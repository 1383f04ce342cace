package pipeline_test

import (
	"encoding/json"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"wirobatch/pipeline"
	"wirobatch/wiro/sandbox"
)

const three = "{version: 1, name: x, model: Qwen/Qwen-Image-Fast, matrix: {prompt: [a], seed: 1..3}, limits: {concurrency: 3, task_timeout: 1m}}"

// retold puts a service in front of the sandbox that shows ended tasks otherwise; retell says whether it has changed one.
func (p *place) retold(retell func(task map[string]any) bool) (fired *atomic.Int32, restore func()) {
	p.t.Helper()
	fired = new(atomic.Int32)
	_, restore = p.behind(func(w http.ResponseWriter, r *http.Request, service http.Handler) {
		if !strings.HasSuffix(r.URL.Path, "/Task/Detail") && !strings.HasSuffix(r.URL.Path, "/Task/List") {
			service.ServeHTTP(w, r)
			return
		}
		said := httptest.NewRecorder()
		service.ServeHTTP(said, r)
		var answer map[string]any
		if err := json.Unmarshal(said.Body.Bytes(), &answer); err != nil {
			w.WriteHeader(said.Code)
			io.Copy(w, said.Body)
			return
		}
		tasks, _ := answer["tasklist"].([]any)
		for _, t := range tasks {
			task := t.(map[string]any)
			if task["status"] == "task_postprocess_end" && retell(task) {
				fired.Add(1)
			}
		}
		w.Header().Set("Content-Type", "application/json")
		json.NewEncoder(w).Encode(answer)
	})
	return fired, restore
}

// What a service can say of a task that it was paid for.
var retold = []struct {
	how  string
	say  func(task map[string]any) bool
	says string
}{
	{"its outputs are gone", func(t map[string]any) bool {
		t["outputs"] = []any{}
		delete(t, "pexit")
		delete(t, "totalcost")
		return true
	}, "without its outputs"},
	{"cancelled", func(t map[string]any) bool {
		t["status"], t["outputs"] = "task_cancel", []any{}
		delete(t, "totalcost")
		return true
	}, "as cancelled"},
	{"failed", func(t map[string]any) bool {
		t["pexit"], t["totalcost"], t["outputs"] = "1", "0", []any{}
		return true
	}, "as failed (pexit 1)"},
	{"it runs", func(t map[string]any) bool {
		t["status"], t["outputs"] = "task_start", []any{}
		delete(t, "totalcost")
		return true
	}, "did not end within"},
}

// A lost file is never a reason to pay again, whatever the service says of its task by then.
func TestBilledIsNotJudgedAnew(t *testing.T) {
	if testing.Short() {
		t.Skip("its many cases take long under the race detector; others of the same code are short")
	}
	for _, c := range retold {
		for _, mode := range []pipeline.OnUnknown{pipeline.Verify, pipeline.Hold} {
			t.Run(c.how+" "+string(mode), func(t *testing.T) {
				in(t, sandbox.Options{}, func(p *place) {
					p.run(three)
					before := p.rows()[0]
					p.spoil(before, os.Remove)
					time.Sleep(time.Hour)
					fired, restore := p.retold(c.say)
					defer restore()
					for start := range 3 {
						r := p.run(three, func(o *pipeline.Options) { o.OnUnknown, o.RetryFailed = mode, start > 0 })
						row := p.rows()[0]
						if r.ExitCode() != 3 || r.Submits != 0 || !r.Spent.IsZero() || row["status"] != "pending" || row["cost_usd"] != before["cost_usd"] ||
							row["task_id"] != before["task_id"] || !strings.Contains(row["error"], c.says) {
							t.Errorf("start %d: exit %d, %d submits, $%s, %v", start+2, r.ExitCode(), r.Submits, r.Spent, row)
						}
					}
					fates, _, err := p.cancel(p.client)
					if err != nil || fates[pipeline.Paid] != 1 || len(fates) != 1 {
						t.Errorf("cancel: %v, %v", fates, err)
					}
					if n := p.sandbox.Requests(); fired.Load() < 3 || n["Task/Kill"]+n["Task/Cancel"] != 0 {
						t.Errorf("fired %d times, %v", fired.Load(), n)
					}
					restore()
					if r := p.run(three); r.ExitCode() != 0 || p.sandbox.Accepted() != 3 {
						t.Errorf("when it is there again: exit %d, %d tasks", r.ExitCode(), p.sandbox.Accepted())
					}
					p.audit()
				})
			})
		}
	}
}

// A person can have such a cell made again, and the cost of before stays in the sums.
func TestRedoOfWhatIsGone(t *testing.T) {
	in(t, sandbox.Options{}, func(p *place) {
		p.run(three)
		row := p.rows()[0]
		p.spoil(row, os.Remove)
		old := p.client
		p.client = p.past()
		if r := p.run(three); r.ExitCode() != 3 || p.statuses()["pending"] != 1 {
			t.Fatalf("exit %d, %v", r.ExitCode(), p.statuses())
		}
		p.client = old
		r := p.run(three, func(o *pipeline.Options) { o.Redo = []string{row["id"]} })
		if now := p.rows()[0]; r.ExitCode() != 0 || r.Submits != 1 || now["status"] != "done" || now["attempts"] != "2" {
			t.Errorf("exit %d, %d submits, %v", r.ExitCode(), r.Submits, now)
		}
		if !r.Summary.Money.Spent.Equal(p.charged()) {
			t.Errorf("$%s are said to be spent, $%s were charged", r.Summary.Money.Spent, p.charged())
		}
		p.audit()
	})
}

// A task that was cancelled on the server and billed is not paid again by itself.
func TestBilledCancelIsNotMadeAgain(t *testing.T) {
	in(t, sandbox.Options{}, func(p *place) {
		fired, restore := p.retold(func(t map[string]any) bool {
			t["status"], t["outputs"], t["totalcost"] = "task_cancel", []any{}, "0.00351"
			return true
		})
		defer restore()
		for start := range 3 {
			r := p.run(three, func(o *pipeline.Options) { o.RetryFailed = start == 2 })
			if r.ExitCode() != 3 || p.sandbox.Accepted() != 3 || p.statuses()["pending"] != 3 || p.rows()[0]["cost_usd"] != "0.00351" {
				t.Errorf("start %d: exit %d, %d tasks, %v", start+1, r.ExitCode(), p.sandbox.Accepted(), p.rows()[0])
			}
		}
		if fired.Load() < 9 {
			t.Errorf("fired %d times", fired.Load())
		}
	})
}

// What a cancelled task has made is delivered when it was paid for, also when it shows later.
func TestBilledCancelIsDelivered(t *testing.T) {
	for _, late := range []bool{false, true} {
		in(t, sandbox.Options{}, func(p *place) {
			shown := !late
			fired, restore := p.retold(func(t map[string]any) bool {
				t["status"], t["totalcost"] = "task_cancel", "0.00351"
				if !shown {
					t["outputs"] = []any{}
				}
				return true
			})
			defer restore()
			if r := p.run(three); late && (r.ExitCode() != 3 || p.statuses()["pending"] != 3) {
				t.Errorf("exit %d, %v", r.ExitCode(), p.statuses())
			}
			shown = true
			r := p.run(three)
			if row := p.rows()[0]; r.ExitCode() != 0 || r.Submits != 0 && late || p.sandbox.Accepted() != 3 || row["status"] != "done" || row["cost_usd"] != "0.00351" {
				t.Errorf("exit %d, %d tasks, %v", r.ExitCode(), p.sandbox.Accepted(), row)
			}
			if fired.Load() < 3 {
				t.Errorf("fired %d times", fired.Load())
			}
		})
	}
}
