package journal

import (
	"context"
	"errors"
	"iter"
	"slices"
	"testing"
)

func TestGridOfTheNextStart(t *testing.T) {
	f := newFolder(t)
	j := f.start(5, options)
	for _, s := range []State{Done, Submitted, Failed} {
		l := lease(t, j)
		save(t, l, record(l, s))
	}
	j.Close()

	j = f.open(options)
	known, err := j.SetGrid(t.Context(), Grid{Digest: "grid", Cells: 5})
	if !known || err != nil {
		t.Fatalf("the same grid: %v, %v", known, err)
	}
	j.Close()

	// Cells 1 and 2 are gone from the manifest, a new one comes first, and what is left moves.
	j = f.open(options)
	if known, err := j.SetGrid(t.Context(), Grid{Digest: "other", Cells: 4, Columns: []string{"seed", "style"}}); known || err != nil {
		t.Fatalf("another grid: %v, %v", known, err)
	}
	fresh := testCell(77)
	fresh.Number, fresh.Params = 1, []Param{{"seed", "77"}, {"style", "<oil> & \"chalk\"\n"}}
	cells := []Cell{fresh}
	for _, i := range []int{5, 4, 3} {
		c := testCell(i)
		c.Number = len(cells) + 1
		cells = append(cells, c)
	}
	l := lease(t, j) // paid: leased though the manifest no longer has it, and before the grid is there
	if l.Record.State != Submitted || l.Cell.Number != 0 {
		t.Errorf("%+v", l)
	}
	if err := j.Enqueue(t.Context(), slices.Values(cells)); err != nil {
		t.Fatal(err)
	}
	if p := j.Progress(); p.Cells != 4 || p.Pending != 3 || p.Failed != 1 || p.Done != 0 || p.InFlight != 1 {
		t.Errorf("%+v", p)
	}
	finish(t, l, Record{State: Pending})
	sameNumbers(t, "pending without a number are left alone", leased(t, j), 1, 2, 3)

	var ids []string
	for _, r := range rows(t, j) {
		ids = append(ids, r.ID)
	}
	if want := []string{fresh.ID, testCell(5).ID, testCell(4).ID, testCell(3).ID, testCell(1).ID, testCell(2).ID}; !slices.Equal(ids, want) {
		t.Errorf("order of rows: %v, want %v", ids, want)
	}
	if got := rows(t, j)[0].Params; !slices.Equal(got, fresh.Params) {
		t.Errorf("parameters: %q", got)
	}
	columns, err := j.Columns(t.Context())
	if want := []string{"seed", "style", "prompt", "aspectRatio", "scale"}; err != nil || !slices.Equal(columns, want) {
		t.Errorf("columns: %v, %v; want %v", columns, err, want)
	}
	if c, err := j.Counts(t.Context()); err != nil || c.States[Pending] != 3 || c.Former[Done] != 1 || c.Former[Pending] != 1 {
		t.Errorf("%+v, %v", c, err)
	}
}

// A cell that is taken up before the grid gives it its place has that place when it comes back.
func TestTakenUpBeforeTheGridIsThere(t *testing.T) {
	f := newFolder(t)
	j := f.start(3, options)
	l := lease(t, j)
	save(t, l, record(l, Intended))
	j.Close()

	j = f.open(options)
	if known, err := j.SetGrid(t.Context(), Grid{Digest: "other", Cells: 4}); known || err != nil {
		t.Fatal(known, err)
	}
	l = lease(t, j)
	var cells []Cell
	for i := range 4 {
		cells = append(cells, testCell(i+1))
	}
	if err := j.Enqueue(t.Context(), slices.Values(cells)); err != nil {
		t.Fatal(err)
	}
	for range 2 {
		finish(t, l, Record{State: Pending})
		if l = lease(t, j); l.Cell.Number != 1 || !l.Again {
			t.Fatalf("leased: %+v", l)
		}
	}
	finish(t, l, record(l, Failed))
	if p := j.Progress(); p.Cells != 4 || p.Failed != 1 || p.Pending != 3 {
		t.Errorf("%+v", p)
	}
}

func TestGridIsKept(t *testing.T) {
	f := newFolder(t)
	j := f.open(options)
	if g, err := j.Grid(t.Context()); err != nil || g.Digest != "" || g.Columns != nil {
		t.Errorf("none yet: %+v, %v", g, err)
	}
	f.enqueue(j, "d", 3)
	g, err := j.Grid(t.Context())
	if err != nil || g.Digest != "d" || g.Cells != 3 || string(g.Manifest) != "version: 1\n" || g.Name != "dragons" || g.Model != "Qwen/Qwen-Image-Fast" || len(g.Columns) != 4 {
		t.Errorf("%+v, %v", g, err)
	}
}

func TestEnqueueInParts(t *testing.T) {
	f := newFolder(t)
	j := f.open(options)
	grid := Grid{Digest: "g", Cells: 2*enqueueSize + 10}
	if _, err := j.SetGrid(t.Context(), grid); err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	stopping := func() iter.Seq[Cell] {
		return func(yield func(Cell) bool) {
			for c := range manyCells(1, grid.Cells) {
				if c.Number == enqueueSize+enqueueSize/2 {
					cancel()
				}
				if !yield(c) {
					return
				}
			}
		}
	}
	if err := j.Enqueue(ctx, stopping()); !errors.Is(err, context.Canceled) {
		t.Fatal(err)
	}
	if p := j.Progress(); p.Cells != grid.Cells {
		t.Errorf("%d cells while the grid is in parts", p.Cells)
	}
	f.kill(j)
	j = f.open(options)
	if p := j.Progress(); p.Cells != grid.Cells {
		t.Errorf("%d cells while the grid is in parts, after a restart", p.Cells)
	}
	if known, err := j.SetGrid(t.Context(), grid); known || err != nil {
		t.Fatalf("a grid in parts: %v, %v", known, err)
	}
	if err := j.Enqueue(t.Context(), manyCells(1, grid.Cells)); err != nil {
		t.Fatal(err)
	}
	if c, err := j.Counts(t.Context()); err != nil || c.States[Pending] != grid.Cells {
		t.Errorf("%+v, %v", c, err)
	}
	if p := j.Progress(); p.Cells != grid.Cells || p.Pending != grid.Cells {
		t.Errorf("%+v", p)
	}
}
