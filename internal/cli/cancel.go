package cli

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/signal"
	"path/filepath"
	"strings"
	"syscall"

	"github.com/spf13/cobra"

	"wirobatch/pipeline"
	"wirobatch/pipeline/journal"
	"wirobatch/wiro"
)

func (p *program) cancel() *cobra.Command {
	return &cobra.Command{
		Use:   "cancel DIR",
		Short: "End the tasks that a stopped run left on the service",
		Long: `End the tasks that a stopped run left on the service: those in the queue are
cancelled, those that run are killed, each after a fresh look at it. Their cells are
pending again at the next run; it first looks for another task of those whose own was
only found in the list. What has ended by itself is left for the next run to deliver,
and so is what is paid for; what does not say how it ended, and submits whose answer
never came, are left for it to look at. It needs the key and the service
(WIRO_BASE_URL) of the run. Exit code 3: some could not be cancelled.`,
		Example: `  wirobatch cancel out/dragons`,
		Args:    exactly("DIR"),

		ValidArgsFunction: completeDir,
		RunE: func(c *cobra.Command, args []string) error {
			return p.cancelFolder(c.Context(), args[0])
		},
	}
}

func (p *program) cancelFolder(ctx context.Context, out string) error {
	// Opening it for writing would make a journal where there is none.
	if _, err := os.Stat(filepath.Join(out, ".wirobatch", journal.FileName)); err != nil {
		return usage("%s holds no run: it has no .wirobatch folder with a journal", out)
	}
	client, err := p.client(0, nil)
	if err != nil {
		return err
	}
	ctx, release := untilSignal(ctx)
	defer release()
	fmt.Fprintf(p.stderr, "ending what a run left on %s, by the journal in %s\n", client.BaseURL(), out)
	sought := 0
	fates, err := pipeline.Cancel(ctx, pipeline.CancelOptions{
		Client: client, Out: out, Service: client.BaseURL(), Tell: func(c pipeline.Cancelled) {
			if c.Sought {
				sought++
			}
			fmt.Fprintln(p.stdout, cancelled(c))
		},
	})
	if fates != nil && len(fates) == 0 && err == nil {
		fmt.Fprintln(p.stdout, "Nothing is left on the service")
	} else if fates != nil {
		fmt.Fprintln(p.stdout, cancelSum(fates, sought))
	}
	var service *journal.ServiceError
	var e *wiro.Error
	switch {
	case ctx.Err() != nil:
		return context.Cause(ctx)
	case errors.As(err, &service) && service.Bound == sandboxService:
		return usage("%s was made by run --sandbox: its tasks ended with that run, there is nothing to cancel", out)
	case errors.As(err, &service):
		return &exit{code: codeUsage, err: err, hint: "set WIRO_BASE_URL to the service of the run"}
	case errors.As(err, &e) && e.Unauthorised():
		return &exit{code: codeUnauthorised, err: err, hint: "check WIRO_API_KEY and WIRO_API_SECRET"}
	case err != nil:
		return err
	case fates[pipeline.LeftAlone] > 0:
		return &exit{code: codeIncomplete}
	}
	return nil
}

// cancelled is the line of one task.
func cancelled(c pipeline.Cancelled) string {
	switch {
	case c.Task == "":
		return fmt.Sprintf("%-9s cell %s: %v", c.Fate, c.Cell, c.Err)
	case c.Err != nil:
		return fmt.Sprintf("%-9s task %s of cell %s: %s", c.Fate, c.Task, c.Cell, strings.ReplaceAll(c.Err.Error(), "\n", "; "))
	case c.Fate == pipeline.Paid:
		return fmt.Sprintf("%-9s task %s of cell %s: it is not cancelled, later runs deliver it if they can; run --redo %s makes it again, and pays again", c.Fate, c.Task, c.Cell, c.Cell)
	case c.Fate == pipeline.EndedSo:
		return fmt.Sprintf("%-9s task %s of cell %s: the next run delivers what it made", c.Fate, c.Task, c.Cell)
	case c.Fate == pipeline.Untold:
		return fmt.Sprintf("%-9s task %s of cell %s: it has ended, and does not say how, nor whether it was billed: the next run looks at it again", c.Fate, c.Task, c.Cell)
	case c.Sought:
		return fmt.Sprintf("%-9s task %s of cell %s: it was found in the list, and may have been another's: the next run looks for the cell's own before it makes it again", c.Fate, c.Task, c.Cell)
	}
	return fmt.Sprintf("%-9s task %s of cell %s", c.Fate, c.Task, c.Cell)
}

// cancelSum is the last word: how many had each fate, and of how many the cell's own task is yet to be looked for.
func cancelSum(n map[pipeline.Fate]int, sought int) string {
	text := fmt.Sprintf("Cancelled %d: pending again at the next run", n[pipeline.OutOfQueue]+n[pipeline.Killed])
	if sought > 0 {
		text += fmt.Sprintf(", %d of them held until it has looked for another task of theirs", sought)
	}
	if n := n[pipeline.EndedSo]; n > 0 {
		text += fmt.Sprintf("\nEnded     %d by themselves: the next run delivers what they made", n)
	}
	if n := n[pipeline.Untold]; n > 0 {
		text += fmt.Sprintf("\nUntold    %d that ended without saying how, and may be billed: the next run looks at them again", n)
	}
	if n := n[pipeline.Paid]; n > 0 {
		text += fmt.Sprintf("\nPaid      %d that are billed: not made again by the next run", n)
	}
	if n := n[pipeline.LeftAlone]; n > 0 {
		text += fmt.Sprintf("\nLeft      %d that could not be cancelled", n)
	}
	return text
}

// untilSignal ends the context at a signal; its cause is the exit code.
func untilSignal(ctx context.Context) (context.Context, func()) {
	ctx, leave := context.WithCancelCause(ctx)
	signalled := make(chan os.Signal, 1)
	signal.Notify(signalled, os.Interrupt, syscall.SIGTERM)
	go func() {
		select {
		case s := <-signalled:
			signal.Stop(signalled) // the next is the system's
			code := codeInterrupted
			if s == syscall.SIGTERM {
				code = codeTerminated
			}
			leave(&exit{code: code})
		case <-ctx.Done():
		}
	}()
	return ctx, func() {
		signal.Stop(signalled)
		leave(nil)
	}
}
