package cli

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"wirobatch/manifest"
	"wirobatch/pipeline"
	"wirobatch/pipeline/durable"
	"wirobatch/pipeline/journal"
)

func TestClassify(t *testing.T) {
	for _, row := range []struct {
		err  error
		want int
	}{
		{errors.New("who knows"), 1},
		{&journal.LockedError{Path: "lock"}, 11},
		{&journal.ServiceError{Bound: "a", Asked: "b"}, 64},
		{&journal.SchemaError{Path: "journal.db", Found: 9, Known: 1}, 64},
		{&journal.RedoError{Cells: []string{"x (no such cell)"}}, 64},
		{usage("--limit must be at least 1"), 64},
		{&durable.Error{Doing: "sync a", Err: io.ErrShortWrite}, 74},
		{&journal.WriteError{Path: "journal.db", Err: io.ErrShortWrite}, 74},
		{damaged(t), 74},
		{&fs.PathError{Op: "open", Path: "a", Err: fs.ErrPermission}, 74},
		{manifest.Mistakes{{File: "a.yaml", Line: 1, Column: 1, What: "wrong"}}, 78},
		{context.Canceled, 130}, // a second Ctrl-C
		{errors.Join(&durable.Error{Doing: "sync a", Err: io.ErrShortWrite}, context.Canceled), 74}, // what went wrong comes first
	} {
		for _, err := range []error{row.err, fmt.Errorf("while opening: %w", row.err)} {
			if got := classify(err).code; got != row.want {
				t.Errorf("%T %v: %d, want %d", row.err, err, got, row.want)
			}
		}
	}
}

// damaged is the error of a journal that is none.
func damaged(t *testing.T) error {
	t.Helper()
	folder := filepath.Join(t.TempDir(), ".wirobatch")
	if err := os.Mkdir(folder, 0o700); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(folder, "journal.db"), []byte(strings.Repeat("no database ", 1000)), 0o600); err != nil {
		t.Fatal(err)
	}
	_, err := journal.Open(t.Context(), folder, journal.Options{Service: "test", Slots: 1})
	if err == nil {
		t.Fatal("a damaged journal is opened")
	}
	return err
}

// Every reason to stop has its advice, and every exit code that a run can have stands in the help.
func TestReasonsAreExplained(t *testing.T) {
	for _, reason := range []pipeline.Reason{
		pipeline.Interrupted, pipeline.Terminated, pipeline.Unauthorised, pipeline.BalanceExhausted, pipeline.BudgetReached,
		pipeline.DeadlineReached, pipeline.TooManyFailures, pipeline.LimitReached, pipeline.Unreachable,
		pipeline.DiskTrouble, pipeline.Unrecognised,
	} {
		if advice[reason] == "" {
			t.Errorf("%q has no advice", reason)
		}
		code := fmt.Sprintf("  %-3d  ", pipeline.Result{Reasons: []pipeline.Reason{reason}}.ExitCode())
		if !strings.Contains(exitCodes(), code) {
			t.Errorf("%q: the help lacks exit code %s", reason, code)
		}
	}
	if len(advice) != 11 {
		t.Errorf("there is advice for %d reasons: this test names 11", len(advice))
	}
}

// Told to leave at once, a run ends with the code of the first signal, wherever it stood.
func TestLeavingAtOnceHasTheCodeOfTheFirstSignal(t *testing.T) {
	ctx, leave := context.WithCancelCause(context.Background())
	leave(&exit{code: codeTerminated})
	for _, row := range []struct {
		ctx  context.Context
		err  error
		want int
	}{
		{ctx, fmt.Errorf("opening the journal: %w", ctx.Err()), codeTerminated},
		{ctx, &journal.WriteError{Path: "journal.db", Err: errors.New("no space left on device")}, codeDisk},
		{context.Background(), context.Canceled, codeInterrupted},
	} {
		if got := notBegun(told(row.ctx, row.err), "out").code; got != row.want {
			t.Errorf("%v: exit code %d, not %d", row.err, got, row.want)
		}
	}
}
