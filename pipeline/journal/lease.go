package journal

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"strconv"
	"sync"

	"github.com/shopspring/decimal"
)

// Lease is the right to work on one cell. It lives as long as its runner holds the folder, and ends with Finish or Abandon.
// One goroutine at a time uses it.
type Lease struct {
	Cell Cell
	// Record is the cell as last saved. For a pending cell it says no more than State and Attempt: how many submits it has had that made
	// a task or failed for good, so that the next is Attempt+1, in a Record that begins empty.
	Record Record
	// Again says that this start has leased the cell before, and it came back pending.
	Again bool

	j       *Journal
	key     int64
	saving  sync.Mutex
	earlier sum // cost of the attempts before the current one; used under saving

	// Under j.mu:
	at              position
	slot, ended     bool
	spent, reserved decimal.Decimal // of the current attempt, as counted in the gate
	durable         decimal.Decimal // how much of reserved is saved
	unpriced        int             // likewise
	number          int             // place in the grid, which may be given after Cell was read; 0: not in it, nor in the tally
	rank            int             // likewise, its turn
}

// Save makes the record durable before it returns. It writes even when ctx has ended: what became known of a task must not get lost.
// Record.Reserved, when zero, is what Admit reserved. Errors: ErrLeaseLost when another runner took over; *WriteError, from then on.
func (l *Lease) Save(_ context.Context, r Record) error {
	l.saving.Lock()
	defer l.saving.Unlock()
	_, err := l.save(r, false)
	return err
}

// Extend tells a runner whether it still has its lease: ErrLeaseLost when it has not. There is nothing to write: the lease lives as long as
// the folder is held.
func (l *Lease) Extend(ctx context.Context) error {
	holder, err := meta(ctx, l.j.reader, "run")
	if err != nil {
		return unread(l.j.path, err)
	}
	if holder != strconv.FormatInt(l.j.run, 10) {
		return ErrLeaseLost
	}
	l.j.mu.Lock()
	defer l.j.mu.Unlock()
	return l.usable()
}

// FreeSlot gives the slot back: the task has ended, or nothing runs for the cell at the moment. It may be called again.
func (l *Lease) FreeSlot() {
	l.j.mu.Lock()
	l.freeSlot()
	l.j.mu.Unlock()
	l.j.poke()
}

// TakeSlot takes the slot again that FreeSlot gave back, also when there is none: the task runs, whether there is room for
// it or not, and keeps a slot from others.
func (l *Lease) TakeSlot() {
	l.j.mu.Lock()
	defer l.j.mu.Unlock()
	if !l.slot && !l.ended {
		l.slot = true
		l.j.gate.used++
	}
}

func (l *Lease) freeSlot() {
	if l.slot {
		l.slot = false
		l.j.gate.used--
	}
}

// Finish saves the record as Save does, and ends the lease: slot and reserved money are given back, the cell goes to Outcomes.
// A pending record goes back to be leased again, not before its NotBefore; one that is still open (as one that is paid but not delivered) is not
// leased again by this start. The lease ends even when the write fails.
func (l *Lease) Finish(ctx context.Context, r Record) error {
	l.saving.Lock()
	defer l.saving.Unlock()
	row, err := l.save(r, true)
	if err != nil {
		l.j.mu.Lock()
		l.end()
		l.j.mu.Unlock()
		l.j.poke()
		return err
	}
	if r.State != Pending {
		l.j.emit(ctx, row)
	}
	return nil
}

// Abandon ends the lease without writing: the run is stopping. The cell is as last saved, and is not leased again by this Journal.
func (l *Lease) Abandon() {
	l.j.mu.Lock()
	l.end()
	l.j.mu.Unlock()
	l.j.poke()
}

// save writes the record and keeps counts, money and queue in step with it. The caller holds l.saving.
func (l *Lease) save(r Record, last bool) (Row, error) {
	if !r.begun() && l.Record.begun() { // no more than "pending again": the attempt is as last saved
		bare := r
		r = l.Record
		r.State, r.Error, r.NotBefore = Pending, cmp.Or(bare.Error, r.Error), bare.NotBefore
	}
	l.j.mu.Lock()
	err := l.usable()
	from := l.at
	if r.State.open() && r.Reserved.IsZero() {
		r.Reserved = l.reserved
	}
	l.j.mu.Unlock()
	if err == nil {
		err = l.check(r)
	}
	if err != nil {
		return Row{}, err
	}
	notBefore := r.NotBefore
	r = r.stored()
	if r.begun() && r.Attempt != l.Record.Attempt {
		l.earlier = l.earlier.and(l.Record)
	}
	named := r.TaskID != l.Record.TaskID
	filed := r.Attempt == l.Record.Attempt && len(l.Record.Files) > 0
	if filed && len(r.Files) == 0 {
		r.Files = l.Record.Files
	}
	err = l.j.write(func(w *writer) (func(), error) {
		if err := w.put(l.j.run, l.key, from, r, filed); err != nil {
			return nil, err
		}
		return func() {
			l.moved(r)
			if named { // an old one tells nothing anew
				l.j.queue.note(r.TaskID)
			}
			if last {
				l.end()
				l.j.queue.ended(l, r, notBefore)
			}
		}, nil
	})
	if err != nil {
		return Row{}, err
	}
	l.Record = r
	return Row{Cell: l.Cell, Record: r, Attempts: r.attempts(), Cost: l.earlier.and(r).cost()}, nil
}

// check refuses records that would spoil the books: mistakes of the caller.
func (l *Lease) check(r Record) error {
	switch r.State {
	case Pending, Intended, Submitted, Unknown, Held, Done, Failed, Cancelled:
	default:
		return fmt.Errorf("journal: cell %s: no such state: %q", l.Cell.ID, r.State)
	}
	switch {
	case r.begun() && r.Attempt < l.Record.Attempt:
		return fmt.Errorf("journal: cell %s: attempt %d after attempt %d", l.Cell.ID, r.Attempt, l.Record.Attempt)
	case r.State == Intended && r.TaskID != "":
		return fmt.Errorf("journal: cell %s: an intent with a task: a new attempt begins with an empty record", l.Cell.ID)
	case r.State.open() && r.Attempt < 1:
		return errors.New("journal: cell " + l.Cell.ID + ": attempts count from 1")
	}
	return nil
}

// usable says why a lease can no longer be used. The caller holds j.mu.
func (l *Lease) usable() error {
	switch {
	case l.j.err != nil:
		return l.j.err
	case l.ended:
		return errEnded
	}
	return nil
}

// moved brings counts and money up to the record, which is durable now. It runs in the order of the writes, under j.mu.
func (l *Lease) moved(r Record) {
	j := l.j
	to := position{state: r.State, undelivered: r.Undelivered, attempt: r.Attempt}
	if !r.begun() {
		to.attempt = l.at.attempt
	}
	if l.number > 0 {
		j.tally.move(l.at, to)
	}
	if to.attempt != l.at.attempt {
		j.tally.attempts++
		l.spent = decimal.Zero // the last attempt's is spent for good
		last := l.Record
		if last.State == Submitted && !last.Cost.Valid && last.CostSource == "" { // and so may be what it has reserved
			l.reserved, l.unpriced = l.reserved.Sub(l.durable), 0
		}
	}
	l.at = to
	spent, reserved, unpriced := r.exposure()
	j.gate.spent = j.gate.spent.Add(spent.Sub(l.spent))
	j.gate.reserved = j.gate.reserved.Add(reserved.Sub(l.reserved))
	j.gate.unpriced += unpriced - l.unpriced
	l.spent, l.reserved, l.durable, l.unpriced = spent, reserved, reserved, unpriced
}

// end takes the lease out of the books; what it had reserved without saving is free again. The caller holds j.mu.
func (l *Lease) end() {
	if l.ended {
		return
	}
	l.ended = true
	l.freeSlot()
	delete(l.j.queue.leases, l.key)
	l.j.gate.reserved = l.j.gate.reserved.Add(l.durable.Sub(l.reserved))
	l.reserved = l.durable
}
