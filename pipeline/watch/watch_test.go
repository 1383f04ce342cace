package watch_test

import (
	"context"
	"errors"
	"net/http"
	"net/http/httptest"
	"testing"
	"testing/synctest"
	"time"

	"wirobatch/pipeline/watch"
	"wirobatch/wiro"
	"wirobatch/wiro/sandbox"
)

// direct carries requests to a handler in the same goroutine, so that a whole service fits into a bubble.
type direct struct{ h http.Handler }

func (d direct) RoundTrip(req *http.Request) (res *http.Response, err error) {
	defer func() {
		if r := recover(); r != nil { // how a handler drops its connection
			err = errors.New("connection dropped")
		}
	}()
	w := httptest.NewRecorder()
	d.h.ServeHTTP(w, req)
	return w.Result(), req.Context().Err()
}

// task makes a task of seven seconds, and gives what it takes to watch it.
func task(t *testing.T, o sandbox.Options, test func(c *wiro.Client, id string, submitted time.Time)) {
	synctest.Test(t, func(t *testing.T) {
		o.PictureSize = 16
		o.Timing = sandbox.Timing{Preprocess: sandbox.Exactly(2), Run: sandbox.Exactly(4), Postprocess: sandbox.Exactly(1)}
		s := sandbox.New(o)
		defer s.Close()
		c, err := wiro.New(wiro.Options{BaseURL: "http://127.0.0.1:1/v1", Key: wiro.NewSecret("sandbox"), Transport: direct{s}})
		if err != nil {
			t.Fatal(err)
		}
		sub, err := c.Run(t.Context(), "Qwen/Qwen-Image-Fast", wiro.Input{Params: map[string]string{"prompt": "a"}})
		if err != nil {
			t.Fatal(err)
		}
		test(c, sub.TaskID, time.Now())
	})
}

func TestEndIsSeenSoonAfterIt(t *testing.T) {
	task(t, sandbox.Options{}, func(c *wiro.Client, id string, submitted time.Time) {
		task, polls, err := end(context.Background(), c, time.Hour, nobody, id, submitted)
		if err != nil || task.Outcome() != wiro.Succeeded || task.ID != id {
			t.Fatalf("%v, %+v", err, task)
		}
		if took := time.Since(submitted); took < 7*time.Second || took > 9*time.Second || polls > 20 {
			t.Errorf("seen after %v and %d looks", took, polls)
		}
	})
}

func TestTroubleDoesNotEndTheWatch(t *testing.T) {
	faults := sandbox.Faults{"detail_5xx": 0.3, "detail_drop": 0.2, "detail_html": 0.2, "detail_cut": 0.1}
	task(t, sandbox.Options{Faults: faults, Seed: 1}, func(c *wiro.Client, id string, submitted time.Time) {
		task, polls, err := end(context.Background(), c, time.Hour, nobody, id, submitted)
		if err != nil || task.Outcome() != wiro.Succeeded || polls < 3 {
			t.Errorf("%v after %d looks, %+v", err, polls, task)
		}
	})
}

func TestTimeoutComesAfterAFreshLook(t *testing.T) {
	task(t, sandbox.Options{Faults: sandbox.Faults{"task_stuck": 1}}, func(c *wiro.Client, id string, submitted time.Time) {
		task, _, err := end(context.Background(), c, time.Minute, nobody, id, submitted)
		if !errors.Is(err, watch.ErrTimeout) || task.Status != wiro.StatusStart {
			t.Errorf("%v, %+v", err, task)
		}
	})
}

func TestTaskErrorHasItsPatience(t *testing.T) {
	task(t, sandbox.Options{Faults: sandbox.Faults{"task_error_stuck": 1}}, func(c *wiro.Client, id string, submitted time.Time) {
		task, _, err := end(context.Background(), c, time.Hour, nobody, id, submitted)
		if !errors.Is(err, watch.ErrStuck) || task.Status != wiro.StatusError {
			t.Errorf("%v, %+v", err, task)
		}
		if took := time.Since(submitted); took < 2*time.Minute || took > 3*time.Minute {
			t.Errorf("after %v", took)
		}
	})
	task(t, sandbox.Options{Faults: sandbox.Faults{"task_error_recover": 1}}, func(c *wiro.Client, id string, submitted time.Time) {
		task, _, err := end(context.Background(), c, time.Hour, nobody, id, submitted)
		if err != nil || task.Outcome() != wiro.Succeeded {
			t.Errorf("one that recovers: %v, %+v", err, task)
		}
	})
}

func TestEndedLongAgoIsNoTimeout(t *testing.T) {
	// After an outage every timeout has passed; what counts is what the task says.
	task(t, sandbox.Options{}, func(c *wiro.Client, id string, submitted time.Time) {
		time.Sleep(time.Hour)
		task, polls, err := end(context.Background(), c, time.Minute, nobody, id, submitted)
		if err != nil || task.Outcome() != wiro.Succeeded || polls != 1 {
			t.Errorf("%v after %d looks, %+v", err, polls, task)
		}
	})
}

func TestDeniedTaskIsGivenUp(t *testing.T) {
	task(t, sandbox.Options{}, func(c *wiro.Client, _ string, submitted time.Time) {
		_, polls, err := end(context.Background(), c, time.Hour, nobody, "999999", submitted)
		if !errors.Is(err, watch.ErrNotFound) || polls < 3 || time.Since(submitted) < 10*time.Second {
			t.Errorf("%v after %d looks in %v", err, polls, time.Since(submitted))
		}
	})
}

func TestRefusedKeyEndsTheWatch(t *testing.T) {
	task(t, sandbox.Options{}, func(_ *wiro.Client, id string, submitted time.Time) {
		s := sandbox.New(sandbox.Options{Key: "another"})
		defer s.Close()
		c, err := wiro.New(wiro.Options{BaseURL: "http://127.0.0.1:1/v1", Key: wiro.NewSecret("sandbox"), Transport: direct{s}})
		if err != nil {
			t.Fatal(err)
		}
		_, polls, err := end(context.Background(), c, time.Hour, nobody, id, submitted)
		if e, ok := errors.AsType[*wiro.Error](err); !ok || !e.Unauthorised() || polls != 1 {
			t.Errorf("%v after %d looks", err, polls)
		}
	})
}

func TestWatchEndsWithItsContext(t *testing.T) {
	task(t, sandbox.Options{}, func(c *wiro.Client, id string, submitted time.Time) {
		ctx, cancel := context.WithTimeout(context.Background(), 3*time.Second)
		defer cancel()
		if _, _, err := end(ctx, c, time.Hour, nobody, id, submitted); !errors.Is(err, context.DeadlineExceeded) {
			t.Error(err)
		}
	})
}

func TestOutageIsSaidOnceAMinute(t *testing.T) {
	task(t, sandbox.Options{Faults: sandbox.Faults{"detail_5xx": 1, "list_5xx": 1}}, func(c *wiro.Client, id string, submitted time.Time) {
		var said []string
		ctx, cancel := context.WithTimeout(context.Background(), 10*time.Minute)
		defer cancel()
		_, _, err := end(ctx, c, time.Hour, func(text string) { said = append(said, text) }, id, submitted)
		if !errors.Is(err, context.DeadlineExceeded) || len(said) < 3 || len(said) > 10 {
			t.Errorf("%v, said %d times", err, len(said))
		}
	})
}

func TestTaskThatCannotBeSeenIsLeft(t *testing.T) {
	task(t, sandbox.Options{Faults: sandbox.Faults{"detail_5xx": 1, "list_5xx": 1}}, func(c *wiro.Client, id string, submitted time.Time) {
		_, _, err := end(context.Background(), c, time.Hour, nobody, id, submitted)
		if took := time.Since(submitted); !errors.Is(err, watch.ErrLost) || took < 3*time.Hour || took > 4*time.Hour {
			t.Errorf("%v after %v", err, took)
		}
	})
}

func nobody(string) {}

// end watches one task in every way that there is without a websocket.
func end(ctx context.Context, c *wiro.Client, timeout time.Duration, warn func(string), id string, submitted time.Time) (wiro.Task, int, error) {
	line := watch.NewLine(watch.Reserve, nil, nil)
	w := watch.New(watch.Options{Client: c, Line: line, Lists: line.Branch(), Timeout: timeout, Warn: warn})
	defer w.Close()
	return w.End(ctx, watch.Target{ID: id, Submitted: submitted})
}
