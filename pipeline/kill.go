package pipeline

import (
	"context"
	"errors"
	"fmt"

	"wirobatch/wiro"
)

// kill ends a task whose time is over; a fresh look has just shown that it still runs. What the service then says of
// the task is what counts: it may have ended on its own in the meantime, and be paid for.
func (r *Run) kill(ctx context.Context, id string) (task wiro.Task, err error) {
	kerr := patiently(ctx, func() error { _, err := r.client.Kill(ctx, id); return err })
	err = patiently(ctx, func() error { task, err = r.client.Detail(ctx, id); return err })
	if err != nil {
		return task, errors.Join(kerr, err)
	}
	if task.Outcome() == wiro.Running {
		return task, fmt.Errorf("its task_timeout has passed, and it could not be killed: %w", errors.Join(kerr, errStillRuns))
	}
	return task, nil
}

var errStillRuns = errors.New("it still runs")

func cancellation(timedOut bool) string {
	if timedOut {
		return "killed by us: its task_timeout had passed"
	}
	return "cancelled on the server"
}
