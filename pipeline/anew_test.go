package pipeline_test

import (
	"context"
	"io"
	"net/http"
	"strings"
	"testing"
	"time"

	"wirobatch/pipeline"
	"wirobatch/wiro/sandbox"
)

// A service that was started anew counts its tasks anew: what it has by the id of a task of ours is not that task.
func TestServiceThatHasBegunAnew(t *testing.T) {
	if testing.Short() {
		t.Skip("its many cases take long under the race detector; others of the same code are short")
	}
	for _, mode := range []string{"auto", "detail", "list"} {
		for _, others := range []int{0, 30} {
			in(t, sandbox.Options{Timing: sevenSeconds}, func(p *place) {
				by := func(o *pipeline.Options) { o.Watch = mode }
				p.run(grid, by, func(o *pipeline.Options) { o.Deadline, o.Grace = time.Now().Add(10*time.Second), time.Second })
				left := map[string]bool{}
				for _, row := range p.rows() {
					left[row["id"]] = row["status"] == "pending" && row["task_id"] != ""
				}
				anew := sandbox.New(sandbox.Options{Timing: sevenSeconds, PictureSize: 64, Instance: 1})
				defer anew.Close()
				_, restore := p.behind(func(w http.ResponseWriter, r *http.Request, _ http.Handler) { anew.ServeHTTP(w, r) })
				defer restore()
				mine := p.out
				if others > 0 { // somebody has used it meanwhile
					p.out += "-other"
					p.run("{version: 1, name: y, model: Qwen/Qwen-Image-Fast, matrix: {prompt: [other], seed: 1..30}}", by)
					p.out = mine
				}
				before := anew.Accepted()
				r := p.run(grid, by)
				lost := 0
				for _, row := range p.rows() {
					switch {
					case left[row["id"]]:
						lost++
						if row["status"] != "pending" || !strings.Contains(row["error"], "does not know this task") || strings.Contains(row["error"], "\n") || row["file"] != "" {
							t.Errorf("%s: %v", mode, row)
						}
					case row["status"] != "done":
						t.Errorf("%s: %v", mode, row)
					}
				}
				if lost != 6 || before != others || r.ExitCode() != 3 || anew.Accepted() != before+24-12 {
					t.Errorf("%s: %d lost, exit %d, %d tasks of others, %d in all", mode, lost, r.ExitCode(), before, anew.Accepted())
				}
			})
		}
	}
}

// A read before the first submit that hangs does not keep a stopped run: nothing runs that it could wait for.
func TestStopEndsTheFirstReads(t *testing.T) {
	for _, read := range []string{"/Task/List", "/Tool/Detail"} {
		in(t, sandbox.Options{}, func(p *place) {
			hung := 0
			_, restore := p.behind(func(w http.ResponseWriter, r *http.Request, service http.Handler) {
				if strings.HasSuffix(r.URL.Path, read) {
					hung++
					io.Copy(io.Discard, r.Body)
					<-r.Context().Done()
					return
				}
				service.ServeHTTP(w, r)
			})
			defer restore()
			stop := make(chan pipeline.Reason, 1)
			begun := time.Now()
			time.AfterFunc(3*time.Second, func() { stop <- pipeline.Interrupted })
			r, err := p.try(context.Background(), stop, grid, budget("1"))
			if took := time.Since(begun); err != nil || r.ExitCode() != 130 || hung == 0 || p.sandbox.Accepted() != 0 || took > 4*time.Second {
				t.Errorf("%s: %v, exit %d, %d reads, after %v", read, err, r.ExitCode(), hung, took)
			}
		})
	}
}
