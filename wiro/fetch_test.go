package wiro

import (
	"bytes"
	"compress/gzip"
	"context"
	"errors"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync/atomic"
	"testing"
)

// listener counts who connects to it.
func listener(t *testing.T) (port string, connections *atomic.Int32) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { l.Close() })
	connections = new(atomic.Int32)
	go func() {
		for {
			conn, err := l.Accept()
			if err != nil {
				return
			}
			connections.Add(1)
			conn.Close()
		}
	}()
	_, port, _ = net.SplitHostPort(l.Addr().String())
	return port, connections
}

func TestFetchGivesTheBytesAsTheyAreStored(t *testing.T) {
	var packed bytes.Buffer
	z := gzip.NewWriter(&packed)
	io.WriteString(z, "picture")
	z.Close()
	c, s := serve(t, func(w http.ResponseWriter, r *http.Request) {
		for name := range r.Header {
			if strings.HasPrefix(name, "X-") || name == "Authorization" || name == "Referer" {
				t.Errorf("%s was sent to the file server", name)
			}
		}
		if got := r.Header.Get("Accept-Encoding"); r.Method != "GET" || got != "identity" || !strings.HasPrefix(r.UserAgent(), "wirobatch/") {
			t.Errorf("%s with %v", r.Method, r.Header)
		}
		switch r.URL.Path {
		case "/moved":
			http.Redirect(w, r, "/cdn/0.png", http.StatusFound)
		case "/html":
			w.Header().Set("Content-Type", "text/html")
			io.WriteString(w, "<html>")
		default:
			w.Header().Set("Content-Encoding", "gzip")
			w.Write(packed.Bytes())
		}
	})
	for _, path := range []string{"/cdn/0.png", "/moved?sig=1#top"} {
		resp, err := c.Fetch(t.Context(), s.URL+path)
		if err != nil {
			t.Fatal(err)
		}
		got, err := io.ReadAll(resp.Body)
		if err != nil || !bytes.Equal(got, packed.Bytes()) || resp.ContentLength != int64(packed.Len()) {
			t.Errorf("%s: %d of %d bytes, Content-Length %d, %v", path, len(got), packed.Len(), resp.ContentLength, err)
		}
		if err := resp.Body.Close(); err != nil {
			t.Error(err)
		}
	}
	resp, err := c.Fetch(t.Context(), s.URL+"/html") // the caller sniffs
	if err != nil || resp.Header.Get("Content-Type") != "text/html" {
		t.Errorf("a page: %v", err)
	} else {
		resp.Body.Close()
	}
}

// An output on another server, over TLS, as the real CDN is one.
func TestFetchFromAnAllowedHost(t *testing.T) {
	cdn := httptest.NewTLSServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.Host != "cdn1.wiro.ai" || r.Header.Get("X-Api-Key") != "" {
			t.Errorf("%s %v", r.Host, r.Header)
		}
		io.WriteString(w, "picture")
	}))
	defer cdn.Close()
	tr := cdn.Client().Transport.(*http.Transport).Clone()
	tr.TLSClientConfig.ServerName = "example.com" // whom the test certificate is for
	tr.DialContext = func(ctx context.Context, network, _ string) (net.Conn, error) {
		return (&net.Dialer{}).DialContext(ctx, network, cdn.Listener.Addr().String())
	}
	c := clientOf(t, Options{Key: NewSecret("test-key"), Transport: tr})
	resp, err := c.Fetch(t.Context(), "https://cdn1.wiro.ai/a/0.png")
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	if got, _ := io.ReadAll(resp.Body); string(got) != "picture" {
		t.Errorf("got %q", got)
	}
}

// From one host to another that is allowed: the key follows to neither, nor does the address before.
func TestRedirectBetweenAllowedHosts(t *testing.T) {
	var hosts []string
	cdn := httptest.NewTLSServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		hosts = append(hosts, r.Host)
		for name := range r.Header {
			if strings.HasPrefix(name, "X-") || name == "Authorization" || name == "Cookie" || name == "Referer" {
				t.Errorf("%s was sent to %s", name, r.Host)
			}
		}
		if r.Host == "cdn1.wiro.ai" {
			w.Header().Set("Set-Cookie", "a=b; Domain=files.example.com")
			http.Redirect(w, r, "https://eu.files.example.com/0.png", http.StatusFound)
			return
		}
		io.WriteString(w, "picture")
	}))
	defer cdn.Close()
	tr := cdn.Client().Transport.(*http.Transport).Clone()
	tr.TLSClientConfig.ServerName = "example.com"
	tr.DialContext = func(ctx context.Context, network, _ string) (net.Conn, error) {
		return (&net.Dialer{}).DialContext(ctx, network, cdn.Listener.Addr().String())
	}
	c := clientOf(t, Options{Key: NewSecret("test-key"), Secret: NewSecret("test-secret"), Transport: tr, AllowHosts: []string{"files.example.com"}})
	resp, err := c.Fetch(t.Context(), "https://cdn1.wiro.ai/a/0.png?sig=hidden")
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	if got, _ := io.ReadAll(resp.Body); string(got) != "picture" || len(hosts) != 2 || hosts[1] != "eu.files.example.com" {
		t.Errorf("%q from %v", got, hosts)
	}
}

func TestFetchRefuses(t *testing.T) {
	port, connections := listener(t)
	targets := map[string]string{
		"another local port":                 "http://127.0.0.1:" + port + "/x",
		"a name that is this machine":        "https://localhost:" + port + "/x?sig=hidden", // allowed by name, refused when dialled
		"the metadata service":               "https://169.254.169.254/latest/meta-data",
		"a private address":                  "https://10.0.0.1/x",
		"an IPv4 address in IPv6 clothes":    "https://[::ffff:127.0.0.1]:" + port + "/x",
		"a file":                             "file:///etc/passwd",
		"plain http to the CDN":              "http://cdn1.wiro.ai/x",
		"a user in front of the host":        "https://cdn1.wiro.ai@127.0.0.1:" + port + "/x",
		"a user in front of an allowed host": "https://a:b@cdn1.wiro.ai/x",
		"another host":                       "https://evil.test/x?sig=hidden",
	}
	var redirect atomic.Value
	s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		http.Redirect(w, r, redirect.Load().(string), http.StatusFound)
	}))
	defer s.Close()
	c := clientOf(t, Options{BaseURL: s.URL + "/v1", Key: NewSecret("test-key"), AllowHosts: []string{"localhost"}})
	for why, target := range targets {
		redirect.Store(target)
		for how, url := range map[string]string{"asked for": target, "redirected to": s.URL + "/out?sig=hidden"} {
			_, err := c.Fetch(t.Context(), url)
			e := failure(t, err)
			if !errors.Is(err, ErrForbidden) && !errors.Is(err, ErrInvalid) || e.Disposition() != FailCell {
				t.Errorf("%s, %s: %v: %s", why, how, err, e.Disposition())
			}
			if text := err.Error(); strings.Contains(text, "hidden") || strings.Contains(text, "a:b@") {
				t.Errorf("%s, %s: the error shows too much: %s", why, how, text)
			}
		}
	}
	if n := connections.Load(); n != 0 {
		t.Errorf("%d connections to what was refused", n)
	}
}

func TestFetchFailures(t *testing.T) {
	canceled, cancel := context.WithCancel(t.Context())
	cancel()
	for _, tt := range []struct {
		why    string
		ctx    context.Context
		answer http.HandlerFunc
		want   Disposition
		text   string
	}{
		{"gone", t.Context(), says(404, "no"), FailCell, "HTTP 404 Not Found: http://127.0.0.1"},
		{"not ours to see: it says nothing of our key", t.Context(), says(401, ""), FailCell, "HTTP 401"},
		{"a gateway", t.Context(), says(502, ""), Retry, "HTTP 502"},
		{"a part, which was not asked for", t.Context(), says(206, "x"), Retry, "HTTP 206"},
		{"a redirect without an end", t.Context(), func(w http.ResponseWriter, r *http.Request) {
			http.Redirect(w, r, r.URL.Path+"x?sig=hidden", http.StatusFound)
		}, Retry, "stopped after 5 redirects"},
		{"a redirect to nonsense", t.Context(), func(w http.ResponseWriter, r *http.Request) {
			w.Header().Set("Location", "https://%zz?sig=hidden")
			w.WriteHeader(302)
		}, Retry, "no URL"},
		{"the caller had stopped before", canceled, says(200, "x"), Retry, "nothing was sent"},
	} {
		c, s := serve(t, tt.answer)
		_, err := c.Fetch(tt.ctx, s.URL+"/a?sig=hidden")
		e := failure(t, err)
		if e.Disposition() != tt.want || !strings.Contains(e.Error(), tt.text) || strings.Contains(e.Error(), "hidden") {
			t.Errorf("%s: %v: %s, want %s", tt.why, e, e.Disposition(), tt.want)
		}
	}
	c, _ := serve(t, says(200, ""))
	for _, raw := range []string{"", "0.png", "https://", "https:cdn1.wiro.ai", "https://[::1", "//cdn1.wiro.ai/x", "https://cdn1.wiro.ai/\x7f"} {
		_, err := c.Fetch(t.Context(), raw)
		if e := failure(t, err); e.Sent || e.Disposition() != FailCell {
			t.Errorf("Fetch(%q): %v", raw, e)
		}
	}
}
