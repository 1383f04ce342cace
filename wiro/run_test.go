package wiro

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"io"
	"mime"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"sync/atomic"
	"testing"
)

func TestRunAsTheSeedSendsIt(t *testing.T) {
	answer, err := os.ReadFile("testdata/seed-run.json")
	if err != nil {
		t.Fatal(err)
	}
	c, _ := serve(t, func(w http.ResponseWriter, r *http.Request) {
		if r.Method != "POST" || r.URL.Path != "/v1/Run/Qwen/Qwen-Image-Fast" {
			t.Errorf("%s %s", r.Method, r.URL.Path)
		}
		h := r.Header
		if h.Get("Content-Type") != "application/json" || h.Get("X-Api-Key") != "test-key" || !strings.HasPrefix(h.Get("User-Agent"), "wirobatch/") {
			t.Errorf("headers %v", h)
		}
		if want := signature("test-key", "test-secret", h.Get("X-Nonce")); h.Get("X-Signature") != want || h.Get("X-Nonce") == "" {
			t.Errorf("signature %s over nonce %q, want %s", h.Get("X-Signature"), h.Get("X-Nonce"), want)
		}
		if h.Get("Idempotency-Key") != "" || h.Get("X-Idempotency-Key") != "" {
			t.Error("with an idempotency key, net/http would replay the POST")
		}
		var got map[string]any
		if err := json.NewDecoder(r.Body).Decode(&got); err != nil || got["scale"] != "4.50" || got["seed"] != "007" || got["prompt"] != "a <b> & \"c\"\n" {
			t.Errorf("body %v, %v", got, err)
		}
		if r.ContentLength <= 0 {
			t.Errorf("length %d", r.ContentLength)
		}
		w.Write(answer)
	})
	s, err := c.Run(t.Context(), "Qwen/Qwen-Image-Fast", Input{Params: map[string]string{"scale": "4.50", "seed": "007", "prompt": "a <b> & \"c\"\n"}})
	if err != nil || s.TaskID != "2221" || s.TaskToken != "eDcCm5yyUfIvMFspTwww49OUfgXkQt" {
		t.Errorf("%+v, %v", s, err)
	}
}

func TestKeyOnlyProjectsDoNotSign(t *testing.T) {
	_, s := serve(t, func(w http.ResponseWriter, r *http.Request) {
		if len(r.Header.Values("X-Signature"))+len(r.Header.Values("X-Nonce")) > 0 {
			t.Errorf("signed: %v", r.Header)
		}
		if body, _ := io.ReadAll(r.Body); string(body) != "{}" {
			t.Errorf("body %s", body)
		}
		io.WriteString(w, `{"result":true,"taskid":7}`)
	})
	c := clientOf(t, Options{BaseURL: s.URL, Key: NewSecret("test-key")})
	if got, err := c.Run(t.Context(), "a/b", Input{}); err != nil || got.TaskID != "7" {
		t.Errorf("%+v, %v", got, err)
	}
}

func TestRunWithFiles(t *testing.T) {
	path := filepath.Join(t.TempDir(), "in.png")
	if err := os.WriteFile(path, []byte("0123456789"), 0o600); err != nil {
		t.Fatal(err)
	}
	file, err := os.Open(path)
	if err != nil {
		t.Fatal(err)
	}
	defer file.Close()
	file.Seek(4, io.SeekStart) // what is left is what is sent
	for _, tt := range []struct {
		why       string
		content   io.Reader
		want      string
		hasLength bool
	}{
		{"bytes in memory", strings.NewReader("picture"), "picture", true},
		{"an open file", file, "456789", true},
		{"a stream", io.MultiReader(strings.NewReader("str"), strings.NewReader("eam")), "stream", false},
	} {
		c, _ := serve(t, func(w http.ResponseWriter, r *http.Request) {
			if kind, _, _ := mime.ParseMediaType(r.Header.Get("Content-Type")); kind != "multipart/form-data" {
				t.Errorf("%s: sent as %s", tt.why, kind)
			}
			if (r.ContentLength > 0) != tt.hasLength {
				t.Errorf("%s: Content-Length %d", tt.why, r.ContentLength)
			}
			if err := r.ParseMultipartForm(1 << 20); err != nil {
				t.Errorf("%s: %v", tt.why, err)
			}
			if r.FormValue("prompt") != "x" || r.FormValue("inputImageUrl") != "" {
				t.Errorf("%s: fields %v", tt.why, r.MultipartForm.Value)
			}
			f, header, err := r.FormFile("inputImage")
			if err != nil {
				t.Fatalf("%s: %v", tt.why, err)
			}
			got, _ := io.ReadAll(f)
			if string(got) != tt.want || header.Filename != `a%22b.png` || header.Header.Get("Content-Type") != "image/png" {
				t.Errorf("%s: %q as %q %v", tt.why, got, header.Filename, header.Header)
			}
			io.WriteString(w, `{"result":true,"taskid":"1"}`)
		})
		_, err := c.Run(t.Context(), "a/b", Input{
			Params: map[string]string{"prompt": "x", "inputImageUrl": ""},
			Files:  []InputFile{{Param: "inputImage", Name: `a"b.png`, ContentType: "image/png", Content: tt.content}},
		})
		if err != nil {
			t.Errorf("%s: %v", tt.why, err)
		}
	}
}

func TestRequestsThatCannotBeMade(t *testing.T) {
	c, _ := serve(t, func(http.ResponseWriter, *http.Request) { t.Error("something was sent") })
	for why, call := range map[string]func() error{
		"no owner":          func() error { _, err := c.Run(t.Context(), "Qwen", Input{}); return err },
		"too many parts":    func() error { _, err := c.Run(t.Context(), "a/b/c", Input{}); return err },
		"a way out":         func() error { _, err := c.Run(t.Context(), "../Kill", Input{}); return err },
		"an empty half":     func() error { _, err := c.Run(t.Context(), "a/", Input{}); return err },
		"a line break":      func() error { _, err := c.Run(t.Context(), "a/b\nc", Input{}); return err },
		"a file of nothing": func() error { _, err := c.Run(t.Context(), "a/b", Input{Files: []InputFile{{Param: "x"}}}); return err },
		"no task":           func() error { _, err := c.Detail(t.Context(), ""); return err },
		"no token":          func() error { return c.InputOutputDelete(t.Context(), "") },
		"a tool's model":    func() error { _, err := c.Tool(t.Context(), "x"); return err },
		"an upload too long": func() error {
			_, err := c.Upload(t.Context(), "x", bytes.NewReader(make([]byte, maxUpload+1)))
			return err
		},
	} {
		e := failure(t, call())
		if e.Sent || !errors.Is(e, ErrInvalid) || e.Disposition() != FailCell {
			t.Errorf("%s: %v, sent %v, %s", why, e, e.Sent, e.Disposition())
		}
	}
}

// A kept connection that the server has closed meanwhile is where net/http
// likes to send again by itself.
func TestRunIsNotReplayedOnAStaleConnection(t *testing.T) {
	var runs atomic.Int32
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	go func() {
		for {
			conn, err := l.Accept()
			if err != nil {
				return
			}
			go func() { // the second request of each connection is read and not answered
				defer conn.Close()
				buf := make([]byte, 4096)
				for i := range 2 {
					n, err := conn.Read(buf)
					if err != nil {
						return
					}
					if bytes.Contains(buf[:n], []byte("/Run/")) {
						runs.Add(1)
					}
					if i == 0 {
						io.WriteString(conn, "HTTP/1.1 200 OK\r\nContent-Length: 15\r\n\r\n{\"result\":true}")
					}
				}
			}()
		}
	}()
	c := clientOf(t, Options{BaseURL: "http://" + l.Addr().String(), Key: NewSecret("k")})
	c.Run(t.Context(), "a/b", Input{})
	_, err = c.Run(t.Context(), "a/b", Input{})
	if e := failure(t, err); !e.Sent || e.Disposition() != Unknown {
		t.Errorf("%v: sent %v, %s", e, e.Sent, e.Disposition())
	}
	if n := runs.Load(); n != 2 {
		t.Errorf("two calls arrived as %d", n)
	}
}

// GetBody is what net/http replays a request by, and follows a 307 by. For
// calls that change nothing it is welcome.
func TestOnlyReadsCanBeReplayed(t *testing.T) {
	for why, tt := range map[string]struct {
		call func(*Client)
		can  bool
	}{
		"Run": {func(c *Client) { c.Run(t.Context(), "a/b", Input{}) }, false},
		"Run with files": {func(c *Client) {
			c.Run(t.Context(), "a/b", Input{Files: []InputFile{{Param: "f", Content: strings.NewReader("x")}}})
		}, false},
		"Detail": {func(c *Client) { c.Detail(t.Context(), "1") }, true},
	} {
		asked := false
		tt.call(clientOf(t, Options{Key: NewSecret("k"), Transport: roundTripper(func(r *http.Request) (*http.Response, error) {
			if asked = true; (r.GetBody != nil) != tt.can {
				t.Errorf("%s: can be replayed: %v", why, r.GetBody != nil)
			}
			if tt.can {
				again, _ := r.GetBody()
				if b, _ := io.ReadAll(again); string(b) != `{"taskid":"1"}` {
					t.Errorf("%s: again as %s", why, b)
				}
			}
			return nil, io.EOF
		})}))
		if !asked {
			t.Errorf("%s sent nothing", why)
		}
	}
}

func TestRedirectsAreNotFollowed(t *testing.T) {
	var elsewhere atomic.Int32
	_, other := serve(t, func(w http.ResponseWriter, r *http.Request) { elsewhere.Add(1) })
	for _, code := range []int{301, 302, 303, 307, 308} {
		c, _ := serve(t, func(w http.ResponseWriter, r *http.Request) { http.Redirect(w, r, other.URL, code) })
		_, err := c.Run(t.Context(), "a/b", Input{})
		if e := failure(t, err); e.Status != code || e.Disposition() != Unknown {
			t.Errorf("Run, %d: %v: %s", code, e, e.Disposition())
		}
		_, err = c.Detail(t.Context(), "1")
		if e := failure(t, err); e.Status != code || e.Disposition() != Retry {
			t.Errorf("Detail, %d: %v: %s", code, e, e.Disposition())
		}
	}
	if n := elsewhere.Load(); n != 0 {
		t.Errorf("%d requests, key and all, went where they were redirected to", n)
	}
}

func TestNothingWasSent(t *testing.T) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	closed := "http://" + l.Addr().String()
	l.Close()
	canceled, cancel := context.WithCancel(t.Context())
	cancel()
	deaf := roundTripper(func(r *http.Request) (*http.Response, error) { return nil, errors.New("lost") })
	for _, tt := range []struct {
		why  string
		ctx  context.Context
		o    Options
		sent bool
	}{
		{"nobody listens", t.Context(), Options{BaseURL: closed}, false},
		{"nobody listens, through a transport from outside", t.Context(), Options{BaseURL: closed, Transport: &http.Transport{}}, false},
		{"the caller had stopped before", canceled, Options{BaseURL: closed}, false},
		{"the caller had stopped before, with any transport", canceled, Options{BaseURL: closed, Transport: deaf}, false},
		{"a transport that says nothing of connections: in doubt, sent", t.Context(), Options{BaseURL: closed, Transport: deaf}, true},
	} {
		tt.o.Key = NewSecret("k")
		_, err := clientOf(t, tt.o).Run(tt.ctx, "a/b", Input{})
		e := failure(t, err)
		want := map[bool]Disposition{false: Retry, true: Unknown}[tt.sent]
		if e.Sent != tt.sent || e.Disposition() != want || e.Status != 0 {
			t.Errorf("%s: sent %v, %s: %v", tt.why, e.Sent, e.Disposition(), e)
		}
		if strings.Contains(e.Error(), "nothing was sent") == tt.sent {
			t.Errorf("%s: %v", tt.why, e)
		}
		if tt.ctx == canceled && !errors.Is(err, context.Canceled) {
			t.Errorf("%s: %v is no context.Canceled", tt.why, err)
		}
	}
}

type roundTripper func(*http.Request) (*http.Response, error)

func (f roundTripper) RoundTrip(r *http.Request) (*http.Response, error) { return f(r) }
