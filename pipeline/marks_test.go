package pipeline_test

import (
	"context"
	"fmt"
	"net/http"
	"net/http/httptest"
	"path/filepath"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"wirobatch/pipeline"
	"wirobatch/wiro"
	"wirobatch/wiro/sandbox"
)

// called is a manifest whose tasks call back. The sandbox shows where, and calls nobody that is not on its own machine.
func called(yaml string) string {
	return strings.Replace(yaml, "matrix:", `params: {callbackUrl: "https://a.example/done?key=1#x"}, matrix:`, 1)
}

// away gives a second folder on the same service, as on another machine: neither run sees the other.
func (p *place) away() (q *place, here, there func(*pipeline.Options)) {
	q, _ = p.besides()
	in := func(name string) func(*pipeline.Options) {
		dir := filepath.Join(filepath.Dir(p.out), name)
		return func(o *pipeline.Options) { o.Neighbours = dir }
	}
	return q, in("runs here"), in("runs there")
}

func TestTwoRunsOnTwoMachines(t *testing.T) {
	if testing.Short() {
		t.Skip("its many cases take long under the race detector; others of the same code are short")
	}
	for why, row := range map[string]struct {
		faults sandbox.Faults
		stops  []time.Duration // after which a start here leaves at once
	}{
		"answers lost":          {faults: sandbox.Faults{"run_drop_after": 0.3}},
		"some never made":       {faults: sandbox.Faults{"run_drop_after": 0.3, "run_drop_before": 0.15}},
		"answers late":          {faults: sandbox.Faults{"run_drop_after": 0.3, "run_slow": 0.3}},
		"the list lags":         {faults: sandbox.Faults{"run_drop_after": 0.3, "list_lag": 0.5}},
		"late, lagging, lost":   {faults: sandbox.Faults{"run_drop_after": 0.3, "run_drop_before": 0.1, "run_slow": 0.3, "list_lag": 0.5}},
		"the list shows others": {faults: sandbox.Faults{"run_drop_after": 0.3, "list_foreign": 0.5}},
		"nothing is echoed":     {faults: sandbox.Faults{"run_drop_after": 0.3, "list_empty_params": 1}},
		"a run that starts anew": {
			faults: sandbox.Faults{"run_drop_after": 0.3, "run_drop_before": 0.1},
			stops:  []time.Duration{5 * time.Second, 9 * time.Second, 31 * time.Second},
		},
		"tasks that fail": {faults: sandbox.Faults{"run_drop_after": 0.3, "task_fail": 0.2}},
	} {
		t.Run(why, func(t *testing.T) {
			in(t, sandbox.Options{Faults: row.faults, Seed: 7, Timing: sevenSeconds, Shape: sandbox.ShapeDocumentation}, func(p *place) {
				q, here, there := p.away()
				yaml := strings.Replace(called(equals), "limits: {", "limits: {retries: 9, ", 1)
				ended := make(chan error, 1)
				go func() {
					_, err := q.try(context.Background(), nil, yaml, there)
					ended <- err
				}()
				for _, after := range row.stops {
					ctx, leave := context.WithTimeout(context.Background(), after)
					if _, err := p.try(ctx, nil, yaml, here); err != nil {
						t.Fatal(err)
					}
					leave()
				}
				p.run(yaml, here)
				if err := <-ended; err != nil {
					t.Fatal(err)
				}
				fired := p.sandbox.FaultCounts()
				for fault := range row.faults {
					if fired[fault] < 5 {
						t.Errorf("fired: %v", fired)
					}
				}
				p.sandbox.SetFaults(nil)
				p.run(yaml, here) // what was held
				q.run(yaml, there)
				apart(p, q, fired["run_drop_before"])
			})
		})
	}
}

func TestTwoRunsOnTwoMachinesWhereTheListRespells(t *testing.T) {
	// The list shows other words than were sent, for all the same: likeness tells nothing.
	in(t, sandbox.Options{Faults: sandbox.Faults{"run_drop_after": 0.3}, Seed: 7, Timing: sevenSeconds, Shape: sandbox.ShapeDocumentation}, func(p *place) {
		q, here, there := p.away()
		_, restore := p.behind(func(w http.ResponseWriter, r *http.Request, service http.Handler) {
			if !isRead(r) {
				service.ServeHTTP(w, r)
				return
			}
			reword(w, r, service, func(answer map[string]any) {
				each(answer, func(task map[string]any) { parametersOf(task)["prompt"] = "something else" })
			})
		})
		defer restore()
		q.client = p.client
		ended := make(chan error, 1)
		go func() {
			_, err := q.try(context.Background(), nil, called(equals), there)
			ended <- err
		}()
		p.run(called(equals), here)
		if err := <-ended; err != nil {
			t.Fatal(err)
		}
		if fired := p.sandbox.FaultCounts(); fired["run_drop_after"] < 15 {
			t.Errorf("fired: %v", fired)
		}
		apart(p, q, 0)
	})
}

func TestATaskThatWasFoundFails(t *testing.T) {
	// One that was found by likeness might be another's then, and one that was found by its mark not the only one: under Hold nothing proves
	// that there is none.
	for mode, want := range map[pipeline.OnUnknown]string{pipeline.Hold: "held", pipeline.Verify: "failed"} {
		for _, marked := range []bool{true, false} {
			in(t, sandbox.Options{Faults: sandbox.Faults{"run_drop_after": 1}, Timing: sevenSeconds, Shape: sandbox.ShapeDocumentation}, func(p *place) {
				yaml := "{version: 1, name: x, model: sandbox/failing, matrix: {prompt: [a]}, limits: {retries: 0}}"
				if marked {
					yaml = called(yaml)
				}
				r := p.run(yaml, func(o *pipeline.Options) { o.OnUnknown = mode })
				if p.statuses()[want] != 1 || p.sandbox.Accepted() != 1 {
					t.Errorf("%s, marked %v: exit %d, %v, %v", mode, marked, r.ExitCode(), p.statuses(), p.warnings)
				}
			})
		}
	}
}

func TestWhereTheListShowsNoMarks(t *testing.T) {
	if testing.Short() {
		t.Skip("its many cases take long under the race detector; others of the same code are short")
	}
	// All is as without them: identical cells of one run are told apart by nothing, and need not be. Somebody else's task that
	// looks like a lost one stands in the way of its absence.
	for why, show := range map[string]func(task map[string]any){
		"it leaves the URL out": func(task map[string]any) { delete(task, "callbackurl") },
		"it says null":          func(task map[string]any) { task["callbackurl"] = nil },
		"it shows none":         func(task map[string]any) { task["callbackurl"] = "" },
		"it cuts the URL":       func(task map[string]any) { task["callbackurl"], _, _ = strings.Cut(task["callbackurl"].(string), "?") },
	} {
		t.Run(why, func(t *testing.T) {
			in(t, sandbox.Options{Timing: sevenSeconds, Shape: sandbox.ShapeDocumentation}, func(p *place) {
				direct, asked, lost := p.client, atomic.Int64{}, atomic.Int64{}
				_, restore := p.behind(func(w http.ResponseWriter, r *http.Request, service http.Handler) {
					switch {
					case isRead(r):
						reword(w, r, service, func(answer map[string]any) { each(answer, show) })
						return
					case strings.Contains(r.URL.Path, "/Run/"):
						switch n := asked.Add(1); {
						case n == 4: // it was never made, and somebody else makes the same
							if _, err := direct.Run(context.Background(), "Qwen/Qwen-Image-Fast", wiro.Input{Params: map[string]string{"prompt": "a "}}); err != nil {
								t.Error(err)
							}
							panic(http.ErrAbortHandler)
						case n < 30 && n%3 == 0:
							lost.Add(1)
							lose(r, service)
							panic(http.ErrAbortHandler)
						}
					}
					service.ServeHTTP(w, r)
				})
				defer restore()
				r := p.run(called(equals))
				if lost.Load() < 5 || r.ExitCode() != 8 || p.statuses()["held"] != 1 || p.statuses()["done"] != 39 || p.sandbox.Accepted() != 40 {
					t.Errorf("%d lost, exit %d, %d tasks, %v", lost.Load(), r.ExitCode(), p.sandbox.Accepted(), p.statuses())
				}
			})
		})
	}
}

func TestMarksProveAnAbsence(t *testing.T) {
	if testing.Short() {
		t.Skip("its many cases take long under the race detector; others of the same code are short")
	}
	// A submit never became a task, and somebody else on the account makes what could be it: each cell has a prompt of its own, which
	// is too short to tell a text from a keyword.
	var prompts []string
	for i := range 40 {
		prompts = append(prompts, fmt.Sprintf("picture %02d", i))
	}
	yaml := "{version: 1, name: x, model: Qwen/Qwen-Image-Fast, matrix: {prompt: [" + strings.Join(prompts, ", ") + "]}, limits: {concurrency: 4}}"
	const marked = "https://a.example/done?key=1&wirobatch=0123456789abcdef0123456789abcdef#x"
	for why, theirs := range map[string]map[string]string{
		"the like, without a callback": {"prompt": "picture 03 "},
		"the like, with a callback":    {"prompt": "picture 03 ", "callbackUrl": "https://b.example/"},
		"the same, of another run":     {"prompt": "picture 03", "callbackUrl": marked},
		"others, without a callback":   {"prompt": "a stranger's"},
		"others, of another run":       {"prompt": "a stranger's", "callbackUrl": marked},
	} {
		for _, called := range []func(string) string{called, func(yaml string) string { return yaml }} {
			in(t, sandbox.Options{Timing: sevenSeconds, Shape: sandbox.ShapeDocumentation}, func(p *place) {
				direct := p.client
				var lost atomic.Int64
				_, restore := p.behind(func(w http.ResponseWriter, r *http.Request, service http.Handler) {
					if strings.Contains(r.URL.Path, "/Run/") && bodyOf(r)["prompt"] == "picture 03" && lost.Add(1) == 1 {
						if _, err := direct.Run(context.Background(), "Qwen/Qwen-Image-Fast", wiro.Input{Params: theirs}); err != nil {
							t.Error(err)
						}
						panic(http.ErrAbortHandler)
					}
					service.ServeHTTP(w, r)
				})
				defer restore()
				r := p.run(called(yaml))
				proven := called(yaml) != yaml || strings.Contains(theirs["callbackUrl"], "wirobatch=")
				if want := map[bool]int{true: 0, false: 1}[proven]; r.ExitCode() != 8*want || p.statuses()["held"] != want || p.sandbox.Accepted() != 41-want {
					t.Errorf("%s, proven %v: exit %d, %d tasks, %v", why, proven, r.ExitCode(), p.sandbox.Accepted(), p.statuses())
				}
			})
		}
	}
}

func TestSomeTasksDoNotShowTheirMark(t *testing.T) {
	if testing.Short() {
		t.Skip("its many cases take long under the race detector; others of the same code are short")
	}
	// What does not show a URL may be the lost one, though others show theirs. Once it was taken by likeness, what shows the mark of who
	// took it is left for another.
	for seed := range uint64(6) {
		o := sandbox.Options{
			Faults: sandbox.Faults{"run_drop_after": 0.4, "run_drop_before": 0.05, "list_no_callback": 0.5, "list_lag": 0.5},
			Seed:   seed, PictureSize: 8, Timing: sevenSeconds, Shape: sandbox.ShapeDocumentation,
		}
		in(t, o, func(p *place) {
			p.run(called(equals))
			fired := p.sandbox.FaultCounts()
			if fired["run_drop_after"] < 8 || fired["list_no_callback"] < 8 {
				t.Errorf("fired: %v", fired)
			}
			p.sandbox.SetFaults(sandbox.Faults{"list_no_callback": 0.5})
			p.run(called(equals)) // what was held
			if done, held := p.statuses()["done"], p.statuses()["held"]; done+held != 40 || held > fired["run_drop_before"] || p.sandbox.Accepted() != done {
				t.Errorf("seed %d: %d tasks for 40 cells, %v", seed, p.sandbox.Accepted(), p.statuses())
			}
			p.audit()
		})
	}
}

func TestAListThatShowsMarksLater(t *testing.T) {
	if testing.Short() {
		t.Skip("its many cases take long under the race detector; others of the same code are short")
	}
	// Until then cells take tasks by likeness: what shows the mark of one may be left for another.
	for seed := range uint64(6) {
		later := time.Duration(10+5*seed) * time.Second
		o := sandbox.Options{
			Faults: sandbox.Faults{"run_drop_after": 0.3, "run_drop_before": 0.1, "list_lag": 0.7}, Seed: seed, PictureSize: 8, Timing: sevenSeconds, Shape: sandbox.ShapeDocumentation,
		}
		in(t, o, func(p *place) {
			begun := time.Now()
			_, restore := p.behind(func(w http.ResponseWriter, r *http.Request, service http.Handler) {
				if !isRead(r) || time.Since(begun) > later {
					service.ServeHTTP(w, r)
					return
				}
				reword(w, r, service, func(answer map[string]any) { each(answer, func(task map[string]any) { delete(task, "callbackurl") }) })
			})
			defer restore()
			p.run(called(equals), byDetail)
			never := p.sandbox.FaultCounts()["run_drop_before"]
			p.sandbox.SetFaults(nil)
			p.run(called(equals), byDetail) // what was held
			if done, held := p.statuses()["done"], p.statuses()["held"]; done+held != 40 || held > never || p.sandbox.Accepted() != done {
				t.Errorf("after %v: %d tasks for 40 cells, %v", later, p.sandbox.Accepted(), p.statuses())
			}
			p.audit()
		})
	}
}

// receiver takes callbacks.
type receiver struct {
	mu sync.Mutex
	to []string
}

func (c *receiver) RoundTrip(r *http.Request) (*http.Response, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.to = append(c.to, r.URL.String())
	return httptest.NewRecorder().Result(), nil
}

func TestTheReceiverOfACallbackSeesTheMark(t *testing.T) {
	c := &receiver{}
	in(t, sandbox.Options{Timing: sevenSeconds, Transport: c}, func(p *place) {
		p.run(`{version: 1, name: x, model: Qwen/Qwen-Image-Fast, params: {callbackUrl: "http://127.0.0.1:9/done?key=%7E"}, matrix: {prompt: [a], seed: 1..3}}`)
		time.Sleep(time.Minute)
		c.mu.Lock()
		defer c.mu.Unlock()
		seen := map[string]bool{}
		for _, to := range c.to {
			seen[to] = true
			if mark, ok := strings.CutPrefix(to, "http://127.0.0.1:9/done?key=%7E&wirobatch="); !ok || len(mark) != 32 {
				t.Errorf("called %q", to)
			}
		}
		if len(seen) != 3 || p.rows()[0]["callbackUrl"] != "http://127.0.0.1:9/done?key=%7E" {
			t.Errorf("called %q; the row says %q", c.to, p.rows()[0]["callbackUrl"])
		}
	})
}
