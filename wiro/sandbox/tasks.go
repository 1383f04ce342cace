package sandbox

import (
	"net/http"
	"strconv"

	"github.com/shopspring/decimal"
)

// find is the task that a request names. The caller holds the lock.
func (s *Sandbox) find(f *form) (int, *refusal) {
	id, token := f.get("taskid"), f.get("tasktoken", "socketaccesstoken")
	if id == "" && token == "" {
		return 0, errNoTaskID
	}
	index, ok := s.byID(id)
	if id == "" {
		index, ok = s.byToken(token)
	}
	if !ok || s.tasks[index].created > s.now() {
		if s.style(fold(fnvOffset, id+token), nil).slugError {
			return 0, errNoTaskSlug
		}
		return 0, errNoTask
	}
	return index, nil
}

func (s *Sandbox) detail(w http.ResponseWriter, r *http.Request, f *form) *refusal {
	s.mu.Lock()
	index, e := s.find(f)
	if e != nil {
		s.mu.Unlock()
		return e
	}
	v := s.view(index, origin(r))
	s.tasks[index].polls++
	s.mu.Unlock()

	nth := uint64(v.task.polls)
	if s.strikes("detail_empty_params", v.task.key, nth) {
		v.paramsJSON = "{}"
	}
	s.noteErrorShown(v)
	s.send(w, r, http.StatusOK, s.one(v, true), s.mishap("detail", v.task.key, nth, reading...))
	return nil
}

// noteErrorShown counts task_error_recover and task_error_stuck when task_error is seen first.
func (s *Sandbox) noteErrorShown(v *view) {
	if v.task.is(shownErrs) || v.task.status(v.at) != statusError {
		return
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	t := &s.tasks[v.index]
	if t.is(fateErrs) && !t.is(shownErrs) {
		t.fate |= shownErrs
		s.faults.count("task_error_recover")
	}
}

// one is the envelope around a single task. Kill and Cancel leave the total out (model page).
func (s *Sandbox) one(v *view, total bool) []byte {
	j := &jsonText{b: make([]byte, 0, 2048)}
	j.open('{')
	if total {
		v.num(j, numTotal, "total", "1")
	}
	j.raw("errors", "[]")
	j.name("tasklist").open('[')
	v.write(j)
	j.close(']')
	j.raw("result", "true")
	j.close('}')
	return j.b
}

func (s *Sandbox) kill(w http.ResponseWriter, r *http.Request, f *form) *refusal {
	return s.end(w, r, f, func(status string) *refusal {
		if status == statusDone || status == statusCancel {
			return errNotRunning
		}
		return nil
	})
}

// cancel is for tasks that still queue.
func (s *Sandbox) cancel(w http.ResponseWriter, r *http.Request, f *form) *refusal {
	return s.end(w, r, f, func(status string) *refusal {
		if status != statusQueue {
			return errNotQueued
		}
		return nil
	})
}

// end cancels a task, if its status may be left that way.
func (s *Sandbox) end(w http.ResponseWriter, r *http.Request, f *form, may func(status string) *refusal) *refusal {
	s.mu.Lock()
	s.settle()
	index, e := s.find(f)
	if e == nil {
		e = may(s.tasks[index].status(s.reach()))
	}
	if e != nil {
		s.mu.Unlock()
		return e
	}
	t := &s.tasks[index]
	t.killed = s.now()
	t.fate = t.fate&^fateCancelled | settled
	s.account.active--
	s.ledger.write(s, "cancelled", index, decimal.Zero, t.killed)
	v := s.view(index, origin(r))
	v.style.money = true // the sample of Kill has it whatever Detail has
	s.wake()
	s.mu.Unlock()
	s.calls.nudge(index)

	s.send(w, r, http.StatusOK, s.one(v, false), s.mishap("kill", v.task.key, 0, badGateway, drop))
	return nil
}

func (s *Sandbox) inputOutputDelete(w http.ResponseWriter, r *http.Request, f *form) *refusal {
	s.mu.Lock()
	index, e := s.find(f)
	if e == nil && s.tasks[index].ends() > s.reach() {
		e = errNotEnded
	}
	if e == nil {
		s.tasks[index].fate |= erased
	}
	s.mu.Unlock()
	if e != nil {
		return e
	}
	s.send(w, r, http.StatusOK, []byte(`{"errors":[],"result":true}`), none)
	return nil
}

// whole reads a number of a request; what is none, or negative, counts as not given.
func whole(text string, otherwise int) int {
	n, err := strconv.Atoi(text)
	if err != nil || n < 0 {
		return otherwise
	}
	return n
}
