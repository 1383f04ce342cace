package cli

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"github.com/dustin/go-humanize"
	"github.com/dustin/go-humanize/english"

	"wirobatch/pipeline/durable"
	"wirobatch/pipeline/report/export"
)

func (p *program) makeDataset(ctx context.Context, o export.Options) error {
	ctx, release := untilSignal(ctx)
	defer release()
	s := p.screen(p.stderr)
	defer s.stop()
	o.Progress = s.show()
	r, err := export.Export(ctx, o)
	s.stop()
	if err != nil {
		if ctx.Err() != nil {
			fmt.Fprintf(p.stderr, "stopped: the same command goes on with %s\n", o.Out)
			return context.Cause(ctx)
		}
		return unexported(err)
	}
	for _, note := range r.Notes {
		s.warn(note)
	}
	for i, d := range r.Lost {
		if i == shownLost {
			break
		}
		s.warn("left out: " + d.Error())
	}
	if r.Kept != "" {
		s.warn("the dataset that was there had been changed since it was made, and is kept: " + r.Kept)
	}
	for _, line := range dataset(r) {
		fmt.Fprintln(p.stdout, line)
	}
	if r.Damaged > 0 {
		return &exit{code: codeIncomplete, hint: mended}
	}
	return nil
}

// mended is what to do about files that are missing or damaged.
const mended = "wirobatch run MANIFEST --verify mends what is missing or damaged; then the same command makes the dataset whole"

// shownLost is how many damaged files are named here; the README.md of the dataset names more.
const shownLost = 10

// dataset is what an export has made, for a person.
func dataset(r export.Result) (lines []string) {
	row := func(label, format string, args ...any) {
		lines = append(lines, strings.TrimRight(fmt.Sprintf("%-8s %s", label, fmt.Sprintf(format, args...)), " "))
	}
	if r.Bytes > 0 {
		row("Samples", "%s, %s", english.Plural(r.Samples, "file", ""), humanize.Bytes(uint64(r.Bytes)))
	} else {
		row("Samples", "%s", english.Plural(r.Samples, "row", ""))
	}
	label := "Splits"
	for _, s := range r.Splits {
		row(label, "%s %d (%.1f%%)", s.Name, s.Samples, 100*float64(s.Samples)/float64(max(r.Samples, 1)))
		label = ""
	}
	label = "Left out"
	for _, line := range r.LeftOut {
		row(label, "%s", line)
		label = ""
	}
	if r.Damaged > 0 {
		row(label, "%d missing or damaged", r.Damaged)
	}
	what := ""
	if !r.Made {
		what = ", as it was: nothing to do"
	}
	row("Dataset", "%s%s", r.Path, what)
	return lines
}

// unexported gives the errors of an export their exit codes.
func unexported(err error) error {
	var (
		words  *export.WordsError
		folder *export.FolderError
		empty  *export.EmptyError
		way    *export.InTheWayError
		busy   *export.BusyError
		disk   *durable.Error
	)
	switch {
	case errors.As(err, &words), errors.As(err, &folder):
		return usage("%w", err)
	case errors.As(err, &empty) && empty.Damaged:
		return &exit{code: codeIncomplete, err: err, hint: mended}
	case errors.As(err, &empty):
		return &exit{code: codeUsage, err: err, hint: "--where, --ids and --not say what is taken; wirobatch status DIR says what is done"}
	case errors.As(err, &way) && way.Made != way.Now:
		return &exit{code: codeUsage, err: err, hint: "--replace makes it anew and keeps what is there beside it, --out PATH takes another place"}
	case errors.As(err, &way) && way.Dataset:
		return &exit{code: codeUsage, err: err, hint: "--replace makes it anew, --out PATH takes another place"}
	case errors.As(err, &way):
		return &exit{code: codeUsage, err: err, hint: "--out PATH takes another place"}
	case errors.As(err, &busy):
		return &exit{code: codeLocked, err: err}
	case errors.Is(err, export.ErrChanged):
		return &exit{code: codeLocked, err: err}
	case errors.As(err, &disk):
		return &exit{code: codeDisk, err: err, hint: "the runs are as they were: make room or mend the disk, and run the same command again, which goes on; --out PATH takes another place"}
	}
	return err
}
