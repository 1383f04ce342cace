package pipeline

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"iter"
	"os"
	"path/filepath"
	"time"

	"wirobatch/manifest"
	"wirobatch/pipeline/durable"
	"wirobatch/pipeline/journal"
	"wirobatch/pipeline/report"
	"wirobatch/pipeline/watch"
	"wirobatch/wiro"
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
	r.before = r.journal.Progress().Spent
	r.row = journal.Run{Version: r.o.Version, StartedAt: r.started, Concurrency: r.o.Limits.Concurrency, BaseURL: r.o.Service}
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

// orient asks the service, before the first submit, for what is needed to find a submit again whose answer gets lost
// (the newest task), and for the price. Both are worth waiting for; without either the run goes on, more cautiously.
func (r *Run) orient(ctx context.Context) {
	err := r.api.Read(ctx, func() error {
		page, err := r.client.List(ctx, wiro.ListQuery{Limit: 1})
		if e := (*wiro.Error)(nil); errors.As(err, &e) && e.NotFound() {
			err = nil // there is no task yet
		}
		if err != nil {
			return err
		}
		r.listed = true
		for _, t := range page.Tasks {
			r.journal.NoteTask(t.ID)
		}
		return nil
	})
	if r.stopped() { // by what it answered
		return
	}
	if err != nil && ctx.Err() == nil {
		r.o.Warn(fmt.Sprintf("Task/List does not answer (%v): a submit whose answer gets lost could not be looked up, and would be held", err))
	}
	if err := r.prices.load(ctx, r.o.Manifest.Model); err != nil && r.o.Limits.Budget.Valid && ctx.Err() == nil {
		r.o.Warn(fmt.Sprintf("the price of %s is not to be had (%v): the budget is held by the mean of what was paid", r.o.Manifest.Model, err))
	}
}

// newestKnown is the newest task id that may be older than a submit made now; "" when the list has never answered, so
// that nothing could be told apart.
func (r *Run) newestKnown(ctx context.Context) string {
	if !r.listed {
		return ""
	}
	return cmp.Or(r.journal.NewestTask(ctx), "0")
}

// patiently tries a read again while its trouble looks passing, whatever trouble others have.
func patiently(ctx context.Context, read func() error) error {
	return watch.NewLine(watch.Tries, nil, nil).Read(ctx, read)
}

func seconds(d time.Duration) journal.Seconds { return journal.Took(d) }
