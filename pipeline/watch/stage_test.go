package watch

import (
	"context"
	"encoding/json"
	"fmt"
	"net"
	"net/http"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/coder/websocket"

	"wirobatch/wiro"
	"wirobatch/wiro/sandbox"
)

// stage is a service and a feed of it, both real, with their network in memory, so that they fit into a bubble.
type stage struct {
	t       *testing.T
	sandbox *sandbox.Sandbox // nil behind another handler
	client  *wiro.Client
	feed    *feed

	mu     sync.Mutex
	warned []string
}

func onStage(t *testing.T, o sandbox.Options, test func(*stage)) {
	t.Helper()
	synctest.Test(t, func(t *testing.T) {
		if o.PictureSize = 16; o.Timing == (sandbox.Timing{}) {
			o.Timing = sandbox.Timing{Preprocess: sandbox.Exactly(2), Run: sandbox.Exactly(4), Postprocess: sandbox.Exactly(1)}
		}
		s := sandbox.New(o)
		defer s.Close()
		play(t, s, func(st *stage) { st.sandbox = s; test(st) })
	})
}

// play puts a feed before any handler, in the caller's bubble.
func play(t *testing.T, h http.Handler, test func(*stage)) {
	t.Helper()
	conns, closed := make(conns), make(chan struct{})
	server := &http.Server{Handler: h}
	served := make(chan struct{})
	go func() { defer close(served); server.Serve(conns) }()
	transport := &http.Transport{MaxIdleConnsPerHost: 16, DialContext: func(ctx context.Context, _, _ string) (net.Conn, error) {
		near, far := net.Pipe()
		select {
		case conns <- far:
			return near, nil
		case <-closed:
		case <-ctx.Done():
		}
		return nil, net.ErrClosed
	}}
	c, err := wiro.New(wiro.Options{
		BaseURL: "http://127.0.0.1:1/v1", SocketURL: "ws://127.0.0.1:1" + sandbox.SocketPath, Key: wiro.NewSecret("sandbox"), Transport: transport,
	})
	if err != nil {
		t.Fatal(err)
	}
	st := &stage{t: t, client: c}
	st.feed = newFeed(c, func(text string) {
		st.mu.Lock()
		defer st.mu.Unlock()
		st.warned = append(st.warned, text)
	})
	defer func() {
		st.feed.close()
		close(closed)
		transport.CloseIdleConnections()
		close(conns)
		server.Close()
		<-served
	}()
	test(st)
}

type conns chan net.Conn

func (c conns) Accept() (net.Conn, error) {
	if conn, ok := <-c; ok {
		return conn, nil
	}
	return nil, net.ErrClosed
}
func (c conns) Close() error   { return nil }
func (c conns) Addr() net.Addr { return &net.TCPAddr{IP: net.IPv4(127, 0, 0, 1), Port: 1} }

func (st *stage) submit() Target {
	st.t.Helper()
	sub, err := st.client.Run(context.Background(), "Qwen/Qwen-Image-Fast", wiro.Input{Params: map[string]string{"prompt": "a"}})
	if err != nil {
		st.t.Fatal(err)
	}
	return Target{ID: sub.TaskID, Token: sub.TaskToken, Submitted: time.Now()}
}

func (st *stage) warnings() []string {
	st.mu.Lock()
	defer st.mu.Unlock()
	return st.warned
}

// told keeps the hints about a task, and when they came.
type told struct {
	mu       sync.Mutex
	hints    []hint
	at       []time.Time
	unfollow func()
}

func (st *stage) follow(t Target) *told {
	l := &told{}
	l.unfollow = st.feed.follow(t, func(h hint) {
		l.mu.Lock()
		defer l.mu.Unlock()
		l.hints, l.at = append(l.hints, h), append(l.at, time.Now())
	})
	return l
}

// sum counts what came: registrations, frames, ends, and the most of the progress.
func (l *told) sum() (registered, frames, ended int, percent float64) {
	l.mu.Lock()
	defer l.mu.Unlock()
	percent = -1
	for _, h := range l.hints {
		switch percent = max(percent, h.percent); {
		case h.registered:
			registered++
		default:
			frames++
		}
		if h.ended {
			ended++
		}
	}
	return registered, frames, ended, percent
}

func (l *told) last() time.Time {
	l.mu.Lock()
	defer l.mu.Unlock()
	if len(l.at) == 0 {
		return time.Time{}
	}
	return l.at[len(l.at)-1]
}

// script is a websocket that does as a test says.
type script struct {
	mu     sync.Mutex
	tokens []string
	at     []time.Time
	links  int
	play   func(s *script, link int, conn *websocket.Conn)
}

func (s *script) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	conn, err := websocket.Accept(w, r, nil)
	if err != nil {
		return
	}
	defer conn.CloseNow()
	s.mu.Lock()
	s.links++
	link := s.links
	s.mu.Unlock()
	s.play(s, link, conn)
}

// token waits for a registration.
func (s *script) token(conn *websocket.Conn) (string, bool) {
	_, data, err := conn.Read(context.Background())
	var m struct{ Type, TaskToken string }
	if err != nil || json.Unmarshal(data, &m) != nil || m.Type != "task_info" {
		return "", false
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.tokens, s.at = append(s.tokens, m.TaskToken), append(s.at, time.Now())
	return m.TaskToken, true
}

func (s *script) tell(conn *websocket.Conn, format string, args ...any) {
	conn.Write(context.Background(), websocket.MessageText, fmt.Appendf(nil, format, args...))
}

func (s *script) seen() (links int, tokens []string, at []time.Time) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.links, s.tokens, s.at
}

// targets are tasks that only a script knows, each a second older than the next.
func targets(n int) (all []Target) {
	for i := range n {
		all = append(all, Target{ID: fmt.Sprint(1000 + i), Token: strings.Repeat("t", 32) + fmt.Sprint(i), Submitted: time.Now().Add(time.Duration(i-n) * time.Second)})
	}
	return all
}
