package pipeline

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"sync"
	"time"

	"wirobatch/manifest"
	"wirobatch/pipeline/journal"
	"wirobatch/wiro"
)

const (
	// An abandoned request does not run after a request of ours that began so long after its connection was over: that
	// is the assumption under which an absence is proven.
	witnessAfter = 5 * time.Second
	// provenAt is the least age of the later of the two looks that prove an absence.
	provenAt = 20 * time.Second
	// looksApart is the least time between those two: what lags in one may show in the other.
	looksApart = 15 * time.Second
	// lookAgain spaces the looks after the first three, while there is other work; lookSeldom those after five minutes.
	lookAgain  = 20 * time.Second
	lookSeldom = time.Minute
	seldomFrom = 5 * time.Minute
)

// looks are the times, after the answer was missed, at which an unknown submit is looked up in any case.
var looks = []time.Duration{0, 5 * time.Second, provenAt}

// settle looks up, in Task/List, a submit whose answer never came, while the run goes on. Found, it is followed like any
// other. Proven absent, the cell is pending again. Neither: it is held, reported with the money at stake, and looked up
// again by the next run. over is when the connection of the submit had ended at the latest; verdict is what the cell comes
// to when a task that it has taken has ended without a result and there is no other, nil for none.
func (r *Run) settle(ctx context.Context, l *journal.Lease, rec journal.Record, over time.Time, verdict *journal.Record) error {
	missing := lost{
		model: l.Cell.Model, params: input(l.Cell).Params, intended: rec.IntendedAt, newest: rec.NewestKnown, over: over, witnessed: verdict != nil,
	}
	settled := r.claims.looking(l.Cell, missing)
	r.beside(func() error {
		defer settled()
		done := sync.OnceFunc(r.others.lookup())
		defer done()
		var trouble error
		shown := 0 // looks that showed a witness, and nothing that could be the task
		seen := nothing
		busy := true // there was other work when the last look left: what it made may be a witness at the next
		late := over
		var last time.Time // of the looks
		for n := 0; ; n++ {
			at := lookAt(over, n)
			if soonest := last.Add(looksApart); shown > 0 && soonest.After(at) { // the list was waited for
				at = soonest
			}
			if n >= len(looks) && shown == 0 && (!busy && seen != theirs || time.Since(over) > outage) {
				break
			}
			if sleep(ctx, time.Until(at)) != nil {
				return r.leave(l)
			}
			busy = r.otherWork()
			kin := r.claims.kin(missing)
			if kin.over.After(late) { // what was shown before says nothing of a submit that was lost since
				shown, late = 0, kin.over
			}
			var err error
			seen, err = r.look(ctx, l, &rec, kin, at)
			last = time.Now()
			if now := r.claims.kin(missing); seen == absent && (now.newest != kin.newest || !now.over.Equal(kin.over)) {
				seen = nothing // another was lost while this look went on, and may have taken what it did not see
			}
			if seen == found {
				l.TakeSlot() // it runs, and counts among the account's tasks
			} else {
				l.FreeSlot() // after the first look: whether it runs or not, others may
			}
			if ends := endsRun(err); ends != nil {
				return ends
			}
			trouble = err
			switch seen {
			case found:
				done()
				r.o.Warn(fmt.Sprintf("cell %s: found as task %s, nothing was paid twice", l.Cell.ID, rec.TaskID))
				r.active.Add(1)
				r.pause.well()
				if verdict == nil && !rec.IntendedAt.Before(r.started) {
					r.submits.Add(1)
				}
				return r.follow(ctx, l, rec, true)
			case absent:
				shown++
			default:
				shown = 0
				_ = r.prices.load(ctx, l.Cell.Model) // its defaults tell the tasks of others apart, at the next look
			}
			if shown >= 2 && time.Since(late) >= provenAt && r.o.OnUnknown != Hold {
				if verdict != nil {
					return r.finish(ctx, l, *verdict)
				}
				r.o.Warn(fmt.Sprintf("cell %s: its submit never became a task: submitted anew", l.Cell.ID))
				return r.again(ctx, l, rec, 0, nil)
			}
			if shown >= 2 && r.o.OnUnknown == Hold && !r.otherWork() {
				break
			}
		}
		if ctx.Err() != nil {
			return r.leave(l)
		}
		rec.State, rec.Error = journal.Held, atStake(rec, trouble)
		r.o.Warn(fmt.Sprintf("cell %s: held: %s", l.Cell.ID, rec.Error))
		return l.Finish(ctx, rec)
	})
	return nil
}

// lookAt is when a submit that was over at that time is looked up for the nth time, from 0. The later looks of all
// submits are at the same moments, so that one walk of the list serves them.
func lookAt(over time.Time, n int) time.Time {
	if n < len(looks) {
		return over.Add(looks[n])
	}
	n -= len(looks)
	if often := int(seldomFrom / lookAgain); n >= often {
		return over.Add(provenAt + seldomFrom).Truncate(lookSeldom).Add(time.Duration(n-often+1) * lookSeldom)
	}
	return over.Add(provenAt).Truncate(lookAgain).Add(time.Duration(n+1) * lookAgain)
}

// otherWork reports whether cells are pending or running besides those that are being looked up.
func (r *Run) otherWork() bool {
	return r.queued.Load() > 0 || r.leaving.Load() > 0 || r.active.Load() > 0 || !r.stopped() && r.journal.Progress().Pending > 0
}

func atStake(rec journal.Record, trouble error) string {
	text := "the answer to its submit never came, and Task/List shows neither that it ran nor that it did not: $" + rec.Reserved.String() + " at stake"
	if trouble != nil {
		text += " (" + trouble.Error() + ")"
	}
	return text
}

// sight is what one look at the list says of an unknown submit.
type sight int

const (
	nothing sight = iota // neither
	found                // its task is the cell's now
	absent               // a witness is there, and nothing that could be its task
	theirs               // what could be its task may be that of another run's submit, whose answer is under way
)

// look holds the list, as it was at that time or later, against a lost submit and its kin. Candidates are tasks newer than
// the newest known at their intents, claimed by no other cell, the oldest first: it is the likeliest of those that look the same.
func (r *Run) look(ctx context.Context, l *journal.Lease, rec *journal.Record, missing lost, at time.Time) (sight, error) {
	if missing.newest == "" {
		return nothing, errors.New("Task/List did not answer before the submit")
	}
	list, err := r.lookup.since(ctx, at, missing.newest)
	if err != nil {
		return nothing, err
	}
	witnessed, possible, waits := missing.witnessed, !list.reaches(missing.newest), false
	for _, task := range slices.Backward(list.tasks) {
		if !journal.Newer(task.ID, missing.newest) {
			continue
		}
		if r.claims.witness(task.ID, task.Parameters, missing.over) {
			witnessed = true
		}
		match := compare(task.Parameters, missing.params)
		if match == different || r.claims.another(task.ModelID, l.Cell.Model) {
			continue
		}
		switch taken, err := r.taken(ctx, rec, task.ID, func(other journal.Owner) {
			s := submit{other.Model, params(other.Params), other.IntendedAt}
			witnessed = witnessed || s.witness(task.Parameters, missing.over)
		}); {
		case err != nil:
			return nothing, err
		case taken:
			continue
		}
		possible = true
		if match == same && !r.foreign(l.Cell.Model, task.Parameters, missing.params) {
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
		return absent, nil
	}
	return nothing, nil
}

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

// input is what a cell sends: its parameters, as spelled in the manifest.
func input(c journal.Cell) wiro.Input {
	return wiro.Input{Params: params(c.Params)}
}

func params(list []journal.Param) map[string]string {
	m := make(map[string]string, len(list))
	for _, p := range list {
		m[p.Name] = p.Value
	}
	return m
}
