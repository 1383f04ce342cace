package export

import (
	"errors"
	"fmt"

	"github.com/dustin/go-humanize/english"
)

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

	Made, Now Content // they differ where it is the same dataset, and somebody has changed it
}

func (e *InTheWayError) Error() string {
	switch {
	case e.Made.Files == e.Now.Files && e.Made.Bytes == e.Now.Bytes && e.Made != e.Now:
		return e.Path + " is not as it was made: files in it have other names, or were edited"
	case e.Made != e.Now:
		return fmt.Sprintf("%s is not as it was made: it holds %s, and was made with %s", e.Path, e.Now, e.Made)
	case e.Dataset:
		return e.Path + " holds another dataset, of other cells or made with other flags"
	}
	return e.Path + " is there already, and is no dataset that was made here"
}

func (c Content) String() string {
	return fmt.Sprintf("%s of %d bytes in all", english.Plural(c.Files, "file", ""), c.Bytes)
}

// A BusyError is another export at the same place.
type BusyError struct{ Path string }

func (e *BusyError) Error() string { return "another export makes " + e.Path }
