package sandbox

import (
	"container/heap"
	"context"
	"encoding/json"
	"net/http"
	"time"

	"github.com/coder/websocket"
)

const (
	socketIdle  = 60 * time.Second // a connection without ping or message is dropped; clients ping every 30 s
	socketWrite = 10 * time.Second // for one frame, so that a dead peer holds nothing
)

// feed is one websocket connection. Only its writing goroutine touches tasks and next.
type feed struct {
	s      *Sandbox
	conn   *websocket.Conn
	origin string
	joins  chan int      // indexes of tasks that the peer registers, -1 for an unknown token
	woken  chan struct{} // a task was killed: what is due may have changed
	tasks  map[int]int   // by index: how many of the task's events were told
	next   dueHeap

	silent, drops bool
	frames        int // sent, or swallowed in silence
}

// socket serves the websocket: a greeting, registrations of any number of tasks, their frames.
func (s *Sandbox) socket(w http.ResponseWriter, r *http.Request) {
	s.mu.Lock()
	s.sockets++
	number := s.sockets
	s.mu.Unlock()
	if s.strikes("ws_refuse", 0, number) {
		gateway(w, http.StatusServiceUnavailable)
		return
	}
	f := &feed{
		s: s, origin: origin(r), joins: make(chan int), woken: make(chan struct{}, 1),
		tasks:  map[int]int{},
		silent: s.strikes("ws_silent", 0, number), drops: s.drawn("ws_drop", 0, number),
	}
	ctx, cancel := context.WithCancel(s.stop)
	defer cancel()
	var idle *time.Timer
	conn, err := websocket.Accept(w, r, &websocket.AcceptOptions{
		InsecureSkipVerify: true, // a page on this machine may watch too; tokens are what protects a task
		OnPingReceived:     func(context.Context, []byte) bool { idle.Reset(socketIdle); return true },
	})
	if err != nil {
		return // Accept has answered
	}
	f.conn = conn
	defer conn.CloseNow()
	idle = time.AfterFunc(socketIdle, cancel)
	defer idle.Stop()

	s.watch(f, true)
	defer s.watch(f, false)
	go func() {
		defer cancel()
		f.read(ctx, idle)
	}()
	f.tell(ctx)
}

func (s *Sandbox) watch(f *feed, on bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if on {
		s.watchers[f] = struct{}{}
	} else {
		delete(s.watchers, f)
	}
}

// wake tells the connections that a task was killed. The caller holds the lock.
func (s *Sandbox) wake() {
	for f := range s.watchers {
		select {
		case f.woken <- struct{}{}:
		default: // woken already
		}
	}
}

// read takes registrations until the connection ends.
func (f *feed) read(ctx context.Context, idle *time.Timer) {
	for {
		_, data, err := f.conn.Read(ctx)
		if err != nil {
			return
		}
		idle.Reset(socketIdle)
		var m struct{ Type, TaskToken string }
		if json.Unmarshal(data, &m) != nil || m.Type != "task_info" {
			continue // what the server does not know it ignores
		}
		f.s.mu.Lock()
		index, ok := f.s.byToken(m.TaskToken)
		f.s.mu.Unlock()
		if !ok {
			index = -1
		}
		select {
		case f.joins <- index:
		case <-ctx.Done():
			return
		}
	}
}

// tell sends what is due until the connection or the sandbox ends.
func (f *feed) tell(ctx context.Context) {
	if !f.send(ctx, []byte(`{"type":"connected","version":"1.0","result":true}`)) {
		return
	}
	timer := time.NewTimer(never / 2)
	defer timer.Stop()
	for {
		wait, ok := f.flush(ctx)
		if !ok {
			return
		}
		timer.Reset(wait)
		select {
		case <-timer.C:
		case <-f.woken:
			f.reorder()
		case index := <-f.joins:
			if !f.join(ctx, index) {
				return
			}
		case <-ctx.Done():
			return
		}
	}
}

// join registers a task. What has happened already is told by its last event alone.
func (f *feed) join(ctx context.Context, index int) bool {
	if index < 0 {
		return f.send(ctx, []byte(`{"type":"error","message":"There is no task yet.","result":false}`))
	}
	v := f.view(index)
	events, told := v.task.events(), 0
	for told < len(events) && events[told].at <= v.at {
		told++
	}
	if told > 1 && f.s.strikes("ws_late_silent", v.task.key, 0) {
		told++ // the last event is not told either
	}
	f.tasks[index] = max(0, told-1)
	f.push(index, events)
	return true
}

func (f *feed) view(index int) *view {
	f.s.mu.Lock()
	defer f.s.mu.Unlock()
	return f.s.view(index, f.origin)
}

// push queues the next event of a task, if it has one.
func (f *feed) push(index int, events []event) {
	if told := f.tasks[index]; told < len(events) {
		heap.Push(&f.next, due{events[told].at, int32(index)})
	}
}

// reorder queues every task anew.
func (f *feed) reorder() {
	f.next = f.next[:0]
	for index := range f.tasks {
		v := f.view(index)
		f.push(index, v.task.events())
	}
}

// flush sends what is due and returns how long nothing will be, on our clock.
func (f *feed) flush(ctx context.Context) (wait time.Duration, ok bool) {
	for len(f.next) > 0 {
		first := f.next[0]
		if now := f.s.reach(); first.at > now {
			return f.s.ours(first.at - now), true
		}
		heap.Pop(&f.next)
		index := int(first.index)
		v := f.view(index)
		events := v.task.events()
		e := events[f.tasks[index]]
		f.tasks[index]++
		if !f.send(ctx, v.frame(e)) {
			return 0, false
		}
		if e.kind == statusDone || e.kind == statusCancel {
			delete(f.tasks, index)
			continue
		}
		f.push(index, events)
	}
	return never / 2, true
}

// send writes one frame. It reports false when the connection is of no more use.
func (f *feed) send(ctx context.Context, frame []byte) bool {
	f.frames++
	if f.drops && f.frames == 3 {
		f.s.faults.count("ws_drop")
		return false
	}
	if f.silent && f.frames > 1 { // the greeting still comes
		return true
	}
	ctx, cancel := context.WithTimeout(ctx, socketWrite)
	defer cancel()
	return f.conn.Write(ctx, websocket.MessageText, frame) == nil
}
