package pipeline_test

import (
	"fmt"
	"net/http"
	"strings"
	"sync/atomic"
	"testing"

	"wirobatch/wiro"
	"wirobatch/wiro/sandbox"
)

// The service gives a model another id, as for a new version, in the middle of a run, and an answer gets lost just then: no
// task has shown that id before, for all take longer than the proof of an absence.
func TestAModelGetsAnotherID(t *testing.T) {
	for _, row := range []struct{ yaml, why string }{
		{"{version: 1, name: x, model: Qwen/Qwen-Image-Fast, matrix: {prompt: [a], seed: 1..16}, limits: {concurrency: 4, rate: 20/m}}", "others of ours show it"},
		{"{version: 1, name: x, model: Qwen/Qwen-Image-Fast, matrix: {prompt: [a], seed: 1..5}, limits: {concurrency: 4, rate: 20/m}}", "it is the last of all"},
	} {
		in(t, sandbox.Options{Timing: sandbox.Timing{Run: sandbox.Exactly(45)}, Shape: sandbox.ShapeDocumentation}, func(p *place) {
			var submits, renamed atomic.Int64
			var lost atomic.Value
			lost.Store("")
			_, restore := p.behind(func(w http.ResponseWriter, r *http.Request, service http.Handler) {
				switch {
				case strings.Contains(r.URL.Path, "/Run/") && submits.Add(1) == 5:
					lost.Store(lose(r, service))
					panic(http.ErrAbortHandler)
				case isRead(r):
					reword(w, r, service, func(answer map[string]any) {
						each(answer, func(task map[string]any) {
							if first := lost.Load().(string); first != "" && !before(fmt.Sprint(task["id"]), first) {
								renamed.Add(1)
								task["modelid"] = "777"
							}
						})
					})
				default:
					service.ServeHTTP(w, r)
				}
			})
			defer restore()
			r := p.run(row.yaml)
			if renamed.Load() == 0 || r.ExitCode() != 0 {
				t.Errorf("%s: %d renamed, exit %d, %v", row.why, renamed.Load(), r.ExitCode(), p.errors())
			}
			p.once()
		})
	}
}

// before reports whether a task was made before another: ids count upward.
func before(id, than string) bool {
	return len(id) < len(than) || len(id) == len(than) && id < than
}

// A stranger on the account works with a model that nobody has met: its tasks do not hide an absence.
func TestStrangersOfAnotherModelDoNotHideAnAbsence(t *testing.T) {
	in(t, sandbox.Options{Timing: sevenSeconds, Shape: sandbox.ShapeDocumentation}, func(p *place) {
		direct := p.client
		var submits, theirs atomic.Int64
		_, restore := p.behind(func(w http.ResponseWriter, r *http.Request, service http.Handler) {
			if strings.Contains(r.URL.Path, "/Run/") {
				if submits.Add(1) == 6 {
					panic(http.ErrAbortHandler) // it was never made
				}
				if _, err := direct.Run(r.Context(), "Qwen/Qwen-Image", wiro.Input{Params: map[string]string{"prompt": "a", "seed": "7"}}); err == nil {
					theirs.Add(1)
				}
			}
			service.ServeHTTP(w, r)
		})
		defer restore()
		r := p.run("{version: 1, name: x, model: Qwen/Qwen-Image-Fast, matrix: {prompt: [a], seed: 1..24}, limits: {concurrency: 2}}")
		if theirs.Load() < 20 || r.ExitCode() != 0 || p.statuses()["done"] != 24 {
			t.Errorf("%d of the stranger, exit %d, %v, %v", theirs.Load(), r.ExitCode(), p.statuses(), p.errors())
		}
	})
}
