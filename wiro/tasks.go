package wiro

import (
	"context"
	"strconv"
	"strings"
)

// Detail asks after a task by its id. A task that does not exist is an error
// with NotFound.
func (c *Client) Detail(ctx context.Context, id string) (Task, error) {
	return c.one(ctx, opDetail, "taskid", id)
}

// DetailByToken asks after a task by the token that Run returned. Where the one task of the answer shows another token, it
// comes with the error: a service may show other tokens than it gives.
func (c *Client) DetailByToken(ctx context.Context, token string) (Task, error) {
	return c.one(ctx, opDetail, "tasktoken", token)
}

// Kill ends a task that runs or waits, and returns it as it then is. A task
// that has ended already is an error with NotFound (code 1, documentation).
// An answer without the task gives a Task with the id alone: ask Detail.
func (c *Client) Kill(ctx context.Context, id string) (Task, error) {
	return c.one(ctx, opKill, "taskid", id)
}

// KillByToken is Kill by the token that Run returned.
func (c *Client) KillByToken(ctx context.Context, token string) (Task, error) {
	return c.one(ctx, opKill, "socketaccesstoken", token)
}

// Cancel takes a task out of the queue; for one that has left it, it is an
// error with NotFound, and Kill is the call to make.
func (c *Client) Cancel(ctx context.Context, id string) (Task, error) {
	return c.one(ctx, opCancel, "taskid", id)
}

// InputOutputDelete deletes the files of a task that has ended, by its token
// (documentation). To call it again does no harm.
func (c *Client) InputOutputDelete(ctx context.Context, token string) error {
	if ident(token) == "" {
		return &Error{Op: opDelete, Message: "no task token", Err: ErrInvalid}
	}
	if _, failure := c.read(ctx, opDelete, map[string]any{"tasktoken": token}); failure != nil {
		return failure
	}
	return nil
}

// one makes a call about one task, and takes no other task for it.
func (c *Client) one(ctx context.Context, op, field, key string) (Task, error) {
	if ident(key) == "" {
		return Task{}, &Error{Op: op, Message: "no " + field, Err: ErrInvalid}
	}
	answer, failure := c.read(ctx, op, map[string]any{field: key})
	if failure != nil {
		return Task{}, failure
	}
	var tasks []Task
	for _, r := range answer.Tasks {
		if t, ok := c.task(r); ok {
			tasks = append(tasks, t)
		}
	}
	for _, t := range tasks {
		own, mine := &t.ID, t.ID
		if field != "taskid" {
			own, mine = &t.Token, t.Token
		}
		if mine == key || field != "taskid" && strings.EqualFold(mine, key) || mine == "" && len(tasks) == 1 {
			*own = key
			return t, nil
		}
	}
	e := &Error{Op: op, Status: 200, Sent: true}
	switch {
	case len(tasks) > 0:
		e.Message = "the answer is about another task"
		if len(tasks) == 1 && field != "taskid" {
			return tasks[0], e
		}
	case answer.Result != yes:
		e.Message = "the answer does not say whether it worked"
	case op == opDetail:
		e.Code, e.Refused, e.Message = "1", true, "there is no such task"
	case field == "taskid":
		return Task{ID: key}, nil
	default:
		return Task{Token: key}, nil
	}
	return Task{}, e
}

// task is a task as it is shown: a model can print what it was called with. ok is false for a row that can't be read.
func (c *Client) task(r row) (t Task, ok bool) {
	w, ok := r.wire()
	t = w.task()
	t.DebugError = c.hide(t.DebugError, "")
	return t, ok
}

// ListQuery chooses a page of the account's tasks.
type ListQuery struct {
	Start     int    // how many to skip
	Limit     int    // 1 to 100; 0 is 20
	ModelName string // only this model's; "" is all
	// Wanted tells which tasks are to be read. Others may come with their ID alone. nil is all.
	Wanted func(id string) bool
}

// TaskPage is a part of the account's tasks, newest first.
type TaskPage struct {
	Tasks []Task
	Rows  int // as the service counts them: with those that can't be read, or have neither an id nor a token
	Total int // of all pages, −1 unknown
}

// maxPage is the most tasks that one answer holds (clients).
const maxPage = 100

// List gives the account's tasks, newest first, each as in Detail with its
// parameters (clients). An account without tasks is an empty page.
func (c *Client) List(ctx context.Context, q ListQuery) (TaskPage, error) {
	fields := map[string]any{
		"type": "model", "sort": "id", "order": "DESC",
		"start": strconv.Itoa(max(q.Start, 0)), "limit": strconv.Itoa(pageLimit(q.Limit)),
	}
	if q.ModelName != "" {
		fields["modelName"] = q.ModelName
	}
	answer, failure := c.read(ctx, opList, fields)
	if failure != nil {
		if failure.NotFound() { // "There is no task yet."
			return TaskPage{}, nil
		}
		return TaskPage{}, failure
	}
	page := TaskPage{Rows: len(answer.Tasks), Total: int(answer.Total.count())}
	page.Tasks = make([]Task, 0, len(answer.Tasks))
	for _, r := range answer.Tasks {
		if q.Wanted != nil {
			if id := r.id(); id != "" && !q.Wanted(id) {
				page.Tasks = append(page.Tasks, Task{ID: strings.Clone(id)})
				continue
			}
			r = row(strings.Clone(string(r))) // a task that is kept must not keep its page
		}
		if t, _ := c.task(r); t.ID != "" || t.Token != "" {
			page.Tasks = append(page.Tasks, t)
		}
	}
	return page, nil
}

func pageLimit(n int) int {
	if n <= 0 {
		return 20
	}
	return min(n, maxPage)
}
