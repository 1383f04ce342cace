// Package report writes what people and programs read of a run: results.csv, results.jsonl, summary.json. All of it
// comes from the journal alone, so that it can be made again at any time, offline.
package report

import (
	"bufio"
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
	err = pair(out, func(csvFile, jsonlFile io.Writer) error {
		table, lines := newTable(csvFile, params, grid.CSVSafe), newLines(jsonlFile)
		for row, err := range j.Rows(ctx) {
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
	if err != nil {
		return s, err
	}
	s.means()
	return s, one(out, SummaryFile, s.write)
}

// pair writes the two files that one pass over the journal fills.
func pair(out string, fill func(csvFile, jsonlFile io.Writer) error) error {
	return one(out, CSVFile, func(csvFile io.Writer) error {
		return one(out, JSONLFile, func(jsonlFile io.Writer) error { return fill(csvFile, jsonlFile) })
	})
}

func one(out, name string, fill func(io.Writer) error) error {
	tmp := filepath.Join(out, ".wirobatch", "tmp")
	if err := durable.MkdirAll(tmp); err != nil {
		return err
	}
	f, err := durable.Create(tmp)
	if err != nil {
		return err
	}
	w := bufio.NewWriterSize(f, 1<<16)
	if err = fill(w); err == nil {
		err = w.Flush()
	}
	if err != nil {
		f.Discard()
		return err
	}
	return f.Commit(filepath.Join(out, name))
}
