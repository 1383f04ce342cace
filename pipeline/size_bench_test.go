package pipeline_test

import (
	"context"
	"fmt"
	"path/filepath"
	"runtime"
	"testing"
	"time"

	"wirobatch/manifest"
	"wirobatch/pipeline"
)

// BenchmarkInFlight brings that many tasks under way at once, and tells the most memory that the process has had until
// then. The service is another process:
//
//	go test ./pipeline -run '^$' -bench InFlight -benchtime 1x
func BenchmarkInFlight(b *testing.B) {
	const tasks = 5000
	defer pipeline.PaceCollector()() // as in the program
	base := serve(b, "task=10m")
	for b.Loop() {
		c := dial(b, base, tasks)
		r := open(b, c, filepath.Join(b.TempDir(), "out"), fmt.Sprintf("repeat: %d, limits: {concurrency: %d}", tasks, tasks))
		stop, ended := make(chan pipeline.Reason, 1), make(chan error, 1)
		ctx, leave := context.WithCancel(context.Background())
		begun := time.Now()
		go func() { _, err := r.Do(ctx, stop); ended <- err }()
		for every := time.NewTicker(50 * time.Millisecond); r.Progress().Attempts < tasks || r.Progress().InFlight < tasks; {
			select {
			case <-every.C:
			case err := <-ended:
				b.Fatal("it ended before: ", err)
			}
		}
		b.ReportMetric(float64(tasks)/time.Since(begun).Seconds(), "submits/s")
		time.Sleep(5 * time.Second) // they are looked at meanwhile
		b.ReportMetric(peakMB(), "MB")
		leave()
		<-ended
		r.Close()
	}
}

// BenchmarkMillion runs the first 20,000 cells of a million on a service that takes no time, and tells the live memory
// after a third of them and at their end, and the most memory that the process has had:
//
//	go test ./pipeline -run '^$' -bench Million -benchtime 1x
func BenchmarkMillion(b *testing.B) {
	const sample = 20_000
	defer pipeline.PaceCollector()() // as in the program
	base := serve(b, "instant")
	for b.Loop() {
		m, err := manifest.Parse("b.yaml", []byte("{version: 1, name: b, model: Qwen/Qwen-Image-Fast, matrix: {prompt: [a], seed: 1..1000000}, limits: {concurrency: 64}}"))
		if err != nil {
			b.Fatal(err)
		}
		r, err := pipeline.Open(b.Context(), pipeline.Options{
			Manifest: m, Limits: m.Limits, Client: dial(b, base, 64), Out: filepath.Join(b.TempDir(), "out"), Service: "b", Limit: sample,
		})
		if err != nil {
			b.Fatal(err)
		}
		ended := make(chan error, 1)
		go func() { _, err := r.Do(b.Context(), nil); ended <- err }()
		var third float64
		for every := time.NewTicker(10 * time.Millisecond); err == nil && third == 0; {
			select {
			case <-every.C:
				if r.Progress().Done >= sample/3 {
					third = liveMB()
				}
			case err = <-ended:
				b.Fatal("it ended before: ", err)
			}
		}
		if err := <-ended; err != nil {
			b.Fatal(err)
		}
		b.ReportMetric(third, "MB-live-at-a-third")
		b.ReportMetric(liveMB(), "MB-live-at-the-end")
		b.ReportMetric(peakMB(), "MB")
		r.Close()
	}
}

func liveMB() float64 {
	var m runtime.MemStats
	runtime.GC()
	runtime.ReadMemStats(&m)
	return float64(m.HeapAlloc) / (1 << 20)
}
