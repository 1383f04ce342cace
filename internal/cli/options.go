package cli

import (
	"cmp"
	"errors"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"wirobatch/manifest"
	"wirobatch/pipeline"
)

// watchLater is a way of watching that is to come.
const watchLater = "callback"

// runFlags are those of run. A flag that is given overrides the manifest.
type runFlags struct {
	sandbox, dryRun, retryFailed, verify bool
	out, rate, budget, deadline          string
	watch, onUnknown, report             string
	redo                                 []string
	concurrency, limit                   int
	grace                                time.Duration
}

// load reads a manifest. One that is not there, or can't be read, is a wrong argument, not a fault of the disk.
func load(path string) (*manifest.Manifest, error) {
	m, err := manifest.Load(path)
	var mistakes manifest.Mistakes
	if err != nil && !errors.As(err, &mistakes) {
		return nil, &exit{code: codeUsage, err: err, hint: "wirobatch init writes a manifest to start from"}
	}
	return m, err
}

// folder is where the output goes. The sandbox has one of its own: a folder belongs to one service.
func folder(m *manifest.Manifest, out string, sandbox bool) string {
	switch {
	case out != "":
		return out
	case m.Output.Dir != "" && sandbox:
		return filepath.Clean(m.Output.Dir) + "-sandbox"
	case m.Output.Dir != "":
		return m.Output.Dir
	case sandbox:
		return filepath.Join("out", m.Name+"-sandbox")
	}
	return filepath.Join("out", m.Name)
}

// options settles flags against manifest. What can't be is a usage error: nothing that was asked for is ignored.
func (f *runFlags) options(c *cobra.Command, m *manifest.Manifest) (o pipeline.Options, err error) {
	given := c.Flags().Changed
	switch {
	case given("watch") && f.watch == "":
		return o, usage("--watch is empty")
	case f.watch == watchLater:
		return o, usage("--watch %s is not built yet; leave it out, or write --watch %s", watchLater, manifest.WatchAuto)
	case given("watch") && !slices.Contains(manifest.WatchModes, f.watch):
		return o, usage("--watch %q is not known; there are %s, and not built yet: %s", f.watch, strings.Join(manifest.WatchModes, ", "), watchLater)
	case !slices.Contains(reportModes, f.report):
		return o, usage("--report %q is not known: %s", f.report, strings.Join(reportModes, ", "))
	case given("out") && f.out == "":
		return o, usage("--out is empty")
	case given("redo") && len(f.redo) == 0:
		return o, usage("--redo is empty; write the ids of cells, as results.csv has them")
	case given("limit") && f.limit < 1:
		return o, usage("--limit must be at least 1")
	case given("concurrency") && f.concurrency < 1:
		return o, usage("--concurrency must be at least 1")
	case f.verify && f.dryRun:
		return o, usage("--verify reads the files at the start of a run; --dry-run starts none")
	case f.grace < 0:
		return o, usage("--grace must not be negative")
	}
	for _, id := range f.redo {
		if !cellID.MatchString(id) {
			return o, usage("--redo %q is no id of a cell: those are 20 digits and letters a–f, see results.csv", id)
		}
	}
	o = pipeline.Options{
		Manifest: m, Limits: m.Limits, Out: folder(m, f.out, f.sandbox), Version: version(), Sandbox: f.sandbox,
		Watch: cmp.Or(f.watch, m.Watch), Limit: f.limit, Grace: f.grace, RetryFailed: f.retryFailed, Redo: f.redo, Checksums: f.verify,
	}
	switch o.OnUnknown = pipeline.OnUnknown(f.onUnknown); o.OnUnknown {
	case pipeline.Verify, pipeline.Hold, pipeline.Resubmit:
	default:
		return o, usage("--on-unknown %q is not known: verify, hold or resubmit", f.onUnknown)
	}
	if given("concurrency") {
		o.Limits.Concurrency = f.concurrency
	}
	if given("rate") {
		if o.Limits.Rate, o.Limits.Burst, err = manifest.ParseRate(f.rate); err != nil {
			return o, usage("--rate %w", err)
		}
	}
	if given("budget") {
		if o.Limits.Budget, err = manifest.ParseBudget(f.budget); err != nil {
			return o, usage("--budget %w", err)
		}
	}
	if given("deadline") {
		o.Limits.Deadline = f.deadline
	}
	if given("deadline") || o.Limits.Deadline != "" {
		if o.Deadline, err = manifest.ParseDeadline(o.Limits.Deadline, time.Now()); err != nil {
			return o, usage("--deadline %w", err)
		}
	}
	return o, nil
}

var cellID = regexp.MustCompile(`^[0-9a-f]{20}$`)
