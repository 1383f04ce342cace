package pipeline_test

import (
	"context"
	"encoding/json"
	"errors"
	"maps"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"wirobatch/pipeline"
	"wirobatch/pipeline/journal"
	"wirobatch/wiro"
	"wirobatch/wiro/sandbox"
)

// abandon starts the grid and leaves it at once after 5 s: with sevenSeconds six tasks go on on the service.
func (p *place) abandon() { p.t.Helper(); p.abandonAfter(5 * time.Second) }

func (p *place) abandonAfter(d time.Duration) {
	p.t.Helper()
	ctx, leave := context.WithTimeout(context.Background(), d)
	defer leave()
	if _, err := p.try(ctx, nil, grid); err != nil {
		p.t.Fatal(err)
	}
}

func (p *place) cancel(client *wiro.Client) (fates map[pipeline.Fate]int, told []pipeline.Cancelled, err error) {
	fates, err = pipeline.Cancel(context.Background(), pipeline.CancelOptions{
		Client: client, Out: p.out, Service: "test", Tell: func(c pipeline.Cancelled) { told = append(told, c) },
	})
	return fates, told, err
}

func TestCancelEndsWhatARunLeft(t *testing.T) {
	for _, row := range []struct {
		faults sandbox.Faults
		why    string
	}{
		{nil, "the usual case"},
		{sandbox.Faults{"kill_5xx": 1}, "each takes effect, and answers 5xx"},
		{sandbox.Faults{"kill_drop": 1}, "each takes effect, and the answer is lost"},
		{sandbox.Faults{"detail_5xx": 0.3}, "looks fail now and then"},
	} {
		in(t, sandbox.Options{Timing: sevenSeconds, Workers: 3, Faults: row.faults}, func(p *place) {
			p.abandon()
			fates, told, err := p.cancel(p.client)
			if err != nil || fates[pipeline.OutOfQueue]+fates[pipeline.Killed] != 6 || len(told) != 6 {
				t.Fatalf("%s: %v, %v, %v", row.why, err, fates, told)
			}
			if n := fates[pipeline.Killed]; n < 3 || row.faults == nil && n != 3 {
				t.Errorf("%s: %d were killed, 3 were running", row.why, n)
			}
			if p.statuses()["cancelled"] != 6 || p.statuses()["pending"] != 18 {
				t.Errorf("%s: %v", row.why, p.statuses())
			}
			time.Sleep(time.Minute)
			if n := len(p.sandbox.Charges()); n != 0 {
				t.Errorf("%s: %d tasks were charged", row.why, n)
			}
			if r := p.run(grid); r.ExitCode() != 0 || p.sandbox.Accepted() != 30 {
				t.Errorf("%s: then exit %d, %d tasks", row.why, r.ExitCode(), p.sandbox.Accepted())
			}
			p.audit()
		})
	}
}

func TestCancelLeavesWhatHasEnded(t *testing.T) {
	in(t, sandbox.Options{Timing: sevenSeconds}, func(p *place) {
		p.abandon()
		time.Sleep(time.Minute)
		fates, _, err := p.cancel(p.client)
		if err != nil || !maps.Equal(fates, map[pipeline.Fate]int{pipeline.EndedSo: 6}) {
			t.Errorf("%v, %v", err, fates)
		}
		if n := p.sandbox.Requests(); n["Task/Kill"]+n["Task/Cancel"] != 0 {
			t.Errorf("%v", n)
		}
		if r := p.run(grid); r.ExitCode() != 0 || p.sandbox.Accepted() != 24 {
			t.Errorf("then exit %d, %d tasks for 24 cells", r.ExitCode(), p.sandbox.Accepted())
		}
		p.audit()
	})
}

// deaf is a service that does not answer calls of some names.
type deaf struct {
	http.RoundTripper
	to string
}

func (d deaf) RoundTrip(r *http.Request) (*http.Response, error) {
	if strings.HasSuffix(r.URL.Path, d.to) {
		return nil, errors.New("not today")
	}
	return d.RoundTripper.RoundTrip(r)
}

func TestCancelThatCannot(t *testing.T) {
	in(t, sandbox.Options{Timing: sevenSeconds}, func(p *place) {
		p.abandon()
		for _, call := range []string{"/Task/Detail", "/Task/Kill"} {
			fates, told, err := p.cancel(p.dial(deaf{p.transport, call}, "sandbox"))
			ended := fates[pipeline.EndedSo] // while Kill was tried
			if err != nil || fates[pipeline.LeftAlone]+ended != 6 || call == "/Task/Detail" && ended > 0 {
				t.Errorf("%s: %v, %v", call, err, fates)
			}
			for _, c := range told {
				if c.Fate == pipeline.LeftAlone && (c.Err == nil || c.Task == "" || c.Cell == "") {
					t.Errorf("%s: %+v", call, c)
				}
			}
		}
		_, told, err := p.cancel(p.dial(p.transport, "another"))
		if e, ok := as[*wiro.Error](err); !ok || !e.Unauthorised() || len(told) != 0 {
			t.Errorf("another key: %v, %v", err, told)
		}
		if r := p.run(grid); r.ExitCode() != 0 || p.sandbox.Accepted() != 24 {
			t.Errorf("then exit %d, %d tasks for 24 cells", r.ExitCode(), p.sandbox.Accepted())
		}
		p.audit()
	})
}

func TestCancelLeavesUnansweredSubmits(t *testing.T) {
	in(t, sandbox.Options{Timing: sevenSeconds, Faults: sandbox.Faults{"run_drop_after": 1, "list_5xx": 1}}, func(p *place) {
		p.abandonAfter(time.Minute)
		fates, told, err := p.cancel(p.client)
		if err != nil || fates[pipeline.LeftAlone] == 0 || len(fates) != 1 {
			t.Fatalf("%v, %v", err, fates)
		}
		for _, c := range told {
			if c.Task != "" || c.Err == nil {
				t.Errorf("%+v", c)
			}
		}
	})
}

func TestCancelTakesTheLock(t *testing.T) {
	in(t, sandbox.Options{}, func(p *place) {
		p.run(grid)
		j, err := journal.Open(context.Background(), p.out+"/.wirobatch", journal.Options{Service: "test"})
		if err != nil {
			t.Fatal(err)
		}
		_, _, err = p.cancel(p.client)
		if _, ok := as[*journal.LockedError](err); !ok {
			t.Errorf("%v", err)
		}
		j.Close()
		if fates, _, err := p.cancel(p.client); err != nil || len(fates) != 0 || p.statuses()["done"] != 24 {
			t.Errorf("%v, %v, %v", err, fates, p.statuses())
		}
	})
}

// Nothing else is left to submit when a task that was found in the list is cancelled: that it has ended is what the next start
// knows, and enough to make the cell again. Its own, where the task was another's, is found, also when it shows late.
func TestCancelOfTheLastTask(t *testing.T) {
	const one = "{version: 1, name: x, model: Qwen/Qwen-Image-Fast, matrix: {prompt: [a], seed: [1]}}"
	for _, row := range []struct {
		mode          pipeline.OnUnknown
		another       bool          // whose the task is
		late          time.Duration // the list shows nothing newer for so long
		exit, made    int
		reserved, say string
	}{
		{pipeline.Verify, false, 0, 0, 2, "0", ""},
		{pipeline.Verify, true, 0, 0, 2, "0", ""},
		{pipeline.Verify, true, 4 * time.Second, 0, 2, "0", ""},
		{pipeline.Hold, false, 0, 8, 1, "0.00351", "there may be another"},
		{pipeline.Hold, true, 0, 0, 2, "0", ""},
	} {
		in(t, sandbox.Options{Timing: sevenSeconds}, func(p *place) {
			direct := p.client
			var runs, hidden atomic.Int32
			var until time.Time
			_, restore := p.behind(func(w http.ResponseWriter, r *http.Request, service http.Handler) {
				switch {
				case strings.Contains(r.URL.Path, "/Run/") && runs.Add(1) == 1:
					if row.another { // it asks for the same, just before
						params := map[string]string{"prompt": "a", "seed": "1"}
						if _, err := direct.Run(context.Background(), "Qwen/Qwen-Image-Fast", wiro.Input{Params: params}); err != nil {
							t.Error(err)
						}
					}
					service.ServeHTTP(httptest.NewRecorder(), r)
					w.WriteHeader(http.StatusBadGateway)
					return
				case strings.Contains(r.URL.Path, "/Task/List") && time.Now().Before(until):
					hidden.Add(1)
					said := httptest.NewRecorder()
					service.ServeHTTP(said, r)
					var answer map[string]any
					json.Unmarshal(said.Body.Bytes(), &answer)
					if tasks, _ := answer["tasklist"].([]any); len(tasks) > 1 {
						answer["tasklist"] = tasks[1:]
					}
					json.NewEncoder(w).Encode(answer)
					return
				}
				service.ServeHTTP(w, r)
			})
			defer restore()
			set := func(o *pipeline.Options) { o.OnUnknown = row.mode }
			ctx, leave := context.WithTimeout(context.Background(), 3*time.Second)
			defer leave()
			if _, err := p.try(ctx, nil, one, set); err != nil {
				t.Fatal(err)
			}
			fates, told, err := p.cancel(p.client)
			if err != nil || fates[pipeline.Killed] != 1 || len(told) != 1 || !told[0].Sought || p.statuses()["held"] != 1 {
				t.Fatalf("%v, %v, %+v, %v", err, fates, told, p.statuses())
			}
			if row.late > 0 {
				until = time.Now().Add(row.late)
			}
			r := p.run(one, set)
			if r.ExitCode() != row.exit || p.sandbox.Accepted() != row.made || r.Progress.Reserved.String() != row.reserved ||
				!strings.Contains(strings.Join(p.errors(), ""), row.say) || (hidden.Load() > 0) != (row.late > 0) {
				t.Errorf("%+v: exit %d, %d tasks, %+v, %v, %d lists were late", row, r.ExitCode(), p.sandbox.Accepted(), r.Progress, p.errors(), hidden.Load())
			}
			if row.exit == 0 && (p.statuses()["done"] != 1 || len(p.sandbox.Charges()) != 1) {
				t.Errorf("%+v: %v, %d charges", row, p.statuses(), len(p.sandbox.Charges()))
			}
		})
	}
}
