package sandbox

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/coder/websocket"
)

// listener is a websocket whose frames are gathered as they come.
type listener struct {
	t     *testing.T
	conn  *websocket.Conn
	ended chan struct{}

	mu   sync.Mutex
	came []object
	at   []time.Duration

	frames []object // what had come when told was asked last
	times  []time.Duration
}

func (r *rig) listen() *listener {
	r.t.Helper()
	conn, _, err := websocket.Dial(context.Background(), r.base+SocketPath, &websocket.DialOptions{HTTPClient: r.client})
	if err != nil {
		r.t.Fatalf("websocket: %v", err)
	}
	l := &listener{t: r.t, conn: conn, ended: make(chan struct{})}
	began := time.Now()
	go func() {
		defer close(l.ended)
		for {
			_, data, err := conn.Read(context.Background())
			if err != nil {
				return
			}
			l.mu.Lock()
			l.came, l.at = append(l.came, parse(r.t, string(data))), append(l.at, time.Since(began))
			l.mu.Unlock()
		}
	}()
	r.t.Cleanup(func() { _ = conn.CloseNow(); <-l.ended })
	return l
}

func (l *listener) register(token string) {
	l.t.Helper()
	m, _ := json.Marshal(fields{"type": "task_info", "tasktoken": token})
	if err := l.conn.Write(context.Background(), websocket.MessageText, m); err != nil {
		l.t.Fatalf("registration: %v", err)
	}
}

// told is the kinds of the frames so far; progress counts once.
func (l *listener) told() []string {
	synctest.Wait()
	l.mu.Lock()
	l.frames, l.times = slices.Clone(l.came), slices.Clone(l.at)
	l.mu.Unlock()
	var kinds []string
	for _, f := range l.frames {
		kinds = append(kinds, f.str("type"))
	}
	return slices.Compact(kinds)
}

var wholeStory = []string{
	"connected", statusQueue, statusAccept, statusPreStart, statusPreEnd, statusAssign, statusStart, statusOutput,
	statusOutputAll, statusEnd, statusPostStart, statusDone,
}

func TestSocketTellsTheWholeStory(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		for _, shape := range []Shape{ShapeSeed, ShapeDocumentation} {
			r := servePipe(t, Options{Timing: fixed, Shape: shape})
			l := r.listen()
			run := r.call(fast, fields{"prompt": "x"})
			l.register(run.str("socketaccesstoken"))
			time.Sleep(20 * time.Second)
			if got := l.told(); !slices.Equal(got, wholeStory) {
				t.Fatalf("%v: told %v, want %v", shape, got, wholeStory)
			}
			last := l.frames[len(l.frames)-1]
			if at := l.times[len(l.times)-1]; at != 8*time.Second {
				t.Errorf("%v: the last frame came after %v, want 8s", shape, at)
			}
			if outputs := last.list("message"); len(outputs) != 1 || outputs[0].str("url") == "" || strings.Contains(fmt.Sprint(last), "cost") {
				t.Errorf("%v: the last frame is %v", shape, last)
			}
			newer := shape == ShapeDocumentation
			if got := last["terminal"] == true && last["success"] == true && last.str("exitCode") == "0"; got != newer {
				t.Errorf("%v: the last frame is %v", shape, last)
			}
			if got := last.str("tasktoken") == run.str("socketaccesstoken"); got == newer || last.str("id") != run.str("taskid") {
				t.Errorf("%v: the last frame is %v", shape, last)
			}
			progress := 0
			for _, f := range l.frames {
				if m, ok := f["message"].(map[string]any); ok && f.str("type") == statusOutput {
					progress++
					if object(m).str("stepCurrent") != fmt.Sprint(progress) || object(m).str("percentage") != fmt.Sprint(10*progress) {
						t.Errorf("%v: step %d of the progress is %v", shape, progress, m)
					}
				}
			}
			if progress != 10 {
				t.Errorf("%v: %d frames of progress", shape, progress)
			}
		}
	})
}

// A late registration learns the state of things, but not how they came to it.
func TestSocketLateAndManyAndKilled(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := servePipe(t, Options{Timing: fixed, Shape: ShapeSeed})
		var runs []object
		for i := range 3 {
			runs = append(runs, r.call(fast, fields{"prompt": fmt.Sprint(i)}))
		}
		l := r.listen()
		time.Sleep(3500 * time.Millisecond)
		l.register(runs[0].str("socketaccesstoken"))
		l.register(runs[1].str("socketaccesstoken"))
		l.register("nonsense")
		if got := l.told(); !slices.Equal(got, []string{"connected", statusStart, "error"}) {
			t.Errorf("a late registration is told %v", got)
		}
		time.Sleep(time.Second)
		r.call("Task/Kill", fields{"taskid": runs[0].str("taskid")})
		time.Sleep(10 * time.Second)
		l.register(runs[2].str("socketaccesstoken"))
		last := map[string]string{}
		for range l.told() {
			for _, f := range l.frames {
				last[f.str("id")] = f.str("type")
			}
		}
		want := map[string]string{runs[0].str("taskid"): statusCancel, runs[1].str("taskid"): statusDone, runs[2].str("taskid"): statusDone}
		for id, status := range want {
			if last[id] != status {
				t.Errorf("the last of task %s is %s, want %s", id, last[id], status)
			}
		}
	})
}

// A kill is told at once, also of a task from which nothing more was to come.
func TestSocketTellsKillsAtOnce(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := servePipe(t, Options{Timing: fixed, Faults: always("task_stuck")})
		l := r.listen()
		run := r.call(fast, fields{"prompt": "x"})
		l.register(run.str("socketaccesstoken"))
		time.Sleep(30 * time.Second)
		if got := l.told(); got[len(got)-1] != statusStart {
			t.Errorf("told %v of a stuck task", got)
		}
		r.call("Task/Kill", fields{"taskid": run.str("taskid")})
		if got := l.told(); got[len(got)-1] != statusCancel {
			t.Errorf("told %v of a killed task", got)
		}
	})
}

func TestSocketFailure(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := servePipe(t, Options{Timing: fixed, Shape: ShapeDocumentation})
		l := r.listen()
		l.register(r.call("Run/sandbox/failing", fields{"prompt": "x"}).str("socketaccesstoken"))
		time.Sleep(10 * time.Second)
		told := l.told()
		last := l.frames[len(l.frames)-1]
		if !slices.Contains(told, statusError) || !slices.Contains(told, statusErrorAll) || last["success"] != false || last.str("exitCode") != "1" {
			t.Errorf("told %v, at last %v", told, last)
		}
	})
}

// Who does not ping is dropped after a minute; who does, is not. Close drops everybody.
func TestSocketIdle(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := servePipe(t, Options{})
		silent, alive := r.listen(), r.listen()
		for range 4 {
			time.Sleep(30 * time.Second)
			if err := alive.conn.Ping(context.Background()); err != nil {
				t.Fatalf("ping: %v", err)
			}
		}
		<-silent.ended
		select {
		case <-alive.ended:
			t.Error("a connection that pings was dropped")
		default:
		}
		_ = r.Close()
		<-alive.ended
	})
}

func TestSocketFaults(t *testing.T) {
	tests := map[string][]string{
		"ws_silent":      {"connected"},
		"ws_drop":        {"connected", statusQueue},
		"ws_late_silent": {"connected", statusQueue, statusAccept}, // here the registration is not late
	}
	for name, want := range tests {
		synctest.Test(t, func(t *testing.T) {
			r := servePipe(t, Options{Timing: fixed, Faults: always(name)})
			l := r.listen()
			l.register(r.call(fast, fields{"prompt": "x"}).str("socketaccesstoken"))
			time.Sleep(1100 * time.Millisecond)
			if got := l.told(); !slices.Equal(got, want) {
				t.Errorf("%s: told %v, want %v", name, got, want)
			}
			if name == "ws_drop" {
				<-l.ended
			}
		})
	}
	synctest.Test(t, func(t *testing.T) {
		r := servePipe(t, Options{Timing: fixed, Faults: always("ws_late_silent", "ws_no_token"), Shape: ShapeSeed})
		run := r.call(fast, fields{"prompt": "x"})
		time.Sleep(7600 * time.Millisecond)
		l := r.listen()
		l.register(run.str("socketaccesstoken"))
		time.Sleep(10 * time.Second)
		if got := l.told(); !slices.Equal(got, []string{"connected", statusDone}) {
			t.Errorf("ws_late_silent: told %v", got)
		}
		if last := l.frames[len(l.frames)-1]; last["tasktoken"] != nil {
			t.Errorf("ws_no_token: %v", last)
		}
		if counts := r.FaultCounts(); counts["ws_late_silent"] != 1 || counts["ws_no_token"] != 1 {
			t.Errorf("counts %v", counts)
		}
	})
	r := serve(t, Options{Faults: always("ws_refuse")})
	_, resp, err := websocket.Dial(context.Background(), r.base+SocketPath, nil)
	if err == nil || resp == nil || resp.StatusCode != 503 {
		t.Errorf("ws_refuse: %v, %v", resp, err)
	}
}
