package pipeline

import (
	"errors"
	"fmt"

	"wirobatch/pipeline/durable"
)

// diskTrouble ends the submitting when an output or a report cannot be written: what would be paid for could not be kept.
// What runs is followed to its end and recorded all the same, so that the next start only downloads it. The first
// trouble is the run's; those that follow from it are not told.
func (r *Run) diskTrouble(err error) {
	if e, ok := errors.AsType[*durable.Error](err); ok {
		err = e // whichever cell met it
	}
	r.mu.Lock()
	first := r.disk == nil
	if first {
		r.disk = err
	}
	r.mu.Unlock()
	if first {
		r.o.Warn(fmt.Sprintf("%v: no more is submitted, what runs is followed to its end", err))
		r.halt(DiskTrouble)
	}
}

// unwritable notes that the disk took no more, which ends the downloads as well: what they leave to it is the journal's.
func (r *Run) unwritable(err error) {
	r.full.Store(true)
	r.diskTrouble(err)
}

// writable gives the trouble for which nothing is downloaded any more.
func (r *Run) writable() error {
	if !r.full.Load() {
		return nil
	}
	return fmt.Errorf("not downloaded after an earlier trouble: %w", r.diskError())
}

func (r *Run) diskError() error {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.disk
}

func isDisk(err error) bool {
	_, ok := errors.AsType[*durable.Error](err)
	return ok
}
