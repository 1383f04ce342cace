package wiro

import (
	"bufio"
	"context"
	"crypto/x509"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
)

// Over HTTP/2 too a request that was sent is known as such, and is not sent
// again: its connections are got in another way.
func TestRunOverHTTP2(t *testing.T) {
	var runs atomic.Int32
	s := httptest.NewUnstartedServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.ProtoMajor != 2 {
			t.Errorf("over %s", r.Proto)
		}
		io.Copy(io.Discard, r.Body)
		if runs.Add(1) == 2 {
			panic(http.ErrAbortHandler) // resets the stream
		}
		io.WriteString(w, `{"result":true,"taskid":"1"}`)
	}))
	s.EnableHTTP2 = true
	s.StartTLS()
	defer s.Close()
	c := clientOf(t, Options{BaseURL: s.URL, Key: NewSecret("k")})
	_, err := c.Run(t.Context(), "a/b", Input{})
	if e := failure(t, err); e.Sent || e.Disposition() != Retry { // the test certificate is nobody's
		t.Errorf("before a connection was got: %v, sent %v", e, e.Sent)
	}
	pool := x509.NewCertPool()
	pool.AddCert(s.Certificate())
	c = clientOf(t, Options{BaseURL: s.URL, Key: NewSecret("k")})
	c.api.Transport.(*http.Transport).TLSClientConfig.RootCAs = pool
	if _, err := c.Run(t.Context(), "a/b", Input{}); err != nil {
		t.Fatal(err)
	}
	_, err = c.Run(t.Context(), "a/b", Input{})
	if e := failure(t, err); !e.Sent || e.Disposition() != Unknown || runs.Load() != 2 {
		t.Errorf("a reset stream: %v, sent %v, %d requests", e, e.Sent, runs.Load())
	}
}

// As many connections as there are callers, each used again.
func TestConnectionsAreUsedAgain(t *testing.T) {
	var opened atomic.Int32
	s := httptest.NewUnstartedServer(says(200, `{"result":true,"taskid":"1"}`))
	s.Config.ConnState = func(_ net.Conn, state http.ConnState) {
		if state == http.StateNew {
			opened.Add(1)
		}
	}
	s.Start()
	defer s.Close()
	const callers, each = 8, 20
	c := clientOf(t, Options{BaseURL: s.URL, Key: NewSecret("k"), Connections: callers})
	var wg sync.WaitGroup
	for range callers {
		wg.Go(func() {
			for range each {
				if _, err := c.Run(t.Context(), "a/b", Input{}); err != nil {
					t.Error(err)
				}
			}
		})
	}
	wg.Wait()
	// net/http dials one more at times, when a connection comes free meanwhile.
	if n := opened.Load(); n > 2*callers {
		t.Errorf("%d connections for %d callers of %d calls", n, callers, each)
	}
}

// A proxy that the user has set is used, although its address is a private
// one; net/http reads the environment once, hence the process of its own.
func TestDownloadsGoThroughTheProxy(t *testing.T) {
	if os.Getenv("WIRO_TEST_PROXY") != "" {
		c := clientOf(t, Options{Key: NewSecret("k")})
		_, err := c.Fetch(context.Background(), "https://cdn1.wiro.ai/0.png?sig=hidden")
		if e := failure(t, err); e.Disposition() != Retry || strings.Contains(e.Error(), "hidden") {
			t.Errorf("%v: %s", e, e.Disposition())
		}
		return
	}
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	asked := make(chan string, 1)
	go func() {
		conn, err := l.Accept()
		if err != nil {
			return
		}
		defer conn.Close()
		if req, err := http.ReadRequest(bufio.NewReader(conn)); err == nil {
			asked <- req.Method + " " + req.Host
		}
		io.WriteString(conn, "HTTP/1.1 502 Bad Gateway\r\nContent-Length: 0\r\n\r\n")
	}()
	cmd := exec.Command(os.Args[0], "-test.run=^TestDownloadsGoThroughTheProxy$")
	cmd.Env = append(os.Environ(), "WIRO_TEST_PROXY=1", "HTTPS_PROXY=http://"+l.Addr().String(), "NO_PROXY=", "no_proxy=")
	if out, err := cmd.CombinedOutput(); err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	if got := <-asked; got != "CONNECT cdn1.wiro.ai:443" {
		t.Errorf("the proxy was asked to %s", got)
	}
}
