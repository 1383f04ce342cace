package wiro_test

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/coder/websocket"

	"wirobatch/wiro"
	"wirobatch/wiro/sandbox"
)

// withSocket is a client that knows the websocket at an address of a server.
func withSocket(t *testing.T, url, path string) *wiro.Client {
	t.Helper()
	c, err := wiro.New(wiro.Options{
		BaseURL: url + "/v1", SocketURL: "ws" + strings.TrimPrefix(url, "http") + path,
		Key: wiro.NewSecret("sandbox"), UserAgent: "test/1",
	})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(c.CloseIdleConnections)
	return c
}

// listening is a sandbox behind a real listener, and a client of both of its sides.
func listening(t *testing.T, o sandbox.Options) (*wiro.Client, *sandbox.Sandbox) {
	t.Helper()
	s := sandbox.New(o)
	server := httptest.NewServer(s)
	t.Cleanup(func() { s.Close(); server.Close() })
	return withSocket(t, server.URL, sandbox.SocketPath), s
}

// bubble runs a test with a sandbox whose network and clock are in memory.
func bubble(t *testing.T, o sandbox.Options, test func(t *testing.T, c *wiro.Client, s *sandbox.Sandbox)) {
	t.Helper()
	synctest.Test(t, func(t *testing.T) {
		s := sandbox.New(o)
		conns, closed := make(pipes), make(chan struct{})
		server := &http.Server{Handler: s}
		served := make(chan struct{})
		go func() { defer close(served); server.Serve(conns) }()
		transport := &http.Transport{DialContext: func(ctx context.Context, _, _ string) (net.Conn, error) {
			near, far := net.Pipe()
			select {
			case conns <- far:
				return near, nil
			case <-closed:
				return nil, net.ErrClosed
			}
		}}
		c, err := wiro.New(wiro.Options{
			BaseURL: "http://127.0.0.1:1/v1", SocketURL: "ws://127.0.0.1:1" + sandbox.SocketPath,
			Key: wiro.NewSecret("sandbox"), Transport: transport,
		})
		if err != nil {
			t.Fatal(err)
		}
		defer func() {
			s.Close()
			close(closed)
			close(conns)
			transport.CloseIdleConnections()
			server.Close()
			<-served
		}()
		test(t, c, s)
	})
}

type pipes chan net.Conn

func (p pipes) Accept() (net.Conn, error) {
	if c, ok := <-p; ok {
		return c, nil
	}
	return nil, net.ErrClosed
}
func (p pipes) Close() error   { return nil }
func (p pipes) Addr() net.Addr { return &net.TCPAddr{IP: net.IPv4(127, 0, 0, 1), Port: 1} }

func submit(t *testing.T, c *wiro.Client, model string) wiro.Submission {
	t.Helper()
	sub, err := c.Run(t.Context(), model, wiro.Input{Params: map[string]string{"prompt": "x"}})
	if err != nil {
		t.Fatal(err)
	}
	return sub
}

func dial(t *testing.T, c *wiro.Client) *wiro.Socket {
	t.Helper()
	s, err := c.Socket(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(s.Close)
	return s
}

// Both shapes of frames, over a real network.
func TestSocketTellsToTheEnd(t *testing.T) {
	for _, shape := range []sandbox.Shape{sandbox.ShapeSeed, sandbox.ShapeDocumentation} {
		c, _ := listening(t, sandbox.Options{Shape: shape, Speed: 50, PictureSize: 16})
		socket := dial(t, c)
		ends := map[string]int{}
		for _, model := range []string{fast, "sandbox/failing"} {
			sub := submit(t, c, model)
			ends[sub.TaskID] = 0
			if err := socket.Register(t.Context(), sub.TaskToken); err != nil {
				t.Fatal(err)
			}
		}
		percent := -1.0
		for left := len(ends); left > 0; {
			f, err := socket.Next(t.Context())
			if err != nil {
				t.Fatal(err)
			}
			if _, ours := ends[f.TaskID]; !ours || (f.Token == "") != (shape == sandbox.ShapeDocumentation) {
				t.Errorf("%v: a frame %+v", shape, f)
			}
			percent = max(percent, f.Percent)
			if f.Last {
				ends[f.TaskID]++
				left--
			}
		}
		for id, n := range ends {
			if n != 1 {
				t.Errorf("%v: task %s has ended %d times", shape, id, n)
			}
		}
		if percent != 100 {
			t.Errorf("%v: progress up to %v %%", shape, percent)
		}
	}
}

func TestSocketIsSentNoCredentials(t *testing.T) {
	seen := make(chan http.Header, 1)
	s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		seen <- r.Header.Clone()
		w.Header().Set("Retry-After", "7")
		http.Error(w, "not now", http.StatusServiceUnavailable)
	}))
	defer s.Close()
	_, err := withSocket(t, s.URL, "/v1").Socket(t.Context())
	var e *wiro.Error
	if !errors.As(err, &e) || e.Status != 503 || e.RetryAfter != 7*time.Second || e.Unauthorised() {
		t.Errorf("error %v", err)
	}
	header := <-seen
	for name, values := range header {
		if strings.Contains(strings.ToLower(name+strings.Join(values, " ")), "sandbox") || strings.HasPrefix(name, "X-") || name == "Authorization" {
			t.Errorf("header %s: %v", name, values)
		}
	}
	if header.Get("User-Agent") != "test/1" || header.Get("Upgrade") != "websocket" {
		t.Errorf("header %v", header)
	}
}

func TestSocketThatIsNone(t *testing.T) {
	var e *wiro.Error
	for _, tt := range []struct {
		why    string
		answer http.HandlerFunc
		status int
	}{
		{"a page", func(w http.ResponseWriter, _ *http.Request) { fmt.Fprint(w, "<html>") }, 200},
		{"a redirect, which is not followed", func(w http.ResponseWriter, r *http.Request) {
			http.Redirect(w, r, "http://127.0.0.1:9/", http.StatusFound)
		}, 302},
		{"a key is no matter here", func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(401) }, 401},
		{"hangs up", func(http.ResponseWriter, *http.Request) { panic(http.ErrAbortHandler) }, 0},
	} {
		s := httptest.NewServer(tt.answer)
		if _, err := withSocket(t, s.URL, "/v1").Socket(t.Context()); !errors.As(err, &e) || e.Status != tt.status || e.Unauthorised() {
			t.Errorf("%s: %v", tt.why, err)
		}
		s.Close()
	}
	c, err := wiro.New(wiro.Options{Key: wiro.NewSecret("k")})
	if err != nil || c.HasSocket() {
		t.Fatalf("a client without one: %v", err)
	}
	if _, err := c.Socket(t.Context()); !errors.Is(err, wiro.ErrInvalid) {
		t.Errorf("a client without one: %v", err)
	}
}

// A server that speaks nonsense in every way is as good as silent, and one that says too much is left.
func TestSocketOfAHostileServer(t *testing.T) {
	s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		conn, err := websocket.Accept(w, r, nil)
		if err != nil {
			return
		}
		defer conn.CloseNow()
		for _, text := range []string{"", "null", "7", `{"type":7}`, `{"type":{},"id":[]}`, `{"type":"task_end","id":1e999999999,"message":{"percentage":"NaN"}}`} {
			conn.Write(r.Context(), websocket.MessageText, []byte(text))
		}
		conn.Write(r.Context(), websocket.MessageBinary, []byte{0, 255, 254})
		conn.Write(r.Context(), websocket.MessageText, []byte(`{"type":"task_cancel","id":"of others"}`))
		conn.Write(r.Context(), websocket.MessageText, make([]byte, 9<<20))
		<-conn.CloseRead(context.Background()).Done()
	}))
	defer s.Close()
	socket := dial(t, withSocket(t, s.URL, "/v1"))
	var got []wiro.Frame
	for {
		f, err := socket.Next(t.Context())
		if err != nil {
			if !strings.Contains(err.Error(), "limit") {
				t.Errorf("error %v", err)
			}
			break
		}
		got = append(got, f)
	}
	if n := len(got); n != 3 || got[0].TaskID != "[]" || got[1].Percent != -1 || got[2].TaskID != "of others" {
		t.Errorf("frames %+v", got)
	}
	if err := socket.Register(t.Context(), "t"); err == nil {
		t.Error("a registration on a connection that has ended")
	}
}

// The sandbox drops who says nothing for a minute.
func TestSocketPings(t *testing.T) {
	bubble(t, sandbox.Options{Faults: sandbox.Faults{"task_stuck": 1}}, func(t *testing.T, c *wiro.Client, s *sandbox.Sandbox) {
		socket, sub := dial(t, c), submit(t, c, fast)
		if err := socket.Register(t.Context(), sub.TaskToken); err != nil {
			t.Fatal(err)
		}
		time.AfterFunc(time.Hour, func() { c.Kill(t.Context(), sub.TaskID) })
		begun := time.Now()
		for {
			f, err := socket.Next(t.Context())
			if err != nil {
				t.Fatalf("after %v: %v", time.Since(begun), err)
			}
			if f.Last {
				break
			}
		}
		if took := time.Since(begun); took != time.Hour || s.FaultCounts()["task_stuck"] == 0 {
			t.Errorf("the kill was told after %v", took)
		}
	})
}

// A peer that does not answer pings has gone, whatever its network says.
func TestSocketOfADeadPeer(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		conns := make(pipes)
		server := &http.Server{Handler: http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			conn, err := websocket.Accept(w, r, &websocket.AcceptOptions{OnPingReceived: func(context.Context, []byte) bool { return false }})
			if err == nil {
				conn.Read(context.Background())
			}
		})}
		go server.Serve(conns)
		c, err := wiro.New(wiro.Options{
			Key: wiro.NewSecret("k"), SocketURL: "ws://localhost/v1",
			Transport: &http.Transport{DialContext: func(context.Context, string, string) (net.Conn, error) {
				near, far := net.Pipe()
				conns <- far
				return near, nil
			}},
		})
		if err != nil {
			t.Fatal(err)
		}
		socket, begun := dial(t, c), time.Now()
		_, err = socket.Next(t.Context())
		if took := time.Since(begun); err == nil || !strings.Contains(err.Error(), "ping") || took != 45*time.Second {
			t.Errorf("%v after %v", err, took)
		}
		close(conns)
	})
}

func TestSocketEnds(t *testing.T) {
	bubble(t, sandbox.Options{Faults: sandbox.Faults{"ws_drop": 1}}, func(t *testing.T, c *wiro.Client, s *sandbox.Sandbox) {
		socket := dial(t, c)
		if err := socket.Register(t.Context(), "\n"); !errors.Is(err, wiro.ErrInvalid) {
			t.Errorf("a registration of no token: %v", err)
		}
		if err := socket.Register(t.Context(), submit(t, c, fast).TaskToken); err != nil {
			t.Fatal(err)
		}
		frames := 0
		for {
			if _, err := socket.Next(t.Context()); err != nil {
				break
			}
			frames++
		}
		if frames != 1 || s.FaultCounts()["ws_drop"] != 1 { // the greeting is the other
			t.Errorf("%d frames, faults %v", frames, s.FaultCounts())
		}
		ctx, cancel := context.WithTimeout(t.Context(), 5*time.Second)
		defer cancel()
		if _, err := dial(t, c).Next(ctx); !errors.Is(err, context.DeadlineExceeded) {
			t.Errorf("with its context: %v", err)
		}
		closed := dial(t, c)
		closed.Close()
		if _, err := closed.Next(t.Context()); err == nil {
			t.Error("a frame of a closed connection")
		}
	})
	bubble(t, sandbox.Options{Faults: sandbox.Faults{"ws_refuse": 1}}, func(t *testing.T, c *wiro.Client, s *sandbox.Sandbox) {
		_, err := c.Socket(t.Context())
		var e *wiro.Error
		if !errors.As(err, &e) || e.Status != 503 || s.FaultCounts()["ws_refuse"] != 1 {
			t.Errorf("%v, faults %v", err, s.FaultCounts())
		}
	})
}
