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
)

// echoes is what a list shows of how the service spells what it was sent.
type echoes struct {
	journal *journal.Journal
	tasks   []wiro.Task
	model   string
	sent    map[string]string // by the lost submit
	exact   map[string]bool   // by name, whether its value is shown as it was sent
	spelled map[string]bool   // by name, whether all that its value is made of is
}

// other reports whether a task shows a value that the one sent is never shown as.
func (e echoes) other(ctx context.Context, task wiro.Task) (bool, error) {
	for name, value := range e.sent {
		got, shown := task.Parameters[name]
		if !shown || manifest.Addressed(name) || !clearlyOther(got, value) {
			continue
		}
		if farFrom(got, value) {
			return true, nil
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
func once(ctx context.Context, known map[string]bool, name string, ask func(context.Context, string) (bool, error)) (bool, error) {
	if is, asked := known[name]; asked {
		return is, nil
	}
	is, err := ask(ctx, name)
	if err == nil {
		known[name] = is
	}
	return is, err
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
// same name, of which one is about as long: what is too long may be cut.
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
		echoed, err := e.echoed(ctx, task, name)
		if err != nil {
			return false, err
		}
		if !echoed {
			continue
		}
		for part := range spelling(got) {
			delete(missing, part)
		}
		long = long || len(e.sent[name]) <= len(got)+len(got)/4
		if long && len(missing) == 0 {
			return true, nil
		}
	}
	return false, nil
}

// echoed reports whether the task is that of a cell of ours which asked for the like, and shows what it sent under that name.
func (e echoes) echoed(ctx context.Context, task wiro.Task, name string) (bool, error) {
	owner, known, err := e.journal.Owner(ctx, task.ID)
	if err != nil || !known || owner.Model != e.model {
		return false, err
	}
	sent := params(owner.Params)
	value, is := sent[name]
	_, numeric := number(value)
	return is && value == task.Parameters[name] && (numeric || likewise(sent, e.sent)), nil
}
