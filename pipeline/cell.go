package pipeline

import (
	"cmp"
	"context"
	"errors"
	"time"

	"github.com/shopspring/decimal"

	"wirobatch/manifest"
	"wirobatch/pipeline/journal"
	"wirobatch/pipeline/watch"
	"wirobatch/wiro"
)

// cell is the life of one leased cell, top to bottom. What becomes of the cell is data, kept in the journal; an error
// is only what ends the run. What waits for its turn to submit waits under submitting, which ends before ctx does.
func (r *Run) cell(ctx, submitting context.Context, l *journal.Lease) error {
	rec := l.Record
	switch {
	case rec.Undelivered && r.full.Load(): // its end is known already, and there is no room for its files
		return r.leave(l)
	case rec.TaskID != "" && rec.State == journal.Submitted:
		r.active.Add(1)
		return r.follow(ctx, l, rec, adopted(rec))
	case rec.State != journal.Pending: // an earlier start died between its intent and the answer
		return r.settle(ctx, l, rec, r.started, nil)
	}

	if err := r.space.check(int(r.active.Load()) + 1); err != nil {
		r.diskTrouble(err)
		return r.leave(l)
	}

	// Admit: the price of the cell, then whatever else it has to wait for, the rate last.
	expected, learned, err := r.expect(submitting, l.Cell)
	if err != nil {
		return r.unadmitted(ctx, l, rec, err)
	}
	defer learned()
	expected, left, answered, err := r.admit(submitting, l, expected)
	if err != nil {
		return r.unadmitted(ctx, l, rec, err)
	}
	defer left()
	defer answered()

	// The intent is durable before the request leaves.
	rec = journal.Record{
		State: journal.Intended, Attempt: rec.Attempt + 1, IntendedAt: time.Now(),
		NewestKnown: r.newestKnown(ctx), Reserved: expected,
	}
	if err := l.Save(ctx, rec); err != nil {
		return err
	}
	r.active.Add(1) // before it leaves: it is work that others may wait for
	in := input(l.Cell)
	if m := markingOf(r.journal.Secret(), l.Cell.ID, in.Params, rec.IntendedAt); m.mark != "" {
		in.Params[callbackURL] = m.sent()
	}
	known := r.claims.asking(l.Cell.Model, in.Params)
	left()
	if submitting.Err() != nil { // the intent took its time, and something has been read meanwhile
		known("")
		r.active.Add(-1)
		return r.again(ctx, l, rec, 0, nil)
	}

	// A request that has left is worth a moment's wait even when the run is told to leave.
	r.asking.Add(1)
	posting, posted := lingering(ctx, linger)
	sub, err := r.client.Run(posting, l.Cell.Model, in)
	posted()
	r.asking.Add(-1)
	if err != nil {
		known("")
		return r.unsubmitted(ctx, l, rec, int(r.active.Add(-1)), err)
	}

	// The task is durable before the first look.
	leave, doubt := r.believe(ctx, &rec, sub)
	if doubt != nil {
		known("")
		r.active.Add(-1)
		return r.unanswered(ctx, l, rec, doubt)
	}
	rec.State, rec.TaskID, rec.TaskToken, rec.SubmittedAt = journal.Submitted, sub.TaskID, sub.TaskToken, answeredAt(rec, time.Now())
	err = l.Save(ctx, rec)
	leave()
	known(sub.TaskID)
	if err != nil {
		return err
	}
	r.accepted()
	r.refused.taken(l.Cell.ID)
	answered()
	return r.follow(ctx, l, rec, false)
}

// follow is the life of a cell from its task on: watch, give the slot back, download, record the outcome. The task
// counts as active when it begins. adopted tells that it was found in the list.
func (r *Run) follow(ctx context.Context, l *journal.Lease, rec journal.Record, adopted bool) error {
	submitted := rec.SubmittedAt
	if now := time.Now(); submitted.After(now) { // a clock can be set back
		submitted = now
	}
	task, polls, err := r.watcher.End(ctx, watch.Target{
		ID: rec.TaskID, Token: rec.TaskToken, Model: l.Cell.Model, Params: params(l.Cell.Params), Submitted: submitted,
	})
	r.recognised(rec, err)
	if err == nil && rec.TaskToken == "" { // the list has none
		rec.TaskToken = task.Token
	}
	var killed string // why, and what the service answered to it
	billed, unclear := rec.Billed(), rec.Unclear()
	if (errors.Is(err, watch.ErrTimeout) || errors.Is(err, watch.ErrStuck)) && !billed && !unclear {
		task, killed, err = r.kill(ctx, rec.TaskID, err)
	}
	r.active.Add(-1)
	_, _, told := task.Cost()
	told = told && err == nil && !silent(task) && !unclear && (!billed || task.Outcome() == wiro.Succeeded)
	if told {
		describe(&rec, task)
		r.priced(ctx, l.Cell, &rec, task) // before the next cell needs to know what there is
	}
	if err != nil || !silent(task) || r.o.Limits.MaxFailures == (manifest.MaxFailures{}) {
		l.FreeSlot() // else the next one leaves when it is known whether this is one failure too many
	}
	rec.Polls += polls
	if err != nil {
		return r.lostSight(ctx, l, rec, err)
	}
	ended := time.Now()
	pauses := clearPauses
	if unclear {
		pauses = clearAgain
	}
	task, looks, err := r.clearly(ctx, task, pauses)
	if !silent(task) {
		l.FreeSlot()
	}
	rec.Polls += looks
	if err != nil {
		return r.lostSight(ctx, l, rec, err)
	}
	if billed && !delivers(task, billed) {
		return r.undelivered(ctx, l, stillBilled(rec, task), noLonger(task))
	}
	if !rec.Wait.Valid { // else it has ended before, and is delivered only now
		rec.Wait = seconds(max(0, ended.Sub(rec.SubmittedAt)))
	}
	describe(&rec, task)
	undecided := undecided(task, unclear)
	if _, _, known := task.Cost(); unclear && !undecided && known { // it takes the place of a guess
		rec.Cost, rec.CostSource = decimal.NullDecimal{}, ""
	}
	r.claims.learn(task.ModelID, l.Cell.Model)

	// The files first: they are there for a limited time, and a price can be long in coming.
	var undelivered error
	if delivers(task, billed) {
		rec.Files, undelivered = r.deliver(ctx, l.Cell, task)
	}
	delivered := time.Now()
	switch {
	case billed && task.Outcome() != wiro.Succeeded:
		rec = stillBilled(rec, task)
	case !told && !(undecided && task.Outcome() == wiro.Canceled):
		r.priced(ctx, l.Cell, &rec, task)
	}
	r.watchBudget(l.Cell, rec)
	switch outcome := task.Outcome(); {
	case undelivered != nil:
		return r.undelivered(ctx, l, rec, undelivered)
	case undecided:
		return r.undecided(ctx, l, rec, task, adopted)
	case delivers(task, billed):
		rec.State, rec.Error = journal.Done, ""
		rec.Download = seconds(delivered.Sub(ended))
	case charged(task):
		return r.undelivered(ctx, l, rec, noFiles(task, killed))
	case outcome == wiro.Failed:
		rec.State, rec.Error = journal.Failed, failure(task)
	default: // by us, or on the server: pending again at the next run
		rec.State, rec.Error = journal.Cancelled, cmp.Or(killed, "cancelled on the server")
	}
	rec.FinishedAt, rec.Total = delivered, seconds(delivered.Sub(rec.IntendedAt))
	if (adopted || marked(rec)) && rec.State != journal.Done && !task.TotalCost.Decimal.IsPositive() {
		return r.fallen(ctx, l, rec)
	}
	return r.finish(ctx, l, rec)
}
