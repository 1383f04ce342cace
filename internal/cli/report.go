package cli

import (
	"context"
	"errors"
	"fmt"
	"path/filepath"

	"github.com/spf13/cobra"

	"wirobatch/manifest"
	"wirobatch/pipeline/journal"
	"wirobatch/pipeline/report"
	"wirobatch/pipeline/report/grids"
	"wirobatch/pipeline/report/page"
)

func (p *program) reportCommand() *cobra.Command {
	var withGrids, standalone bool
	var numbers statsFlags
	c := &cobra.Command{
		Use:   "report DIR",
		Short: "Make the reports of an output folder again, from its journal",
		Long: `Make results.csv, results.jsonl, summary.json, report.html and the pictures in grids/ of
an output folder again. All of it comes from the journal in the folder: no network is used,
no key is needed. While a run goes on in the folder, results.csv is its own, and left as it is.

report.html is a page to look at the results, to compare and to count them. It opens
from the folder, with the thumbnails in thumbs/ beside it.

With --stats it makes no files, and prints for each value of an axis how many cells are done,
how long they took, what they cost and how far the pictures are from those of the first value,
with intervals that say how sure that is, and a sentence for what was left out and why.`,
		Example: `  wirobatch report out/dragons
  wirobatch report out/dragons --standalone   a page to send: with the pictures in it, as far as they fit
  wirobatch report out/scale-sweep --stats --by scale   what does the scale change?
  wirobatch report out/scale-sweep --stats --by model,scale --format csv`,
		Args: exactly("DIR"),

		ValidArgsFunction: completeDir,
		RunE: func(c *cobra.Command, args []string) error {
			if err := numbers.check(c); err != nil {
				return err
			}
			out := args[0]
			j, err := openFolder(c.Context(), out)
			if err != nil {
				return err
			}
			defer j.Close()
			if numbers.on {
				return p.printStats(c.Context(), j, out, numbers)
			}
			made := []string{report.CSVFile, report.JSONLFile, report.SummaryFile}
			switch _, err := report.Write(c.Context(), j, out); {
			case errors.Is(err, report.ErrLive):
				fmt.Fprintf(p.stderr, "a run is at work: %s is written by it, and left as it is\n", filepath.Join(out, report.CSVFile))
				made = made[1:]
			case err != nil:
				return err
			}
			x, y, err := layout(c.Context(), j)
			if err != nil {
				return err
			}
			err = page.Write(c.Context(), j, out, page.Options{Standalone: standalone, X: x, Y: y, Version: version()})
			switch tooMany := (*page.TooManyError)(nil); {
			case err == nil:
				made = append(made, page.File)
			case errors.As(err, &tooMany):
				fmt.Fprintln(p.stderr, err)
			default:
				return err
			}
			if withGrids {
				names, err := grids.Write(c.Context(), out, j, grids.Options{X: x, Y: y})
				if err != nil {
					return err
				}
				made = append(made, names...)
			}
			for _, name := range made {
				fmt.Fprintln(p.stdout, filepath.Join(out, filepath.FromSlash(name)))
			}
			return nil
		},
	}
	c.Flags().BoolVar(&withGrids, "grids", true, "make the pictures in grids/ too")
	c.Flags().BoolVar(&standalone, "standalone", false, "take thumbnails and pictures into report.html, as far as they fit")
	numbers.add(c)
	return c
}

// layout gives the axes that the manifest that was run last names for columns and rows.
func layout(ctx context.Context, j *journal.Journal) (x, y string, err error) {
	grid, err := j.Grid(ctx)
	if err != nil {
		return "", "", err
	}
	if m, err := manifest.Parse(report.ManifestFile, grid.Manifest); err == nil { // one of another version of this program may not be read
		x, y = m.Report.X, m.Report.Y
	}
	return x, y, nil
}
