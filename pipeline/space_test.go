package pipeline_test

import (
	"context"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"wirobatch/pipeline"
	"wirobatch/pipeline/durable"
	"wirobatch/wiro/sandbox"
)

// noRoom asks for more room than any disk has.
func noRoom(o *pipeline.Options) { o.MinFree = 1 << 60 }

func TestNoRoomIsSaidBeforeTheStart(t *testing.T) {
	in(t, sandbox.Options{}, func(p *place) {
		_, err := p.try(context.Background(), nil, grid, noRoom)
		if e, ok := as[*durable.Error](err); !ok || !strings.Contains(e.Error(), " are free, 1.2 EB must be ") || !strings.Contains(e.Error(), p.out) {
			t.Errorf("%v", err)
		}
		if n := total(p.sandbox.Requests()); n != 0 {
			t.Errorf("%d requests", n)
		}
		if r := p.run(grid); r.ExitCode() != 0 || r.Submits != 24 {
			t.Errorf("then: exit %d, %d submits", r.ExitCode(), r.Submits)
		}
		// There is nothing to submit any more: no room is needed.
		if r := p.run(grid, noRoom); r.ExitCode() != 0 {
			t.Errorf("done: exit %d", r.ExitCode())
		}
		if _, err := p.try(context.Background(), nil, grid, noRoom, func(o *pipeline.Options) { o.Redo = []string{p.rows()[0]["id"]} }); err == nil {
			t.Error("a cell is made again without room for it")
		}
	})
}

// The room ends while the run goes on: what runs is finished, and fetched into the room that was kept for it.
func TestRoomIsWatched(t *testing.T) {
	if testing.Short() {
		t.Skip("it moves many bytes, which is slow under the race detector")
	}
	dir := small(t, "16m")
	in(t, sandbox.Options{Timing: sevenSeconds, PictureSize: 512}, func(p *place) {
		p.out = filepath.Join(dir, "out")
		ballast := filepath.Join(dir, "ballast")
		if err := os.WriteFile(ballast, make([]byte, 4<<20), 0o644); err != nil {
			t.Fatal(err)
		}
		r := p.run(grid, func(o *pipeline.Options) { o.MinFree = 9 << 20 })
		if r.ExitCode() != 74 || r.Disk == nil || len(p.warnings) != 1 {
			t.Fatalf("exit %d, %v, %q", r.ExitCode(), r.Disk, p.warnings)
		}
		n := p.sandbox.Accepted()
		if n == 0 || n >= 24 || p.statuses()["done"] != n {
			t.Errorf("%v of %d tasks, though there was room for them", p.statuses(), n)
		}
		if err := os.Remove(ballast); err != nil {
			t.Fatal(err)
		}
		r = p.run(grid, func(o *pipeline.Options) { o.MinFree = 1 })
		if r.ExitCode() != 0 || p.sandbox.Accepted() != 24 {
			t.Errorf("then: exit %d, %d tasks for 24 cells: %v", r.ExitCode(), p.sandbox.Accepted(), r.Disk)
		}
		p.audit()
	})
}

// Tasks that are paid for are fetched with whatever room there is.
func TestFetchingNeedsNoReserve(t *testing.T) {
	in(t, sandbox.Options{}, func(p *place) {
		inTheWay := filepath.Join(p.out, "images")
		if err := os.MkdirAll(p.out, 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(inTheWay, nil, 0o644); err != nil {
			t.Fatal(err)
		}
		const one = "{version: 1, name: x, model: Qwen/Qwen-Image-Fast, matrix: {prompt: [a]}}"
		p.run(one)
		if err := os.Remove(inTheWay); err != nil {
			t.Fatal(err)
		}
		if r := p.run(one, noRoom); r.ExitCode() != 0 || p.sandbox.Accepted() != 1 {
			t.Errorf("exit %d, %d tasks, %v", r.ExitCode(), p.sandbox.Accepted(), p.statuses())
		}
		p.audit()
	})
}
