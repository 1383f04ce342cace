// Package page writes report.html: all that a run made, to look at, compare and count, in one file that needs no network.
package page

import (
	"bufio"
	"cmp"
	"context"
	"embed"
	"fmt"
	"io"
	"path"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"wirobatch/pipeline/durable"
	"wirobatch/pipeline/journal"
	"wirobatch/pipeline/report/pictures"
)

// File is its name in the output folder: a contract.
const File = "report.html"

// MostCells is how many a page shows: a browser holds no more of them with ease.
const MostCells = 100_000

// sandbox is what a folder of the sandbox is bound to.
const sandbox = "sandbox"

// Options of Write.
type Options struct {
	Standalone bool                  // thumbnails, and pictures as far as they fit, are in the file itself
	X, Y       string                // axes to begin with; "": chosen
	Version    string                // of this program
	Progress   func(done, total int) // of the thumbnails; may be nil
}

// TooManyError means that the run has more cells than a page shows.
type TooManyError struct{ Cells int }

func (e *TooManyError) Error() string {
	return fmt.Sprintf("%s is not made: the run has %d cells, and a page shows %d at most; results.csv has them all", File, e.Cells, MostCells)
}

//go:embed web
var web embed.FS

// Write makes the page of the run in the folder out, whole or not at all.
func Write(ctx context.Context, j *journal.Journal, out string, o Options) error {
	grid, err := j.Grid(ctx)
	if err != nil {
		return err
	}
	if grid.Cells > MostCells {
		return &TooManyError{grid.Cells}
	}
	looked, err := pictures.Update(ctx, out, j.Rows(ctx), o.Progress)
	if err != nil {
		return err
	}
	d, err := gather(ctx, j, looked, o)
	if err != nil {
		return err
	}
	if err := texts(out, &d); err != nil {
		return err
	}
	if o.Standalone {
		if err := inline(ctx, out, &d); err != nil {
			return err
		}
	}
	tmp := filepath.Join(out, ".wirobatch", "tmp")
	if err := durable.MkdirAll(tmp); err != nil {
		return err
	}
	f, err := durable.Create(tmp)
	if err != nil {
		return err
	}
	w := bufio.NewWriterSize(f, 1<<16)
	if err := cmp.Or(render(w, d), w.Flush(), ctx.Err()); err != nil {
		f.Discard()
		return err
	}
	return f.Commit(filepath.Join(out, File))
}

// gather reads the journal.
func gather(ctx context.Context, j *journal.Journal, looked map[string][]pictures.Picture, o Options) (data, error) {
	columns, err := j.Columns(ctx)
	if err != nil {
		return data{}, err
	}
	b := newBuilder(columns, looked)
	grid, err := j.Grid(ctx)
	if err != nil {
		return data{}, err
	}
	b.Name, b.Model, b.Version, b.Made = grid.Name, grid.Model, o.Version, time.Now().UTC().Format(time.RFC3339)
	counts, err := j.Counts(ctx)
	if err != nil {
		return data{}, err
	}
	b.Money.Spent, b.Money.Reserved = counts.Spent.String(), counts.Reserved.String()
	runs, err := j.Runs(ctx)
	if err != nil {
		return data{}, err
	}
	b.Runs = []run{}
	for _, r := range runs {
		one := run{Start: moment(r.StartedAt), End: moment(r.EndedAt), Concurrency: r.Concurrency}
		if one.End != nil {
			one.Exit = &r.ExitCode
		}
		b.Runs = append(b.Runs, one)
		b.Service, b.Sandbox = r.BaseURL, r.BaseURL == sandbox
	}
	for row, err := range j.Rows(ctx) {
		if err != nil {
			return data{}, err
		}
		b.add(row)
	}
	found, err := pictures.Checks(j.Rows(ctx), looked)
	if err != nil {
		return data{}, err
	}
	b.check(found)
	return b.whole(o.X, o.Y), nil
}

// render puts the page together.
func render(w io.Writer, d data) error {
	script, err := joined("*.js", "core.js", "state.js")
	if err != nil {
		return err
	}
	script += "\nstart();\n"
	style, err := joined("*.css", "base.css")
	if err != nil {
		return err
	}
	return shell(w, d.Name, style, script, d)
}

// joined is all files of a kind in one, those which the others rest on first.
func joined(pattern string, first ...string) (string, error) {
	names, err := web.ReadDir("web")
	if err != nil {
		return "", err
	}
	all := slices.Clone(first)
	for _, n := range names {
		if ok, _ := path.Match(pattern, n.Name()); ok && !slices.Contains(first, n.Name()) {
			all = append(all, n.Name())
		}
	}
	var b strings.Builder
	for _, name := range all {
		text, err := web.ReadFile("web/" + name)
		if err != nil {
			return "", err
		}
		b.Write(text)
		b.WriteByte('\n')
	}
	return unix(b.String()), nil
}

// unix has the line ends that a browser makes of all: a checkout with those of Windows would give other hashes.
func unix(text string) string { return strings.ReplaceAll(text, "\r\n", "\n") }
