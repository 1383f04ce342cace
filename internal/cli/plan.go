package cli

import (
	"context"
	"encoding/csv"
	"encoding/json"
	"fmt"
	"strconv"
	"strings"
	"text/tabwriter"

	"github.com/spf13/cobra"

	"wirobatch/manifest"
	"wirobatch/pipeline"
	"wirobatch/pipeline/report"
)

func (p *program) plan() *cobra.Command {
	var (
		out                    string
		sandbox, asJSON, asCSV bool
	)
	c := &cobra.Command{
		Use:   "plan MANIFEST",
		Short: "Say what a run would do, and do nothing",
		Long: `Say how many cells a manifest has, how many of them differ, what is done already in
the output folder, and what is left. Nothing is written, no network is used, no key is
needed. "run --dry-run" does the same with the flags of a run.`,
		Example: `  wirobatch plan grid.yaml
  wirobatch plan grid.yaml --json
  wirobatch plan grid.yaml --csv > cells.csv   every cell with its parameters and status`,
		Args:              exactly("MANIFEST"),
		ValidArgsFunction: completeFile("yaml", "yml"),
		RunE: func(c *cobra.Command, args []string) error {
			switch {
			case asJSON && asCSV:
				return usage("--json and --csv exclude each other")
			case c.Flags().Changed("out") && out == "":
				return usage("--out is empty")
			}
			m, err := load(args[0])
			if err != nil {
				return err
			}
			out := folder(m, out, sandbox)
			switch {
			case asJSON:
				return p.planJSON(c.Context(), m, out)
			case asCSV:
				return p.planCSV(c.Context(), m, out)
			}
			return p.planText(c.Context(), pipeline.Options{Manifest: m, Limits: m.Limits, Out: out})
		},
	}
	c.Flags().StringVar(&out, "out", "", "output folder `DIR` to hold the manifest against (default out/<name>)")
	c.Flags().BoolVar(&sandbox, "sandbox", false, "hold it against the folder of run --sandbox")
	c.Flags().BoolVar(&asJSON, "json", false, "print one JSON object")
	c.Flags().BoolVar(&asCSV, "csv", false, "print a line for each cell")
	return c
}

func (p *program) planJSON(ctx context.Context, m *manifest.Manifest, out string) error {
	plan, err := pipeline.MakePlan(ctx, m, out)
	if err != nil {
		return err
	}
	e := json.NewEncoder(p.stdout)
	e.SetIndent("", "  ")
	return e.Encode(plan)
}

func (p *program) planText(ctx context.Context, o pipeline.Options) error {
	plan, err := pipeline.MakePlan(ctx, o.Manifest, o.Out)
	if err != nil {
		return err
	}
	w := tabwriter.NewWriter(p.stdout, 0, 0, 2, ' ', 0)
	row := func(name, format string, args ...any) { fmt.Fprintf(w, "%s\t%s\n", name, fmt.Sprintf(format, args...)) }
	row("name", "%s", plan.Name)
	row("model", "%s", plan.Model)
	row("grid", "%s", axes(plan))
	row("cells", "%d", plan.Cells)
	if plan.Distinct != plan.Cells {
		row("distinct", "%d, equal cells run once", plan.Distinct)
	}
	failed, left := "left as they are; --retry-failed runs them once more", fmt.Sprintf("%d to submit", plan.Left)
	if o.RetryFailed && plan.Failed > 0 {
		failed, left = "run once more, but for those that were paid", left+fmt.Sprintf(", and up to %d failed ones", plan.Failed)
	}
	if len(o.Redo) > 0 {
		left += fmt.Sprintf(", and %d to make and pay for again", len(o.Redo))
	}
	if plan.Order != string(manifest.InGrid) {
		left += ", in the order " + plan.Order
	}
	if o.Limit > 0 {
		left += fmt.Sprintf(", %d of them at most in this run", o.Limit)
	}
	for _, x := range []struct {
		name string
		n    int
		what string
	}{
		{"done", plan.Done, "not done again"},
		{"failed", plan.Failed, failed},
		{"held", plan.Held, "looked up again"},
		{"running", plan.Running, "taken up again, not paid again"},
		{"unlisted", plan.Unlisted, "in the folder, but no longer in the manifest"},
	} {
		if x.n > 0 {
			row(x.name, "%d, %s", x.n, x.what)
		}
	}
	row("left", "%s", left)
	row("limits", "%s", limits(o.Limits))
	row("folder", "%s", plan.Out)
	return w.Flush()
}

func axes(plan pipeline.Plan) string {
	var names []string
	for _, a := range plan.Axes {
		names = append(names, fmt.Sprintf("%s (%d)", a.Name, a.Values))
	}
	if plan.Repeat > 1 {
		names = append(names, fmt.Sprintf("repeat (%d)", plan.Repeat))
	}
	return strings.Join(names, " × ")
}

// limits says what bounds a run, in the words of the manifest.
func limits(l manifest.Limits) string {
	parts := []string{"concurrency learned from the account"}
	if l.Concurrency > 0 {
		parts[0] = fmt.Sprintf("%d at once", l.Concurrency)
	}
	if l.Rate > 0 {
		parts = append(parts, strconv.FormatFloat(l.Rate, 'g', 4, 64)+" submits a second")
	}
	if l.Budget.Valid {
		parts = append(parts, "$"+dollars(l.Budget.Decimal)+" for the folder")
	}
	if l.Deadline != "" {
		parts = append(parts, "deadline "+l.Deadline)
	}
	return strings.Join(parts, " · ")
}

func (p *program) planCSV(ctx context.Context, m *manifest.Manifest, out string) error {
	rows, err := pipeline.PlanRows(ctx, m, out)
	if err != nil {
		return err
	}
	columns := m.Grid().Columns()
	w := csv.NewWriter(p.stdout)
	head := []string{"cell", "id", "status", "model", "repeat"}
	if err := w.Write(append(head, report.ParamColumns(columns)...)); err != nil {
		return err
	}
	for c, status := range rows {
		values := make(map[string]string, len(c.Params))
		for _, param := range c.Params {
			values[param.Name] = param.Value
		}
		line := []string{strconv.Itoa(c.Number), c.ID, status, c.Model, strconv.Itoa(c.Repeat)}
		for _, name := range columns {
			line = append(line, values[name])
		}
		if err := w.Write(line); err != nil {
			return err
		}
	}
	w.Flush()
	return w.Error()
}
