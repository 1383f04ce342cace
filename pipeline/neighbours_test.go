package pipeline_test

import (
	"context"
	"os"
	"path/filepath"
	"testing"
	"time"

	"wirobatch/pipeline"
	"wirobatch/wiro/sandbox"
)

// equals are 40 cells that no list tells apart.
const equals = "{version: 1, name: x, model: Qwen/Qwen-Image-Fast, matrix: {prompt: [a]}, repeat: 40, limits: {concurrency: 6}}"

// besides gives a second folder on the same service, and lets both see each other.
func (p *place) besides() (q *place, seen func(*pipeline.Options)) {
	q = &place{t: p.t, out: filepath.Join(filepath.Dir(p.out), "beside"), sandbox: p.sandbox, client: p.client, transport: p.transport}
	dir := filepath.Join(filepath.Dir(p.out), "runs")
	return q, func(o *pipeline.Options) { o.Neighbours = dir }
}

// apart holds two folders against the books of the service: each task that was paid is that of one cell, and each cell has one,
// but for those whose submit never became a task, and that have no later one of the same to show it.
func apart(p, q *place, never int) {
	p.t.Helper()
	owner := map[string]string{}
	held := 0
	for name, one := range map[string]*place{"here": p, "beside": q} {
		for _, row := range one.rows() {
			cell := name + " " + row["id"]
			switch other := owner[row["task_id"]]; {
			case row["status"] == "held":
				held++
			case row["status"] != "done":
				p.t.Errorf("%s: %v", cell, row)
			case other != "":
				p.t.Errorf("task %s is in two rows: %s and %s", row["task_id"], other, cell)
			}
			owner[row["task_id"]] = cell
		}
	}
	charges := p.sandbox.Charges()
	for _, c := range charges {
		if owner[c.Task] == "" {
			p.t.Errorf("task %s was paid and is in no row", c.Task)
		}
	}
	if len(charges)+held != 80 || held > never {
		p.t.Errorf("%d charges for 80 cells, %d held", len(charges), held)
	}
}

func TestTwoRunsOfTheSame(t *testing.T) {
	if testing.Short() {
		t.Skip("its many cases take long under the race detector; others of the same code are short")
	}
	for name, faults := range map[string]sandbox.Faults{
		"answers lost":        {"run_drop_after": 0.3},
		"some never made":     {"run_drop_after": 0.3, "run_drop_before": 0.15},
		"answers late":        {"run_drop_after": 0.3, "run_slow": 0.3},
		"the list lags":       {"run_drop_after": 0.3, "list_lag": 0.5},
		"late, lagging, lost": {"run_drop_after": 0.3, "run_drop_before": 0.1, "run_slow": 0.3, "list_lag": 0.5},
	} {
		t.Run(name, func(t *testing.T) {
			in(t, sandbox.Options{Faults: faults, Seed: 7, Timing: sevenSeconds}, func(p *place) {
				q, seen := p.besides()
				ended := make(chan error, 1)
				go func() {
					_, err := q.try(context.Background(), nil, equals, seen)
					ended <- err
				}()
				p.run(equals, seen)
				if err := <-ended; err != nil {
					t.Fatal(err)
				}
				fired := p.sandbox.FaultCounts()
				for fault := range faults {
					if fired[fault] < 8 {
						t.Errorf("fired: %v", fired)
					}
				}
				p.sandbox.SetFaults(nil)
				p.run(equals, seen) // what was held
				q.run(equals, seen)
				apart(p, q, fired["run_drop_before"])
			})
		})
	}
}

func TestTwoRunsOfTheSameAndAStop(t *testing.T) {
	if testing.Short() {
		t.Skip("its many cases take long under the race detector; others of the same code are short")
	}
	in(t, sandbox.Options{Faults: sandbox.Faults{"run_drop_after": 0.3, "run_drop_before": 0.1}, Seed: 3, Timing: sevenSeconds}, func(p *place) {
		q, seen := p.besides()
		ended := make(chan error, 1)
		go func() {
			_, err := q.try(context.Background(), nil, equals, seen)
			ended <- err
		}()
		for _, after := range []time.Duration{5 * time.Second, 9 * time.Second, 31 * time.Second} {
			ctx, leave := context.WithTimeout(context.Background(), after)
			if _, err := p.try(ctx, nil, equals, seen); err != nil {
				t.Fatal(err)
			}
			leave()
		}
		p.run(equals, seen)
		if err := <-ended; err != nil {
			t.Fatal(err)
		}
		fired := p.sandbox.FaultCounts()
		if fired["run_drop_after"] < 15 || fired["run_drop_before"] < 5 {
			t.Errorf("fired: %v", fired)
		}
		p.sandbox.SetFaults(nil)
		p.run(equals, seen)
		q.run(equals, seen)
		apart(p, q, fired["run_drop_before"])
	})
}

func TestANeighbourThatCannotBeRead(t *testing.T) {
	// Whatever it has submitted may be in its journal: what is lost is held until it is gone.
	in(t, sandbox.Options{Faults: sandbox.Faults{"run_drop_after": 0.5}, Seed: 5, Timing: sevenSeconds}, func(p *place) {
		q, seen := p.besides()
		q.run("{version: 1, name: x, model: Qwen/Qwen-Image-Fast, matrix: {prompt: [b]}}", seen)
		file := filepath.Join(q.out, ".wirobatch", "journal.db")
		if err := os.WriteFile(file, []byte("damaged beyond what can be read"), 0o600); err != nil {
			t.Fatal(err)
		}
		before := len(p.sandbox.Charges())
		r := p.run(ten, seen)
		if fired := p.sandbox.FaultCounts(); fired["run_drop_after"] < 3 {
			t.Fatalf("fired: %v", fired)
		}
		if r.ExitCode() != 8 || p.statuses()["held"] == 0 || p.statuses()["done"]+p.statuses()["held"] != 10 || !p.warned(q.out) {
			t.Errorf("exit %d, %v, %v", r.ExitCode(), p.statuses(), p.warnings)
		}
		if err := os.RemoveAll(q.out); err != nil {
			t.Fatal(err)
		}
		r = p.run(ten, seen)
		if n := len(p.sandbox.Charges()) - before; r.ExitCode() != 0 || p.statuses()["done"] != 10 || n != 10 {
			t.Errorf("exit %d, %v, %d charges for 10 cells", r.ExitCode(), p.statuses(), n)
		}
		entries, _ := filepath.Glob(filepath.Join(filepath.Dir(p.out), "runs", "*", "????????????????????"))
		if len(entries) != 1 {
			t.Errorf("%q is left, though one folder is", entries)
		}
	})
}

func TestNoPlaceForNeighbours(t *testing.T) {
	in(t, sandbox.Options{Faults: sandbox.Faults{"run_drop_after": 0.5}, Seed: 5}, func(p *place) {
		file := filepath.Join(t.TempDir(), "file")
		if err := os.WriteFile(file, nil, 0o600); err != nil {
			t.Fatal(err)
		}
		r := p.run("{version: 1, name: x, model: Qwen/Qwen-Image-Fast, matrix: {prompt: [a], seed: 1..10}}", func(o *pipeline.Options) { o.Neighbours = file })
		if fired := p.sandbox.FaultCounts(); fired["run_drop_after"] < 3 {
			t.Fatalf("fired: %v", fired)
		}
		if r.ExitCode() != 0 || p.statuses()["done"] != 10 || !p.warned("can't be seen") {
			t.Errorf("exit %d, %v, %v", r.ExitCode(), p.statuses(), p.warnings)
		}
		p.audit()
	})
}
