package pipeline

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"

	"wirobatch/pipeline/journal"
	"wirobatch/pipeline/report"
)

// StrayError means that a folder has the results of earlier starts without their journal, as a copy that left hidden files behind
// has: what they paid for is not known, and would be paid for again.
type StrayError struct{ Results, Journal string }

func (e *StrayError) Error() string {
	return fmt.Sprintf("%s is of earlier starts, and their journal, %s, is missing or empty: all that they paid for would be paid for again", e.Results, e.Journal)
}

// stray gives that error for a folder without a journal.
func stray(out string) error {
	results := filepath.Join(out, report.CSVFile)
	if _, err := os.Lstat(results); err != nil { // none, or the disk says so soon enough
		return nil
	}
	return &StrayError{Results: results, Journal: journalOf(out)}
}

// refuseStray is asked before a start makes a journal.
func refuseStray(ctx context.Context, out string) error {
	j, err := journal.OpenReadOnly(ctx, filepath.Dir(journalOf(out)))
	switch {
	case err == nil:
		return j.Close()
	case errors.Is(err, fs.ErrNotExist):
		return stray(out)
	}
	return nil // the start says why it can't open it
}
