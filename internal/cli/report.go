package cli

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"

	"github.com/spf13/cobra"

	"wirobatch/pipeline/journal"
	"wirobatch/pipeline/report"
)

func (p *program) reportCommand() *cobra.Command {
	return &cobra.Command{
		Use:   "report DIR",
		Short: "Make the reports of an output folder again, from its journal",
		Long: `Make results.csv, results.jsonl and summary.json of an output folder again. All of it
comes from the journal in the folder: no network is used, no key is needed. While a run
goes on in the folder, results.csv is its own, and left as it is.`,
		Example: `  wirobatch report out/dragons`,
		Args:    exactly("DIR"),

		ValidArgsFunction: completeDir,
		RunE: func(c *cobra.Command, args []string) error {
			out := args[0]
			if info, err := os.Stat(out); err == nil && !info.IsDir() {
				return usage("%s is a file: write the output folder of a run", out)
			}
			j, err := journal.OpenReadOnly(c.Context(), filepath.Join(out, ".wirobatch"))
			if errors.Is(err, fs.ErrNotExist) {
				return usage("%s holds no run: it has no .wirobatch folder with a journal", out)
			}
			if err != nil {
				return err
			}
			defer j.Close()
			made := []string{report.CSVFile, report.JSONLFile, report.SummaryFile}
			switch _, err := report.Write(c.Context(), j, out); {
			case errors.Is(err, report.ErrLive):
				fmt.Fprintf(p.stderr, "a run is at work: %s is written by it, and left as it is\n", filepath.Join(out, report.CSVFile))
				made = made[1:]
			case err != nil:
				return err
			}
			for _, name := range made {
				fmt.Fprintln(p.stdout, filepath.Join(out, name))
			}
			return nil
		},
	}
}
