package pipeline_test

import (
	"context"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"testing"
	"time"

	"golang.org/x/sync/errgroup"

	"wirobatch/manifest"
	"wirobatch/pipeline"
	"wirobatch/wiro"
)

const (
	peersInFlight = 128
	peersTask     = 20 * time.Millisecond
	peersCells    = 8000 // a round: the start and the end of a run are a small part of it, as of a night
)

// BenchmarkPeers holds a run against the two loops that a person would write, on the same client and a service in a
// process of its own: the bare one has no journal, no checks and no sync; the durable one writes its files as durably as
// a run does. One op is one round of all three, in turns, for other work on the machine to meet them alike; the ratios
// are medians over the rounds:
//
//	go test ./pipeline -run '^$' -bench Peers -benchtime 7x
func BenchmarkPeers(b *testing.B) {
	base := serve(b, fmt.Sprintf("task=%v", peersTask))
	loops := []struct {
		name string
		do   func(*testing.B, *wiro.Client, string)
	}{
		{"bare", func(b *testing.B, c *wiro.Client, dir string) { loop(b, c, dir, bare) }},
		{"durable", func(b *testing.B, c *wiro.Client, dir string) { loop(b, c, dir, synced) }},
		{"run", peersRun},
	}
	speed, cpu := map[string][]float64{}, map[string][]float64{}
	for n := 0; b.Loop(); n++ {
		for i := range loops {
			l := loops[(i+n)%len(loops)]
			c := dial(b, base, peersInFlight)
			dir := b.TempDir()
			used, begun := cpuTime(), time.Now()
			l.do(b, c, dir)
			speed[l.name] = append(speed[l.name], peersCells/time.Since(begun).Seconds())
			cpu[l.name] = append(cpu[l.name], float64((cpuTime()-used).Microseconds())/peersCells)
			c.CloseIdleConnections()
		}
	}
	for _, l := range loops {
		b.Logf("%-8s %6.0f tasks/s, %4.0f µs of CPU a task", l.name, median(speed[l.name]), median(cpu[l.name]))
	}
	b.ReportMetric(median(ratios(speed["run"], speed["bare"])), "×bare")
	b.ReportMetric(median(ratios(speed["run"], speed["durable"])), "×durable")
	b.ReportMetric(median(ratios(cpu["run"], cpu["bare"])), "×bare-CPU")
}

// loop lives through as many tasks as a round has, so many at once. It knows how long a task takes, which no run does.
func loop(b *testing.B, c *wiro.Client, dir string, save func(io.Reader, string) error) {
	var pool errgroup.Group
	pool.SetLimit(peersInFlight)
	for n := range peersCells {
		pool.Go(func() error {
			sub, err := c.Run(b.Context(), "Qwen/Qwen-Image-Fast", wiro.Input{Params: map[string]string{"prompt": "a"}})
			if err != nil {
				return err
			}
			wait := peersTask
			for {
				time.Sleep(wait)
				task, err := c.Detail(b.Context(), sub.TaskID)
				switch {
				case err != nil:
					return err
				case task.Outcome() == wiro.Running:
					wait = peersTask / 4
					continue
				}
				res, err := c.Fetch(b.Context(), task.Outputs[0].URL)
				if err != nil {
					return err
				}
				defer res.Body.Close()
				return save(res.Body, filepath.Join(dir, fmt.Sprintf("%d.png", n)))
			}
		})
	}
	if err := pool.Wait(); err != nil {
		b.Fatal(err)
	}
}

func bare(body io.Reader, name string) error {
	f, err := os.Create(name)
	if err != nil {
		return err
	}
	defer f.Close()
	_, err = io.Copy(f, body)
	return err
}

// synced leaves a whole file or none, through a power cut too.
func synced(body io.Reader, name string) error {
	f, err := os.Create(name + ".part")
	if err != nil {
		return err
	}
	defer f.Close()
	if _, err := io.Copy(f, body); err != nil {
		return err
	}
	if err := f.Sync(); err != nil {
		return err
	}
	if err := os.Rename(f.Name(), name); err != nil {
		return err
	}
	d, err := os.Open(filepath.Dir(name))
	if err != nil {
		return err
	}
	defer d.Close()
	return d.Sync()
}

func peersRun(b *testing.B, c *wiro.Client, dir string) {
	defer pipeline.PaceCollector()() // as in the program
	r := open(b, c, filepath.Join(dir, "out"), fmt.Sprintf("repeat: %d, limits: {concurrency: %d}", peersCells, peersInFlight))
	defer r.Close()
	result, err := r.Do(context.Background(), nil)
	if err != nil || result.ExitCode() != 0 {
		b.Fatal(err, result.Reasons)
	}
}

// open begins a run of replicates of one picture, which the sandbox draws once.
func open(t testing.TB, c *wiro.Client, out, more string) *pipeline.Run {
	t.Helper()
	m, err := manifest.Parse("b.yaml", []byte("{version: 1, name: b, model: Qwen/Qwen-Image-Fast, matrix: {prompt: [a]}, "+more+"}"))
	if err != nil {
		t.Fatal(err)
	}
	r, err := pipeline.Open(context.Background(), pipeline.Options{Manifest: m, Limits: m.Limits, Watch: m.Watch, Client: c, Out: out, Service: "b"})
	if err != nil {
		t.Fatal(err)
	}
	return r
}

func ratios(a, b []float64) []float64 {
	r := make([]float64, len(a))
	for i := range a {
		r[i] = a[i] / b[i]
	}
	return r
}

func median(all []float64) float64 {
	all = slices.Sorted(slices.Values(all))
	return (all[(len(all)-1)/2] + all[len(all)/2]) / 2
}
