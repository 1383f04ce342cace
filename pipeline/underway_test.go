package pipeline_test

import (
	"context"
	"errors"
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

// After a stop what runs is finished, and a limit is no stop.
func TestAStopIsTold(t *testing.T) {
	t.Parallel()
	in(t, sandbox.Options{PictureSize: 8, Timing: sandbox.Timing{Run: sandbox.Exactly(20)}}, func(p *place) {
		m, err := manifest.Parse("test.yaml", []byte("{version: 1, name: x, model: Qwen/Qwen-Image-Fast, matrix: {prompt: [a], seed: 1..9}, limits: {concurrency: 2}}"))
		if err != nil {
			p.t.Fatal(err)
		}
		for _, row := range []struct {
			limit int
			stop  pipeline.Reason
		}{{limit: 2}, {stop: pipeline.Interrupted}} {
			r, err := pipeline.Open(context.Background(), pipeline.Options{
				Manifest: m, Limits: m.Limits, Limit: row.limit, Client: p.client, Out: p.out, Service: "test", Grace: time.Minute,
			})
			if err != nil {
				p.t.Fatal(err)
			}
			stop, ended := make(chan pipeline.Reason, 1), make(chan error)
			go func() {
				_, err := r.Do(context.Background(), stop)
				ended <- err
			}()
			time.Sleep(10 * time.Second) // two run
			if r.Stopping() {
				p.t.Errorf("%+v: it is stopping", row)
			}
			if row.stop != "" {
				stop <- row.stop
				time.Sleep(time.Second)
				if n := r.Progress().InFlight; !r.Stopping() || n != 2 {
					p.t.Errorf("%+v: stopping is %v, and %d run", row, r.Stopping(), n)
				}
			}
			if err := errors.Join(<-ended, r.Close()); err != nil {
				p.t.Error(err)
			}
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
