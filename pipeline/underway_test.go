package pipeline_test

import (
	"context"
	"testing"
	"time"

	"wirobatch/manifest"
	"wirobatch/pipeline"
	"wirobatch/wiro/sandbox"
)

// The websocket tells how far the tasks are, and the run passes that on until they end.
func TestWhatIsUnderwayIsTold(t *testing.T) {
	t.Parallel()
	in(t, sandbox.Options{PictureSize: 8, Timing: sandbox.Timing{Run: sandbox.Exactly(20)}}, func(p *place) {
		p.socket()
		m, err := manifest.Parse("test.yaml", []byte("{version: 1, name: x, model: Qwen/Qwen-Image-Fast, matrix: {prompt: [a], seed: 1..4}, limits: {concurrency: 4}, watch: websocket}"))
		if err != nil {
			p.t.Fatal(err)
		}
		r, err := pipeline.Open(context.Background(), pipeline.Options{
			Manifest: m, Limits: m.Limits, Watch: m.Watch, Client: p.client, Out: p.out, Service: "test",
		})
		if err != nil {
			p.t.Fatal(err)
		}
		defer r.Close()
		ended := make(chan error)
		go func() {
			_, err := r.Do(context.Background(), nil)
			ended <- err
		}()
		last, steps := 0.0, 0
		for tick := time.NewTicker(500 * time.Millisecond); ; {
			select {
			case <-tick.C:
				now := r.Underway() + float64(r.Progress().Done)
				switch {
				case now < last-1e-9 || now > 4:
					p.t.Errorf("%.2f cells after %.2f", now, last)
				case now > last:
					steps++
				}
				last = now
				continue
			case err := <-ended:
				if err != nil {
					p.t.Error(err)
				}
			}
			break
		}
		if steps < 5 || r.Underway() != 0 {
			p.t.Errorf("%d steps of progress, %.2f still underway at the end", steps, r.Underway())
		}
	})
}
