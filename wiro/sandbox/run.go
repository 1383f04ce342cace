package sandbox

import (
	"container/heap"
	"fmt"
	"net/http"
	"sort"
	"strconv"
	"strings"
	"time"

	"github.com/shopspring/decimal"
)

// order is one Run call, understood.
type order struct {
	model    *model
	params   []param // as echoed
	key      uint64  // what is asked for, whatever the order of the parameters
	callback string
	origin   string // where the caller reached us
}

// run makes a task.
func (s *Sandbox) run(w http.ResponseWriter, r *http.Request, slug string, f *form) *refusal {
	o, e := s.order(r, slug, f)
	if e != nil {
		return e
	}
	s.mu.Lock()
	index, fault, e := s.accept(o, r)
	s.mu.Unlock()
	if e != nil {
		return e
	}
	if !fault.made {
		s.send(w, r, http.StatusOK, nil, fault.mishap)
		return nil
	}
	s.calls.expect(index)

	j := &jsonText{}
	j.open('{')
	j.raw("errors", "[]")
	if !fault.nameless {
		j.str("taskid", taskID(index))
		j.str("socketaccesstoken", s.token(index))
	}
	j.raw("result", "true")
	j.close('}')
	s.send(w, r, http.StatusOK, j.b, fault.mishap)
	return nil
}

func (s *Sandbox) order(r *http.Request, slug string, f *form) (*order, *refusal) {
	m := s.catalog.bySlug(slug)
	if m == nil {
		return nil, errNoModel
	}
	params, e := m.inputs(f)
	if e != nil {
		return nil, e
	}
	for _, x := range f.files {
		params = append(params, param{x.field, s.uploads.add(x)})
	}
	return &order{
		model: m, params: params, key: keyOf(m, params),
		callback: f.get("callbackUrl"), origin: origin(r),
	}, nil
}

// keyOf hashes what is asked for. Uploaded files count by their content, which their path holds.
func keyOf(m *model, params []param) uint64 {
	sorted := append([]param(nil), params...)
	sort.SliceStable(sorted, func(i, j int) bool { return sorted[i].name < sorted[j].name })
	h := fold(fnvOffset, strings.ToLower(m.slug()))
	for _, p := range sorted {
		h = fold(fold(h, p.name), p.value)
	}
	return mix(h)
}

// accept makes the task, if the balance and chance allow it. The caller holds the lock.
func (s *Sandbox) accept(o *order, r *http.Request) (int, runMishap, *refusal) {
	s.settle()
	balance := s.account.balance
	if !balance.GreaterThan(s.o.MinimumBalance) {
		return 0, runMishap{}, errNoMoney
	}
	if n, limited := limit(balance); limited && s.account.active >= n {
		return 0, runMishap{}, s.tooMany(n)
	}
	// Only what was not refused for want of room counts as asked: when a slot is free depends on
	// timing, and chance must not.
	seen := s.seen[o.key]
	nth := uint64(seen.asked)
	seen.asked++
	defer func() { s.seen[o.key] = seen }()
	if e := s.refusedByFault(r, o.key, nth); e != nil {
		return 0, runMishap{}, e
	}
	fault := s.runFault(o.key, nth)
	if !fault.made {
		return 0, fault, nil
	}
	s.listLag = max(s.listLag, fault.late)
	t := s.plan(o, uint64(seen.made), s.now()+fault.late)
	seen.made++

	index := len(s.tasks)
	s.tasks = append(s.tasks, t)
	s.perModel[t.model]++
	s.account.active++
	s.calls.keep(index, o)
	s.ledger.write(s, "accepted", index, decimal.Zero, t.created)
	if end := t.ends(); end != never {
		heap.Push(&s.account.due, due{end, int32(index)})
	}
	s.settle() // instant tasks are billed at once
	return index, fault, nil
}

// tooMany is code 96 with its documented text.
func (s *Sandbox) tooMany(limit int) *refusal {
	return &refusal{96, fmt.Sprintf("You have reached your concurrent task limit. With your current balance of $%s, you can run up to %d tasks at the same time. Add funds to increase your limit.",
		s.account.balance.StringFixed(2), limit), http.StatusTooManyRequests}
}

// plan lays down the whole life of a task. The caller holds the lock.
func (s *Sandbox) plan(o *order, nth uint64, created time.Duration) task {
	key := mix(o.key ^ mix(nth))
	ms := func(phase string, p Span) time.Duration {
		return p.at(s.chance(phase, key, 0)).Round(time.Millisecond)
	}
	queue, prepare := ms("queue", s.o.Timing.Queue), ms("preprocess", s.o.Timing.Preprocess)
	run, post := ms("run", s.o.Timing.Run), ms("postprocess", s.o.Timing.Postprocess)
	if s.o.Duration != nil {
		run = s.o.Duration(s.chance("run", key, 0)).Round(time.Millisecond)
	}
	t := task{
		key: key, model: o.model, params: s.pool.pack(o.params), created: created, killed: never, outputs: 1,
	}
	if n, err := strconv.Atoi(o.model.fallback(o.params, "samples")); err == nil {
		t.outputs = uint8(n)
	}
	t.fate = s.fateOf(&t)
	if s.strikes("task_slow", key, 0) {
		run *= 10
	}
	if t.is(fateErrs) {
		queue += errorFor
	}
	t.accept = created + queue
	if !t.is(fateStuck | fateErrStuck) { // or the others would wait for ever
		t.accept = s.workers.take(t.accept, prepare+run+post)
	}
	t.prepare, t.run, t.post = millis(prepare), millis(run), millis(post)
	if t.is(fateCancelled) {
		t.killed = t.timeline().start + run/2
	}
	return t
}

func millis(d time.Duration) uint32 { return uint32(d / time.Millisecond) }

// errorFor is how long task_error_recover shows, by the sandbox's clock.
const errorFor = 4 * time.Second

// fateOf draws what will become of a task.
func (s *Sandbox) fateOf(t *task) fate {
	var f fate
	if t.model.kind == makesNothing || s.drawn("task_fail", t.key, 0) {
		f |= fateFails
	}
	switch {
	case s.strikes("task_stuck", t.key, 0):
		return fateStuck
	case s.strikes("task_error_stuck", t.key, 0):
		return fateErrStuck
	case s.drawn("task_cancelled", t.key, 0):
		f |= fateCancelled
	}
	if s.drawn("task_error_recover", t.key, 0) {
		f |= fateErrs
	}
	if s.drawn("list_lag", t.key, 0) {
		f |= fateHidden
		s.listLag = max(s.listLag, lagMost)
	}
	return f
}

// runMishap is what goes wrong with the answer to a Run, and whether the task is made.
type runMishap struct {
	mishap
	made, nameless bool
	late           time.Duration // how long after the answer the task is made
}

// runFaults are the faults of answers, in the order in which they are tried.
var runFaults = []struct {
	name string
	runMishap
}{
	{"run_502_before", runMishap{mishap: only502}},
	{"run_502_after", runMishap{mishap: only502, made: true}},
	{"run_drop_before", runMishap{mishap: drop}},
	{"run_drop_after", runMishap{mishap: drop, made: true}},
	{"run_drop_late", runMishap{mishap: drop, made: true, late: time.Second}},
	{"run_cut", runMishap{mishap: cut, made: true}},
	{"run_html", runMishap{mishap: html, made: true}},
	{"run_hang", runMishap{mishap: hang, made: true}},
	{"run_slow", runMishap{mishap: slow, made: true}},
	{"run_no_taskid", runMishap{made: true, nameless: true}},
	{"run_429", runMishap{mishap: tooMany}},
}

func (s *Sandbox) runFault(key, nth uint64) runMishap {
	for _, f := range runFaults {
		if s.strikes(f.name, key, nth) {
			if f.late > 0 {
				f.late = Span{0.5, 2, 4}.at(s.chance("late", key, nth))
			}
			return f.runMishap
		}
	}
	return runMishap{made: true}
}

// refusedByFault is a refusal that chance has made up. The caller holds the lock.
func (s *Sandbox) refusedByFault(r *http.Request, key, nth uint64) *refusal {
	if len(s.odds()) == 0 {
		return nil
	}
	switch {
	case s.strikes("auth_revoked", key, nth):
		s.revoked = true
		return errNoProject
	case s.strikes("auth_ip", key, nth):
		return &refusal{0, fmt.Sprintf("Requested ip %s is not allowed.", callerIP(r)), http.StatusUnauthorized}
	case s.strikes("run_96", key, nth):
		return s.tooMany(max(1, s.account.active))
	case s.strikes("run_98", key, nth):
		return errSignIn
	case s.strikes("run_99", key, nth):
		return errToken
	case s.strikes("run_general", key, nth):
		return errPassing
	}
	return nil
}
