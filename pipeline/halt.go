package pipeline

import (
	"context"
	"fmt"
	"slices"
	"time"
)

// supervise ends the submitting at a signal or the deadline, and the work when the grace after it is over.
func (r *Run) supervise(stop <-chan Reason, over <-chan struct{}, leave context.CancelCauseFunc) {
	var deadline <-chan time.Time
	if !r.o.Deadline.IsZero() {
		t := time.NewTimer(time.Until(r.o.Deadline))
		defer t.Stop()
		deadline = t.C
	}
	select {
	case <-over:
		return
	case reason := <-stop:
		r.halt(reason)
	case <-deadline:
		r.halt(DeadlineReached)
	}
	r.o.Warn(fmt.Sprintf("no more is submitted; what runs has %v to finish", r.o.Grace))
	grace := time.NewTimer(r.o.Grace)
	defer grace.Stop()
	for {
		select {
		case <-over:
			return
		case reason := <-stop: // a signal after the deadline
			r.halt(reason)
		case <-grace.C:
			leave(fmt.Errorf("the grace of %v is over", r.o.Grace))
			return
		}
	}
}

// halt lets nothing more be submitted; what runs is finished.
func (r *Run) halt(reason Reason) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if !slices.Contains(r.reasons, reason) {
		r.reasons = append(r.reasons, reason)
	}
	if reason == LimitReached { // what is within the limit goes on, to its last retry
		r.journal.StopNew()
		return
	}
	r.journal.StopLeasing()
	r.shut()
}

// Stopping tells whether the run lets cells be that it would have made: what runs is finished, or left.
func (r *Run) Stopping() bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	return slices.ContainsFunc(r.reasons, func(reason Reason) bool { return reason != LimitReached })
}

// stopped reports whether no more cells are taken up, for whatever reason.
func (r *Run) stopped() bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	return len(r.reasons) > 0
}
