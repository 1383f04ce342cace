package pipeline

import (
	"context"
	"slices"
	"time"

	"wirobatch/pipeline/journal"
	"wirobatch/wiro"
)

// answersTake is how long a look waits for submits under way to have their tasks: those are in the list a moment before
// their answers are here.
const answersTake = 10 * time.Second

// ruledOut completes the proof of an absence: it holds those newer tasks against a lost submit that show another parameter set,
// for a service may respell what it shows. What no cell has taken is ruled out only by its mark, by a value that is known to be shown
// as it was sent, by a number that nothing known to become of numbers explains, or by a text all of whose characters are shown as
// they were sent. It is asked when nothing else in the list could be the task, so ordinary looks cost nothing more.
func (r *Run) ruledOut(ctx context.Context, l *journal.Lease, rec *journal.Record, missing lost, list walk, model *modelList, marks *marks) (sight, error) {
	shown, patience := newEchoes(r.journal, list.tasks, l.Cell.Model, missing.params), time.Now().Add(answersTake)
	for _, task := range slices.Backward(list.tasks) {
		if older(task.ID, missing.newest) || r.claims.another(task.ModelID, l.Cell.Model) || compare(task.Parameters, missing.params) != different {
			continue
		}
		other, err := marks.ruleOut(ctx, task)
		if !other && err == nil {
			other, err = shown.other(ctx, task)
		}
		if err != nil {
			return nothing, err
		}
		if other {
			continue
		}
		taken, err := r.taken(ctx, rec, task, func(journal.Owner) {})
		for ; err == nil && !taken && r.claims.underway(l.Cell.ID) && time.Now().Before(patience); taken, err = r.taken(ctx, rec, task, func(journal.Owner) {}) {
			if err := sleep(ctx, time.Second); err != nil {
				return nothing, err
			}
		}
		if err != nil {
			return nothing, err
		}
		if taken {
			continue
		}
		if another, err := r.another(ctx, model, task); err != nil {
			return nothing, err
		} else if !another {
			return r.expected(ctx, l, rec, task)
		}
	}
	return absent, nil
}

// expected tells of a task that nobody has taken whether another submit, of this run or of one beside it, is about to.
func (r *Run) expected(ctx context.Context, l *journal.Lease, rec *journal.Record, task wiro.Task) (sight, error) {
	if r.claims.expects(l.Cell.ID, task.Parameters) {
		return theirs, nil
	}
	since, err := r.since(ctx, rec, task.ID)
	if err != nil {
		return nothing, err
	}
	waits, err := r.awaited(ctx, since, func(i journal.Intent) bool { return compare(task.Parameters, params(i.Params)) == same })
	if waits && err == nil {
		return theirs, nil
	}
	return nothing, err
}

// awaited reports whether a submit of another run, to which that applies, may yet be answered.
func (r *Run) awaited(ctx context.Context, since time.Time, applies func(journal.Intent) bool) (waits bool, err error) {
	err = r.others.each(ctx, since, func(j *journal.Journal) error {
		intents, err := j.Intents(ctx, time.Now().Add(-answerBy))
		waits = waits || slices.ContainsFunc(intents, applies)
		return err
	})
	return waits, err
}
