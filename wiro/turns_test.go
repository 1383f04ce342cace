package wiro

import (
	"context"
	"io"
	"net/http"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
)

// Looks at thousands of tasks wait for each other, and a Run for none of them.
func TestCallsTakeTurns(t *testing.T) {
	var looking, most atomic.Int32
	asked, answer := make(chan struct{}, 3*callsAtOnce), make(chan struct{})
	c, _ := serve(t, func(w http.ResponseWriter, r *http.Request) {
		io.Copy(io.Discard, r.Body)
		if strings.HasSuffix(r.URL.Path, "Task/Detail") {
			if n := looking.Add(1); n > most.Load() {
				most.Store(n)
			}
			asked <- struct{}{}
			<-answer
			looking.Add(-1)
		}
		io.WriteString(w, `{"result":true,"taskid":"1","tasklist":[{"id":"1"}]}`)
	})
	var looks sync.WaitGroup
	for range 2 * callsAtOnce {
		looks.Go(func() {
			if _, err := c.Detail(t.Context(), "1"); err != nil {
				t.Error(err)
			}
		})
	}
	for range callsAtOnce {
		<-asked
	}
	if _, err := c.Run(t.Context(), "a/b", Input{}); err != nil { // none of them is answered yet
		t.Error(err)
	}
	gone, leave := context.WithCancel(t.Context())
	leave()
	_, err := c.Detail(gone, "1")
	if e := failure(t, err); e.Sent {
		t.Errorf("a look that waited for its turn counts as sent: %v", e)
	}
	close(answer)
	looks.Wait()
	if n := most.Load(); n > callsAtOnce {
		t.Errorf("%d looks at once", n)
	}
}
