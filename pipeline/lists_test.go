package pipeline_test

import (
	"fmt"
	"net/http"
	"strconv"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"wirobatch/wiro/sandbox"
)

// belated lets the answer to one submit, whose task was made, be a gateway's 502 after so many others have been made that its
// task is beyond the first page of the list. list answers for the list in its stead.
func (p *place) belated(after time.Duration, list func(w http.ResponseWriter, r *http.Request, service http.Handler)) (task *atomic.Value, restore func()) {
	var submits atomic.Int64
	task = new(atomic.Value)
	_, restore = p.behind(func(w http.ResponseWriter, r *http.Request, service http.Handler) {
		switch {
		case strings.Contains(r.URL.Path, "/Run/") && submits.Add(1) == 5:
			task.Store(lose(r, service))
			time.Sleep(after)
			w.WriteHeader(http.StatusBadGateway)
		case strings.HasSuffix(r.URL.Path, "/Task/List"):
			list(w, r, service)
		default:
			service.ServeHTTP(w, r)
		}
	})
	return task, restore
}

func rowsOf(answer map[string]any) []any {
	rows, _ := answer["tasklist"].([]any)
	return rows
}

func TestAShortPageIsNotTheEndOfTheList(t *testing.T) {
	if racing {
		t.Skip("its many cases run without the race detector; others of the same code run under it")
	}
	t.Parallel()
	type handler = func(w http.ResponseWriter, r *http.Request, service http.Handler)
	reworded := func(change func(answer map[string]any)) handler {
		return func(w http.ResponseWriter, r *http.Request, service http.Handler) { reword(w, r, service, change) }
	}
	for _, row := range []struct {
		why  string
		list handler
		held int
	}{
		{"as asked for", func(w http.ResponseWriter, r *http.Request, service http.Handler) { service.ServeHTTP(w, r) }, 0},
		{"20 rows a page", func(w http.ResponseWriter, r *http.Request, service http.Handler) {
			ask := bodyOf(r)
			if n, _ := strconv.Atoi(ask["limit"]); n > 20 {
				ask["limit"] = "20"
			}
			say(r, ask)
			service.ServeHTTP(w, r)
		}, 0},
		{"a row is left out", reworded(func(answer map[string]any) {
			if rows := rowsOf(answer); len(rows) > 5 {
				answer["tasklist"] = append(rows[:3:3], rows[4:]...)
			}
		}), 0},
		{"a row is of another shape", reworded(func(answer map[string]any) {
			if rows := rowsOf(answer); len(rows) > 5 {
				rows[3] = "a task"
			}
		}), 0},
		{"no second page", func(w http.ResponseWriter, r *http.Request, service http.Handler) {
			if bodyOf(r)["start"] != "0" {
				fmt.Fprint(w, `{"result":false,"errors":[{"code":1,"message":"There is no task yet."}]}`)
				return
			}
			service.ServeHTTP(w, r)
		}, 1},
		{"an empty second page", func(w http.ResponseWriter, r *http.Request, service http.Handler) {
			second := bodyOf(r)["start"] != "0"
			reword(w, r, service, func(answer map[string]any) {
				if second {
					answer["tasklist"], answer["total"] = []any{}, "0"
				}
			})
		}, 1},
		{"the first page again and again", func(w http.ResponseWriter, r *http.Request, service http.Handler) {
			ask := bodyOf(r)
			ask["start"] = "0"
			say(r, ask)
			service.ServeHTTP(w, r)
		}, 1},
	} {
		t.Run(row.why, func(t *testing.T) {
			in(t, sandbox.Options{}, func(p *place) {
				task, restore := p.belated(70*time.Second, row.list)
				defer restore()
				r := p.run("{version: 1, name: x, model: Qwen/Qwen-Image-Fast, matrix: {prompt: [a], seed: 1..170}, limits: {concurrency: 14}}", byDetail)
				if task.Load() == nil {
					t.Fatal("no answer got lost")
				}
				if held := p.statuses()["held"]; held != row.held || p.statuses()["done"] != 170-held || p.sandbox.Accepted() != 170 {
					t.Errorf("exit %d, %v, %d tasks for 170 cells", r.ExitCode(), p.statuses(), p.sandbox.Accepted())
				}
				if n := p.sandbox.Requests()["Task/List"]; n > 150 {
					t.Errorf("%d pages", n)
				}
				p.once()
			})
		})
	}
}

func TestAnEndOfTheListThatShowsLessThanThereIs(t *testing.T) {
	// On an account that is new to us every task could be the lost one: the list counts as read when all of it has come.
	for _, row := range []struct {
		why        string
		rows, held int
	}{{"all of it", 100, 0}, {"not the oldest", 6, 1}} {
		t.Run(row.why, func(t *testing.T) {
			in(t, sandbox.Options{}, func(p *place) {
				var submits, cut atomic.Int64
				_, restore := p.behind(func(w http.ResponseWriter, r *http.Request, service http.Handler) {
					switch {
					case strings.Contains(r.URL.Path, "/Run/") && submits.Add(1) == 1:
						lose(r, service)
						time.Sleep(70 * time.Second)
						w.WriteHeader(http.StatusBadGateway)
					case strings.HasSuffix(r.URL.Path, "/Task/List"):
						start, _ := strconv.Atoi(bodyOf(r)["start"])
						reword(w, r, service, func(answer map[string]any) {
							if rows := rowsOf(answer); start+len(rows) > row.rows {
								cut.Add(1)
								answer["tasklist"] = rows[:max(0, row.rows-start)]
							}
						})
					default:
						service.ServeHTTP(w, r)
					}
				})
				defer restore()
				p.run("{version: 1, name: x, model: Qwen/Qwen-Image-Fast, matrix: {prompt: [a], seed: 1..40}, limits: {concurrency: 2}}", byDetail)
				if row.rows < 40 && cut.Load() == 0 {
					t.Fatal("no page was cut")
				}
				if held := p.statuses()["held"]; p.sandbox.Accepted() != 40 || p.statuses()["done"] != 40-held || held != row.held {
					t.Errorf("%v, %d tasks for 40 cells", p.statuses(), p.sandbox.Accepted())
				}
				p.once()
			})
		})
	}
}

func TestATaskWithoutAnIDThatCanBeComparedIsNotAbsent(t *testing.T) {
	for _, row := range []struct {
		why string
		id  any
	}{{"a word", "u1003"}, {"a UUID", "6ba7b810-9dad-11d1-80b4-00c04fd430c8"}, {"null", nil}} {
		t.Run(row.why, func(t *testing.T) {
			in(t, sandbox.Options{}, func(p *place) {
				var task *atomic.Value
				var odd atomic.Int64
				task, restore := p.belated(0, func(w http.ResponseWriter, r *http.Request, service http.Handler) {
					reword(w, r, service, func(answer map[string]any) {
						each(answer, func(shown map[string]any) {
							if lost, _ := task.Load().(string); lost != "" && fmt.Sprint(shown["id"]) == lost {
								odd.Add(1)
								shown["id"] = row.id
							}
						})
					})
				})
				defer restore()
				r := p.run("{version: 1, name: x, model: Qwen/Qwen-Image-Fast, matrix: {prompt: [a], seed: 1..40}, limits: {concurrency: 2}}", byDetail)
				if odd.Load() < 2 {
					t.Fatalf("it was shown %d times", odd.Load())
				}
				if r.ExitCode() != 8 || p.statuses()["held"] != 1 || p.sandbox.Accepted() != 40 {
					t.Errorf("exit %d, %v, %d tasks for 40 cells", r.ExitCode(), p.statuses(), p.sandbox.Accepted())
				}
				p.once()
			})
		})
	}
}
