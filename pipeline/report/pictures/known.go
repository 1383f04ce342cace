package pictures

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"

	"wirobatch/pipeline/durable"
	"wirobatch/pipeline/journal"
)

// Known is what was seen of the pictures of a folder so far. The zero one has seen none.
type Known struct{ x *index }

// ReadKnown reads it, without looking at any picture and without changing anything in the folder.
func ReadKnown(out string) (Known, error) {
	x := &index{dir: filepath.Join(out, Folder), of: map[string]*seen{}}
	name := filepath.Join(x.dir, indexFile)
	f, err := os.Open(name)
	if errors.Is(err, fs.ErrNotExist) {
		return Known{x}, nil
	}
	if err != nil {
		return Known{}, durable.NewError("open", name, err)
	}
	defer f.Close()
	x.read(f)
	return Known{x}, nil
}

// Of gives the picture of a file; seen is false where nobody has looked at it yet.
func (k Known) Of(cell string, f journal.File) (p Picture, seen bool) {
	p = Picture{Cell: cell, N: f.N, Path: f.Path, SHA256: f.SHA256}
	if k.x == nil || !k.x.knows(f.SHA256) {
		return p, false
	}
	k.x.fill(&p)
	return p, true
}
