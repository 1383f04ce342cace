package sandbox

import (
	"fmt"
	"strconv"
	"testing"
	"testing/synctest"
	"time"
)

// Every status comes in its turn, and each timestamp is there from its moment on.
func TestTimeline(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := servePipe(t, Options{Shape: ShapeSeed, Timing: fixed})
		began := time.Now().Unix()
		id := r.submit(fast, fields{"prompt": "x"})
		steps := []struct {
			at      time.Duration
			status  string
			started bool
			ended   bool
		}{
			{0, statusQueue, false, false},
			{1000 * time.Millisecond, statusAccept, false, false},
			{1300 * time.Millisecond, statusPreStart, false, false},
			{1900 * time.Millisecond, statusPreEnd, false, false},
			{2100 * time.Millisecond, statusAssign, false, false},
			{3000 * time.Millisecond, statusStart, true, false},
			{4000 * time.Millisecond, statusOutput, true, false},
			{6900 * time.Millisecond, statusOutputAll, true, false},
			{7000 * time.Millisecond, statusEnd, true, true},
			{7500 * time.Millisecond, statusPostStart, true, true},
			{8000 * time.Millisecond, statusDone, true, true},
			{999 * time.Second, statusDone, true, true},
		}
		var passed time.Duration
		for _, step := range steps {
			time.Sleep(step.at - passed)
			passed = step.at
			task := r.task(id)
			if got := task.str("status"); got != step.status {
				t.Errorf("after %v: %s, want %s", step.at, got, step.status)
			}
			if got := task.str("starttime") != "0"; got != step.started {
				t.Errorf("after %v: starttime %s", step.at, task.str("starttime"))
			}
			if got := task.str("endtime") != "0"; got != step.ended {
				t.Errorf("after %v: endtime %s", step.at, task.str("endtime"))
			}
			if done := step.status == statusDone; done != (len(task.list("outputs")) == 1) || done != (len(r.Charges()) == 1) {
				t.Errorf("after %v: %d outputs, %d charges", step.at, len(task.list("outputs")), len(r.Charges()))
			}
		}
		task := r.task(id)
		for name, after := range map[string]int64{"createtime": 0, "accepttime": 1, "assigntime": 2, "starttime": 3, "endtime": 7, "postprocessendtime": 8} {
			if got, want := task.str(name), strconv.FormatInt(began+after, 10); got != want {
				t.Errorf("%s is %s, want %s", name, got, want)
			}
		}
	})
}

// At 100 times the speed, ten seconds of ours are a thousand of the sandbox's, in timestamps too.
func TestSpeed(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := servePipe(t, Options{Shape: ShapeSeed, Timing: fixed, Speed: 100})
		began := time.Now().Unix()
		time.Sleep(10 * time.Second)
		id := r.submit(fast, fields{"prompt": "x"})
		if got := r.task(id).str("createtime"); got != strconv.FormatInt(began+1000, 10) {
			t.Errorf("created %s, want 1000 s after %d", got, began)
		}
		time.Sleep(79 * time.Millisecond)
		if got := r.task(id).str("status"); got != statusPostStart {
			t.Errorf("after 7.9 s of the sandbox: %s", got)
		}
		time.Sleep(2 * time.Millisecond)
		if got := r.task(id).str("status"); got != statusDone {
			t.Errorf("after 8.1 s of the sandbox: %s", got)
		}
	})
}

func TestKillAndCancel(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := servePipe(t, Options{Shape: ShapeDocumentation, Timing: fixed})
		const uncancellable = "1 Task is not in a cancellable state."
		queued := r.submit(fast, fields{"prompt": "queued"})
		running := r.call(fast, fields{"prompt": "running"})
		if o := r.call("Task/Cancel", fields{"taskid": queued}); o.list("tasklist")[0].str("status") != statusCancel {
			t.Errorf("Cancel answers %v", o)
		}
		time.Sleep(4 * time.Second)
		if got := message(r.call("Task/Cancel", fields{"taskid": running.str("taskid")})); got != uncancellable {
			t.Errorf("Cancel of a running task answers %q", got)
		}
		if got := message(r.call("Task/Cancel", fields{"taskid": queued})); got != uncancellable {
			t.Errorf("the second Cancel answers %q", got)
		}
		o := r.call("Task/Kill", fields{"socketaccesstoken": running.str("socketaccesstoken")})
		task := o.list("tasklist")[0]
		if task.str("status") != statusCancel || task.str("pexit") != "0" || task.str("totalcost") != "0" || task.str("endtime") != "0" {
			t.Errorf("Kill answers %v", task)
		}
		if task.str("canceltime") != strconv.FormatInt(time.Now().Unix(), 10) {
			t.Errorf("canceltime %s", task.str("canceltime"))
		}
		time.Sleep(time.Minute)
		if got := message(r.call("Task/Kill", fields{"taskid": running.str("taskid")})); got == "" {
			t.Error("a task was killed twice")
		}
		if len(r.Charges()) != 0 || r.account.active != 0 {
			t.Errorf("charges %v, %d active", r.Charges(), r.account.active)
		}
		if got := r.task(running.str("taskid")); got.str("status") != statusCancel || len(got.list("outputs")) != 0 {
			t.Errorf("a minute later: %v", got)
		}
	})
}

// Two workers do three tasks of seven seconds: the third one starts when the first has left.
func TestWorkersQueue(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := servePipe(t, Options{Shape: ShapeSeed, Workers: 2, Timing: fixed})
		var ids []string
		for i := range 3 {
			ids = append(ids, r.submit(fast, fields{"prompt": fmt.Sprint(i)}))
		}
		for _, step := range []struct {
			after time.Duration
			want  [3]string
		}{
			{1 * time.Second, [3]string{statusAccept, statusAccept, statusQueue}},
			{6500 * time.Millisecond, [3]string{statusPostStart, statusPostStart, statusQueue}}, // at 7.5 s
			{1 * time.Second, [3]string{statusDone, statusDone, statusPreStart}},
			{7 * time.Second, [3]string{statusDone, statusDone, statusDone}},
		} {
			time.Sleep(step.after)
			for i, id := range ids {
				if got := r.task(id).str("status"); got != step.want[i] {
					t.Errorf("task %d is in %s, want %s", i, got, step.want[i])
				}
			}
		}
	})
}

func TestInputOutputDelete(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := servePipe(t, Options{Shape: ShapeSeed, Timing: fixed})
		run := r.call(fast, fields{"prompt": "x"})
		token := fields{"tasktoken": run.str("socketaccesstoken")}
		if got := message(r.call("Task/InputOutputDelete", token)); got == "" {
			t.Error("the outputs of a running task were deleted")
		}
		time.Sleep(10 * time.Second)
		url := r.task(run.str("taskid")).list("outputs")[0].str("url")
		for range 2 { // idempotent
			if o := r.call("Task/InputOutputDelete", token); o["result"] != true {
				t.Errorf("InputOutputDelete answers %v", o)
			}
		}
		if resp, _, _ := r.get(url); resp.StatusCode != 404 {
			t.Errorf("a deleted output has status %d", resp.StatusCode)
		}
		if task := r.task(run.str("taskid")); len(task.list("outputs")) != 0 || len(task["parameters"].(map[string]any)) != 0 {
			t.Errorf("after the deletion: %v", task)
		}
	})
}

func TestOutputsExpire(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := servePipe(t, Options{Timing: fixed, OutputTTL: time.Hour})
		id := r.submit(fast, fields{"prompt": "x"})
		time.Sleep(8 * time.Second)
		url := r.task(id).list("outputs")[0].str("url")
		for _, step := range []struct {
			after time.Duration
			want  int
		}{{0, 200}, {time.Hour - time.Second, 200}, {time.Second, 404}} {
			time.Sleep(step.after)
			if resp, _, _ := r.get(url); resp.StatusCode != step.want {
				t.Errorf("after another %v: %d, want %d", step.after, resp.StatusCode, step.want)
			}
		}
	})
}

func TestSpanStaysInside(t *testing.T) {
	p := Span{1, 2, 5}
	last := time.Duration(-1)
	for i := range 1000 {
		d := p.at(float64(i) / 1000)
		if d < time.Second || d > 5*time.Second || d < last {
			t.Fatalf("at %d/1000: %v after %v", i, d, last)
		}
		last = d
	}
	if d := p.at(0.25); d != 2*time.Second { // a quarter of the triangle lies below its mode
		t.Errorf("at the mode: %v, want 2s", d)
	}
	if d := Exactly(3).at(0.7); d != 3*time.Second {
		t.Errorf("Exactly(3) is %v", d)
	}
}
