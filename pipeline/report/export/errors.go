package export

import "errors"

// A WordsError is a flag that does not fit the folders.
type WordsError struct {
	Flag string
	Err  error
}

func (e *WordsError) Error() string { return e.Flag + ": " + e.Err.Error() }
func (e *WordsError) Unwrap() error { return e.Err }

// ErrChanged says that what was planned is no longer in the journals as it was.
var ErrChanged = errors.New("cells of a run have changed while they were exported: export again once it has ended")

// An EmptyError is an export of nothing.
type EmptyError struct {
	Why     string
	Damaged bool // all that was asked for is missing or damaged
}

func (e *EmptyError) Error() string { return "there is nothing to export: " + e.Why }

// An InTheWayError is something else at the place of the dataset.
type InTheWayError struct {
	Path    string
	Dataset bool // it is another dataset, which may be replaced
}

func (e *InTheWayError) Error() string {
	if e.Dataset {
		return e.Path + " holds another dataset, of other cells or made with other flags"
	}
	return e.Path + " is there already, and is no dataset that was made here"
}

// A BusyError is another export at the same place.
type BusyError struct{ Path string }

func (e *BusyError) Error() string { return "another export makes " + e.Path }
