package pipeline_test

import (
	"fmt"
	"io"
	"math/rand/v2"
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

// A prompt is refused each time, for a reason that nobody knows or in words that services use of their own trouble: the others are
// through as if it were not there, wherever it stands in the grid and however much of it it is, and it has failed in the end.
func TestARefusedPromptLetsOthersPass(t *testing.T) {
	if testing.Short() {
		t.Skip("its many cases take long under the race detector; others of the same code are short")
	}
	for _, row := range []struct {
		slots, seeds int
		prompts      string
		text         string
		atMost       time.Duration // later, until all is over
	}{
		{1, 1, "a, b, c, d, e", "The prompt was rejected by moderation", 20 * time.Minute},
		{4, 4, "a, b, c, d, e", "The prompt was rejected by moderation", 20 * time.Minute},
		{20, 20, "a, b, c, d, e", "The prompt was rejected by moderation", 40 * time.Minute},
		{8, 50, "a, b, c, d, e", "The prompt was rejected by moderation", time.Hour},
		{8, 5, "b, a, c", "The prompt is temporarily not allowed, try again later", 30 * time.Minute},
		{4, 100, "b, c, d, e, f", "The prompt was rejected by moderation", 2 * time.Hour},
		{8, 300, "b, c, d", "The prompt was rejected by moderation", 3 * time.Hour}, // the next to be read are of it, too
	} {
		t.Run(fmt.Sprint(row), func(t *testing.T) {
			in(t, sandbox.Options{Timing: sevenSeconds}, func(p *place) {
				began := time.Now()
				var passed atomic.Int64 // the last of the others was submitted so long after
				var refused atomic.Int64
				_, restore := p.behind(func(w http.ResponseWriter, r *http.Request, service http.Handler) {
					if strings.Contains(r.URL.Path, "/Run/") {
						if bodyOf(r)["prompt"] == "b" {
							refused.Add(1)
							refuseWith(w, 200, row.text)
							return
						}
						passed.Store(int64(time.Since(began)))
					}
					service.ServeHTTP(w, r)
				})
				defer restore()
				r := p.run(fmt.Sprintf("{version: 1, name: x, model: Qwen/Qwen-Image-Fast, matrix: {prompt: [%s], seed: 1..%d}, limits: {concurrency: %d}}", row.prompts, row.seeds, row.slots))
				others := strings.Count(row.prompts, ",") * row.seeds
				passing := strings.Contains(row.text, "try again")
				if p.statuses()["done"] != others || p.statuses()["failed"] != row.seeds && !passing || r.ExitCode() != 3 || refused.Load() < int64(2*row.seeds) {
					t.Errorf("exit %d, %v, %v, %d refusals", r.ExitCode(), r.Reasons, p.statuses(), refused.Load())
				}
				took, after, usual := time.Since(began), time.Duration(passed.Load()), time.Duration(others/row.slots)*7*time.Second
				if after > usual+time.Minute || took > usual+row.atMost && !passing {
					t.Errorf("the others were through after %v (%v without those), all after %v", after, usual, took)
				}
				t.Logf("the others were through after %v (%v without those), all after %v, with %d refusals: %v", after, usual, took, refused.Load(), p.statuses())
			})
		})
	}
}

// A service that refuses all that it is ever asked for is not waited for as in an outage.
func TestAllIsRefusedForGood(t *testing.T) {
	in(t, sandbox.Options{Timing: sevenSeconds}, func(p *place) {
		began := time.Now()
		var refused atomic.Int64
		_, restore := p.behind(func(w http.ResponseWriter, r *http.Request, service http.Handler) {
			if strings.Contains(r.URL.Path, "/Run/") {
				refused.Add(1)
				refuseWith(w, 200, "This project is disabled")
				return
			}
			service.ServeHTTP(w, r)
		})
		defer restore()
		r := p.run(hundred)
		if took := time.Since(began); p.statuses()["pending"] != 100 || r.ExitCode() == 0 || took > 40*time.Minute || refused.Load() > 100 {
			t.Errorf("exit %d, %v, %v after %v, %d refusals", r.ExitCode(), r.Reasons, p.statuses(), took, refused.Load())
		}
	})
}

// A service that refuses most of what comes, for a reason that nobody knows, and takes some of it: a rate limit that does not say so, or
// trouble of five minutes. No cell of 300 is to blame.
func TestRefusalsAtRandom(t *testing.T) {
	if testing.Short() {
		t.Skip("its many cases take long under the race detector; others of the same code are short")
	}
	for _, text := range []string{"Something went wrong", "Too many requests, please slow down", "An error occurred on the server. Please try again later."} {
		for _, taken := range []float64{0, 0.05, 0.2, 0.5} { // 0: one a second
			t.Run(fmt.Sprint(text, taken), func(t *testing.T) {
				in(t, sandbox.Options{Timing: sevenSeconds}, func(p *place) {
					began, chance := time.Now(), rand.New(rand.NewPCG(1, 2))
					var mu sync.Mutex
					var last time.Time
					refused := 0
					_, restore := p.behind(func(w http.ResponseWriter, r *http.Request, service http.Handler) {
						if strings.Contains(r.URL.Path, "/Run/") {
							time.Sleep(50 * time.Millisecond)
							now := time.Now()
							mu.Lock()
							takes := now.Sub(last) >= time.Second
							if taken > 0 {
								takes = now.Sub(began) > 5*time.Minute || chance.Float64() < taken
							}
							if takes {
								last = now
							} else {
								refused++
							}
							mu.Unlock()
							if !takes {
								refuseWith(w, 200, text)
								return
							}
						}
						service.ServeHTTP(w, r)
					})
					defer restore()
					r := p.run("{version: 1, name: x, model: Qwen/Qwen-Image, matrix: {prompt: [a], seed: 1..300}, limits: {concurrency: 64}}")
					if p.statuses()["done"] != 300 || refused < 20 || time.Since(began) > time.Hour {
						t.Errorf("exit %d, %v after %v, %d refused", r.ExitCode(), p.statuses(), time.Since(began), refused)
					}
					p.once()
				})
			})
		}
	}
}

// A cell that is refused again and again gets its verdict also where it is all that a start has to do.
func TestTheLastIsRefusedInALaterStart(t *testing.T) {
	in(t, sandbox.Options{Timing: sevenSeconds}, func(p *place) {
		var refused atomic.Int64
		_, restore := p.behind(func(w http.ResponseWriter, r *http.Request, service http.Handler) {
			if strings.Contains(r.URL.Path, "/Run/") && bodyOf(r)["seed"] == "3" {
				refused.Add(1)
				refuseWith(w, 200, "The prompt was rejected by moderation")
				return
			}
			service.ServeHTTP(w, r)
		})
		defer restore()
		p.run(strings.Replace(hundred, "1..100", "1..2", 1))
		r := p.run(strings.Replace(hundred, "1..100", "1..3", 1))
		if p.statuses()["failed"] != 1 || r.ExitCode() != 3 || refused.Load() < 3 {
			t.Errorf("exit %d, %v, %v, %d refusals", r.ExitCode(), r.Reasons, p.statuses(), refused.Load())
		}
	})
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
