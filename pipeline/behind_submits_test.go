package pipeline_test

import (
	"fmt"
	"net/http"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"wirobatch/wiro/sandbox"
)

// slowFiles is a network on which files take long to come, and what is asked does not.
type slowFiles struct {
	http.RoundTripper
	under, most atomic.Int32
}

func (s *slowFiles) RoundTrip(r *http.Request) (*http.Response, error) {
	if strings.Contains(r.URL.Path, "/cdn/") {
		if n := s.under.Add(1); n > s.most.Load() {
			s.most.Store(n)
		}
		time.Sleep(60 * time.Second)
		s.under.Add(-1)
	}
	return s.RoundTripper.RoundTrip(r)
}

// With every download slot taken by a file that hardly comes, tasks are submitted as fast as slots come free.
func TestSlowDownloadsDoNotDelaySubmits(t *testing.T) {
	in(t, sandbox.Options{Timing: sevenSeconds, PictureSize: 8}, func(p *place) {
		network := &slowFiles{RoundTripper: p.transport}
		p.client = p.dial(network, "sandbox")
		const slots, cells = 20, 200
		r := p.run(fmt.Sprintf("{version: 1, name: x, model: Qwen/Qwen-Image-Fast, matrix: {prompt: [a], seed: 1..%d}, limits: {concurrency: %d}}", cells, slots))
		if r.ExitCode() != 0 {
			t.Fatalf("exit %d", r.ExitCode())
		}
		var first, last time.Time
		for _, row := range p.rows() {
			at, err := time.Parse(time.RFC3339, row["submitted_at"])
			if err != nil {
				t.Fatal(err)
			}
			if first.IsZero() || at.Before(first) {
				first = at
			}
			if at.After(last) {
				last = at
			}
		}
		if took := last.Sub(first); took > 2*cells/slots*7*time.Second {
			t.Errorf("%d tasks of 7 s in %d slots were submitted over %v", cells, slots, took)
		}
		if n := network.most.Load(); n != 128 {
			t.Errorf("%d downloads at once", n)
		}
	})
}
