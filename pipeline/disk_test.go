package pipeline_test

import (
	"context"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"wirobatch/pipeline"
	"wirobatch/pipeline/durable"
	"wirobatch/pipeline/journal"
	"wirobatch/wiro/sandbox"
)

// A file lies where the folder of the pictures must be: what is paid for cannot be kept.
func TestDiskTroubleEndsTheSubmittingAlone(t *testing.T) {
	in(t, sandbox.Options{Timing: sevenSeconds}, func(p *place) {
		inTheWay := filepath.Join(p.out, "images")
		if err := os.MkdirAll(p.out, 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(inTheWay, nil, 0o644); err != nil {
			t.Fatal(err)
		}
		r := p.run(grid)
		if r.ExitCode() != 74 || r.Disk == nil || !strings.Contains(r.Disk.Error(), "images") {
			t.Errorf("exit %d, %v", r.ExitCode(), r.Disk)
		}
		if len(p.warnings) != 1 {
			t.Errorf("told more than once: %q", p.warnings)
		}
		accepted := p.sandbox.Accepted()
		if accepted < 6 || accepted > 12 {
			t.Errorf("%d tasks were made with six slots", accepted)
		}
		for _, row := range p.rows() {
			if paid := row["task_id"] != ""; paid != (row["cost_usd"] != "") || paid != (row["error"] != "") || row["status"] != "pending" {
				t.Errorf("a cell that is paid for says what it cost, and why its file is not here: %v", row)
			}
		}
		if r.Progress.Undelivered != accepted {
			t.Errorf("%d of %d tasks were followed to their end", r.Progress.Undelivered, accepted)
		}
		p.audit()

		if err := os.Remove(inTheWay); err != nil {
			t.Fatal(err)
		}
		r = p.run(grid, anyRoom)
		if r.ExitCode() != 0 || r.Submits != 24-accepted || p.sandbox.Accepted() != 24 || p.statuses()["done"] != 24 {
			t.Errorf("then: exit %d, %d submits after %d, %v", r.ExitCode(), r.Submits, accepted, p.statuses())
		}
		p.audit()
	})
}

// What an earlier start left undelivered is not asked about again once the disk has refused a file.
func TestUndeliveredWaitForTheDisk(t *testing.T) {
	in(t, sandbox.Options{}, func(p *place) {
		inTheWay := filepath.Join(p.out, "images")
		if err := os.MkdirAll(p.out, 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(inTheWay, nil, 0o644); err != nil {
			t.Fatal(err)
		}
		first := p.run(grid)
		r := p.run(grid)
		// What had left before the disk refused the first file is followed to its end as well.
		if r.ExitCode() != 74 || r.Submits > 6 || r.Progress.Undelivered != first.Submits+r.Submits {
			t.Errorf("exit %d, %d submits, %d undelivered of %d", r.ExitCode(), r.Submits, r.Progress.Undelivered, first.Submits)
		}
	})
}

// Others fill the disk while tasks run: they are followed to their end and recorded, for the files leave the journal its
// room; the next start downloads what is missing.
func TestFilledDiskEndsNoPolling(t *testing.T) {
	if testing.Short() {
		t.Skip("it moves many bytes, which is slow under the race detector")
	}
	dir := small(t, "24m")
	in(t, sandbox.Options{Timing: sevenSeconds, PictureSize: 512}, func(p *place) {
		p.out = filepath.Join(dir, "out")
		ballast := filepath.Join(dir, "ballast")
		const kept = 1 << 20 // of the least that must be free
		room := func(o *pipeline.Options) { o.MinFree, o.Limits.Concurrency = 8*kept, 18 }
		filled := time.AfterFunc(5*time.Second, func() {
			free, _ := durable.Free(dir)
			if err := os.WriteFile(ballast, make([]byte, free-kept*7/4), 0o644); err != nil {
				t.Error(err)
			}
		})
		r, err := p.try(context.Background(), nil, grid, room)
		if err != nil || filled.Stop() || r.ExitCode() != 74 || r.Disk == nil {
			t.Fatalf("exit %d, %v, %v", r.ExitCode(), r.Disk, err)
		}
		accepted := p.sandbox.Accepted()
		if accepted < 18 || accepted == 24 || r.Progress.Undelivered < 1 || r.Progress.Done+r.Progress.Undelivered != accepted {
			t.Errorf("%d tasks were not followed to their end: %+v", accepted, r.Progress)
		}
		for _, row := range p.rows() {
			if (row["task_id"] != "") != (row["cost_usd"] != "") {
				t.Errorf("what it cost is not recorded: %v", row)
			}
		}
		if len(p.warnings) != 1 {
			t.Errorf("told more than once: %q", p.warnings)
		}
		p.audit()
		if err := os.Remove(ballast); err != nil {
			t.Fatal(err)
		}
		r = p.run(grid, anyRoom)
		if r.ExitCode() != 0 || p.sandbox.Accepted() != 24 || p.statuses()["done"] != 24 {
			t.Errorf("then: exit %d, %d tasks after %d for 24 cells", r.ExitCode(), p.sandbox.Accepted(), accepted)
		}
		p.audit()
	})
}

// The end of a real disk, which nobody watches.
func TestFullDisk(t *testing.T) {
	if testing.Short() {
		t.Skip("it moves many bytes, which is slow under the race detector")
	}
	dir := small(t, "8m")
	in(t, sandbox.Options{Timing: sevenSeconds, PictureSize: 768}, func(p *place) {
		p.out = filepath.Join(dir, "out")
		ballast := filepath.Join(dir, "ballast")
		if err := os.WriteFile(ballast, make([]byte, 5<<20), 0o644); err != nil {
			t.Fatal(err)
		}
		// Whether a picture or the journal meets the end of the disk first is chance.
		r, err := p.try(context.Background(), nil, grid, anyRoom)
		if _, write := as[*journal.WriteError](err); !write && r.ExitCode() != 74 {
			t.Fatalf("exit %d, %v", r.ExitCode(), err)
		}
		t.Logf("%d submits, %v, %v", r.Submits, r.Disk, err)
		if r.Submits >= 24 {
			t.Errorf("%d submits with a full disk", r.Submits)
		}
		accepted := p.sandbox.Accepted()
		if err := os.Remove(ballast); err != nil {
			t.Fatal(err)
		}
		r = p.run(grid, anyRoom)
		// Intents whose requests never left, for the journal was full, are held when no cell is left to be their witness.
		held := p.statuses()["held"]
		if code := r.ExitCode(); code != 0 && (code != 8 || held == 0) || p.sandbox.Accepted()+held != 24 {
			t.Errorf("then: exit %d, %d held, %d tasks after %d for 24 cells", code, held, p.sandbox.Accepted(), accepted)
		}
		p.audit()
	})
}

// anyRoom lets a run meet the end of the disk.
func anyRoom(o *pipeline.Options) { o.MinFree = -1 }
