package pipeline

import (
	"context"
	"errors"
	"time"

	"wirobatch/pipeline/journal"
	"wirobatch/wiro"
)

// taken reports whether a task is a cell's, in this folder or in another. A lost submit of another that has taken it widens
// the search; one that was answered is told to answered.
func (r *Run) taken(ctx context.Context, rec *journal.Record, task wiro.Task, answered func(journal.Owner)) (taken bool, err error) {
	if _, taken, err = r.claimant(ctx, task); taken || err != nil {
		return taken, err
	}
	since, err := r.since(ctx, rec, task.ID)
	if err != nil {
		return false, err
	}
	err = r.others.each(ctx, since, func(j *journal.Journal) error {
		owner, known, err := j.Owner(ctx, task.ID)
		if known && err == nil {
			known, err = r.of(ctx, task, owner.Token)
		}
		switch {
		case known && owner.Found:
			r.claims.meet(task.ID, owner)
		case known:
			answered(owner)
		}
		taken = taken || known
		return err
	})
	if unknown := (*unreadable)(nil); taken && errors.As(err, &unknown) {
		err = nil // whose it is is known
	}
	return taken, err
}

// since is a time before which the task was not made: the last start that has submitted without having seen it, or a newer one,
// began then. So what had ended before then has nothing to say of it.
func (r *Run) since(ctx context.Context, rec *journal.Record, task string) (time.Time, error) {
	if !rec.IntendedAt.Before(r.started) && journal.Newer(task, rec.NewestKnown) {
		return r.started.Add(-r.others.lag), nil
	}
	if r.others.dir == "" {
		return r.started, nil
	}
	if begun, known := r.others.begun.Load(task); known { // it was seen: no start will submit without knowing it
		return begun.(time.Time), nil
	}
	begun, err := r.journal.BegunBefore(ctx, task)
	switch {
	case err != nil:
		return begun, err
	case !begun.IsZero():
		begun = begun.Add(-r.others.lag)
	case r.others.lag == 0:
		begun = r.started
	default:
		begun = r.started.Add(-ancient)
	}
	r.others.begun.Store(task, begun)
	return begun, nil
}

// claim makes task the cell's, durably, unless it may be another's: while a submit that it could be of is unanswered, ours or
// another run's, it cannot be told whose it is. Intents come before tasks: an answer turns one into the other.
func (r *Run) claim(ctx context.Context, l *journal.Lease, rec *journal.Record, task wiro.Task) (sight, error) {
	if ours, err := r.ofModel(ctx, task, l.Cell.Model); !ours || err != nil {
		return nothing, err
	}
	leave, err := r.others.adopting(ctx)
	if err != nil {
		return nothing, err
	}
	defer leave()
	since, err := r.since(ctx, rec, task.ID)
	if err != nil {
		return nothing, err
	}
	waits, err := r.awaited(ctx, since, func(i journal.Intent) bool {
		mayBe := i.NewestKnown == "" || journal.Newer(task.ID, i.NewestKnown)
		return mayBe && compare(task.Parameters, params(i.Params)) != different && !r.claims.another(task.ModelID, i.Model)
	})
	switch {
	case err != nil:
		return nothing, err
	case waits:
		return theirs, nil
	}
	if taken, err := r.taken(ctx, rec, task, func(journal.Owner) {}); taken || err != nil {
		return nothing, err
	}
	release, free := r.claims.claim(task.Parameters)
	defer release()
	if !free {
		return nothing, nil
	}
	return r.take(ctx, l, rec, task, rec.IntendedAt)
}

// claimOwn makes the task that shows the cell's mark the cell's, unless another of ours has taken it for its own.
func (r *Run) claimOwn(ctx context.Context, l *journal.Lease, rec *journal.Record, task wiro.Task) (s sight, taken bool, err error) {
	if task.ID == "" {
		return nothing, false, nil
	}
	leave, err := r.others.adopting(ctx)
	if err != nil {
		return nothing, false, err
	}
	defer leave()
	if taken, err := r.taken(ctx, rec, task, func(journal.Owner) {}); taken || err != nil {
		return nothing, taken, err
	}
	s, err = r.take(ctx, l, rec, task, rec.IntendedAt.Add(markedAfter))
	return s, false, err
}

// take records the task, which nobody has. What was found by likeness stands at its intent: the nearest that we know by our own
// clock.
func (r *Run) take(ctx context.Context, l *journal.Lease, rec *journal.Record, task wiro.Task, submitted time.Time) (sight, error) {
	named, alone := r.named.take(task.ID)
	defer named()
	if !alone {
		return nothing, nil
	}
	if _, taken, err := r.claimant(ctx, task); taken || err != nil {
		return nothing, err
	}
	rec.State, rec.TaskID, rec.TaskToken, rec.Error, rec.SubmittedAt = journal.Submitted, task.ID, task.Token, "", submitted
	return found, l.Save(ctx, *rec)
}

// late takes the turn to adopt before an answer is recorded that came so late that another run may have counted its submit
// as lost, and found its task. Then, or when that can't be told, the submit is lost indeed.
func (r *Run) late(ctx context.Context, rec *journal.Record, task wiro.Task) (leave func(), lost bool) {
	if time.Since(rec.IntendedAt.Round(0)) < answerBy/2 { // by the clock of the wall, as others see it
		return func() {}, false
	}
	leave, err := r.others.adopting(ctx)
	if err != nil {
		return func() {}, true
	}
	defer r.others.lookup()()
	taken, err := r.taken(ctx, rec, task, func(journal.Owner) {})
	if taken || err != nil {
		leave()
		return func() {}, true
	}
	return leave, false
}
