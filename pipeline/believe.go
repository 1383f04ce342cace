package pipeline

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"sync"

	"wirobatch/pipeline/journal"
	"wirobatch/wiro"
)

// believe tells why an answer that names a task is none after all: the task is another cell's, as caches before a service
// have it, or may be by now. An id whose token is another is another task: a local sandbox that was started anew counts anew.
// What was submitted has then a task of its own, which is to be looked up. leave must be called when the task is recorded.
func (r *Run) believe(ctx context.Context, rec *journal.Record, sub wiro.Submission) (leave func(), doubt error) {
	task := sub.TaskID
	named, free := r.named.take(task)
	if !free {
		return nil, fmt.Errorf("its answer names task %s, which is that of another submit under way", task)
	}
	if err := r.claimed(ctx, sub); err != nil {
		named()
		return nil, err
	}
	adopting, lost := r.late(ctx, rec, wiro.Task{ID: task, Token: sub.TaskToken})
	if lost {
		named()
		return nil, errors.New("its answer came too late: another run may have found its task meanwhile")
	}
	return func() { adopting(); named() }, nil
}

// claimed tells which other cell has the task already, nil for none.
func (r *Run) claimed(ctx context.Context, sub wiro.Submission) error {
	if journal.Newer(sub.TaskID, r.journal.NewestTask(ctx)) {
		return nil
	}
	untold := func(err error) error {
		return fmt.Errorf("whether the task %s that its answer names is another cell's can't be told: %w", sub.TaskID, err)
	}
	cell, known, err := r.journal.TaskKnown(context.WithoutCancel(ctx), sub.TaskID)
	switch {
	case err != nil:
		return untold(err)
	case !known:
		return nil
	}
	tokens, err := r.journal.Tokens(context.WithoutCancel(ctx), sub.TaskID)
	if err != nil {
		return untold(err)
	}
	if !slices.ContainsFunc(tokens, func(token string) bool { return wiro.SameToken(token, sub.TaskToken) }) { // one that counts anew, or an answer that is wrong
		var shown wiro.Task
		err := r.api.Read(ctx, func() (err error) { shown, err = r.client.Detail(ctx, sub.TaskID); return err })
		if err != nil {
			return untold(err)
		}
		if shown.Token != "" && wiro.SameToken(shown.Token, sub.TaskToken) {
			return nil
		}
	}
	return fmt.Errorf("its answer names task %s, which is that of cell %s", sub.TaskID, cell)
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
