// Package simulation lives a whole run through many lives: one seed decides the manifest, what goes wrong on the wire,
// how long things take, and when the process is abandoned and started again. Whatever the seed, no cell may be paid for
// twice, and nothing that was paid for may get lost.
//
// That the tests can tell is shown by weakening the code, one rule of the promise at a time, until seeds turn red:
//
//	go test ./pipeline/simulation -run Weakened -weaken -v -timeout 1h
//	go test ./pipeline/simulation -run Weakened -weaken='intent record|look-up' -v
package simulation

import (
	"bytes"
	"context"
	"flag"
	"fmt"
	"maps"
	"math/rand/v2"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"wirobatch/pipeline"
	"wirobatch/wiro"
	"wirobatch/wiro/sandbox"
)

var (
	seeds = flag.Int("simulation.seeds", 0, "how many seeds to live through; 0: 200, fewer with -short or -race")
	first = flag.Uint64("simulation.first", 1, "the first of them")
	only  = flag.Uint64("simulation.seed", 0, "one seed to live through, with its story; -count repeats it")
)

// often is how many times in 200 seeds each fault and each kind of crash must have struck, or the simulation shows less
// than it says.
const often = 20

func TestSimulation(t *testing.T) {
	n := *seeds
	switch {
	case *only > 0:
		n = 1
	case n > 0:
	case testing.Short() || racing:
		n = 20
	default:
		n = 200
	}
	all := struct {
		sync.Mutex
		faults, crashes map[string]int
		held            int
	}{faults: map[string]int{}, crashes: map[string]int{}}
	t.Run("seed", func(t *testing.T) {
		for i := range uint64(n) {
			seed := *first + i
			if *only > 0 {
				seed = *only
			}
			t.Run(fmt.Sprint(seed), func(t *testing.T) {
				t.Parallel()
				s := simulate(t, seed)
				all.Lock()
				defer all.Unlock()
				for name, n := range s.faults {
					all.faults[name] += n
				}
				for kind, n := range s.crashes {
					all.crashes[kind] += n
				}
				all.held += s.held
			})
		}
	})
	t.Logf("%d seeds: crashes %v, faults %v, held %d", n, all.crashes, all.faults, all.held)
	if n < 200 {
		return
	}
	least := often * n / 200
	for _, name := range slices.Concat(slices.Sorted(maps.Keys(mix)), slices.Sorted(maps.Keys(mixSocket)), []string{outLate}) {
		if all.faults[name] < least {
			t.Errorf("the fault %s struck %d times in %d seeds, at least %d are needed", name, all.faults[name], n, least)
		}
	}
	for _, kind := range kinds {
		if all.crashes[kind] < least {
			t.Errorf("the crash %s struck %d times in %d seeds, at least %d are needed", kind, all.crashes[kind], n, least)
		}
	}
}

// elder lets somebody else on the account make some of the same before the run begins, and gives those tasks.
func (w *world) elder(s *server) map[string]bool {
	tasks := map[string]bool{}
	if w.chance.IntN(3) > 0 {
		return tasks
	}
	l := &life{network: s.network, released: make(chan struct{})}
	client, close := l.client(w)
	defer close()
	grid := w.parse(w.yaml).Grid()
	for range 1 + w.chance.IntN(6) {
		c, in := grid.At(w.chance.IntN(grid.Len())), wiro.Input{Params: map[string]string{}}
		for _, p := range c.Params {
			in.Params[p.Name] = p.Value
		}
		_, _ = client.Run(context.Background(), c.Model, in) // whatever becomes of it
	}
	time.Sleep(15 * time.Minute)
	for _, c := range s.sandbox.Charges() {
		tasks[c.Task] = true
	}
	return tasks
}

// beside lets a second run of the same grid go on beside the one that is disturbed, on the same account. finish waits for
// it, gives it starts until nothing is left to do, and tells its folder; "" when there is none.
func (w *world) beside(s *server, folder string) (finish func(*testing.T) string) {
	if !w.twin && !w.apart {
		return func(*testing.T) string { return "" }
	}
	live := func(set ...func(*pipeline.Options)) (pipeline.Result, error) {
		l := &life{network: s.network, folder: folder}
		result, _, err := l.live(w, w.yaml, set...)
		return result, err
	}
	first := make(chan error, 1)
	go func() {
		_, err := live()
		first <- err
	}()
	return func(t *testing.T) string {
		err := <-first
		for n := range 6 {
			if err != nil {
				t.Errorf("the run beside: %v", err)
				break
			}
			var r pipeline.Result
			if r, err = live(onceMore(t, n, folder)); r.Submits == 0 && r.Progress.Pending+r.Progress.Cancelled+r.Progress.Undelivered == 0 {
				break
			}
		}
		return folder
	}
}

// onceMore is the person's word, at the second of the last starts, for what has ended without saying how, and still does.
func onceMore(t *testing.T, start int, folder string) func(*pipeline.Options) {
	return func(o *pipeline.Options) {
		if start != 1 {
			return
		}
		undecided := unclear(t, folder)
		for _, r := range (audit{t: t}).rows(folder) {
			if r["cell"] != "" && r["status"] == "pending" && undecided[r["task_id"]] {
				o.Redo = append(o.Redo, r["id"])
			}
		}
	}
}

// story is what a seed came to.
type story struct {
	faults, crashes map[string]int
	held            int
}

func simulate(t *testing.T, seed uint64) story {
	dir := folder(t)
	s := story{crashes: map[string]int{}}
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t, seed)
		var told []string
		tell := func(format string, args ...any) {
			told = append(told, time.Now().Format("15:04:05.000 ")+fmt.Sprintf(format, args...))
		}
		defer func() {
			if t.Failed() {
				t.Logf("replay it with:\ngo test ./pipeline/simulation -run TestSimulation -simulation.seed %d -count 5", seed)
			}
			if t.Failed() || *only > 0 {
				t.Logf("%v\n%s", w, strings.Join(told, "\n"))
			}
		}()

		quiet := w.service
		quiet.Faults, quiet.ListLag = nil, sandbox.Span{}
		peace := serve(quiet)
		calm := &life{network: peace.network, folder: filepath.Join(dir, "calm")}
		if _, _, err := calm.live(w, w.yaml, func(o *pipeline.Options) { o.Neighbours = "" }); err != nil {
			t.Fatalf("an undisturbed run: %v", err)
		}
		peace.close()

		var ledger bytes.Buffer
		w.service.Ledger = &ledger
		service := serve(w.service)
		defer service.close()
		strangers := w.elder(service)
		beside := w.beside(service, filepath.Join(dir, "twin"))
		folder := filepath.Join(dir, "0")
		manifests := []string{w.yaml}
		run := func(c crash, yaml string, set ...func(*pipeline.Options)) pipeline.Result {
			if !slices.Contains(manifests, yaml) {
				manifests = append(manifests, yaml)
			}
			l := &life{
				network: service.network, folder: folder, crash: c, next: filepath.Join(dir, fmt.Sprint(len(told)+1)),
				chance: rand.New(rand.NewPCG(seed, uint64(len(told)))),
			}
			result, struck, err := l.live(w, yaml, set...)
			told = append(told, l.warnings...)
			tell("%v (struck: %v): exit %d, %d submits, %v, error %v", c, struck, result.ExitCode(), result.Submits, result.Reasons, err)
			if err != nil {
				t.Errorf("%v: %v", c, err)
			}
			if struck {
				s.crashes[c.kind]++
			}
			if l.dead {
				folder = l.next
			}
			return result
		}
		frugal := func(o *pipeline.Options) { o.Limits.Budget = w.budget }
		for i, c := range w.crashes {
			yaml := w.yaml
			if i == 1 && w.edited != "" {
				yaml = w.edited
			}
			run(c, yaml, frugal)
			time.Sleep(w.pauses[i])
		}
		run(crash{}, w.yaml, frugal)
		a := audit{t: t, w: w, service: service.sandbox, ledger: &ledger, calm: calm.folder, strangers: strangers}
		if w.budget.Valid {
			time.Sleep(30 * time.Minute)
			a.thrift()
		}

		// Undisturbed now, until nothing is left to do.
		time.Sleep(time.Minute + time.Duration(w.service.ListLag.Most)*time.Second)
		synctest.Wait()
		s.faults = service.sandbox.FaultCounts()
		service.sandbox.SetFaults(nil)
		for n := range 6 {
			if r := run(crash{}, w.yaml, onceMore(t, n, folder)); r.Submits == 0 && r.Progress.Pending+r.Progress.Cancelled+r.Progress.Undelivered == 0 {
				break
			}
		}
		a.twin = beside(t)
		time.Sleep(30 * time.Minute) // whatever nobody knows of is paid for, too
		a.folder, a.manifests = folder, manifests
		s.held = a.check()
	})
	return s
}

// folder is for one seed. In memory where that is to be had: what a disk does at a sync is not tried here.
func folder(t *testing.T) string {
	if dir, err := os.MkdirTemp("/dev/shm", "simulation-"); err == nil {
		t.Cleanup(func() { os.RemoveAll(dir) })
		return dir
	}
	return t.TempDir()
}

// server is the service of one world.
type server struct {
	sandbox *sandbox.Sandbox
	network *network
	http    *http.Server
	ended   chan struct{}
}

func serve(o sandbox.Options) *server {
	s := &server{sandbox: sandbox.New(o), network: newNetwork(), ended: make(chan struct{})}
	s.http = &http.Server{Handler: s.sandbox}
	go func() { defer close(s.ended); s.http.Serve(s.network) }()
	return s
}

func (s *server) close() {
	s.http.Close()
	s.sandbox.Close()
	<-s.ended
}

// Seeds that have found a bug once stay in the tests.
func TestSeedsThatFoundSomething(t *testing.T) {
	if testing.Short() {
		t.Skip("its many cases take long under the race detector; others of the same code are short")
	}
	for _, seed := range []uint64{72, 137, 1461, 2076, 2453, 2475, 20204, 20726, 200961, 302170} {
		t.Run(fmt.Sprint(seed), func(t *testing.T) {
			t.Parallel()
			simulate(t, seed)
		})
	}
}
