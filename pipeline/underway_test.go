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

// Of two workers and four tasks, two wait; the service tells which, by whatever way they are watched.
func TestStagesOfTasksAreTold(t *testing.T) {
	t.Parallel()
	for _, way := range []string{"websocket", "list", "detail"} {
		in(t, sandbox.Options{PictureSize: 8, Workers: 2, Timing: sandbox.Timing{Run: sandbox.Exactly(60)}}, func(p *place) {
			p.socket()
			m, err := manifest.Parse("test.yaml", []byte("{version: 1, name: x, model: Qwen/Qwen-Image-Fast, matrix: {prompt: [a], seed: 1..4}, limits: {concurrency: 4}}"))
			if err != nil {
				p.t.Fatal(err)
			}
			r, err := pipeline.Open(context.Background(), pipeline.Options{
				Manifest: m, Limits: m.Limits, Watch: way, Client: p.client, Out: p.out, Service: "test",
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
			both := 0
			for tick := time.NewTicker(time.Second); ; {
				select {
				case <-tick.C:
					waiting, running := r.Stages()
					if waiting+running > 4 {
						p.t.Errorf("%s: %d wait and %d run, of 4", way, waiting, running)
					}
					if waiting == 2 && running == 2 {
						both++
					}
					continue
				case err := <-ended:
					if err != nil {
						p.t.Error(err)
					}
				}
				break
			}
			if waiting, running := r.Stages(); both < 5 || waiting+running != 0 {
				p.t.Errorf("%s: two waited and two ran for %d seconds; %d and %d at the end", way, both, waiting, running)
			}
		})
	}
}
