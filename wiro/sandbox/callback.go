package sandbox

import (
	"bytes"
	"container/heap"
	"context"
	"errors"
	"net"
	"net/http"
	"net/url"
	"sync"
	"syscall"
	"time"

	"golang.org/x/sync/errgroup"
)

const (
	callbackTimeout = 10 * time.Second
	callbacksAtOnce = 8 // deliveries in flight, so that one dead receiver does not hold up the others
)

// callbacks posts to the callbackUrl of tasks as they end. One goroutine, started with the first
// callback, waits for them all. Only loopback is called: a sandbox must not reach out.
type callbacks struct {
	s      *Sandbox
	client *http.Client

	mu      sync.Mutex
	targets map[int]target
	due     dueHeap
	running bool
	changed chan struct{}
	done    chan struct{}
}

type target struct{ url, origin string }

func newCallbacks(s *Sandbox, transport http.RoundTripper) *callbacks {
	if transport == nil {
		dialer := &net.Dialer{Timeout: callbackTimeout, Control: loopbackOnly}
		transport = &http.Transport{DialContext: dialer.DialContext, DisableKeepAlives: true}
	}
	return &callbacks{
		s: s, targets: map[int]target{}, changed: make(chan struct{}, 1), done: make(chan struct{}),
		client: &http.Client{
			Transport: transport, Timeout: callbackTimeout,
			CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
		},
	}
}

// loopbackOnly looks at the address that a name has led to.
func loopbackOnly(_, address string, _ syscall.RawConn) error {
	host, _, err := net.SplitHostPort(address)
	if ip := net.ParseIP(host); err == nil && ip.IsLoopback() {
		return nil
	}
	return errors.New("the sandbox calls back to loopback only, not to " + address)
}

// isLoopback says whether a callback URL may be called at all.
func isLoopback(text string) bool {
	u, err := url.Parse(text)
	if err != nil || u.Scheme != "http" && u.Scheme != "https" {
		return false
	}
	ip := net.ParseIP(u.Hostname())
	return u.Hostname() == "localhost" || ip != nil && ip.IsLoopback()
}

// urlOf is the callbackUrl of a task, "" for none.
func (c *callbacks) urlOf(index int) string {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.targets[index].url
}

// keep makes a note of the callbackUrl of a task that is about to show.
func (c *callbacks) keep(index int, o *order) {
	if o.callback == "" {
		return
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	c.targets[index] = target{o.callback, o.origin}
}

// expect waits for a task's end, if it asks for a callback that may be made.
func (c *callbacks) expect(index int) {
	if !isLoopback(c.urlOf(index)) {
		return
	}
	at := c.when(index)
	c.mu.Lock()
	defer c.mu.Unlock()
	if at != never {
		heap.Push(&c.due, due{at, int32(index)})
	}
	if !c.running && c.s.stop.Err() == nil {
		c.running = true
		go c.run()
	}
	c.notify()
}

// when is the moment of a task's callback.
func (c *callbacks) when(index int) time.Duration {
	c.s.mu.Lock()
	defer c.s.mu.Unlock()
	t := &c.s.tasks[index]
	switch {
	case t.ends() == never:
		return never
	case c.s.o.Instant:
		return t.created
	case c.s.drawn("callback_early", t.key, 0):
		return t.created + (t.ends()-t.created)/2
	}
	return t.ends()
}

// nudge lets the callbacks know that a task was killed, and when.
func (c *callbacks) nudge(index int) {
	if !isLoopback(c.urlOf(index)) {
		return
	}
	at := c.when(index)
	c.mu.Lock()
	defer c.mu.Unlock()
	for i := range c.due {
		if int(c.due[i].index) == index {
			heap.Remove(&c.due, i)
			break
		}
	}
	heap.Push(&c.due, due{at, int32(index)})
	c.notify()
}

// notify wakes the scheduler. The caller holds the lock.
func (c *callbacks) notify() {
	select {
	case c.changed <- struct{}{}:
	default:
	}
}

// close waits for the scheduler and its deliveries. The sandbox must have been stopped.
func (c *callbacks) close() {
	c.mu.Lock()
	running := c.running
	c.mu.Unlock()
	if running {
		<-c.done
	}
}

func (c *callbacks) run() {
	defer close(c.done)
	var deliveries errgroup.Group
	deliveries.SetLimit(callbacksAtOnce)
	defer func() { _ = deliveries.Wait() }() // a lost callback is no error: they are hints
	timer := time.NewTimer(never / 2)
	defer timer.Stop()
	for {
		index, wait := c.pop()
		if index >= 0 {
			deliveries.Go(func() error { c.deliver(index); return nil })
			continue
		}
		timer.Reset(wait)
		select {
		case <-timer.C:
		case <-c.changed:
		case <-c.s.stop.Done():
			return
		}
	}
}

// pop takes the next task whose callback is due, or says how long to wait for it.
func (c *callbacks) pop() (index int, wait time.Duration) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if len(c.due) == 0 {
		return -1, never / 2
	}
	if now := c.s.now(); c.due[0].at > now {
		return -1, c.s.ours(c.due[0].at - now)
	}
	return int(heap.Pop(&c.due).(due).index), 0
}

// deliver posts the task as Task/Detail would answer it. The payload is not documented.
func (c *callbacks) deliver(index int) {
	c.mu.Lock()
	to := c.targets[index]
	c.mu.Unlock()
	c.s.mu.Lock()
	c.s.settle()
	v := c.s.view(index, to.origin)
	c.s.mu.Unlock()
	if c.s.strikes("callback_lost", v.task.key, 0) {
		return
	}
	if v.task.ends() > v.at {
		c.s.faults.count("callback_early")
	}
	c.post(to.url, v)
	if c.s.strikes("callback_twice", v.task.key, 0) {
		c.post(to.url, v)
	}
}

func (c *callbacks) post(url string, v *view) {
	ctx, cancel := context.WithTimeout(c.s.stop, callbackTimeout)
	defer cancel()
	r, err := http.NewRequestWithContext(ctx, http.MethodPost, url, bytes.NewReader(c.s.one(v, true)))
	if err != nil {
		return
	}
	r.Header.Set("Content-Type", "application/json")
	answer, err := c.client.Do(r)
	if err != nil {
		return // nobody listens; the documentation promises no second try
	}
	_ = answer.Body.Close()
}
