package cli

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"wirobatch/pipeline/journal"
	"wirobatch/pipeline/report/compare"
	"wirobatch/pipeline/report/selection"
	"wirobatch/pipeline/report/stats"
)

var compareFormats = []string{"text", "markdown", "json"}

type compareFlags struct {
	by                          []string
	format, page, failOn, where string
	confidence                  float64
	keepCold                    bool
}

func (p *program) compare() *cobra.Command {
	var f compareFlags
	c := &cobra.Command{
		Use:   "compare A B",
		Short: "Set two runs side by side: times, costs, failures, and what became of the pictures",
		Long: `Set the runs of two output folders side by side: last night against tonight, one model
against another. Cells are paired by their id; what is left by their parameters without
the model, where that is unambiguous. Figures are those of the pairs: medians, costs, the
rate of success, with the test that benchstat uses. Pictures are compared by their bytes,
and by a perceptual hash. It reads the journals, needs no key, and disturbs no run.

--page writes a page that shows the pairs. It needs no network, and finds the pictures
where they are: keep it where it can see both folders.

--fail-on lets a script know, by exit code 10, when a threshold is passed. Several are
separated by commas. Each is METRIC OP NUMBER, where OP is >, >=, < or <=:
  cost>0.005      the figure of B
  cost>+10%       B against A: +10% is a tenth more, +0.001 so many USD more
  changed>0       a count; changed>5% is a share of what could have changed
A figure that is not known passes every threshold. Figures count as they are, also where
the difference may be chance; they are those of all pairs, whatever --by says.

Metrics:
` + compare.Metrics(),
		Example: `  wirobatch compare out/monday out/tuesday
  wirobatch compare out/monday out/tuesday --by scale --format markdown
  wirobatch compare out/monday out/tuesday --page tuesday.html
  wirobatch compare out/monday out/tuesday --fail-on 'cost>+10%,changed>0,failed>5%'`,
		Args:              exactly("A", "B"),
		ValidArgsFunction: completeDirs(2),
		RunE: func(c *cobra.Command, args []string) error {
			for _, name := range []string{"by", "fail-on", "page", "where"} {
				if v := c.Flags().Lookup(name); v.Changed && strings.Trim(v.Value.String(), "[]") == "" {
					return usage("--%s is empty", name)
				}
			}
			return p.compareRuns(c.Context(), args[0], args[1], f)
		},
	}
	fs := c.Flags()
	fs.StringSliceVar(&f.by, "by", nil, "figures for each value of these axes as well: `AXES` such as scale or scale,aspectRatio")
	fs.StringVar(&f.where, "where", "", "the pairs of which a cell fulfils the `CONDITION`, such as 'scale >= 4 and prompt ~ dragon'")
	fs.StringVar(&f.format, "format", "text", "what is printed: `FORMAT` text, markdown or json")
	fs.StringVar(&f.page, "page", "", "write a page that shows the pairs to this `FILE`.html")
	fs.StringVar(&f.failOn, "fail-on", "", "exit with 10 when one of these `THRESHOLDS` is passed, such as cost>+10%,changed>0")
	fs.Float64Var(&f.confidence, "confidence", 0.95, "`C` of the intervals; a difference counts where its p is at most 1 - C")
	fs.BoolVar(&f.keepCold, "keep-cold", false, "let the first task of a model that nobody used for ten minutes count in times too")
	completeFlag(c, "format", compareFormats...)
	return c
}

func (p *program) compareRuns(ctx context.Context, dirA, dirB string, f compareFlags) error {
	if !slices.Contains(compareFormats, f.format) {
		return usage("--format %q is not known: %s", f.format, strings.Join(compareFormats, ", "))
	}
	if !(f.confidence >= 0.5 && f.confidence < 1) {
		return usage("--confidence %v: write a number from 0.5 to below 1, such as 0.95", f.confidence)
	}
	var thresholds []compare.Threshold
	var err error
	if f.failOn != "" {
		if thresholds, err = compare.ParseThresholds(f.failOn); err != nil {
			return usage("--fail-on: %w", err)
		}
	}
	if err := pageName(f.page); err != nil {
		return err
	}
	var where selection.Where
	if f.where != "" {
		if where, err = selection.Parse(f.where); err != nil {
			return usage("--where: %w", err)
		}
	}
	var folders [2]compare.Folder
	var columns []string // of both: a condition may be about what one has alone
	for i, dir := range []string{dirA, dirB} {
		j, err := openFolder(ctx, dir)
		if err != nil {
			return err
		}
		defer j.Close()
		folders[i] = compare.Folder{Dir: dir, Journal: j}
		names, err := j.Columns(ctx)
		if err != nil {
			return err
		}
		for _, name := range names {
			if !slices.Contains(columns, name) {
				columns = append(columns, name)
			}
		}
	}
	is, err := where.Bind(columns)
	if err != nil {
		return usage("--where: %w", err)
	}
	told := time.Now()
	r, err := compare.Compare(ctx, folders[0], folders[1], compare.Options{
		Where: is, By: f.by, Confidence: f.confidence, KeepCold: f.keepCold, Looks: f.page != "",
		Progress: func(dir string, done, total int) {
			if done < total && time.Since(told) >= tellEvery {
				told = time.Now()
				fmt.Fprintf(p.stderr, "%s: %d of %d pictures looked at\n", dir, done, total)
			}
		},
	})
	if unknown := (*stats.UnknownAxisError)(nil); errors.As(err, &unknown) {
		return usage("--by: %w", err)
	}
	if errors.Is(err, compare.ErrNothing) {
		if f.where != "" {
			return usage("%w: --where holds for no cell of %s or %s", err, dirA, dirB)
		}
		return usage("%w: neither folder has a cell", err)
	}
	if err != nil {
		return err
	}
	passed := r.Judge(thresholds)
	if f.page != "" {
		err := r.Page(f.page)
		if tooMany := (*compare.TooManyError)(nil); errors.As(err, &tooMany) {
			return usage("--page: %w", err)
		}
		if err != nil {
			return err
		}
	}
	switch f.format {
	case "markdown":
		err = r.Markdown(p.stdout)
	case "json":
		err = r.JSON(p.stdout)
	default:
		err = r.Text(p.stdout, p.width())
	}
	if err != nil {
		return err
	}
	if passed {
		return &exit{code: codeThreshold}
	}
	return nil
}

// pageName refuses what is no name of a page before anything is read.
func pageName(name string) error {
	switch ext := strings.ToLower(filepath.Ext(name)); {
	case name == "" || ext == ".html" || ext == ".htm":
		return nil
	}
	return usage("--page %s: write the name of a page, such as compare.html", name)
}

// openFolder reads the journal of an output folder.
func openFolder(ctx context.Context, dir string) (*journal.Journal, error) {
	if info, err := os.Stat(dir); err == nil && !info.IsDir() {
		return nil, usage("%s is a file: write the output folder of a run", dir)
	}
	j, err := journal.OpenToLook(ctx, filepath.Join(dir, ".wirobatch"))
	if errors.Is(err, fs.ErrNotExist) {
		return nil, usage("%s holds no run: it has no .wirobatch folder with a journal", dir)
	}
	return j, err
}
