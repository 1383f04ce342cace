package sandbox

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"

	"github.com/shopspring/decimal"
)

// rig is a sandbox that is served, and a caller of it.
type rig struct {
	*Sandbox
	t      *testing.T
	base   string // scheme and host
	client *http.Client
	header http.Header
}

// tiny keeps tests from spending their time on drawing.
func tiny(o Options) Options {
	if o.PictureSize == 0 {
		o.PictureSize = 16
	}
	return o
}

// serve puts a sandbox behind a real listener.
func serve(t *testing.T, o Options) *rig {
	t.Helper()
	s := New(tiny(o))
	server := httptest.NewServer(s)
	t.Cleanup(func() {
		if err := s.Close(); err != nil {
			t.Errorf("Close: %v", err)
		}
		server.Close()
	})
	return newRig(t, s, server.URL, server.Client())
}

// servePipe puts a sandbox behind pipes, so that it works under the fake clock of a synctest bubble.
func servePipe(t *testing.T, o Options) *rig {
	t.Helper()
	s := New(tiny(o))
	l := &pipes{conns: make(chan net.Conn), done: make(chan struct{})}
	server := &http.Server{Handler: s}
	served := make(chan struct{})
	go func() { defer close(served); _ = server.Serve(l) }()
	transport := &http.Transport{DialContext: l.dial, DisableKeepAlives: true}
	t.Cleanup(func() {
		if err := s.Close(); err != nil {
			t.Errorf("Close: %v", err)
		}
		_ = server.Close()
		<-served
		transport.CloseIdleConnections()
	})
	return newRig(t, s, "http://127.0.0.1", &http.Client{Transport: transport})
}

func newRig(t *testing.T, s *Sandbox, base string, client *http.Client) *rig {
	client.CheckRedirect = func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }
	return &rig{Sandbox: s, t: t, base: base, client: client, header: http.Header{
		"X-Api-Key": {s.o.Key}, "Content-Type": {"application/json"},
	}}
}

// pipes is a listener whose connections never leave the process.
type pipes struct {
	conns chan net.Conn
	done  chan struct{}
	once  sync.Once
}

func (p *pipes) dial(context.Context, string, string) (net.Conn, error) {
	ours, theirs := net.Pipe()
	select {
	case p.conns <- theirs:
		return ours, nil
	case <-p.done:
		return nil, net.ErrClosed
	}
}

func (p *pipes) Accept() (net.Conn, error) {
	select {
	case c := <-p.conns:
		return c, nil
	case <-p.done:
		return nil, net.ErrClosed
	}
}

func (p *pipes) Close() error   { p.once.Do(func() { close(p.done) }); return nil }
func (p *pipes) Addr() net.Addr { return &net.TCPAddr{IP: net.IPv4(127, 0, 0, 1)} }

// raw posts a body and returns whatever comes.
func (r *rig) raw(path, body string) (status int, header http.Header, answer string, err error) {
	req, err := http.NewRequest(http.MethodPost, r.base+path, strings.NewReader(body))
	if err != nil {
		r.t.Fatal(err)
	}
	req.Header = r.header.Clone()
	resp, err := r.client.Do(req)
	if err != nil {
		return 0, nil, "", err
	}
	defer resp.Body.Close()
	data, err := io.ReadAll(resp.Body)
	return resp.StatusCode, resp.Header, string(data), err
}

// object is decoded JSON, numbers as they are spelled.
type object map[string]any

func (o object) str(name string) string {
	switch v := o[name].(type) {
	case nil:
		return ""
	case string:
		return v
	default:
		return fmt.Sprint(v)
	}
}

func (o object) list(name string) []object {
	var list []object
	items, _ := o[name].([]any)
	for _, x := range items {
		list = append(list, object(x.(map[string]any)))
	}
	return list
}

func parse(t *testing.T, text string) object {
	t.Helper()
	d := json.NewDecoder(strings.NewReader(text))
	d.UseNumber()
	var o object
	if err := d.Decode(&o); err != nil {
		t.Fatalf("answer is no JSON: %v\n%s", err, text)
	}
	return o
}

// call posts parameters and returns the answer.
func (r *rig) call(endpoint string, params any) object {
	r.t.Helper()
	body, err := json.Marshal(params)
	if err != nil {
		r.t.Fatal(err)
	}
	if string(body) == "null" {
		body = []byte("{}")
	}
	_, _, text, err := r.raw("/v1/"+endpoint, string(body))
	if err != nil {
		r.t.Fatalf("%s: %v", endpoint, err)
	}
	return parse(r.t, text)
}

type fields map[string]string

const fast = "Run/Qwen/Qwen-Image-Fast"

// submit runs a model and returns the task's id.
func (r *rig) submit(endpoint string, params fields) string {
	r.t.Helper()
	o := r.call(endpoint, params)
	if o.str("taskid") == "" {
		r.t.Fatalf("%s: %v", endpoint, o)
	}
	return o.str("taskid")
}

// task asks for the details of one.
func (r *rig) task(id string) object {
	r.t.Helper()
	o := r.call("Task/Detail", fields{"taskid": id})
	if len(o.list("tasklist")) != 1 {
		r.t.Fatalf("Task/Detail of %s: %v", id, o)
	}
	return o.list("tasklist")[0]
}

// message is the text of a refusal; "" if it is none.
func message(o object) string {
	if errors := o.list("errors"); len(errors) > 0 {
		return errors[0].str("code") + " " + errors[0].str("message")
	}
	return ""
}

// get fetches an output.
func (r *rig) get(url string) (*http.Response, []byte, error) {
	r.t.Helper()
	resp, err := r.client.Get(url)
	if err != nil {
		return nil, nil, err
	}
	defer resp.Body.Close()
	data, err := io.ReadAll(resp.Body)
	return resp, data, err
}

func usd(text string) decimal.Decimal { return decimal.RequireFromString(text) }

// fixed is a timing without chance: accepted after 1 s, started after 3, ended after 7, done after 8.
var fixed = Timing{Queue: Exactly(1), Preprocess: Exactly(2), Run: Exactly(4), Postprocess: Exactly(1)}

// always makes faults certain.
func always(names ...string) Faults {
	f := Faults{}
	for _, name := range names {
		f[name] = 1
	}
	return f
}

// lines splits a ledger.
func lines(t *testing.T, b *bytes.Buffer) []object {
	t.Helper()
	var list []object
	for line := range strings.Lines(b.String()) {
		list = append(list, parse(t, line))
	}
	return list
}

// direct carries requests to a handler without any connection.
type direct struct{ http.Handler }

func (d direct) RoundTrip(r *http.Request) (*http.Response, error) {
	w := httptest.NewRecorder()
	d.ServeHTTP(w, r)
	return w.Result(), nil
}
