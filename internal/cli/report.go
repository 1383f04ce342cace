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
comes from the journal in the folder: no network is used, no key is needed.`,
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
			if _, err := report.Write(c.Context(), j, out); err != nil {
				return err
			}
			for _, name := range []string{report.CSVFile, report.JSONLFile, report.SummaryFile} {
				fmt.Fprintln(p.stdout, filepath.Join(out, name))
			}
			return nil
		},
	}
}
