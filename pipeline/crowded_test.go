package pipeline_test

import (
	"fmt"
	"io"
	"net/http"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"wirobatch/wiro/sandbox"
)

func refuseWith(w http.ResponseWriter, status int, text string) {
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(status)
	io.WriteString(w, `{"result":false,"errors":[{"code":0,"message":"`+text+`"}]}`)
}

// That others are taken while a cell is turned away for want of capacity is no fault of the cell.
func TestACrowdBehindARateLimit(t *testing.T) {
	if testing.Short() {
		t.Skip("its many cases take long under the race detector; others of the same code are short")
	}
	for _, status := range []int{http.StatusTooManyRequests, http.StatusServiceUnavailable} {
		in(t, sandbox.Options{Timing: sevenSeconds}, func(p *place) {
			var mu sync.Mutex
			var last time.Time
			var refused atomic.Int64
			_, restore := p.behind(func(w http.ResponseWriter, r *http.Request, service http.Handler) {
				if strings.Contains(r.URL.Path, "/Run/") {
					mu.Lock()
					free := time.Since(last) >= time.Second
					if free {
						last = time.Now()
					}
					mu.Unlock()
					if !free {
						refused.Add(1)
						refuseWith(w, status, "Too many requests")
						return
					}
				}
				service.ServeHTTP(w, r)
			})
			defer restore()
			r := p.run(hundred)
			if p.statuses()["done"] != 100 || refused.Load() < 50 {
				t.Errorf("%d: exit %d, %v, %d refused: %.300v", status, r.ExitCode(), p.statuses(), refused.Load(), p.errors())
			}
		})
	}
}

// A quarter of an hour of trouble that is the service's own, and then one refusal that may be the cell's: that one says nothing yet.
func TestOneRefusalAfterTrouble(t *testing.T) {
	for _, status := range []int{429, 500, 503} {
		in(t, sandbox.Options{Timing: sevenSeconds}, func(p *place) {
			began := time.Now()
			var trouble, refused atomic.Int64
			_, restore := p.behind(func(w http.ResponseWriter, r *http.Request, service http.Handler) {
				after := time.Since(began)
				switch {
				case !strings.Contains(r.URL.Path, "/Run/") || bodyOf(r)["seed"] == "1":
				case after < 12*time.Minute:
					trouble.Add(1)
					refuseWith(w, status, "The service is busy")
					return
				case refused.Add(1) == 1:
					refuseWith(w, 200, "Something went wrong")
					return
				}
				service.ServeHTTP(w, r)
			})
			defer restore()
			r := p.run(strings.Replace(hundred, "1..100", "1..2", 1))
			if p.statuses()["done"] != 2 || trouble.Load() < 5 || refused.Load() == 0 {
				t.Errorf("%d: exit %d, %v, %d and %d refusals: %v", status, r.ExitCode(), p.statuses(), trouble.Load(), refused.Load(), p.errors())
			}
			p.once()
		})
	}
}

// A prompt in the middle of the grid is refused for a reason that nobody knows, by as many cells as there are slots: the others go
// before it, and it has failed in the end.
func TestARefusedPromptLetsOthersPass(t *testing.T) {
	if testing.Short() {
		t.Skip("its many cases take long under the race detector; others of the same code are short")
	}
	for _, slots := range []int{1, 4, 20} {
		t.Run(fmt.Sprint(slots), func(t *testing.T) {
			in(t, sandbox.Options{Timing: sevenSeconds}, func(p *place) {
				began := time.Now()
				var passed atomic.Int64 // the last of the others was submitted so long after
				var refused atomic.Int64
				_, restore := p.behind(func(w http.ResponseWriter, r *http.Request, service http.Handler) {
					if strings.Contains(r.URL.Path, "/Run/") {
						if bodyOf(r)["prompt"] == "b" {
							refused.Add(1)
							refuseWith(w, 200, "The prompt was rejected by moderation")
							return
						}
						passed.Store(int64(time.Since(began)))
					}
					service.ServeHTTP(w, r)
				})
				defer restore()
				r := p.run(fmt.Sprintf("{version: 1, name: x, model: Qwen/Qwen-Image-Fast, matrix: {prompt: [a, b, c, d, e], seed: 1..%d}, limits: {concurrency: %d}}", slots, slots))
				if p.statuses()["done"] != 4*slots || p.statuses()["failed"] != slots || r.ExitCode() != 3 || refused.Load() < int64(3*slots) {
					t.Errorf("exit %d, %v, %v, %d refusals", r.ExitCode(), r.Reasons, p.statuses(), refused.Load())
				}
				if after := time.Duration(passed.Load()); after > 5*time.Minute {
					t.Errorf("the others were held up for %v", after)
				}
				if took := time.Since(began); took > 90*time.Minute {
					t.Errorf("it took %v", took)
				}
			})
		})
	}
}

// In an outage in which the API itself refuses, cells that are left are not lost for being few.
func TestFewAreLeftInAnOutage(t *testing.T) {
	for _, full := range []bool{false, true} { // now and then it says that the account is full
		in(t, sandbox.Options{Timing: sevenSeconds}, func(p *place) {
			began := time.Now()
			var refused atomic.Int64
			_, restore := p.behind(func(w http.ResponseWriter, r *http.Request, service http.Handler) {
				if strings.Contains(r.URL.Path, "/Run/") && bodyOf(r)["seed"] != "1" && time.Since(began) < 8*time.Minute {
					if refused.Add(1)%3 == 0 && full {
						io.WriteString(w, `{"result":false,"errors":[{"code":96,"message":"You have reached your concurrent task limit. With your current balance of $50.00, you can run up to 5 tasks at the same time."}]}`)
						return
					}
					refuseWith(w, 200, "Internal error")
					return
				}
				service.ServeHTTP(w, r)
			})
			defer restore()
			r := p.run(strings.Replace(hundred, "1..100", "1..2", 1))
			if r.ExitCode() != 0 || p.sandbox.Accepted() != 2 || refused.Load() < 4 {
				t.Errorf("exit %d, %v, %d tasks, %d refusals", r.ExitCode(), p.statuses(), p.sandbox.Accepted(), refused.Load())
			}
			p.once()
		})
	}
}
