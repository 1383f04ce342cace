package pipeline_test

import (
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"regexp"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"wirobatch/pipeline"
	"wirobatch/wiro/sandbox"
)

var tokens = regexp.MustCompile(`"socketaccesstoken": ?"([^"]*)"`)

// shows lets Detail and List show the tokens of tasks otherwise, and loses the answers to some submits. Both are counted.
func (p *place) shows(other func(token, path string) string, lost ...int64) (shown, submits *atomic.Int64, restore func()) {
	shown, submits = new(atomic.Int64), new(atomic.Int64)
	_, restore = p.behind(func(w http.ResponseWriter, r *http.Request, service http.Handler) {
		run, task := strings.Contains(r.URL.Path, "/Run/"), strings.Contains(r.URL.Path, "/Task/")
		if !run && !task {
			service.ServeHTTP(w, r)
			return
		}
		said := httptest.NewRecorder()
		service.ServeHTTP(said, r)
		body := said.Body.String()
		if task {
			body = tokens.ReplaceAllStringFunc(body, func(field string) string {
				shown.Add(1)
				return `"socketaccesstoken":"` + other(tokens.FindStringSubmatch(field)[1], r.URL.Path) + `"`
			})
		} else {
			n := submits.Add(1)
			for _, l := range lost {
				if n == l {
					w.WriteHeader(http.StatusBadGateway)
					return
				}
			}
		}
		w.WriteHeader(said.Code)
		io.WriteString(w, body)
	})
	return shown, submits, restore
}

// A service may show other tokens than it gives, or mask them: what it makes is delivered all the same.
func TestTokensThatAreShownOtherwise(t *testing.T) {
	if testing.Short() {
		t.Skip("its many cases take long under the race detector; others of the same code are short")
	}
	rotated := new(atomic.Int64)
	for name, other := range map[string]func(token, path string) string{
		"rotated": func(string, string) string { return fmt.Sprintf("another%d", rotated.Add(1)) },
		"upper":   func(token, _ string) string { return strings.ToUpper(token) },
		"null":    func(string, string) string { return "null" },
		"masked in the list": func(token, path string) string {
			if strings.HasSuffix(path, "/List") {
				return "***"
			}
			return token
		},
		"masked in part": func(token, _ string) string { return token[:4] + "****" },
	} {
		for _, mode := range []string{"auto", "detail", "list"} {
			in(t, sandbox.Options{Timing: sevenSeconds}, func(p *place) {
				shown, _, restore := p.shows(other, 4)
				defer restore()
				by := func(o *pipeline.Options) { o.Watch = mode }
				p.run(grid, by, func(o *pipeline.Options) { o.Deadline, o.Grace = time.Now().Add(10*time.Second), time.Second })
				r := p.run(grid, by)
				if shown.Load() == 0 || r.ExitCode() != 0 || p.sandbox.Accepted() != 24 || !p.warned("found as task") {
					t.Errorf("%s, %s: %d shown, exit %d, %d tasks, %v %v", name, mode, shown.Load(), r.ExitCode(), p.sandbox.Accepted(), p.statuses(), p.errors())
				}
				p.audit()
			})
		}
	}
}

// Where a service shows what it is paid for as other tasks, with other tokens, no more is paid for, and none of it is taken.
func TestTasksThatAreShownAsOthers(t *testing.T) {
	in(t, sandbox.Options{Timing: sevenSeconds}, func(p *place) {
		var asked atomic.Int64
		_, restore := p.behind(func(w http.ResponseWriter, r *http.Request, service http.Handler) {
			if !strings.Contains(r.URL.Path, "/Task/") {
				service.ServeHTTP(w, r)
				return
			}
			sent, _ := io.ReadAll(r.Body)
			if strings.Contains(string(sent), `"tasktoken"`) {
				asked.Add(1)
				io.WriteString(w, `{"result":false,"errors":[{"code":1,"message":"task-not-founded"}]}`)
				return
			}
			r.Body = io.NopCloser(strings.NewReader(string(sent)))
			said := httptest.NewRecorder()
			service.ServeHTTP(said, r)
			body := tokens.ReplaceAllString(said.Body.String(), `"socketaccesstoken":"another"`)
			w.WriteHeader(said.Code)
			io.WriteString(w, regexp.MustCompile(`("prompt\\?": ?\\?")`).ReplaceAllString(body, `${1}other `))
		})
		defer restore()
		r := p.run(grid, func(o *pipeline.Options) { o.Limits.Concurrency = 2 })
		if n := p.sandbox.Accepted(); r.ExitCode() != 3 || asked.Load() == 0 || n < 3 || n > 6 || p.statuses()["done"] != 0 || !p.warned("no more is submitted") {
			t.Errorf("exit %d, %d tasks, %v, %q", r.ExitCode(), n, p.statuses(), p.warnings)
		}
	})
}

// What a service that counts anew has by the id of an earlier task is not that task: a submit that got lost there is found, or
// held, and never paid for again.
func TestLostWhereTheServiceCountsAnew(t *testing.T) {
	for _, repeat := range []bool{false, true} {
		in(t, sandbox.Options{Timing: sevenSeconds}, func(p *place) {
			yaml := "{version: 1, name: x, model: Qwen/Qwen-Image-Fast, matrix: {prompt: [a], seed: 1..40}, limits: {concurrency: 6}}"
			if repeat {
				yaml = "{version: 1, name: x, model: Qwen/Qwen-Image-Fast, matrix: {prompt: [a], seed: [1, 2]}, repeat: 20, limits: {concurrency: 6}}"
			}
			p.run(yaml, func(o *pipeline.Options) { o.Deadline, o.Grace = time.Now().Add(10*time.Second), time.Second })
			before := p.sandbox.Accepted()
			mine := p.sandbox
			p.sandbox = sandbox.New(sandbox.Options{Timing: sevenSeconds, PictureSize: 64, Instance: 1})
			defer func() { p.sandbox.Close(); p.sandbox = mine }()
			_, submits, restore := p.shows(func(token, _ string) string { return token }, 2, 5, 9, 14)
			defer restore()
			r := p.run(yaml)
			n := p.sandbox.Accepted()
			if before < 6 || submits.Load() < 14 || n != 40-before || p.warned("submitted anew") {
				t.Errorf("repeat %v: %d tasks before, %d submits, %d tasks, exit %d, %v, %q", repeat, before, submits.Load(), n, r.ExitCode(), p.statuses(), p.warnings)
			}
		})
	}
}
