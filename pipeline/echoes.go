package pipeline

import (
	"context"

	"wirobatch/manifest"
	"wirobatch/pipeline/journal"
	"wirobatch/wiro"
)

// What is looked at of a list to learn how the service spells.
const (
	spelledTasks = 1000
	spelledBytes = 1 << 20
	treatedTasks = 200 // of ours
)

// echoes is what a list shows of how the service spells what it was sent.
type echoes struct {
	journal *journal.Journal
	tasks   []wiro.Task
	model   string
	sent    map[string]string // by the lost submit
	numbers map[string]numbers
	exact   map[string]bool // by name, whether its value is shown as it was sent
	spelled map[string]bool // by name, whether all that its value is made of is
}

func newEchoes(j *journal.Journal, tasks []wiro.Task, model string, sent map[string]string) echoes {
	return echoes{j, tasks, model, sent, map[string]numbers{}, map[string]bool{}, map[string]bool{}}
}

// other reports whether a task shows a value that the one sent is never shown as.
func (e echoes) other(ctx context.Context, task wiro.Task) (bool, error) {
	for name, value := range e.sent {
		got, shown := task.Parameters[name]
		if !shown || manifest.Addressed(name) || !clearlyOther(got, value) {
			continue
		}
		if _, numeric := number(value); numeric {
			if known, err := once(ctx, e.numbers, name, e.treats); err != nil {
				return false, err
			} else if known.rulesOut(got, value) {
				return true, nil
			}
		}
		if exact, err := once(ctx, e.exact, name, e.exactly); err != nil || exact {
			return exact, err
		}
		if !free(value) || alike(got, value) {
			continue
		}
		if spelled, err := once(ctx, e.spelled, name, e.spells); err != nil || spelled {
			return spelled, err
		}
	}
	return false, nil
}

// once asks for a name what was not asked before.
func once[answer any](ctx context.Context, known map[string]answer, name string, ask func(context.Context, string) (answer, error)) (answer, error) {
	if is, asked := known[name]; asked {
		return is, nil
	}
	is, err := ask(ctx, name)
	if err == nil {
		known[name] = is
	}
	return is, err
}

// treats gives how the list shows the numbers of that name in tasks of ours.
func (e echoes) treats(ctx context.Context, name string) (n numbers, err error) {
	for _, task := range e.tasks[:min(len(e.tasks), spelledTasks)] {
		got, shown := task.Parameters[name]
		if !shown {
			continue
		}
		sent, err := e.sentBy(ctx, task)
		if err != nil {
			return n, err
		}
		if value, is := sent[name]; is {
			if n.note(got, value); n.noted == treatedTasks {
				break
			}
		}
	}
	return n, nil
}

// exactly reports whether the list shows that value of the lost submit, under that name, in the task of a cell of ours that sent it.
func (e echoes) exactly(ctx context.Context, name string) (bool, error) {
	for _, task := range e.tasks {
		if got, shown := task.Parameters[name]; !shown || got != e.sent[name] {
			continue
		}
		if echoed, err := e.echoed(ctx, task, name); err != nil || echoed {
			return echoed, err
		}
	}
	return false, nil
}

// spells reports whether the list shows all that a text of the lost submit is made of as it was sent, in texts of ours under the
// same name, of which one is about as long: what is too long may be cut. One of ours that is shown in other words is evidence
// of more: of a service that translates.
func (e echoes) spells(ctx context.Context, name string) (bool, error) {
	missing, long, left := spelling(e.sent[name]), false, spelledBytes
	for _, task := range e.tasks[:min(len(e.tasks), spelledTasks)] {
		got, shown := task.Parameters[name]
		if !shown {
			continue
		}
		if left -= len(got); left < 0 {
			break
		}
		sent, err := e.sentBy(ctx, task)
		if err != nil {
			return false, err
		}
		value, is := sent[name]
		switch {
		case is && clearlyOther(got, value) && free(value) && !alike(got, value):
			return false, nil
		case !is || value != got || !likewise(sent, e.sent):
			continue
		}
		for part := range spelling(got) {
			delete(missing, part)
		}
		long = long || len(e.sent[name]) <= len(got)+len(got)/4
	}
	return long && len(missing) == 0, nil
}

// echoed reports whether the task is that of a cell of ours which asked for the like, and shows what it sent under that name.
func (e echoes) echoed(ctx context.Context, task wiro.Task, name string) (bool, error) {
	sent, err := e.sentBy(ctx, task)
	if err != nil {
		return false, err
	}
	value, is := sent[name]
	_, numeric := number(value)
	return is && value == task.Parameters[name] && (numeric || likewise(sent, e.sent)), nil
}

// sentBy gives what was sent for a task of the model that a cell of ours has, nil for others.
func (e echoes) sentBy(ctx context.Context, task wiro.Task) (map[string]string, error) {
	owner, known, err := e.journal.Owner(ctx, task.ID)
	if err != nil || !known || owner.Model != e.model {
		return nil, err
	}
	return params(owner.Params), nil
}
