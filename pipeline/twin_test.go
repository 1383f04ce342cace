package pipeline_test

import (
	"context"
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"wirobatch/pipeline"
	"wirobatch/wiro"
	"wirobatch/wiro/sandbox"
)

// A gateway passes one submit on twice, as it does when the first upstream is slow, and answers neither. Of the two tasks, which bear
// the same mark, the first fails, and the second is billed: it is the cell's, and nothing is made again.
func TestASubmitThatIsPassedOnTwice(t *testing.T) {
	if testing.Short() {
		t.Skip("its many cases take long under the race detector; others of the same code are short")
	}
	for _, mode := range []pipeline.OnUnknown{pipeline.Hold, pipeline.Verify} {
		for _, retries := range []int{0, 2} {
			for _, marked := range []bool{true, false} {
				t.Run(fmt.Sprintf("%s, %d retries, marked %t", mode, retries, marked), func(t *testing.T) {
					in(t, sandbox.Options{Timing: sevenSeconds, Shape: sandbox.ShapeDocumentation}, func(p *place) {
						var asked atomic.Int64
						_, restore := p.behind(func(w http.ResponseWriter, r *http.Request, service http.Handler) {
							if !strings.Contains(r.URL.Path, "/Run/") || asked.Add(1) > 1 {
								service.ServeHTTP(w, r)
								return
							}
							body := bodyOf(r)
							p.sandbox.SetFaults(sandbox.Faults{"task_fail": 1})
							lose(r, service)
							p.sandbox.SetFaults(nil)
							say(r, body)
							service.ServeHTTP(httptest.NewRecorder(), r)
							panic(http.ErrAbortHandler)
						})
						defer restore()
						yaml := fmt.Sprintf("{version: 1, name: x, model: Qwen/Qwen-Image-Fast, matrix: {prompt: [a dragon], seed: [1]}, limits: {retries: %d}}", retries)
						if marked {
							yaml = called(yaml)
						}
						r := p.run(yaml, func(o *pipeline.Options) { o.OnUnknown = mode })
						if n := len(p.sandbox.Charges()); n != 1 || p.sandbox.Accepted() != 2 || p.statuses()["done"] != 1 {
							t.Errorf("exit %d, %v, %d tasks, %d charges for 1 cell, %v", r.ExitCode(), p.statuses(), p.sandbox.Accepted(), n, p.warnings)
						}
						p.audit()
					})
				})
			}
		}
	}
}

// Under hold a list may do what it likes, such as to show the callback URL of each task beside another one: a stranger's that fails.
func TestMarksInTheRowsOfOthers(t *testing.T) {
	in(t, sandbox.Options{Timing: sevenSeconds, Shape: sandbox.ShapeDocumentation}, func(p *place) {
		direct := p.client
		var asked, mixed atomic.Int64
		_, restore := p.behind(func(w http.ResponseWriter, r *http.Request, service http.Handler) {
			switch {
			case strings.HasSuffix(r.URL.Path, "/Task/List"):
				reword(w, r, service, func(answer map[string]any) {
					var urls []any
					each(answer, func(task map[string]any) { urls = append(urls, task["callbackurl"]) })
					n := 0
					each(answer, func(task map[string]any) {
						n++
						task["callbackurl"] = urls[n%len(urls)]
						mixed.Add(1)
					})
				})
			case strings.Contains(r.URL.Path, "/Run/") && asked.Add(1) == 1:
				lose(r, service)
				if _, err := direct.Run(context.Background(), failingModel, wiro.Input{Params: map[string]string{"prompt": "a stranger's"}}); err != nil {
					t.Error(err)
				}
				panic(http.ErrAbortHandler)
			default:
				service.ServeHTTP(w, r)
			}
		})
		defer restore()
		yaml := called("{version: 1, name: x, model: Qwen/Qwen-Image-Fast, matrix: {prompt: [a dragon over a waterfall], seed: [1]}, limits: {retries: 2}}")
		r := p.run(yaml, func(o *pipeline.Options) { o.OnUnknown = pipeline.Hold })
		if n := len(p.sandbox.Charges()); n != 1 || p.statuses()["done"] != 1 || mixed.Load() < 2 {
			t.Errorf("exit %d, %v, %d charges for 1 cell, %d rows mixed: %v", r.ExitCode(), p.statuses(), n, mixed.Load(), p.warnings)
		}
	})
}

// What is like the cell's own and shows no URL may bear its mark: a stranger's is not taken for the twin, and nothing is made again
// while it stands there.
func TestWhatShowsNoURLMayBeATwin(t *testing.T) {
	for _, mode := range []pipeline.OnUnknown{pipeline.Hold, pipeline.Verify} {
		in(t, sandbox.Options{Timing: sevenSeconds, Shape: sandbox.ShapeDocumentation}, func(p *place) {
			direct := p.client
			var asked, hidden atomic.Int64
			var stranger atomic.Value
			_, restore := p.behind(func(w http.ResponseWriter, r *http.Request, service http.Handler) {
				switch {
				case strings.Contains(r.URL.Path, "/Run/") && asked.Add(1) == 1:
					p.sandbox.SetFaults(sandbox.Faults{"task_fail": 1})
					lose(r, service)
					p.sandbox.SetFaults(nil)
					sub, err := direct.Run(context.Background(), "Qwen/Qwen-Image-Fast", wiro.Input{Params: map[string]string{"prompt": "a", "seed": "1"}})
					if err != nil {
						t.Error(err)
					}
					stranger.Store(sub.TaskID)
					panic(http.ErrAbortHandler)
				case isRead(r):
					reword(w, r, service, func(answer map[string]any) {
						each(answer, func(task map[string]any) {
							if task["id"] == stranger.Load() {
								delete(task, "callbackurl")
								hidden.Add(1)
							}
						})
					})
				default:
					service.ServeHTTP(w, r)
				}
			})
			defer restore()
			yaml := called("{version: 1, name: x, model: Qwen/Qwen-Image-Fast, matrix: {prompt: [a], seed: [1]}, limits: {retries: 2}}")
			r := p.run(yaml, func(o *pipeline.Options) { o.OnUnknown = mode })
			if p.statuses()["held"] != 1 || p.sandbox.Accepted() != 2 || hidden.Load() < 2 {
				t.Errorf("%s: exit %d, %v, hidden %d times: %v", mode, r.ExitCode(), p.statuses(), hidden.Load(), p.warnings)
			}
		})
	}
}

// A task that was found by its mark ends without a result, and whether a gateway has made another is not known when the run ends: it
// was stopped and its tasks cancelled, or the list does not answer for a day. The next start looks for the other one. There is one,
// which is billed and the cell's, or none, and the cell is made anew; under hold it stays held.
func TestATwinIsLookedForByTheNextStart(t *testing.T) {
	for _, mode := range []pipeline.OnUnknown{pipeline.Hold, pipeline.Verify} {
		for _, cancelled := range []bool{true, false} {
			for _, twins := range []bool{true, false} {
				t.Run(fmt.Sprintf("%s, cancelled %t, twins %t", mode, cancelled, twins), func(t *testing.T) {
					in(t, sandbox.Options{Timing: sevenSeconds, Shape: sandbox.ShapeDocumentation}, func(p *place) {
						began := time.Now()
						var asked, down atomic.Int64
						_, restore := p.behind(func(w http.ResponseWriter, r *http.Request, service http.Handler) {
							after := time.Since(began)
							switch {
							case strings.HasSuffix(r.URL.Path, "/Task/List") && !cancelled && after > 6*time.Second && after < 20*time.Hour:
								down.Add(1)
								w.WriteHeader(http.StatusBadGateway)
							case strings.Contains(r.URL.Path, "/Run/") && asked.Add(1) == 1:
								body := bodyOf(r)
								if p.sandbox.SetFaults(sandbox.Faults{"task_fail": 1}); cancelled {
									p.sandbox.SetFaults(sandbox.Faults{"task_slow": 1})
								}
								lose(r, service)
								if p.sandbox.SetFaults(nil); twins {
									say(r, body)
									service.ServeHTTP(httptest.NewRecorder(), r)
								}
								panic(http.ErrAbortHandler)
							default:
								service.ServeHTTP(w, r)
							}
						})
						defer restore()
						yaml := called("{version: 1, name: x, model: Qwen/Qwen-Image-Fast, matrix: {prompt: [a dragon], seed: [1]}, limits: {retries: 1}}")
						set := func(o *pipeline.Options) { o.OnUnknown = mode }
						ctx, leave := context.WithCancel(context.Background())
						if cancelled {
							time.AfterFunc(3*time.Second, leave)
						}
						_, _ = p.try(ctx, nil, yaml, set)
						if leave(); cancelled {
							if fates, _, err := p.cancel(p.client); err != nil || len(fates) != 1 {
								t.Errorf("%v, %v", fates, err)
							}
						} else if down.Load() == 0 || p.statuses()["held"] != 1 {
							t.Errorf("%v, the list failed %d times", p.statuses(), down.Load())
						}
						time.Sleep(24 * time.Hour)
						p.run(yaml, set)
						want := "done"
						if mode == pipeline.Hold && !twins {
							want = "held"
						}
						if n := len(p.sandbox.Charges()); n > 1 || p.statuses()[want] != 1 {
							t.Errorf("%v, %d tasks, %d charges for 1 cell: %v", p.statuses(), p.sandbox.Accepted(), n, p.warnings)
						}
					})
				})
			}
		}
	}
}

// The URL has a parameter of that name and form of its own, which the list shows last.
func TestAMarkBesideOneLikeIt(t *testing.T) {
	in(t, sandbox.Options{Timing: sevenSeconds, Shape: sandbox.ShapeDocumentation}, func(p *place) {
		const own = "wirobatch=0123456789abcdef0123456789abcdef"
		var asked, shown atomic.Int64
		var lost atomic.Value
		_, restore := p.behind(func(w http.ResponseWriter, r *http.Request, service http.Handler) {
			switch {
			case isRead(r):
				reword(w, r, service, func(answer map[string]any) {
					each(answer, func(task map[string]any) {
						if url, is := task["callbackurl"].(string); is && task["id"] == lost.Load() {
							task["callbackurl"] = strings.Replace(url, own+"&", "", 1) + "&" + own
							shown.Add(1)
						}
					})
				})
			case strings.Contains(r.URL.Path, "/Run/") && asked.Add(1) == 3:
				lost.Store(lose(r, service))
				panic(http.ErrAbortHandler)
			default:
				service.ServeHTTP(w, r)
			}
		})
		defer restore()
		r := p.run("{version: 1, name: x, model: Qwen/Qwen-Image-Fast, params: {callbackUrl: 'https://a.example/done?" + own + "'}, matrix: {prompt: [a dragon], seed: 1..12}, limits: {concurrency: 1}}")
		if r.ExitCode() != 0 || p.sandbox.Accepted() != 12 || shown.Load() == 0 {
			t.Errorf("exit %d, %v, %d tasks for 12 cells, shown %d times", r.ExitCode(), p.statuses(), p.sandbox.Accepted(), shown.Load())
		}
		p.once()
	})
}
