package pipeline

import (
	"context"
	"errors"
	"slices"
	"strings"
	"time"

	"wirobatch/pipeline/journal"
	"wirobatch/pipeline/watch"
	"wirobatch/wiro"
)

const (
	listPage  = 100
	listPages = 50 // bounds one walk
)

// walk is the newest tasks of the account, as Task/List showed them. How many rows a page has says nothing of where the list
// ends: the service may give fewer than are asked for, or rows that can't be read.
type walk struct {
	began   time.Time
	tasks   []wiro.Task // newest first, each once
	rows    int         // as the service counts them: pages overlap where tasks are made meanwhile
	unread  int         // rows that could be any task
	total   int         // the most tasks that an answer spoke of
	empty   bool        // a page was: there are no older ones
	stopped bool        // there is no more to be had
}

// reaches reports whether the walk shows everything that is newer than that task. Only one that is no newer says so; the end of
// the list does where there was no task before, and as many have come as the service speaks of.
func (w walk) reaches(task string) bool {
	for _, t := range slices.Backward(w.tasks) {
		if numbered(t.ID) {
			if !journal.Newer(t.ID, task) {
				return true
			}
			break
		}
	}
	return w.empty && strings.Trim(task, "0") == "" && len(w.tasks)+w.unread >= w.total
}

// numbered reports whether an id can be compared with others.
func numbered(id string) bool { return id != "" && strings.Trim(id, "0123456789") == "" }

// lookup shares walks of the list: one that began after a submit was given up serves it, whoever asked for it.
type lookup struct {
	client *wiro.Client
	line   *watch.Line
	note   func(task string)
	turn   chan struct{}
	last   walk
}

// since gives a walk that began at that time or later, down to what is older than newest, if the list goes so far.
func (u *lookup) since(ctx context.Context, at time.Time, newest string) (walk, error) {
	select {
	case u.turn <- struct{}{}:
		defer func() { <-u.turn }()
	case <-ctx.Done():
		return walk{}, ctx.Err()
	}
	if !u.last.began.Before(at) && (u.last.stopped || u.last.reaches(newest)) {
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

// walk goes through the list, of one model or "" for all, down to what is no newer than that task. Each page begins where the
// rows of the last one ended. One that brings nothing new ends it: more would not either.
func (u *lookup) walk(ctx context.Context, model, newest string) (walk, error) {
	type key struct{ id, token string }
	w, seen := walk{began: time.Now()}, map[key]bool{}
	for page := 0; !w.stopped && !w.reaches(newest); page++ {
		var list wiro.TaskPage
		err := u.line.Read(ctx, func() (err error) {
			list, err = u.client.List(ctx, wiro.ListQuery{Start: w.rows, Limit: listPage, ModelName: model})
			return err
		})
		if e := (*wiro.Error)(nil); err != nil && !(errors.As(err, &e) && e.NotFound()) {
			return walk{}, err
		}
		before := len(w.tasks)
		for _, t := range list.Tasks {
			this := key{t.ID, t.Token}
			if numbered(t.ID) { // a token may be shown otherwise each time
				this.token = ""
			}
			if u.note(t.ID); !seen[this] {
				seen[this] = true
				w.tasks = append(w.tasks, t)
			}
		}
		w.rows += list.Rows
		w.unread += list.Rows - len(list.Tasks)
		w.total = max(w.total, list.Total)
		w.empty = list.Rows == 0
		w.stopped = len(w.tasks) == before || page+1 == listPages
	}
	return w, nil
}
