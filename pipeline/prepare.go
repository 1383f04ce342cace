package pipeline

import (
	"context"
	"iter"
	"os"
	"path/filepath"
	"time"

	"wirobatch/manifest"
	"wirobatch/pipeline/durable"
	"wirobatch/pipeline/journal"
	"wirobatch/pipeline/report"
	"wirobatch/pipeline/watch"
)

// prepare brings folder and journal to where the first cell can be leased.
func (r *Run) prepare(ctx context.Context) error {
	// What is left here was being written when an earlier run died: the journal does not count it.
	if err := os.RemoveAll(r.tmp); err != nil {
		return &durable.Error{Doing: "empty " + r.tmp, Err: err}
	}
	if err := durable.MkdirAll(r.tmp); err != nil {
		return err
	}
	if err := r.keepManifest(); err != nil {
		return err
	}
	m := r.o.Manifest
	whole, err := r.journal.SetGrid(ctx, journal.Grid{
		Digest: r.grid.Digest(), Cells: r.grid.Len(), Columns: r.grid.Columns(), Manifest: m.Source, Name: m.Name, Model: m.Model, CSVSafe: m.Output.CSVSafe,
	})
	if err != nil {
		return err
	}
	r.enqueued = whole
	if r.columns, err = r.journal.Columns(ctx); err != nil {
		return err
	}
	earlier, err := r.journal.Found(ctx)
	if err != nil {
		return err
	}
	r.claims.recall(earlier, r.started)
	if err := r.room(ctx, whole && !r.o.RetryFailed && len(r.o.Redo) == 0 && r.o.OnUnknown != Resubmit); err != nil {
		return err
	}
	if !r.enqueued && (len(r.o.Redo) > 0 || r.o.OnUnknown == Resubmit) { // they are for cells of the grid, which it knows when it is whole
		if err := r.journal.Enqueue(ctx, cells(r.grid)); err != nil {
			return err
		}
		r.enqueued = true
	}
	if r.o.RetryFailed {
		if _, err := r.journal.RetryFailed(ctx); err != nil {
			return err
		}
	}
	if len(r.o.Redo) > 0 {
		if err := r.journal.Redo(ctx, r.o.Redo); err != nil {
			return err
		}
	}
	if r.o.OnUnknown == Resubmit {
		if _, err := r.journal.Resubmit(ctx); err != nil {
			return err
		}
	}
	if err := r.verify(ctx); err != nil { // after Redo: what is made anew needs no old file
		return err
	}
	p := r.journal.Progress()
	r.before = p.Spent
	r.row = journal.Run{
		Version: r.o.Version, StartedAt: r.started, Concurrency: r.o.Limits.Concurrency, BaseURL: r.o.Service,
		Limit: r.o.Limit, Before: p.Ended(), Budget: r.o.Limits.Budget,
	}
	return r.journal.StartRun(ctx, r.row)
}

// keepManifest writes the manifest as it is run beside its results.
func (r *Run) keepManifest() error {
	f, err := durable.Create(r.tmp)
	if err != nil {
		return err
	}
	if _, err := f.Write(r.o.Manifest.Source); err != nil {
		f.Discard()
		return err
	}
	return f.Commit(filepath.Join(r.o.Out, report.ManifestFile))
}

// enqueue hands the grid to the journal, cell by cell in the order of their turns, while the first ones run already.
func (r *Run) enqueue(ctx context.Context) error {
	if r.enqueued {
		return nil
	}
	err := r.journal.Enqueue(ctx, cells(r.grid))
	if ctx.Err() != nil {
		return nil // the next start enqueues the rest
	}
	return err
}

func cells(g *manifest.Grid) iter.Seq[journal.Cell] {
	return func(yield func(journal.Cell) bool) {
		for c := range g.InOrder() {
			if !yield(journalCell(c)) {
				return
			}
		}
	}
}

func journalCell(c manifest.Cell) journal.Cell {
	j := journal.Cell{ID: c.ID, Number: c.Number, Model: c.Model, Repeat: c.Repeat, Params: make([]journal.Param, len(c.Params))}
	for i, p := range c.Params {
		j.Params[i] = journal.Param(p)
	}
	return j
}

func manifestCell(c journal.Cell) manifest.Cell {
	m := manifest.Cell{ID: c.ID, Number: c.Number, Model: c.Model, Repeat: c.Repeat, Params: make([]manifest.Param, len(c.Params))}
	for i, p := range c.Params {
		m.Params[i] = manifest.Param(p)
	}
	return m
}

// patiently tries a read again while its trouble looks passing, whatever trouble others have.
func patiently(ctx context.Context, read func() error) error {
	return watch.NewLine(watch.Tries, nil, nil).Read(ctx, read)
}

func seconds(d time.Duration) journal.Seconds { return journal.Took(d) }
