package pipeline

import (
	"context"
	"errors"
	"fmt"
	"sync"

	"wirobatch/pipeline/journal"
)

// believe tells why an answer that names a task is none after all: the task is another cell's, as caches before a service
// have it, or may be by now. What was submitted has then a task of its own, which is to be looked up. leave must be called
// when the task is recorded.
func (r *Run) believe(ctx context.Context, rec *journal.Record, task string) (leave func(), doubt error) {
	named, free := r.named.take(task)
	if !free {
		return nil, fmt.Errorf("its answer names task %s, which is that of another submit under way", task)
	}
	if !journal.Newer(task, r.journal.NewestTask(ctx)) { // else no cell has it
		cell, known, err := r.journal.TaskKnown(context.WithoutCancel(ctx), task)
		switch {
		case err != nil:
			named()
			return nil, fmt.Errorf("whether the task %s that its answer names is another cell's can't be told: %w", task, err)
		case known:
			named()
			return nil, fmt.Errorf("its answer names task %s, which is that of cell %s", task, cell)
		}
	}
	adopting, lost := r.late(ctx, rec, task)
	if lost {
		named()
		return nil, errors.New("its answer came too late: another run may have found its task meanwhile")
	}
	return func() { adopting(); named() }, nil
}

// naming has the tasks that are on their way into the journal.
type naming struct {
	mu    sync.Mutex
	tasks map[string]struct{}
}

// take keeps a task from all others until leave, unless it is taken.
func (n *naming) take(task string) (leave func(), free bool) {
	n.mu.Lock()
	defer n.mu.Unlock()
	if _, taken := n.tasks[task]; taken {
		return func() {}, false
	}
	if n.tasks == nil {
		n.tasks = map[string]struct{}{}
	}
	n.tasks[task] = struct{}{}
	return func() {
		n.mu.Lock()
		defer n.mu.Unlock()
		delete(n.tasks, task)
	}, true
}
