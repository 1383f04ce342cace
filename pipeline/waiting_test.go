package pipeline_test

import (
	"context"
	"strings"
	"testing"
	"time"

	"wirobatch/pipeline"
	"wirobatch/wiro/sandbox"
)

const fiveHundred = "{version: 1, name: x, model: Qwen/Qwen-Image-Fast, matrix: {prompt: [a], seed: 1..500}, limits: {concurrency: 500}}"

// Only so many submits are under way at once. Those that wait for them can still be told to stay: by a signal, and by an
// answer that holds for all.
func TestWhatWaitsToBeSubmittedCanStay(t *testing.T) {
	const posts = 128
	for _, row := range []struct {
		name   string
		fault  string
		signal bool
		most   int
	}{
		{"a signal", "run_slow", true, posts},
		{"the key is refused", "run_99", false, posts},
	} {
		t.Run(row.name, func(t *testing.T) {
			t.Parallel()
			faults := sandbox.Faults{"run_slow": 1, row.fault: 1}
			in(t, sandbox.Options{Faults: faults, Balance: usd("20000").Decimal}, func(p *place) {
				stop := make(chan pipeline.Reason, 1)
				if row.signal {
					time.AfterFunc(2*time.Second, func() { stop <- pipeline.Terminated })
				}
				r, err := p.try(context.Background(), stop, fiveHundred)
				if err != nil {
					p.t.Fatal(err)
				}
				if n := p.sandbox.Requests()["Run"]; n > row.most || n == 0 {
					p.t.Errorf("%d submits, %v", n, r.Reasons)
				}
				if p.sandbox.FaultCounts()[row.fault] == 0 {
					p.t.Errorf("%s never struck", row.fault)
				}
			})
		})
	}
}

// The last cell that this start may submit is kept back as a witness, whatever it is that lets it submit no more.
func TestTheLastWithinItsBoundsIsKeptBack(t *testing.T) {
	for _, row := range []struct {
		name string
		set  func(*pipeline.Options)
		made int
	}{
		{"limit", func(o *pipeline.Options) { o.Limit = 3 }, 3},
		{"budget", budget("0.10"), 5},
	} {
		t.Run(row.name, func(t *testing.T) {
			t.Parallel()
			in(t, sandbox.Options{Faults: sandbox.Faults{"run_drop_before": 1}}, func(p *place) {
				time.AfterFunc(100*time.Millisecond, func() { p.sandbox.SetFaults(nil) })
				r := p.run(hundred, row.set, func(o *pipeline.Options) { o.Limits.Concurrency = 1 })
				lost := p.sandbox.FaultCounts()["run_drop_before"]
				if n := p.statuses(); n["held"] > 0 || n["done"] == 0 || lost == 0 {
					p.t.Errorf("exit %d, %v, %d tasks, %d lost\n%s", r.ExitCode(), n, p.sandbox.Accepted(), lost, strings.Join(p.warnings, "\n"))
				}
				if n := row.made - p.sandbox.Accepted(); n > 0 { // what came to nothing is pending again
					r = p.run(hundred, row.set, func(o *pipeline.Options) { o.Limit = n })
				}
				if p.statuses()["done"] != row.made || p.sandbox.Accepted() != row.made {
					p.t.Errorf("then: exit %d, %v, %d tasks", r.ExitCode(), p.statuses(), p.sandbox.Accepted())
				}
				p.audit()
			})
		})
	}
}
