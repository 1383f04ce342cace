package cli

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	"wirobatch/manifest"
	"wirobatch/pipeline"
	"wirobatch/pipeline/durable"
	"wirobatch/pipeline/journal"
)

// Exit codes of what ends a command before or beside a run; a run's own are pipeline.Result's.
const (
	codeInternal     = 1
	codeIncomplete   = 3
	codeUnauthorised = 7
	codeThreshold    = 10
	codeLocked       = 11
	codeUsage        = 64
	codeDisk         = 74
	codeManifest     = 78
	codeInterrupted  = 130
	codeTerminated   = 143
)

// codes are all exit codes with their meaning, in the order of help and README: a contract.
var codes = []struct {
	code    string
	meaning string
}{
	{"0", "all done, or --limit reached"},
	{"1", "internal error"},
	{"3", "some cells failed or are undelivered"},
	{"4", "budget reached"},
	{"5", "deadline reached; run again to go on"},
	{"6", "the account's balance is exhausted"},
	{"7", "not authorised"},
	{"8", "submits whose answer never came are held"},
	{"10", "compare: a threshold of --fail-on is passed"},
	{"11", "another run holds the folder"},
	{"64", "usage: a wrong flag or argument, no key, a folder of another service"},
	{"74", "disk or I/O"},
	{"78", "the manifest is wrong"},
	{"130", "stopped by Ctrl-C; run again to go on"},
	{"143", "stopped by SIGTERM; run again to go on"},
}

func exitCodes() string {
	var b strings.Builder
	for _, c := range codes {
		fmt.Fprintf(&b, "  %-3s  %s\n", c.code, c.meaning)
	}
	return strings.TrimRight(b.String(), "\n")
}

// exit is an error with the code to leave with, and what the person can do about it.
type exit struct {
	code int
	err  error // nil: all was said already
	hint string
}

func (e *exit) Error() string {
	if e.err == nil {
		return fmt.Sprintf("exit code %d", e.code)
	}
	return e.err.Error()
}

func (e *exit) Unwrap() error { return e.err }

func usage(format string, args ...any) error {
	return &exit{code: codeUsage, err: fmt.Errorf(format, args...)}
}

// classify gives each error its exit code: the one place where that is decided.
func classify(err error) *exit {
	var (
		known    *exit
		mistakes manifest.Mistakes
		locked   *journal.LockedError
		service  *journal.ServiceError
		stray    *pipeline.StrayError
		schema   *journal.SchemaError
		redo     *journal.RedoError
		disk     *durable.Error
		write    *journal.WriteError
		path     *fs.PathError
		read     *journal.ReadError
	)
	switch {
	case errors.As(err, &known):
		return known
	case errors.As(err, &mistakes):
		return &exit{code: codeManifest, err: err}
	case errors.As(err, &locked):
		return &exit{code: codeLocked, err: err}
	case errors.Is(err, journal.ErrLeaseLost):
		return &exit{code: codeLocked, err: err, hint: "the other run goes on with the folder, and delivers what this one has left"}
	case errors.As(err, &service), errors.As(err, &schema):
		return &exit{code: codeUsage, err: err, hint: "--out DIR takes another folder"}
	case errors.As(err, &stray):
		return &exit{code: codeUsage, err: err, hint: "bring the hidden folder .wirobatch back, take another folder with --out DIR, or move " + filepath.Base(stray.Results) + " away to pay anew"}
	case errors.As(err, &redo):
		return &exit{code: codeUsage, err: fmt.Errorf("--redo: %w", err), hint: "the ids of cells stand in results.csv"}
	case errors.As(err, &disk), errors.As(err, &write):
		return &exit{code: codeDisk, err: err, hint: "what was paid for is in the journal: make room or mend the disk, and run the same command again"}
	case errors.As(err, &read):
		return &exit{code: codeDisk, err: err, hint: "make room or mend the disk, and run the same command again"}
	case errors.As(err, &path):
		return &exit{code: codeDisk, err: err}
	case errors.Is(err, context.Canceled):
		return &exit{code: codeInterrupted}
	default:
		return &exit{code: codeInternal, err: err}
	}
}

// notBegun is classify for a run that could not take its folder: this start has submitted nothing. What earlier ones paid
// for is in the folder, if it has a journal, and another folder would pay for it again.
func notBegun(err error, out string) *exit {
	e := classify(err)
	if e.code != codeDisk {
		return e
	}
	e.hint = "nothing was submitted: mend that, or take another folder with --out DIR"
	if _, missing := os.Stat(filepath.Join(out, ".wirobatch", journal.FileName)); missing == nil {
		e.hint = "this start submitted nothing, and what earlier ones did is in the folder: mend that, and run the same command again"
	}
	return e
}
