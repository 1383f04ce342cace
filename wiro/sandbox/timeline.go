package sandbox

import (
	"math"
	"time"
)

// The statuses of a task (documentation of Wiro, in this order). Only statusDone and statusCancel
// are terminal.
const (
	statusQueue     = "task_queue"
	statusAccept    = "task_accept"
	statusPreStart  = "task_preprocess_start"
	statusPreEnd    = "task_preprocess_end"
	statusAssign    = "task_assign"
	statusStart     = "task_start"
	statusOutput    = "task_output"
	statusError     = "task_error"
	statusOutputAll = "task_output_full"
	statusErrorAll  = "task_error_full"
	statusEnd       = "task_end"
	statusPostStart = "task_postprocess_start"
	statusDone      = "task_postprocess_end"
	statusCancel    = "task_cancel"
)

// never is later than any moment of the sandbox's clock.
const never = time.Duration(math.MaxInt64)

// fate is what chance has laid down for a task when it was made, and what came to pass since.
type fate uint16

const (
	fateFails     fate = 1 << iota // ends with pexit 1
	fateStuck                      // never leaves task_start
	fateErrs                       // shows task_error while it queues
	fateErrStuck                   // shows task_error for ever
	fateHidden                     // shows late in Task/List
	settled                        // billed, failed or cancelled: no longer active
	erased                         // its inputs and outputs were deleted
	shownErrs                      // task_error was seen, so the fault has fired
	fateCancelled                  // the system cancels it
)

// task is what is kept of one task: small, since there may be a million.
type task struct {
	key     uint64 // what was asked, and the how-manieth time: the key of all chance about it
	model   *model
	params  string // packed by the sandbox's pool
	created time.Duration
	accept  time.Duration
	killed  time.Duration // never, unless cancelled
	prepare uint32        // milliseconds from accept to start
	run     uint32        // milliseconds from start to end
	post    uint32        // milliseconds from end to the outputs
	size    int32         // bytes of the first output, 0: not drawn yet
	polls   uint32        // Details answered
	gets    uint32        // downloads answered
	fate    fate
	outputs uint8 // how many it makes when it succeeds
}

// timeline is when each phase of a task begins.
type timeline struct {
	created, accept, preStart, preEnd, assign, start, output, outputAll, end, postStart, postEnd time.Duration
}

func (t *task) is(f fate) bool { return t.fate&f != 0 }

func (t *task) timeline() timeline {
	ms := func(n uint32) time.Duration { return time.Duration(n) * time.Millisecond }
	prepare, run, post := ms(t.prepare), ms(t.run), ms(t.post)
	start := t.accept + prepare
	end := start + run
	return timeline{
		created: t.created, accept: t.accept,
		preStart: t.accept + prepare/10, preEnd: t.accept + prepare*4/10, assign: t.accept + prepare/2,
		start: start, output: start + run/10, outputAll: start + run*95/100, end: end,
		postStart: end + post/10, postEnd: end + post,
	}
}

// ends is when the task reaches a terminal status, or never.
func (t *task) ends() time.Duration {
	if t.is(fateStuck | fateErrStuck) {
		return t.killed
	}
	return min(t.killed, t.timeline().postEnd)
}

// status is a pure function of the task and a moment.
func (t *task) status(at time.Duration) string {
	if at >= t.killed {
		return statusCancel
	}
	l := t.timeline()
	switch {
	case t.is(fateErrStuck), t.is(fateErrs) && at < l.accept:
		return statusError
	case at < l.accept:
		return statusQueue
	case at < l.preStart:
		return statusAccept
	case at < l.preEnd:
		return statusPreStart
	case at < l.assign:
		return statusPreEnd
	case at < l.start:
		return statusAssign
	case at < l.output || t.is(fateStuck):
		return statusStart
	case at < l.outputAll:
		return statusOutput
	case at < l.end:
		return statusOutputAll
	case at < l.postStart:
		return statusEnd
	case at < l.postEnd:
		return statusPostStart
	}
	return statusDone
}

// passed says whether a moment of the timeline has really come at a time.
func (t *task) passed(moment, at time.Duration) bool {
	planned := moment != t.created && moment != t.killed
	if planned && (t.is(fateErrStuck) || t.is(fateStuck) && moment > t.timeline().start) {
		return false
	}
	return moment <= at && moment <= t.killed
}

// succeeded says whether the task has ended well at a time.
func (t *task) succeeded(at time.Duration) bool {
	return t.status(at) == statusDone && !t.is(fateFails)
}
