package pipeline

import (
	"context"
	"fmt"
	"sync"
	"time"

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
// to when a task that it has taken has ended without a result and there is no other, nil for none. Such a task is a witness, also
// for the starts after the one that saw its end: where nothing else is left to submit there is no other. After one that ended
// without saying how nothing is proven absent.
func (r *Run) settle(ctx context.Context, l *journal.Lease, rec journal.Record, over time.Time, verdict *journal.Record) error {
	had, unclear, err := r.journal.HadTask(context.WithoutCancel(ctx), l, markedAfter)
	if err != nil {
		return err
	}
	missing := lost{
		model: l.Cell.Model, params: input(l.Cell).Params, intended: rec.IntendedAt, newest: rec.NewestKnown, over: over, witnessed: had || verdict != nil,
	}
	missing.twin = verdict != nil && marked(*verdict)
	proves := r.o.OnUnknown != Hold && !unclear // what may have been billed is not made again by itself
	missing.marking = markingOf(r.journal.Secret(), l.Cell.ID, missing.params, rec.IntendedAt)
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
			if now := r.claims.kin(missing); seen == absent && (now.newest != kin.newest || !now.over.Equal(kin.over) || now.swapped != kin.swapped) {
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
				if adopted(rec) {
					r.claims.likens(l.Cell.ID)
				}
				r.o.Warn(fmt.Sprintf("cell %s: found as task %s, nothing was paid twice", l.Cell.ID, rec.TaskID))
				r.active.Add(1)
				r.pause.well()
				if verdict == nil && !rec.IntendedAt.Before(r.started) {
					r.submits.Add(1)
				}
				return r.follow(ctx, l, rec, adopted(rec))
			case absent:
				shown++
			default:
				shown = 0
				_ = r.prices.load(ctx, l.Cell.Model) // its defaults tell the tasks of others apart, at the next look
			}
			if shown >= 2 && time.Since(late) >= provenAt && proves {
				if verdict != nil {
					return r.finish(ctx, l, *verdict)
				}
				why := "its submit never became a task"
				if had {
					why = "the task that was found for it has ended, and there is no other"
				}
				r.o.Warn(fmt.Sprintf("cell %s: %s: submitted anew", l.Cell.ID, why))
				return r.again(ctx, l, rec, 0, nil)
			}
			if shown >= 2 && !proves && !r.otherWork() {
				break
			}
		}
		if ctx.Err() != nil {
			return r.leave(l)
		}
		if verdict != nil && verdict.Undelivered { // the task that it has stays its own
			return r.finish(ctx, l, *verdict)
		}
		rec.State, rec.Error = journal.Held, atStake(rec, had || unclear || verdict != nil, trouble)
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

// shortFor is how long cells count as put off for want of money: they ask each second.
const shortFor = 5 * time.Second

// otherWork reports whether cells are pending or running besides those that are being looked up. What is pending is none while
// it waits for the money that those hold.
func (r *Run) otherWork() bool {
	if r.leaving.Load() == 0 && r.active.Load() == 0 && time.Since(time.Unix(0, r.short.Load())) < shortFor {
		return false
	}
	return r.queued.Load() > 0 || r.leaving.Load() > 0 || r.active.Load() > 0 || !r.stopped() && r.journal.Progress().Pending > 0
}

func atStake(rec journal.Record, had bool, trouble error) string {
	text := "the answer to its submit never came, and Task/List shows neither that it ran nor that it did not"
	if had {
		text = "the answer to its submit never came; the task that was found for it has ended without a result, and there may be another: Task/List does not show it"
	}
	text += ": $" + rec.Reserved.String() + " at stake"
	if trouble != nil {
		text += " (" + trouble.Error() + ")"
	}
	return text
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
