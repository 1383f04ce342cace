package pipeline_test

import (
	"io"
	"net/http"
	"strings"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"wirobatch/pipeline"
	"wirobatch/wiro/sandbox"
)

// What is refused again and again for a reason that nobody knows, when there is nothing else to try, is the cell's own fault in
// the end: it does not hold the run for hours. While others are there to be tried, none is blamed for an outage.
func TestTheLastThatAreRefused(t *testing.T) {
	if testing.Short() {
		t.Skip("its many cases take long under the race detector; others of the same code are short")
	}
	const text = `{"result":false,"errors":[{"code":0,"message":"The prompt was rejected by moderation"}]}`
	for name, row := range map[string]struct {
		refused         func(seed string, after time.Duration) bool
		failed, atLeast int
	}{
		"one of four":            {func(seed string, _ time.Duration) bool { return seed == "4" }, 1, 3},
		"two of four":            {func(seed string, _ time.Duration) bool { return seed >= "3" }, 2, 6},
		"all, for forty minutes": {func(_ string, after time.Duration) bool { return after > 5*time.Second && after < 40*time.Minute }, 0, 6},
	} {
		t.Run(name, func(t *testing.T) {
			in(t, sandbox.Options{Timing: sevenSeconds}, func(p *place) {
				began := time.Now()
				var refusals atomic.Int64
				_, restore := p.behind(func(w http.ResponseWriter, r *http.Request, service http.Handler) {
					if strings.Contains(r.URL.Path, "/Run/") {
						seed := bodyOf(r)["seed"]
						if row.refused(seed, time.Since(began)) {
							refusals.Add(1)
							w.Header().Set("Content-Type", "application/json")
							io.WriteString(w, text)
							return
						}
					}
					service.ServeHTTP(w, r)
				})
				defer restore()
				seeds := "1..4"
				if row.failed == 0 {
					seeds = "1..40"
				}
				r := p.run(strings.Replace(hundred, "1..100", seeds, 1), func(o *pipeline.Options) { o.Limits.Concurrency = 4 })
				if int(refusals.Load()) < row.atLeast {
					t.Fatalf("it was refused %d times", refusals.Load())
				}
				if took := time.Since(began); r.Progress.Failed != row.failed || r.Progress.Pending != 0 || row.failed > 0 && took > 30*time.Minute {
					t.Errorf("after %v: %+v, %v", took, r.Progress, r.Reasons)
				}
				if code := r.ExitCode(); row.failed > 0 && code != 3 || row.failed == 0 && code != 0 {
					t.Errorf("exit %d", code)
				}
				synctest.Wait()
				p.once()
			})
		})
	}
}
