package cli

import (
	"time"

	"github.com/spf13/cobra"

	"wirobatch/manifest"
)

func (p *program) run() *cobra.Command {
	var f runFlags
	c := &cobra.Command{
		Use:   "run MANIFEST",
		Short: "Run a manifest, or go on with it",
		Long: `Run the grid of a manifest: submit what is not done yet, watch it, and bring the
results to the output folder. The same command goes on with a run that was stopped;
when all is done it submits nothing. Files that are missing or damaged are downloaded
again, not paid again. Flags override the manifest.

Ctrl-C stops submitting and lets what runs finish within --grace; what then still
runs is left on the service for the next start. A second Ctrl-C leaves at once.
Nothing is lost either way.`,
		Example: `  wirobatch run --sandbox grid.yaml        offline, without a key
  wirobatch run grid.yaml --budget 5       with WIRO_API_KEY set
  wirobatch run grid.yaml --limit 1        one cell, to see whether all is well
  wirobatch run grid.yaml --dry-run        only say what would be done
  wirobatch run grid.yaml --retry-failed   those that failed, once more`,
		Args:              exactly("MANIFEST"),
		ValidArgsFunction: completeFile("yaml", "yml"),
		RunE: func(c *cobra.Command, args []string) error {
			m, err := load(args[0])
			if err != nil {
				return err
			}
			o, err := f.options(c, m)
			if err != nil {
				return err
			}
			if f.dryRun {
				return p.planText(c.Context(), o)
			}
			return p.execute(c.Context(), o, f.sandbox, f.report)
		},
	}
	fs := c.Flags()
	fs.BoolVar(&f.sandbox, "sandbox", false, "run against a local Wiro in this process: offline, no key, no cost")
	fs.StringVar(&f.out, "out", "", "output folder `DIR` (default out/<name>, with --sandbox out/<name>-sandbox)")
	fs.BoolVar(&f.dryRun, "dry-run", false, "say what would be done, and do nothing")
	fs.IntVar(&f.concurrency, "concurrency", 0, "tasks at once, `N` (default: the manifest's, else learned from the account)")
	fs.StringVar(&f.rate, "rate", "", "submits a second at most: `R` such as 5, 5/s or 300/m")
	fs.StringVar(&f.budget, "budget", "", "`USD` that the folder may cost in all")
	fs.IntVar(&f.limit, "limit", 0, "submit `N` cells at most, then end")
	fs.BoolVar(&f.retryFailed, "retry-failed", false, "run cells that failed, and cost nothing, once more")
	fs.StringSliceVar(&f.redo, "redo", nil, "make these cells again, and pay for them again: `IDS` separated by commas")
	fs.BoolVar(&f.verify, "verify", false, "check the SHA-256 of every file that counts as done, not its size alone")
	fs.StringVar(&f.watch, "watch", "", "how the end of a task is noticed: `MODE` auto, websocket, list or detail (default: the manifest's, else auto)")
	fs.StringVar(&f.onUnknown, "on-unknown", "verify", "what to do about submits whose answer never came: `MODE` verify, hold or resubmit")
	fs.StringVar(&f.deadline, "deadline", "", "when to stop submitting: `WHEN` such as 6h (from now) or 06:00")
	fs.DurationVar(&f.grace, "grace", 30*time.Second, "`TIME` that what runs has to finish after a signal or the deadline")
	fs.StringVar(&f.report, "report", reportEnd, "when report.html is made: `MODE` off, end or live (again every 30s)")
	completeFlag(c, "report", reportModes...)
	completeFlag(c, "watch", manifest.WatchModes...)
	completeFlag(c, "on-unknown", "verify", "hold", "resubmit")
	return c
}
