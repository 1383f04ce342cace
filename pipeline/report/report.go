// Package report writes what people and programs read of a run: results.csv, results.jsonl, summary.json. All of it
// comes from the journal alone, so that it can be made again at any time, offline.
package report

import (
	"bufio"
	"cmp"
	"context"
	"errors"
	"io"
	"path/filepath"

	"wirobatch/pipeline/durable"
	"wirobatch/pipeline/journal"
)

// The names of the files in the output folder: a contract.
const (
	CSVFile      = "results.csv"
	JSONLFile    = "results.jsonl"
	SummaryFile  = "summary.json"
	ManifestFile = "manifest.yaml"
)

// ErrLive is what Write returns when another process runs in the folder: all but results.csv was made, which is the run's own
// as long as it goes on.
var ErrLive = errors.New("a run is at work: results.csv is written by it")

// Write makes all reports of the run in the folder out, each whole or not at all, in one pass over the journal.
func Write(ctx context.Context, j *journal.Journal, out string) (Summary, error) {
	params, err := j.Columns(ctx)
	if err != nil {
		return Summary{}, err
	}
	grid, err := j.Grid(ctx)
	if err != nil {
		return Summary{}, err
	}
	s, err := summarise(ctx, j)
	if err != nil {
		return s, err
	}
	err = pair(j, out, func(csvFile, jsonlFile io.Writer) error {
		table, lines := newTable(csvFile, params, grid.CSVSafe), newLines(jsonlFile)
		for row, err := range ahead(ctx, j) {
			if err != nil {
				return err
			}
			if err := errors.Join(table.add(row), lines.add(row)); err != nil {
				return err
			}
			s.add(row)
		}
		return table.flush()
	})
	if err != nil && err != ErrLive {
		return s, err
	}
	s.means()
	return s, cmp.Or(one(out, SummaryFile, s.write), err)
}

// pair writes the two files that one pass over the journal fills. The CSV is not replaced under a run that adds to it.
func pair(j *journal.Journal, out string, fill func(csvFile, jsonlFile io.Writer) error) error {
	csv, err := begin(out, func(csvFile io.Writer) error {
		return one(out, JSONLFile, func(jsonlFile io.Writer) error { return fill(csvFile, jsonlFile) })
	})
	if err != nil {
		return err
	}
	err = j.Alone(func() error { return csv.Commit(filepath.Join(out, CSVFile)) })
	if locked := (*journal.LockedError)(nil); errors.As(err, &locked) {
		csv.Discard()
		return ErrLive
	}
	return err
}

func one(out, name string, fill func(io.Writer) error) error {
	f, err := begin(out, fill)
	if err != nil {
		return err
	}
	return f.Commit(filepath.Join(out, name))
}

// begin writes a file that has no name yet.
func begin(out string, fill func(io.Writer) error) (*durable.File, error) {
	tmp := filepath.Join(out, ".wirobatch", "tmp")
	if err := durable.MkdirAll(tmp); err != nil {
		return nil, err
	}
	f, err := durable.Create(tmp)
	if err != nil {
		return nil, err
	}
	w := bufio.NewWriterSize(f, 1<<16)
	if err = fill(w); err == nil {
		err = w.Flush()
	}
	if err != nil {
		f.Discard()
		return nil, err
	}
	return f, nil
}
