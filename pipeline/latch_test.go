package pipeline_test

import (
	"fmt"
	"io"
	"net/http"
	"strings"
	"sync"
	"testing"
	"time"

	"wirobatch/pipeline"
	"wirobatch/wiro/sandbox"
)

// saying answers calls of some name itself, while it is on, and notes when submits leave.
type saying struct {
	http.RoundTripper
	to     string // part of the path
	status int
	header http.Header
	body   string
	times  int // that it answers at most, 0: each time

	mu      sync.Mutex
	on      bool
	said    []time.Time // when its answers were there
	submits []time.Time // when each submit left
}

func (s *saying) set(on bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.on = on
}

func (s *saying) RoundTrip(r *http.Request) (*http.Response, error) {
	s.mu.Lock()
	if strings.Contains(r.URL.Path, "/Run/") {
		s.submits = append(s.submits, time.Now())
	}
	s.mu.Unlock()
	time.Sleep(100 * time.Millisecond)
	s.mu.Lock()
	say := s.on && strings.Contains(r.URL.Path, s.to) && (s.times == 0 || len(s.said) < s.times)
	if say {
		s.said = append(s.said, time.Now())
	}
	s.mu.Unlock()
	if !say {
		return s.RoundTripper.RoundTrip(r)
	}
	header := s.header.Clone()
	if header == nil {
		header = http.Header{}
	}
	return &http.Response{
		StatusCode: s.status, ProtoMajor: 1, ProtoMinor: 1, Header: header, Request: r, ContentLength: int64(len(s.body)),
		Body: io.NopCloser(strings.NewReader(s.body)),
	}, nil
}

// next is how long after its first answer the next submit has left.
func (s *saying) next() (time.Duration, bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, at := range s.submits {
		if len(s.said) > 0 && at.After(s.said[0]) {
			return at.Sub(s.said[0]), true
		}
	}
	return 0, false
}

func refusal(code int, message string) string {
	return fmt.Sprintf(`{"errors":[{"code":%d,"message":%q}],"result":false}`, code, message)
}

func TestWhatHoldsForAllCallsEndsTheSubmitting(t *testing.T) {
	if testing.Short() {
		t.Skip("its many cases take long under the race detector; others of the same code are short")
	}
	t.Parallel()
	const suspended = "Your account has been suspended. Please contact support if you believe this is a mistake."
	for _, row := range []struct {
		why, to string
		status  int
		body    string
		exit    int
		done    bool // what was submitted is delivered
		lost    bool // answers of submits get lost, so that the list is asked
	}{
		{"97 to a submit", "/Run/", 200, refusal(97, "Insufficient balance"), 6, true, false},
		{"98 to a submit", "/Run/", 200, refusal(98, "sign in to run this model"), 7, true, false},
		{"99 to a submit", "/Run/", 401, refusal(99, "Authorization bearer token expired."), 7, true, false},
		{"401 to a submit", "/Run/", 401, "", 7, true, false},
		{"a suspended account to a submit", "/Run/", 200, refusal(0, suspended), 7, true, false},
		{"97 to a look", "/Task/Detail", 200, refusal(97, "Insufficient balance"), 6, true, false},
		{"401 to a look", "/Task/Detail", 401, "", 7, false, false},
		{"a suspended account to a look", "/Task/Detail", 200, refusal(0, suspended), 7, false, false},
		{"97 to a list", "/Task/List", 200, refusal(97, "Insufficient balance"), 6, false, true},
		{"99 to a list", "/Task/List", 200, refusal(99, "Authorization bearer token is invalid."), 7, false, true},
	} {
		in(t, sandbox.Options{PictureSize: 8}, func(p *place) {
			s := &saying{RoundTripper: p.transport, to: row.to, status: row.status, body: row.body}
			p.client = p.dial(s, "sandbox")
			time.AfterFunc(10*time.Second, func() {
				s.set(true)
				if row.lost {
					p.sandbox.SetFaults(sandbox.Faults{"run_502_after": 1})
				}
			})
			time.AfterFunc(75*time.Second, func() { s.set(false) })
			const yaml = "{version: 1, name: x, model: Qwen/Qwen-Image-Fast, matrix: {prompt: [a], seed: 1..36}, limits: {concurrency: 12}}"
			watch := func(o *pipeline.Options) {
				if row.to == "/Task/Detail" {
					byDetail(o)
				}
			}
			r := p.run(yaml, watch)
			if len(s.said) == 0 {
				t.Fatalf("%s: nobody heard it", row.why)
			}
			if r.ExitCode() != row.exit || p.sandbox.Accepted() == 36 {
				t.Errorf("%s: exit %d, %d tasks", row.why, r.ExitCode(), p.sandbox.Accepted())
			}
			if after, any := s.next(); any {
				t.Errorf("%s: a submit left %v after it was read", row.why, after)
			}
			if done := p.statuses()["done"]; row.done && done != p.sandbox.Accepted() {
				t.Errorf("%s: %d of %d tasks were delivered", row.why, done, p.sandbox.Accepted())
			}
			s.set(false)
			p.sandbox.SetFaults(nil)
			if r = p.run(yaml); r.ExitCode() != 0 || p.sandbox.Accepted() != 36 {
				t.Errorf("%s: then exit %d, %d tasks for 36 cells", row.why, r.ExitCode(), p.sandbox.Accepted())
			}
			p.audit()
		})
	}
}

func TestSubmitsPauseForAsLongAsTheyAreAskedTo(t *testing.T) {
	for _, row := range []struct {
		status      int
		after       string
		limits      string
		least, most time.Duration
	}{
		{429, "", "", 500 * time.Millisecond, 2 * time.Second},
		{429, "45", "", 45 * time.Second, 51 * time.Second},
		{503, "45", "", 45 * time.Second, 51 * time.Second},
		{503, "", "", 500 * time.Millisecond, 2 * time.Second},
		{429, "86400", "", 10 * time.Minute, 12 * time.Minute},
		{429, "45", ", rate: 1/s", 45 * time.Second, 51 * time.Second}, // while others wait for the rate
		{429, "", ", rate: 1/s", 500 * time.Millisecond, 3 * time.Second},
	} {
		in(t, sandbox.Options{PictureSize: 8}, func(p *place) {
			s := &saying{RoundTripper: p.transport, to: "/Run/", status: row.status, times: 1, header: http.Header{"Retry-After": {row.after}}}
			p.client = p.dial(s, "sandbox")
			time.AfterFunc(10*time.Second, func() { s.set(true) })
			r := p.run("{version: 1, name: x, model: Qwen/Qwen-Image-Fast, matrix: {prompt: [a], seed: 1..30}, limits: {concurrency: 12" + row.limits + "}}")
			if len(s.said) != 1 || r.ExitCode() != 0 || p.sandbox.Accepted() != 30 {
				t.Errorf("%d, Retry-After %q: said %d times, exit %d, %d tasks", row.status, row.after, len(s.said), r.ExitCode(), p.sandbox.Accepted())
			}
			if after, any := s.next(); !any || after < row.least || after > row.most {
				t.Errorf("%d, Retry-After %q: the next submit left after %v", row.status, row.after, after)
			}
		})
	}
}
