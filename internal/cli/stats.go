package cli

import (
	"context"
	"errors"
	"os"
	"slices"
	"strings"

	"github.com/spf13/cobra"
	"golang.org/x/term"

	"wirobatch/pipeline/journal"
	"wirobatch/pipeline/report/pictures"
	"wirobatch/pipeline/report/selection"
	"wirobatch/pipeline/report/stats"
)

var statsFormats = []string{"text", "markdown", "csv", "json"}

// statsFlags are those of report --stats.
type statsFlags struct {
	on, keepCold bool
	by           []string
	format       string
	where        string
	confidence   float64
}

func (f *statsFlags) add(c *cobra.Command) {
	flags := c.Flags()
	flags.BoolVar(&f.on, "stats", false, "print statistics, and make no files")
	flags.StringSliceVar(&f.by, "by", nil, "`AXIS[,AXIS]` whose values the statistics are of, as results.csv names it (default each that varies)")
	flags.StringVar(&f.where, "where", "", "the statistics of the cells alone for which a `CONDITION` on columns of results.csv holds, such as 'scale >= 4'")
	flags.StringVar(&f.format, "format", statsFormats[0], "`FORMAT` of the statistics: "+strings.Join(statsFormats, ", "))
	flags.Float64Var(&f.confidence, "confidence", 0.95, "`SHARE` of the intervals that hold the true figure, between 0 and 1")
	flags.BoolVar(&f.keepCold, "keep-cold", false, "count the times of cold starts too")
	completeFlag(c, "format", statsFormats...)
}

// check settles the flags: nothing that was asked for is ignored.
func (f *statsFlags) check(c *cobra.Command) error {
	if !f.on {
		for _, name := range []string{"by", "where", "format", "confidence", "keep-cold"} {
			if c.Flags().Changed(name) {
				return usage("--%s is of the statistics: add --stats", name)
			}
		}
		return nil
	}
	for _, name := range []string{"grids", "standalone"} {
		if c.Flags().Changed(name) {
			return usage("--%s makes files, and --stats makes none: leave one of them out", name)
		}
	}
	switch {
	case !slices.Contains(statsFormats, f.format):
		return usage("--format %q is not known: %s", f.format, strings.Join(statsFormats, ", "))
	case !(f.confidence > 0 && f.confidence < 1):
		return usage("--confidence must lie between 0 and 1, such as 0.95")
	case c.Flags().Changed("by") && len(f.by) == 0:
		return usage("--by is empty; write an axis, as results.csv names it")
	case c.Flags().Changed("where") && strings.TrimSpace(f.where) == "":
		return usage("--where is empty; write a condition such as 'scale >= 4'")
	case len(f.by) > 2 || len(f.by) == 2 && f.by[0] == f.by[1]:
		return usage("--by takes one axis, or two that differ")
	}
	return nil
}

// printStats looks at the folder out, and leaves it as it is.
func (p *program) printStats(ctx context.Context, j *journal.Journal, out string, f statsFlags) error {
	where, err := f.condition(ctx, j)
	if err != nil {
		return err
	}
	known, err := pictures.ReadKnown(out)
	if err != nil {
		return err
	}
	r, err := stats.Of(ctx, j, stats.Options{By: f.by, Where: where, Confidence: f.confidence, KeepCold: f.keepCold, Known: known})
	if unknown := (*stats.UnknownAxisError)(nil); errors.As(err, &unknown) {
		return usage("--by: %w", err)
	}
	if err != nil {
		return err
	}
	if r.All.N == 0 && r.Unselected > 0 {
		return usage("--where %q holds for none of the %d cells: there is nothing to count", f.where, r.Unselected)
	}
	switch f.format {
	case "csv":
		grid, err := j.Grid(ctx)
		if err != nil {
			return err
		}
		return r.CSV(p.stdout, grid.CSVSafe)
	case "json":
		return r.JSON(p.stdout)
	case "markdown":
		return r.Markdown(p.stdout)
	}
	return r.Text(p.stdout, p.width())
}

// condition gives that of --where, nil for none.
func (f *statsFlags) condition(ctx context.Context, j *journal.Journal) (func(journal.Row) bool, error) {
	if f.where == "" {
		return nil, nil
	}
	where, err := selection.Parse(f.where)
	if err != nil {
		return nil, usage("--where: %w", err)
	}
	params, err := j.Columns(ctx)
	if err != nil {
		return nil, err
	}
	holds, err := where.Bind(params)
	if err != nil {
		return nil, usage("--where: %w", err)
	}
	return holds, nil
}

// width is that of the terminal, and a common one where there is none.
func (p *program) width() int {
	if f, ok := p.stdout.(*os.File); ok {
		if width, _, err := term.GetSize(int(f.Fd())); err == nil && width > 0 {
			return width
		}
	}
	return 80
}
