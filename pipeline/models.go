package pipeline

import (
	"context"
	"slices"

	"wirobatch/pipeline/journal"
	"wirobatch/wiro"
)

// learn notes which model a task of ours has shown to have that id.
func (c *claims) learn(id, model string) {
	if id == "" {
		return
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	c.models[id] = model
}

// shows reports whether a task is known to be of that model.
func (c *claims) shows(task wiro.Task, model string) bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	return task.ModelID != "" && c.models[task.ModelID] == model
}

// another reports whether a task of that id of a model is known to be of another.
func (c *claims) another(id, model string) bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	m, seen := c.models[id]
	return seen && m != model
}

// strange reports whether an id of a model was never seen, while others of that model were.
func (c *claims) strange(id, model string) bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	if _, seen := c.models[id]; seen || id == "" {
		return false
	}
	for _, m := range c.models {
		if m == model {
			return true
		}
	}
	return false
}

// modelList is the list of one model's tasks, down to what is older than newest, read when it is first asked for.
type modelList struct {
	of, newest string
	walk       *walk
}

// another reports whether a task is of another model. An id that was never seen may be one that the model has had since: then
// the list of the model's tasks alone tells, where that goes so far.
func (r *Run) another(ctx context.Context, list *modelList, task wiro.Task) (bool, error) {
	if !r.claims.strange(task.ModelID, list.of) {
		return r.claims.another(task.ModelID, list.of), nil
	}
	if list.walk == nil {
		w, err := r.lookup.walk(ctx, list.of, list.newest)
		if err != nil {
			return false, err
		}
		list.walk = &w
	}
	if slices.ContainsFunc(list.walk.tasks, func(t wiro.Task) bool { return t.ID == task.ID }) {
		r.claims.learn(task.ModelID, list.of)
		return false, nil
	}
	return list.walk.reaches(list.newest), nil
}

// ofModel reports whether a task is of the cell's model. One that does not show its model may be that of a lost submit to
// another, where that asks for the same: then the list of the model alone tells.
func (r *Run) ofModel(ctx context.Context, task wiro.Task, model string) (bool, error) {
	if r.claims.shows(task, model) {
		return true, nil
	}
	others, err := r.journal.Missing(ctx, model)
	if err != nil || !slices.ContainsFunc(others, func(sent []journal.Param) bool {
		return compare(task.Parameters, params(sent)) != different
	}) {
		return err == nil, err
	}
	return r.lookup.of(ctx, model, task.ID)
}
