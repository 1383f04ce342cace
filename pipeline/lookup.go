package pipeline

import (
	"context"
	"errors"
	"slices"
	"time"

	"wirobatch/pipeline/journal"
	"wirobatch/pipeline/watch"
	"wirobatch/wiro"
)

const (
	listPage  = 100
	listPages = 50 // bounds one walk
)

// walk is the newest tasks of the account, as Task/List showed them.
type walk struct {
	began time.Time
	tasks []wiro.Task // newest first
	end   bool        // there are no older ones
}

// reaches reports whether the walk shows everything that is newer than that task.
func (w walk) reaches(task string) bool {
	return w.end || len(w.tasks) > 0 && !journal.Newer(w.tasks[len(w.tasks)-1].ID, task)
}

// lookup shares walks of the list: one that began after a submit was given up serves it, whoever asked for it.
type lookup struct {
	client *wiro.Client
	line   *watch.Line
	note   func(task string)
	turn   chan struct{}
	last   walk
}

// since gives a walk that began at that time or later, down to what is older than newest.
func (u *lookup) since(ctx context.Context, at time.Time, newest string) (walk, error) {
	select {
	case u.turn <- struct{}{}:
		defer func() { <-u.turn }()
	case <-ctx.Done():
		return walk{}, ctx.Err()
	}
	if !u.last.began.Before(at) && u.last.reaches(newest) {
		return u.last, nil
	}
	w, err := u.walk(ctx, "", newest)
	if err == nil {
		u.last = w
	}
	return w, err
}

// of reports whether the list of the model's tasks alone shows that one.
func (u *lookup) of(ctx context.Context, model, task string) (bool, error) {
	w, err := u.walk(ctx, model, task)
	return slices.ContainsFunc(w.tasks, func(t wiro.Task) bool { return t.ID == task }), err
}

// walk goes through the list, of one model or "" for all, down to what is no newer than that task.
func (u *lookup) walk(ctx context.Context, model, newest string) (walk, error) {
	w := walk{began: time.Now()}
	for page := 0; page < listPages && !w.reaches(newest); page++ {
		var list wiro.TaskPage
		err := u.line.Read(ctx, func() (err error) {
			list, err = u.client.List(ctx, wiro.ListQuery{Start: page * listPage, Limit: listPage, ModelName: model})
			return err
		})
		if e := (*wiro.Error)(nil); err != nil && !(errors.As(err, &e) && e.NotFound()) {
			return walk{}, err
		}
		for _, t := range list.Tasks {
			u.note(t.ID)
		}
		w.tasks = append(w.tasks, list.Tasks...)
		w.end = len(list.Tasks) < listPage
	}
	return w, nil
}
