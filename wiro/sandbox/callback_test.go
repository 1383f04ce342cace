package sandbox

import (
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"sync"
	"testing"
	"testing/synctest"
	"time"
)

// mailbox is a transport that takes callbacks.
type mailbox struct {
	t  *testing.T
	mu sync.Mutex
	at []time.Time
	in []object
	to []string
}

func (m *mailbox) RoundTrip(r *http.Request) (*http.Response, error) {
	body, _ := io.ReadAll(r.Body)
	m.mu.Lock()
	defer m.mu.Unlock()
	m.at, m.in, m.to = append(m.at, time.Now()), append(m.in, parse(m.t, string(body))), append(m.to, r.URL.String())
	w := httptest.NewRecorder()
	w.WriteHeader(http.StatusNoContent)
	return w.Result(), nil
}

func TestCallbacks(t *testing.T) {
	tests := []struct {
		why    string
		faults []string
		kill   bool
		want   []time.Duration // after the submit
		status string
	}{
		{"at the end", nil, false, []time.Duration{8 * time.Second}, statusDone},
		{"at the kill", nil, true, []time.Duration{2 * time.Second}, statusCancel},
		{"lost", []string{"callback_lost"}, false, nil, ""},
		{"twice", []string{"callback_twice"}, false, []time.Duration{8 * time.Second, 8 * time.Second}, statusDone},
		{"early", []string{"callback_early"}, false, []time.Duration{4 * time.Second}, statusOutput},
		{"stuck until it is killed", []string{"task_stuck"}, true, []time.Duration{2 * time.Second}, statusCancel},
	}
	for _, test := range tests {
		synctest.Test(t, func(t *testing.T) {
			m := &mailbox{t: t}
			r := servePipe(t, Options{Timing: fixed, Transport: m, Faults: always(test.faults...)})
			began := time.Now()
			const to = "http://127.0.0.1:8080/done?secret=1"
			id := r.submit(fast, fields{"prompt": "x", "callbackUrl": to})
			time.Sleep(2 * time.Second)
			if test.kill {
				r.call("Task/Kill", fields{"taskid": id})
			}
			time.Sleep(time.Minute)
			m.mu.Lock()
			defer m.mu.Unlock()
			if len(m.at) != len(test.want) {
				t.Fatalf("%s: %d callbacks, want %d", test.why, len(m.at), len(test.want))
			}
			for i, want := range test.want {
				if got := m.at[i].Sub(began); got != want {
					t.Errorf("%s: callback %d came after %v, want %v", test.why, i, got, want)
				}
				if task := m.in[i].list("tasklist")[0]; m.to[i] != to || task.str("id") != id || task.str("status") != test.status {
					t.Errorf("%s: %s got %v", test.why, m.to[i], task)
				}
			}
			for _, fault := range test.faults {
				if r.FaultCounts()[fault] != 1 {
					t.Errorf("%s: counts %v", test.why, r.FaultCounts())
				}
			}
		})
	}
}

func TestCallbacksStayOnLoopback(t *testing.T) {
	for url, want := range map[string]bool{
		"http://127.0.0.1:1/x": true, "http://localhost/x": true, "https://[::1]:8/x": true, "http://127.9.9.9/": true,
		"http://example.com/": false, "http://10.0.0.1/": false, "http://127.0.0.1.example.com/": false, "ftp://127.0.0.1/": false,
		"You can provide a callback URL; Wiro will send a POST request to it when the task is completed.": false, "": false,
		"http://169.254.169.254/": false, "http://127.0.0.1@example.com/": false, "://": false,
	} {
		if got := isLoopback(url); got != want {
			t.Errorf("isLoopback(%q) = %v", url, got)
		}
	}
	synctest.Test(t, func(t *testing.T) { // what is not called is shown all the same, but not for somebody else's task
		m := &mailbox{t: t}
		r := servePipe(t, Options{Timing: fixed, Transport: m, Shape: ShapeDocumentation, Faults: always("list_foreign")})
		id := r.submit(fast, fields{"prompt": "x", "callbackUrl": "https://example.com/"})
		time.Sleep(2 * time.Second)
		r.call("Task/Kill", fields{"taskid": id})
		time.Sleep(time.Minute)
		rows := r.call("Task/List", nil).list("tasklist")
		if len(rows) != 2 || rows[0].str("callbackurl") != "" || rows[1].str("callbackurl") != "https://example.com/" || len(m.to) > 0 {
			t.Errorf("called %q, %v", m.to, rows)
		}
	})
	if loopbackOnly("tcp", "10.0.0.1:80", nil) == nil || loopbackOnly("tcp", "[::1]:80", nil) != nil {
		t.Error("the dialer looks at addresses wrongly")
	}
}

// With the sandbox's own transport, over a real listener.
func TestCallbackIsPosted(t *testing.T) {
	got := make(chan object, 4)
	receiver := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		body, _ := io.ReadAll(r.Body)
		got <- parse(t, string(body))
	}))
	defer receiver.Close()
	r := serve(t, Options{Instant: true, Shape: ShapeDocumentation})
	for i := range 4 {
		id := r.submit(fast, fields{"prompt": fmt.Sprint(i), "callbackUrl": receiver.URL})
		if task := (<-got).list("tasklist")[0]; task.str("id") != id || task.str("callbackurl") != receiver.URL {
			t.Errorf("callback of %s: %v", id, task)
		}
	}
	r.submit(fast, fields{"prompt": "x", "callbackUrl": "http://127.0.0.1:1/nobody"}) // is no error
}
