package pipeline

import (
	"context"
	"errors"
	"fmt"
	"path/filepath"
	"sync"
	"time"

	"golang.org/x/sync/errgroup"

	"wirobatch/pipeline/journal"
	"wirobatch/pipeline/report"
	"wirobatch/wiro"
)

const (
	cancelsAtOnce = 8
	// A task may take a moment to end after it was told to.
	cancelLooks = 5
	cancelPause = time.Second
)

// CancelOptions say whose tasks to end.
type CancelOptions struct {
	Client  *wiro.Client
	Out     string // output folder
	Service string // that the folder is bound to
	Tell    func(Cancelled)
}

// Cancelled is what became of one task that a stopped run had left on the service.
type Cancelled struct {
	Cell, Task string // Task is "" when it is not known
	Fate       Fate
	Sought     bool  // its task was found in the list: the next run looks for the cell's own before it makes it again
	Err        error // why it was left as it was
}

// Fate is what Cancel made of a task.
type Fate string

const (
	OutOfQueue Fate = "cancelled" // while it was in the queue
	Killed     Fate = "killed"    // while it ran
	EndedSo    Fate = "ended"     // by itself: the next run delivers what it made
	Untold     Fate = "untold"    // by itself, without saying how: it may be billed, and is looked at again
	Paid       Fate = "paid"      // it was billed: it is not made again by itself
	LeftAlone  Fate = "left"      // it could not be cancelled, or there may be none
)

// Cancel ends the tasks that a stopped run has left on the service, each after a fresh look at it. Their cells are cancelled:
// pending again at the next run; those whose task was found in the list are looked up once more before that, for it may have
// been another's. What has ended by itself, or is paid for, stays submitted, for the next run to deliver; so does what has ended without
// saying how, for it to look at again. Submits whose answer
// never came have no task that could be ended: they are left for the next run to look up. It gives the number of each fate.
// Errors are those of journal.Open, of the disk, and a *wiro.Error when the service does not accept the key.
func Cancel(ctx context.Context, o CancelOptions) (fates map[Fate]int, err error) {
	j, err := journal.Open(ctx, filepath.Join(o.Out, ".wirobatch"), journal.Options{Service: o.Service, Slots: cancelsAtOnce})
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, j.Close()) }()
	j.StopLeasing() // of the pending ones: those with a task or an intent are leased
	fates = map[Fate]int{}
	var mu sync.Mutex
	pool, work := errgroup.WithContext(ctx)
	for {
		l, err := j.Lease(work) // its slots bound how many are at work
		if errors.Is(err, journal.ErrDone) || work.Err() != nil {
			break
		}
		if err != nil {
			return fates, errors.Join(err, pool.Wait())
		}
		pool.Go(func() error {
			c, err := cancelCell(work, o.Client, l)
			if err != nil {
				return err
			}
			mu.Lock()
			defer mu.Unlock()
			fates[c.Fate]++
			o.Tell(c)
			return nil
		})
	}
	err = errors.Join(pool.Wait(), ctx.Err())
	_, failed := report.Write(context.WithoutCancel(ctx), j, o.Out)
	return fates, errors.Join(err, failed)
}

// cancelCell ends the task of a leased cell. An error is what ends the whole.
func cancelCell(ctx context.Context, client *wiro.Client, l *journal.Lease) (Cancelled, error) {
	rec := l.Record
	c := Cancelled{Cell: l.Cell.ID, Task: rec.TaskID, Fate: LeftAlone}
	if rec.State != journal.Submitted {
		l.Abandon()
		c.Err = errors.New("the answer to its submit never came: the next run looks it up")
		return c, nil
	}
	if rec.Billed() || rec.Unclear() {
		l.Abandon()
		if c.Fate = Paid; rec.Unclear() {
			c.Fate = Untold
		}
		return c, nil
	}
	task, fate, err := endTask(ctx, client, rec.TaskID, rec.TaskToken, params(l.Cell.Params))
	var e *wiro.Error
	switch {
	case ctx.Err() != nil:
		l.Abandon()
		return c, ctx.Err()
	case errors.As(err, &e) && e.Disposition() == wiro.StopRun:
		l.Abandon()
		return c, err
	case err != nil:
		l.Abandon()
		c.Err = err
		return c, nil
	case task.Outcome() != wiro.Canceled:
		l.Abandon()
		if c.Fate = EndedSo; silent(task) {
			c.Fate = Untold
		}
		return c, nil
	}
	c.Fate = fate
	describe(&rec, task)
	if usd, source, ok := task.Cost(); ok {
		rec.Cost.Decimal, rec.Cost.Valid, rec.CostSource = usd, true, string(source)
	}
	rec.FinishedAt, rec.Total = time.Now(), seconds(time.Since(rec.IntendedAt))
	switch {
	case charged(task):
		c.Fate = Paid
		rec.State, rec.Undelivered, rec.Error = journal.Submitted, true, noFiles(task, cancelledByUs).Error()
	case adopted(rec) || marked(rec):
		c.Sought, rec.Error = true, cancelledByUs
		return c, sought(ctx, l, rec)
	default:
		rec.State, rec.Error = journal.Cancelled, cancelledByUs
	}
	return c, l.Finish(ctx, rec)
}

const cancelledByUs = "cancelled by us: wirobatch cancel"

// endTask cancels a task in the queue, and kills one that runs. What the service then says of the task is what counts: an
// answer can get lost, and the task can end by itself meanwhile, and be paid for.
func endTask(ctx context.Context, client *wiro.Client, id, token string, sent map[string]string) (task wiro.Task, fate Fate, err error) {
	look := func() error { task, err = client.Detail(ctx, id); return err }
	if err := patiently(ctx, look); err != nil {
		return task, LeftAlone, err
	}
	if !wiro.SameToken(token, task.Token) && compare(task.Parameters, sent) != same {
		ours := false
		if err := patiently(ctx, func() (err error) { ours, err = named(ctx, client, id, token); return err }); err != nil {
			return task, LeftAlone, err
		}
		if !ours {
			return task, LeftAlone, errors.New("the service has another task by this id now")
		}
	}
	if task.Outcome() != wiro.Running { // by itself, or by a cancel that died before it could say so
		return task, OutOfQueue, nil
	}
	fate = Killed
	var e *wiro.Error
	if task.Status == wiro.StatusQueue {
		fate = OutOfQueue
		err = patiently(ctx, func() error { _, err := client.Cancel(ctx, id); return err })
	}
	if fate == Killed || errors.As(err, &e) && e.NotFound() { // it has left the queue since
		fate = Killed
		err = patiently(ctx, func() error { _, err := client.Kill(ctx, id); return err })
	}
	refused, looks := err, 1
	if refused == nil {
		looks = cancelLooks
	}
	task, err = hasEnded(ctx, client, id, looks)
	if refused != nil && err != nil {
		err = fmt.Errorf("%w; %w", refused, err)
	}
	if err != nil {
		return task, LeftAlone, err
	}
	return task, fate, nil
}

// hasEnded looks at a task that was told to end, up to so many times. errStillRuns: it did not.
func hasEnded(ctx context.Context, client *wiro.Client, id string, looks int) (task wiro.Task, err error) {
	for n := 1; ; n++ {
		if err := patiently(ctx, func() error { task, err = client.Detail(ctx, id); return err }); err != nil {
			return task, err
		}
		if task.Outcome() != wiro.Running {
			return task, nil
		}
		if n == looks || sleep(ctx, cancelPause) != nil {
			return task, errStillRuns
		}
	}
}

var errStillRuns = errors.New("it still runs")
