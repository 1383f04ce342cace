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
	var newest []wiro.Task
	err := r.api.Read(ctx, func() error {
		page, err := r.client.List(ctx, wiro.ListQuery{Limit: 1})
		if e := (*wiro.Error)(nil); errors.As(err, &e) && e.NotFound() {
			err = nil // there is no task yet
		}
		if err != nil {
			return err
		}
		r.listed, newest = true, page.Tasks
		return nil
	})
	if r.listed {
		err = r.countsOn(ctx, newest)
		r.listed = err == nil
	}
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

// deniedTwice is how long a replica may lag that denies a task.
const deniedTwice = 5 * time.Second

// countsOn notes the newest task of the list. Where that is older than the newest known, the list lags, or the service has counted
// anew since: then that one is not there any more, or is another, and what was known is no bound.
func (r *Run) countsOn(ctx context.Context, list []wiro.Task) error {
	known, ahead := r.journal.NewestTask(ctx), false
	for _, t := range list {
		ahead = ahead || numbered(t.ID) && !journal.Newer(known, t.ID)
	}
	if known != "" && !ahead {
		there, err := r.still(ctx, known)
		if err != nil {
			return err
		}
		if !there {
			r.journal.CountAnew()
			r.o.Warn(fmt.Sprintf("the service has no task %s any more, and counts its tasks anew: what it has by the ids of earlier ones is not taken for them", known))
		}
	}
	for _, t := range list {
		r.journal.NoteTask(t.ID)
	}
	return nil
}

// still reports whether the service has the task that was known by that id.
func (r *Run) still(ctx context.Context, id string) (bool, error) {
	for try := 1; ; try++ {
		var task wiro.Task
		err := r.api.Read(ctx, func() (err error) { task, err = r.client.Detail(ctx, id); return err })
		if err == nil {
			tokens, err := r.journal.Tokens(ctx, id)
			if err != nil || len(tokens) == 0 { // somebody else's
				return err == nil, err
			}
			return r.of(ctx, task, tokens...)
		}
		if e := (*wiro.Error)(nil); !errors.As(err, &e) || e.Disposition() != wiro.FailCell {
			return false, err
		}
		if try == 2 {
			return false, nil
		}
		if err := sleep(ctx, deniedTwice); err != nil {
			return false, err
		}
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
