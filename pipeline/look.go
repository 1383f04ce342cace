package pipeline

import (
	"context"
	"errors"
	"slices"
	"time"

	"wirobatch/manifest"
	"wirobatch/pipeline/journal"
)

// sight is what one look at the list says of an unknown submit.
type sight int

const (
	nothing sight = iota // neither
	found                // its task is the cell's now
	absent               // a witness is there, and nothing that could be its task
	theirs               // what could be its task may be that of another submit, which is about to take it
)

// look holds the list, as it was at that time or later, against a lost submit and its kin. Candidates are tasks newer than
// the newest known at their intents, claimed by no other cell, the oldest first: it is the likeliest of those that look the same.
// One whose id says nothing of its age is a candidate too, but none to adopt. What shows the mark of the submit is its task, whatever
// else it shows.
func (r *Run) look(ctx context.Context, l *journal.Lease, rec *journal.Record, missing lost, at time.Time) (sight, error) {
	if missing.newest == "" {
		return nothing, errors.New("Task/List did not answer before the submit")
	}
	list, err := r.lookup.since(ctx, at, missing.newest)
	if err != nil {
		return nothing, err
	}
	model := &modelList{of: l.Cell.Model, newest: missing.newest}
	marks := &marks{of: missing.marking, tasks: list.tasks, sentBy: r.markingOf, off: missing.swapped}
	for _, task := range slices.Backward(list.tasks) {
		if missing.marking.in(task) != its {
			continue
		}
		if cell, ours, err := r.claimant(ctx, task); err != nil {
			return nothing, err
		} else if ours && cell == l.Cell.ID {
			continue // it has ended
		}
		if r.claims.another(task.ModelID, l.Cell.Model) || r.o.OnUnknown == Hold && compare(task.Parameters, missing.params) == different {
			marks.off = true // it stands in the row of another
			continue
		}
		s, taken, err := r.claimOwn(ctx, l, rec, task)
		if !taken || err != nil {
			return s, err
		}
		marks.off = true // by another of ours, whose own may be this one's then
	}
	if missing.twin && !marks.off {
		if mute, err := r.mute(ctx, rec, missing, list); mute || err != nil || !list.reaches(missing.newest) || list.unread > 0 {
			return nothing, err
		}
		return absent, nil
	}
	witnessed, possible, waits := missing.witnessed, !list.reaches(missing.newest) || list.unread > 0, false
	for _, task := range slices.Backward(list.tasks) {
		if older(task.ID, missing.newest) {
			continue
		}
		if r.claims.witness(task, missing.over) {
			witnessed = true
		}
		match := compare(task.Parameters, missing.params)
		if match == different {
			continue
		}
		if another, err := r.another(ctx, model, task); another || err != nil {
			if err != nil {
				return nothing, err
			}
			continue
		}
		switch taken, err := r.taken(ctx, rec, task, func(other journal.Owner) {
			r.claims.learn(task.ModelID, other.Model)
			s := submit{other.Model, params(other.Params), other.IntendedAt}
			witnessed = witnessed || s.witness(task.Parameters, missing.over)
		}); {
		case err != nil:
			return nothing, err
		case taken:
			continue
		}
		if out, err := marks.ruleOut(ctx, task); out || err != nil {
			if err != nil {
				return nothing, err
			}
			continue
		}
		possible = true
		if match == same && numbered(task.ID) && !r.foreign(l.Cell.Model, task.Parameters, missing.params) {
			switch s, err := r.claim(ctx, l, rec, task); {
			case err != nil:
				return nothing, err
			case s == found:
				return found, nil
			case s == theirs:
				waits = true
			}
		}
	}
	if waits {
		return theirs, nil
	}
	if witnessed && !possible {
		return r.ruledOut(ctx, l, rec, missing, list, model, marks)
	}
	return nothing, nil
}

// mute reports whether the list shows a task that may be the cell's and says nothing of its URL: it may bear the mark.
func (r *Run) mute(ctx context.Context, rec *journal.Record, missing lost, list walk) (bool, error) {
	for _, task := range list.tasks {
		if missing.marking.in(task) != mute || older(task.ID, missing.newest) || r.claims.another(task.ModelID, missing.model) || compare(task.Parameters, missing.params) == different {
			continue
		}
		if taken, err := r.taken(ctx, rec, task, func(journal.Owner) {}); !taken || err != nil {
			return true, err
		}
	}
	return false, nil
}

// older reports whether a task was made before that one, or is it.
func older(task, than string) bool { return numbered(task) && !journal.Newer(task, than) }

// foreign reports whether a task shows a parameter that other cells have and this one did not send: then it is a task of
// theirs, unless the value is the model's default.
func (r *Run) foreign(model string, task, sent map[string]string) bool {
	for _, name := range r.columns {
		value, shown := task[name]
		if _, ours := sent[name]; shown && !ours && value != "" && !manifest.Addressed(name) && !r.prices.isDefault(model, name, value) {
			return true
		}
	}
	return false
}
