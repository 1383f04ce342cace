package pipeline

import (
	"context"
	"fmt"
	"sync"

	"wirobatch/manifest"
	"wirobatch/pipeline/journal"
	"wirobatch/wiro"
)

// allWrong is how many cells of a model a start may have refused as wrong while none was ever accepted, where the manifest sets
// no max_failures: a parameter that is misspelt once fails as many cells as there are.
const allWrong = 20

// wrongs counts, by model, the cells that the service refused as wrong. When there are so many, no more leave until all answers
// are here that may yet say something else.
type wrongs struct {
	mu     sync.Mutex
	models map[string]*wrongly
}

type wrongly struct {
	times   int
	said    *wiro.Error
	judging bool
	passed  bool // it is the cells, not all of them
}

// judged reports whether it is not yet clear if all cells of the model are wrong.
func (w *wrongs) judged(model string) bool {
	w.mu.Lock()
	defer w.mu.Unlock()
	m := w.models[model]
	return m != nil && m.times >= allWrong && !m.passed
}

// wrong notes a cell that the service refused as wrong.
func (r *Run) wrong(ctx context.Context, cell journal.Cell, e *wiro.Error) error {
	if e.Status == 0 || r.o.Limits.MaxFailures != (manifest.MaxFailures{}) {
		return nil
	}
	r.wrongs.mu.Lock()
	if r.wrongs.models == nil {
		r.wrongs.models = map[string]*wrongly{}
	}
	w := r.wrongs.models[cell.Model]
	if w == nil {
		w = &wrongly{}
		r.wrongs.models[cell.Model] = w
	}
	w.times++
	w.said = e
	r.wrongs.mu.Unlock()
	_, err := r.allAreWrong(ctx, cell.Model)
	return err
}

// allAreWrong reports whether cells of a model are not to leave for now. It lets nothing more be submitted when that is what the
// service makes of all of them. Where it has taken cells of that model before, it is the cells.
func (r *Run) allAreWrong(ctx context.Context, model string) (wait bool, err error) {
	r.wrongs.mu.Lock()
	w := r.wrongs.models[model]
	if w == nil || w.times < allWrong || w.passed {
		r.wrongs.mu.Unlock()
		return false, nil
	}
	if w.judging || r.leaving.Load() > 0 || r.claims.asks(model) {
		r.wrongs.mu.Unlock()
		return true, nil
	}
	w.judging = true
	times, said := w.times, w.said
	r.wrongs.mu.Unlock()

	taken, err := r.journal.Accepted(context.WithoutCancel(ctx), model)
	if err == nil && !taken {
		r.mu.Lock()
		r.refusal = model + ": " + said.Message
		r.mu.Unlock()
		r.o.Warn(fmt.Sprintf("the service has refused %d cells of %s, and accepted none: no more is submitted: %v", times, model, said))
		r.halt(TooManyFailures)
		return true, nil
	}
	r.wrongs.mu.Lock()
	defer r.wrongs.mu.Unlock()
	w.judging, w.passed = false, taken
	return !taken, err
}
