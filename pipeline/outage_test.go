package pipeline_test

import (
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"net/http"
	"strings"
	"sync"
	"testing"
	"time"

	"wirobatch/pipeline"
	"wirobatch/wiro"
	"wirobatch/wiro/sandbox"
)

// road is the way to a service that nothing reaches for a while: each request is answered by a gateway's 502, or its
// connection is refused, and websockets break. It counts requests by what they ask for.
type road struct {
	http.RoundTripper
	refuses bool
	fails   *rand.Rand // 40 % of what is asked of the service fails

	mu      sync.Mutex
	longest time.Duration // in which nothing was asked
	before  time.Time
	down    bool
	open    []io.Closer
	n, lost map[string]int // requests, and those among them that met the outage
	last    time.Time      // of those that met it
}

func (w *road) RoundTrip(r *http.Request) (*http.Response, error) {
	kind := asks(r)
	w.mu.Lock()
	w.n[kind]++
	if now := time.Now(); kind != "cdn" {
		if !w.before.IsZero() {
			w.longest = max(w.longest, now.Sub(w.before))
		}
		w.before = now
	}
	down := w.down || w.fails != nil && kind != "cdn" && w.fails.Float64() < 0.4
	if down {
		w.lost[kind]++
		w.last = time.Now()
	}
	w.mu.Unlock()
	switch {
	case down && w.refuses:
		return nil, errors.New("connection refused")
	case down:
		if r.Body != nil {
			_, _ = io.Copy(io.Discard, r.Body)
			r.Body.Close()
		}
		return &http.Response{
			Status: "502 Bad Gateway", StatusCode: http.StatusBadGateway, Proto: "HTTP/1.1", ProtoMajor: 1, ProtoMinor: 1,
			Header: http.Header{"Content-Type": {"text/html"}}, Body: io.NopCloser(strings.NewReader("<html>502 Bad Gateway</html>")), Request: r,
		}, nil
	}
	res, err := w.RoundTripper.RoundTrip(r)
	if err == nil && res.StatusCode == http.StatusSwitchingProtocols {
		w.mu.Lock()
		w.open = append(w.open, res.Body)
		w.mu.Unlock()
	}
	return res, err
}

func asks(r *http.Request) string {
	p := r.URL.Path
	for _, kind := range []string{"/Run/", "/Task/Detail", "/Task/List", "/Tool/Detail"} {
		if strings.Contains(p, kind) {
			return strings.Trim(kind, "/")
		}
	}
	if r.Header.Get("Upgrade") != "" {
		return "socket"
	}
	return "cdn"
}

func (w *road) set(down bool) {
	w.mu.Lock()
	w.down = down
	open := w.open
	w.open = nil
	w.mu.Unlock()
	for _, c := range open {
		c.Close()
	}
}

// calls are all requests but those for a websocket.
func calls(n map[string]int) int { return total(n) - n["socket"] }

// spell is an outage of a run.
type spell struct {
	cells, slots int
	watch        string
	from, long   time.Duration
	refuses      bool
}

// ride is what came of a run with an outage in it.
type ride struct {
	n, lost map[string]int
	late    time.Duration // from the end of the outage to that of the run
	took    time.Duration
	exit    int
	status  map[string]int
}

func (s spell) ride(t *testing.T, seed uint64) (r ride) {
	t.Helper()
	o := sandbox.Options{Seed: seed, PictureSize: 8, Timing: sandbox.Timing{Preprocess: sandbox.Exactly(2), Run: sandbox.Span{Least: 2, Typical: 10, Most: 40}, Postprocess: sandbox.Exactly(1)}}
	in(t, o, func(p *place) {
		w := &road{RoundTripper: far{p.transport, 100 * time.Millisecond}, refuses: s.refuses, n: map[string]int{}, lost: map[string]int{}}
		p.client = p.connect(wiro.Options{Key: wiro.NewSecret("sandbox"), Transport: w, SocketURL: "ws://127.0.0.1:1" + sandbox.SocketPath})
		begun := time.Now()
		if s.long > 0 {
			w.set(s.from == 0)
			time.AfterFunc(s.from, func() { w.set(true) })
			time.AfterFunc(s.from+s.long, func() { w.set(false) })
		}
		yaml := strings.Replace(wide(s.cells), "64", fmt.Sprint(s.slots), 1)
		res := p.run(yaml, func(o *pipeline.Options) { o.Watch = s.watch })
		r.took = time.Since(begun)
		r.late = r.took - s.from - s.long
		r.exit, r.status = res.ExitCode(), p.statuses()
		w.mu.Lock()
		r.n, r.lost = w.n, w.lost
		w.mu.Unlock()
		p.once()
	})
	return r
}

func TestAServiceThatWasNeverReachedEndsARunSoon(t *testing.T) {
	figures(t)
	t.Parallel()
	for _, refuses := range []bool{false, true} {
		r := spell{cells: 40, slots: 10, watch: "auto", long: time.Hour, refuses: refuses}.ride(t, 1)
		t.Logf("refuses %v: exit %d after %v, %v met the outage", refuses, r.exit, r.took, r.lost)
		if r.exit == 0 || r.took > 10*time.Minute || calls(r.lost) < 10 || calls(r.lost) > 60 {
			t.Errorf("refuses %v: exit %d after %v, %v met the outage", refuses, r.exit, r.took, r.lost)
		}
	}
}

func TestAServiceThatFailsAtRandomIsAskedOn(t *testing.T) {
	figures(t)
	t.Parallel()
	for seed := range uint64(2) {
		o := sandbox.Options{Seed: seed, PictureSize: 8, Timing: sandbox.Timing{Preprocess: sandbox.Exactly(2), Run: sandbox.Span{Least: 2, Typical: 10, Most: 40}, Postprocess: sandbox.Exactly(1)}}
		in(t, o, func(p *place) {
			w := &road{RoundTripper: far{p.transport, 100 * time.Millisecond}, fails: rand.New(rand.NewPCG(seed, 9)), n: map[string]int{}, lost: map[string]int{}}
			p.client = p.connect(wiro.Options{Key: wiro.NewSecret("sandbox"), Transport: w})
			begun := time.Now()
			r := p.run(strings.Replace(wide(100), "64", "10", 1))
			t.Logf("exit %d, %v after %v, %d of %d calls failed, nothing was asked for %v", r.ExitCode(), p.statuses(), time.Since(begun), calls(w.lost), calls(w.n), w.longest)
			if s := p.statuses(); calls(w.lost) < 100 || s["done"]+s["held"] != 100 || s["held"] > 10 || time.Since(begun) > time.Hour || w.longest > 12*time.Minute {
				t.Errorf("exit %d, %v after %v, %v failed, nothing was asked for %v", r.ExitCode(), s, time.Since(begun), w.lost, w.longest)
			}
			p.once()
		})
	}
}

func TestAnHourOfOutageCostsATenthMoreForFewCells(t *testing.T) {
	figures(t)
	t.Parallel()
	const (
		seeds = 2
		// floor is what an hour of outage costs a run that has earned nothing: calls in a row that find out that there is one,
		// six pauses in the first minute, three more until they are ten minutes, and those; and what was under way.
		floor = 24
		// noise is what the learned durations of tasks differ in when an outage hides some ends.
		noise = 8
	)
	for _, cells := range []int{1, 10, 40} {
		for _, mode := range []string{"detail", "list", "websocket", "auto"} {
			t.Run(fmt.Sprintf("%d by %s", cells, mode), func(t *testing.T) {
				t.Parallel()
				usual, sum, rides := 0, 0, 0
				for seed := range uint64(seeds) {
					usual += calls(spell{cells: cells, slots: 40, watch: mode}.ride(t, seed+1).n)
				}
				usual /= seeds
				for _, s := range []spell{
					{from: time.Second}, {from: 8 * time.Second}, {from: 20 * time.Second, refuses: true}, {from: 34 * time.Second},
				} {
					s.cells, s.slots, s.watch, s.long = cells, 40, mode, time.Hour
					for seed := range uint64(seeds) {
						r := s.ride(t, seed+1)
						if r.late < 0 { // it was done before
							continue
						}
						rides++
						sum += calls(r.n)
						t.Logf("from %v: %d calls, %d usual, %v met the outage, %v late", s.from, calls(r.n), usual, r.lost, r.late)
						if n := calls(r.lost); n < 8 || n > usual/10+floor || r.lost["socket"] > 80 {
							t.Errorf("from %v: %v met the outage", s.from, r.lost)
						}
						if r.status["done"]+r.status["pending"] != cells || r.status["pending"] > 2 || r.late > 14*time.Minute { // downloads may use up their tries
							t.Errorf("from %v: exit %d, %v, %v late", s.from, r.exit, r.status, r.late)
						}
					}
				}
				if rides < 3 || sum/rides > usual+max(usual/10+noise, floor) {
					t.Errorf("%d calls in %d rides, %d usual each", sum, rides, usual)
				}
			})
		}
	}
}
