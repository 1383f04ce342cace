package pipeline

import (
	"context"
	"fmt"

	"wirobatch/wiro"
)

// kill ends a task whose time is over, for the reason why; a fresh look has just shown that it still runs. What the
// service then says of the task is what counts: it may have ended on its own in the meantime, and be paid for. killed is
// for the record: the reason, and what the service answered to the kill.
func (r *Run) kill(ctx context.Context, id string, why error) (task wiro.Task, killed string, err error) {
	var then wiro.Task
	refused := patiently(ctx, func() (err error) { then, err = r.client.Kill(ctx, id); return err })
	answer, looks := "the service answered "+string(then.Status), cancelLooks
	switch {
	case refused != nil:
		answer, looks = refused.Error(), 1
	case then.Status == "":
		answer = "the service answered without the task"
	}
	task, err = hasEnded(ctx, r.client, id, looks)
	if err != nil {
		return task, "", fmt.Errorf("told to end by us: %w; %s; %w", why, answer, err)
	}
	if task.Outcome() != wiro.Canceled {
		r.o.Warn(fmt.Sprintf("task %s has ended by itself while we told it to (%v; %s): what it made counts", id, why, answer))
	}
	return task, fmt.Sprintf("killed by us: %v; %s", why, answer), nil
}
