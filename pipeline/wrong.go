package pipeline

import (
	"context"
	"fmt"

	"wirobatch/manifest"
	"wirobatch/pipeline/journal"
	"wirobatch/wiro"
)

// allWrong is how many cells a start may have refused as wrong while none was ever accepted, where the manifest sets no
// max_failures: a parameter that is misspelt once fails as many cells as there are.
const allWrong = 20

// wrong counts a cell that the service refused as wrong, and lets nothing more be submitted when that is what it makes of
// all of them. Where it has taken cells of that model before, it is the cells.
func (r *Run) wrong(ctx context.Context, cell journal.Cell, e *wiro.Error) error {
	if e.Status == 0 || r.o.Limits.MaxFailures != (manifest.MaxFailures{}) || r.refusals.Add(1) != allWrong {
		return nil
	}
	switch taken, err := r.journal.Accepted(context.WithoutCancel(ctx), cell.Model); {
	case err != nil:
		return err
	case taken:
		return nil
	}
	r.mu.Lock()
	r.refusal = e.Message
	r.mu.Unlock()
	r.o.Warn(fmt.Sprintf("the service has refused all of the first %d cells, and accepted none of %s: no more is submitted: %v", allWrong, cell.Model, e))
	r.halt(TooManyFailures)
	return nil
}
