package pipeline_test

import (
	"context"
	"fmt"
	"path/filepath"
	"runtime/debug"
	"testing"
	"time"

	"wirobatch/pipeline"
)

// BenchmarkInFlight brings that many tasks under way at once, and tells the most memory that the process has had until
// then. The service is another process:
//
//	go test ./pipeline -run '^$' -bench InFlight -benchtime 1x
func BenchmarkInFlight(b *testing.B) {
	const tasks = 5000
	defer debug.SetGCPercent(debug.SetGCPercent(50)) // as in the program
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
