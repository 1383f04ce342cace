// Package export makes datasets of what runs delivered: pictures with captions and all that is known of them, in the formats that
// others read. The journals and the delivered files are read, and never changed.
package export

import (
	"cmp"
	"context"
	"fmt"
	"io"
	"os"

	"wirobatch/pipeline/journal"
)

// A Sample is one delivered file with all that is known of it.
type Sample struct {
	N       int    // its place in the dataset, from 0
	Key     string // names it: letters, digits, - and _; unique in the dataset
	Split   string // "" without --split
	Caption string
	Folder  string // the run's, as the dataset calls it
	Dir     string // where that is

	Row     journal.Row // with this one of its files alone
	File    journal.File
	Columns []string // of results.csv, for the parameters of all folders together
	Values  []string // of this cell and this file

	// Open gives the bytes, Size of them: whole and as they were delivered, which it has seen before it returns, but for what is
	// embedded. Its error is a *Damaged where they are not.
	Open func() (io.ReadCloser, error)
	Size int64

	params []string // of all folders
	root   *os.Root
	text   []byte // what is embedded
}

// SplitName is the name of the split for names of files: train is what readers call what is not split.
func (s Sample) SplitName() string { return cmp.Or(s.Split, "train") }

// Damaged is a file that is not there as it was delivered. It is left out of the dataset, and named.
type Damaged struct {
	Folder, Cell, Path string
	Why                string
}

func (d *Damaged) Error() string {
	return fmt.Sprintf("%s of cell %s in %s: %s", d.Path, d.Cell, d.Folder, d.Why)
}

// A Writer puts samples into the files of a format. They come in the order of the dataset, those of all splits mixed. After an error
// of Add that is a *Damaged, nothing of that sample is in the files, and it goes on.
type Writer interface {
	Add(context.Context, Sample) error
	Close(context.Context) error // all is in its place, and durable; not called after another error
}
