package journal

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"github.com/shopspring/decimal"
)

var (
	// ErrDone is what Lease returns when there is nothing to lease, now or later.
	ErrDone = errors.New("nothing is left to lease")
	// ErrLeaseLost means that another run has taken over the folder: nothing of this one is written any more.
	ErrLeaseLost = errors.New("another run has taken over this folder; nothing more is written by this one")
	// ErrBudget is what Admit returns when the money spent and reserved leaves too little for the cell.
	ErrBudget = errors.New("the budget is reached")
	// ErrClosed is returned by operations on a closed journal.
	ErrClosed = errors.New("the journal is closed")
	// ErrReadOnly is returned by operations that write, on a journal opened for reading.
	ErrReadOnly = errors.New("the journal is open for reading only")

	errEnded = errors.New("journal: this lease has ended already")
)

// BudgetError is an ErrBudget with its figures, in USD.
type BudgetError struct {
	Spent, Held, Budget, Cost decimal.Decimal
	Returns                   bool // some of what is held is so by cells under way, and may come back
}

func (e *BudgetError) Error() string {
	return fmt.Sprintf("%v: $%s spent and $%s reserved of $%s leave too little for a cell of $%s", ErrBudget, e.Spent, e.Held, e.Budget, e.Cost)
}

func (e *BudgetError) Unwrap() error { return ErrBudget }

// LockedError means that another run holds the folder.
type LockedError struct {
	Path   string // of the lock
	Holder string // what the other run said about itself: process, host, since when; may be empty
}

func (e *LockedError) Error() string {
	who := e.Holder
	if who == "" {
		who = "another run"
	}
	return fmt.Sprintf("%s is held by %s: wait for it to end, stop it, or use another folder", e.Path, who)
}

// ServiceError means that the folder belongs to another service.
type ServiceError struct{ Bound, Asked string }

func (e *ServiceError) Error() string {
	return fmt.Sprintf("this folder belongs to %s, not to %s: use another output folder", e.Bound, e.Asked)
}

// SchemaError means that the journal was made by a newer version of the program.
type SchemaError struct {
	Path         string
	Found, Known int
}

func (e *SchemaError) Error() string {
	return fmt.Sprintf("%s has schema version %d, this program knows up to %d: use the newer program that made it", e.Path, e.Found, e.Known)
}

// RedoError means that cells named to Redo cannot be done again.
type RedoError struct{ Cells []string } // each with its reason

func (e *RedoError) Error() string { return "cannot be done again: " + strings.Join(e.Cells, ", ") }

// WriteError means that the journal could not be written. It is final: every later write fails with it.
type WriteError struct {
	Path string
	Err  error
}

func (e *WriteError) Error() string {
	return fmt.Sprintf("%s could not be written, nothing more is recorded: %v", e.Path, e.Err)
}

func (e *WriteError) Unwrap() error { return e.Err }

// ReadError means that the journal could not be opened or read: the disk refuses, or the file is damaged.
type ReadError struct {
	Path string
	Err  error
}

func (e *ReadError) Error() string { return fmt.Sprintf("%s could not be read: %v", e.Path, e.Err) }
func (e *ReadError) Unwrap() error { return e.Err }

// unread is the error of a read: what was decided by us, or by the caller, is no trouble of the file.
func unread(path string, err error) error {
	schema, _ := errors.AsType[*SchemaError](err)
	write, _ := errors.AsType[*WriteError](err)
	if err == nil || schema != nil || write != nil || errors.Is(err, context.Canceled) || errors.Is(err, context.DeadlineExceeded) {
		return err
	}
	return &ReadError{Path: path, Err: err}
}

// refusal is an error of one write alone: the others of its transaction are not touched by it.
type refusal struct{ error }

func (r refusal) Unwrap() error { return r.error }
