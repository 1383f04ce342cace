package pipeline_test

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"wirobatch/pipeline"
	"wirobatch/wiro"
	"wirobatch/wiro/sandbox"
)

const ten = "{version: 1, name: x, model: Qwen/Qwen-Image-Fast, matrix: {prompt: [a], seed: 1..10}}"

// afar makes the service one that is not of this machine, so that its lists may lag.
func (p *place) afar(q *place) {
	p.t.Helper()
	transport := p.transport.(*http.Transport)
	transport.DialTLSContext = transport.DialContext // the wire is none that anybody could tap
	client, err := wiro.New(wiro.Options{BaseURL: "https://127.0.0.1:1/v1", Key: wiro.NewSecret("sandbox"), Transport: transport})
	if err != nil {
		p.t.Fatal(err)
	}
	p.client, q.client = client, client
}

// ruin makes the journal one that can't be read, and that was written last at that time.
func (p *place) ruin(written time.Time) {
	p.t.Helper()
	file := filepath.Join(p.out, ".wirobatch", "journal.db")
	if err := os.WriteFile(file, []byte("damaged beyond what can be read"), 0o600); err != nil {
		p.t.Fatal(err)
	}
	if err := os.Chtimes(file, written, written); err != nil {
		p.t.Fatal(err)
	}
}

// entries is where the runs that see each other have theirs.
func (p *place) entries() string {
	p.t.Helper()
	dirs, err := filepath.Glob(filepath.Join(filepath.Dir(p.out), "runs", "*"))
	if err != nil || len(dirs) != 1 {
		p.t.Fatalf("%q, %v", dirs, err)
	}
	return dirs[0]
}

func entryOf(path string) string {
	sum := sha256.Sum256([]byte(path))
	return hex.EncodeToString(sum[:])[:20]
}

func TestNeighboursThatEndedBefore(t *testing.T) {
	const texts = "{version: 1, name: x, model: sandbox/text, matrix: {prompt: [a, b, c, d, e, f, g, h, i, j]}}" // nothing is to be downloaded
	for name, test := range map[string]struct {
		ended time.Duration // before the start that made the intents
		days  time.Duration // from that start to the one that looks them up; 0: it does so itself
		asked bool
	}{
		"before it":                      {2 * time.Hour, 0, false},
		"while its list may have lagged": {30 * time.Minute, 0, true},
		"before an earlier one":          {2 * time.Hour, 5 * 24 * time.Hour, false},
		"after an earlier one":           {-time.Hour, 5 * 24 * time.Hour, true},
	} {
		t.Run(name, func(t *testing.T) {
			in(t, sandbox.Options{Timing: sevenSeconds}, func(p *place) {
				q, seen := p.besides()
				p.afar(q)
				q.run("{version: 1, name: x, model: sandbox/text, matrix: {prompt: [b]}}", seen)
				q.ruin(time.Now().Add(-test.ended))
				p.sandbox.SetFaults(sandbox.Faults{"run_drop_after": 1})
				if test.days > 0 {
					ctx, leave := context.WithTimeout(context.Background(), 2*time.Second)
					defer leave()
					if _, err := p.try(ctx, nil, texts, seen, func(o *pipeline.Options) { o.Limits.Concurrency = 10 }); err != nil {
						t.Fatal(err)
					}
					time.Sleep(test.days)
					p.sandbox.SetFaults(nil)
				} else {
					time.AfterFunc(3*time.Second, func() { p.sandbox.SetFaults(nil) })
				}
				r := p.run(texts, seen)
				if fired := p.sandbox.FaultCounts(); fired["run_drop_after"] < 3 {
					t.Fatalf("fired: %v", fired)
				}
				held := p.statuses()["held"]
				if test.asked != (held > 0) || test.asked != (r.ExitCode() == 8) || p.statuses()["done"]+held != 10 || len(p.sandbox.Charges()) != 11 {
					t.Errorf("exit %d, %v, %d charges for 11 cells, %v", r.ExitCode(), p.statuses(), len(p.sandbox.Charges()), p.warnings)
				}
				if entry := filepath.Join(p.entries(), entryOf(q.out)); test.asked != p.warned("remove "+entry) {
					t.Errorf("%s: %v", entry, p.warnings)
				}
			})
		})
	}
}

func TestMoreNeighboursThanStayOpen(t *testing.T) {
	const many = 90
	in(t, sandbox.Options{Timing: sevenSeconds}, func(p *place) {
		q, seen := p.besides()
		q.run("{version: 1, name: x, model: Qwen/Qwen-Image-Fast, matrix: {prompt: [a], seed: 1..2}}", seen)
		for i := range many {
			dir := filepath.Join(filepath.Dir(p.out), fmt.Sprint("copy", i))
			if err := os.CopyFS(dir, os.DirFS(q.out)); err != nil {
				t.Fatal(err)
			}
			if err := os.WriteFile(filepath.Join(p.entries(), entryOf(dir)), []byte(dir), 0o600); err != nil {
				t.Fatal(err)
			}
		}
		counts := &journalsOpen{RoundTripper: p.transport, below: filepath.Dir(p.out), turn: make(chan struct{}, 1)}
		p.client = p.dial(counts, "sandbox")
		p.sandbox.SetFaults(sandbox.Faults{"run_drop_after": 0.5, "run_drop_before": 0.5}) // what never was made is looked up for long
		time.AfterFunc(3*time.Second, func() { p.sandbox.SetFaults(nil) })
		r := p.run(ten, seen)
		if fired := p.sandbox.FaultCounts(); fired["run_drop_after"] < 3 || fired["run_drop_before"] < 1 {
			t.Fatalf("fired: %v", fired)
		}
		if n := len(p.sandbox.Charges()); r.ExitCode() != 0 || p.statuses()["done"] != 10 || n != 12 {
			t.Errorf("exit %d, %v, %d charges for 12 cells, %v", r.ExitCode(), p.statuses(), n, p.warnings)
		}
		if _, err := os.ReadDir("/proc/self/fd"); err == nil && (counts.most < 60 || counts.most > 66) {
			t.Errorf("of %d journals, %d were open at once", many, counts.most)
		}
	})
}

// journalsOpen counts, at each request, how many journals the process has open, where the system tells.
type journalsOpen struct {
	http.RoundTripper
	below string
	turn  chan struct{}
	most  int
}

func (c *journalsOpen) RoundTrip(r *http.Request) (*http.Response, error) {
	files, _ := os.ReadDir("/proc/self/fd")
	open := map[string]bool{}
	for _, f := range files {
		path, _ := os.Readlink(filepath.Join("/proc/self/fd", f.Name()))
		if strings.HasPrefix(path, c.below) && strings.HasSuffix(path, "journal.db") {
			open[path] = true
		}
	}
	c.turn <- struct{}{}
	c.most = max(c.most, len(open))
	<-c.turn
	return c.RoundTripper.RoundTrip(r)
}

func TestNeighbourOfAnotherUser(t *testing.T) {
	if os.Geteuid() <= 0 {
		t.Skip("nothing is closed to root, and not by such rights on Windows")
	}
	in(t, sandbox.Options{Faults: sandbox.Faults{"run_drop_after": 0.5}, Seed: 5, Timing: sevenSeconds}, func(p *place) {
		q, seen := p.besides()
		q.run("{version: 1, name: x, model: Qwen/Qwen-Image-Fast, matrix: {prompt: [b]}}", seen)
		if err := os.Chmod(q.out, 0); err != nil {
			t.Fatal(err)
		}
		defer os.Chmod(q.out, 0o700)
		r := p.run(ten, seen)
		if fired := p.sandbox.FaultCounts(); fired["run_drop_after"] < 3 {
			t.Fatalf("fired: %v", fired)
		}
		if r.ExitCode() != 0 || p.statuses()["done"] != 10 || !p.warned("another user's run, in "+q.out) {
			t.Errorf("exit %d, %v, %v", r.ExitCode(), p.statuses(), p.warnings)
		}
	})
}

func TestNeighbourOnReadOnlyStorage(t *testing.T) {
	if os.Geteuid() <= 0 {
		t.Skip("nothing is closed to root, and not by such rights on Windows")
	}
	in(t, sandbox.Options{Faults: sandbox.Faults{"run_drop_after": 0.5}, Seed: 5, Timing: sevenSeconds}, func(p *place) {
		q, seen := p.besides()
		q.run("{version: 1, name: x, model: Qwen/Qwen-Image-Fast, matrix: {prompt: [a], seed: 1..2}}", seen)
		own := filepath.Join(q.out, ".wirobatch")
		if err := os.Chmod(own, 0o500); err != nil {
			t.Fatal(err)
		}
		defer os.Chmod(own, 0o700)
		r := p.run(ten, seen)
		if fired := p.sandbox.FaultCounts(); fired["run_drop_after"] < 3 {
			t.Fatalf("fired: %v", fired)
		}
		if n := len(p.sandbox.Charges()); r.ExitCode() != 0 || p.statuses()["done"] != 10 || n != 12 {
			t.Errorf("exit %d, %v, %d charges for 12 cells, %v", r.ExitCode(), p.statuses(), n, p.warnings)
		}
	})
}

func TestStrangeEntries(t *testing.T) {
	in(t, sandbox.Options{Faults: sandbox.Faults{"run_drop_after": 0.5}, Seed: 5, Timing: sevenSeconds}, func(p *place) {
		q, seen := p.besides()
		q.run("{version: 1, name: x, model: Qwen/Qwen-Image-Fast, matrix: {prompt: [b]}}", seen)
		name := func(what string) string { return filepath.Join(p.entries(), entryOf(what)) }
		if err := os.Mkdir(name("a folder"), 0o700); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(name("too long"), []byte("/"+strings.Repeat("a", 1<<20)), 0o600); err != nil {
			t.Fatal(err)
		}
		os.Symlink(name("nowhere"), name("a link")) // where there are such
		strange(t, name("a pipe"))
		strange(t, name(p.out)) // in the place of our own
		r := p.run(ten, seen)
		if fired := p.sandbox.FaultCounts(); fired["run_drop_after"] < 3 {
			t.Fatalf("fired: %v", fired)
		}
		if r.ExitCode() != 0 || p.statuses()["done"] != 10 || p.warned("can't be") {
			t.Errorf("exit %d, %v, %v", r.ExitCode(), p.statuses(), p.warnings)
		}
		if said, err := os.ReadFile(name(p.out)); string(said) != p.out {
			t.Errorf("our own entry says %q, %v", said, err)
		}
	})
}
