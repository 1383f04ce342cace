package pipeline_test

import (
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"regexp"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"wirobatch/pipeline"
	"wirobatch/wiro/sandbox"
)

var taskIDs = regexp.MustCompile(`"taskid": ?"?(\d+)"?`)

// misnamed lets the nth answer to a submit be given by name, which knows the answers before.
func (p *place) misnamed(nth int, name func(own string, before []string) string) (changed *atomic.Int64, restore func()) {
	changed = new(atomic.Int64)
	var mu sync.Mutex
	var before []string
	_, restore = p.behind(func(w http.ResponseWriter, r *http.Request, service http.Handler) {
		if !strings.Contains(r.URL.Path, "/Run/") {
			service.ServeHTTP(w, r)
			return
		}
		said := httptest.NewRecorder()
		service.ServeHTTP(said, r)
		body := said.Body.String()
		mu.Lock()
		id := taskIDs.FindStringSubmatch(body)
		if id != nil {
			if before = append(before, id[1]); len(before) == nth {
				body = strings.Replace(body, id[0], `"taskid":`+name(id[1], before[:nth-1]), 1)
				changed.Add(1)
			}
		}
		late := changed.Load() == 1 && len(before) == nth
		mu.Unlock()
		if late { // the right answers come first
			time.Sleep(time.Second)
		}
		w.WriteHeader(said.Code)
		io.WriteString(w, body)
	})
	return changed, restore
}

// A task that is another cell's already is not believed to be this one's: its own is looked up.
func TestAnswerThatNamesAnotherCellsTask(t *testing.T) {
	for _, mode := range []string{"auto", "detail", "list"} {
		for _, slots := range []int{1, 6} {
			in(t, sandbox.Options{Timing: sevenSeconds}, func(p *place) {
				changed, restore := p.misnamed(4, func(_ string, before []string) string { return `"` + before[len(before)-1] + `"` })
				defer restore()
				r := p.run(grid, func(o *pipeline.Options) { o.Limits.Concurrency, o.Watch = slots, mode })
				if changed.Load() != 1 || r.ExitCode() != 0 || p.sandbox.Accepted() != 24 || !p.warned("which is that of") {
					t.Errorf("%s, %d slots: %d changed, exit %d, %d tasks, %v", mode, slots, changed.Load(), r.ExitCode(), p.sandbox.Accepted(), p.statuses())
				}
				p.audit()
			})
		}
	}
}

// What is no id of a task names none: the submit is looked up.
func TestAnswerThatNamesNoTask(t *testing.T) {
	if testing.Short() {
		t.Skip("its many cases take long under the race detector; others of the same code are short")
	}
	for _, odd := range []string{`[]`, `{}`, `true`, `"null"`, `"undefined"`, `-1`, `"  "`} {
		in(t, sandbox.Options{Timing: sevenSeconds}, func(p *place) {
			changed, restore := p.misnamed(4, func(string, []string) string { return odd })
			defer restore()
			r := p.run(grid)
			if changed.Load() != 1 || r.ExitCode() != 0 || p.sandbox.Accepted() != 24 {
				t.Errorf("%s: %d changed, exit %d, %d tasks, %v", odd, changed.Load(), r.ExitCode(), p.sandbox.Accepted(), p.statuses())
			}
			p.audit()
		})
	}
	in(t, sandbox.Options{Timing: sevenSeconds}, func(p *place) {
		changed, restore := p.misnamed(4, func(own string, _ []string) string { return fmt.Sprintf(`" %s "`, own) })
		defer restore()
		if r := p.run(grid); changed.Load() != 1 || r.ExitCode() != 0 || p.warned("looking it up") {
			t.Errorf("blanks around it: %d changed, exit %d, %q", changed.Load(), r.ExitCode(), p.warnings)
		}
		p.audit()
	})
}
