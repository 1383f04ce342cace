// Package durable writes files so that a name holds a whole file or nothing, through any crash.
package durable

import (
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"runtime"
)

// An Error is a failure of the local disk. A run submits nothing after it (exit 74); nothing that was paid for is lost by it.
type Error struct {
	Doing string // such as "sync out/a/images/b.png"
	Err   error
}

func (e *Error) Error() string { return fmt.Sprintf("disk: %s: %v", e.Doing, e.Err) }
func (e *Error) Unwrap() error { return e.Err }

// NewError gives err its place, nil for nil. The errors of package os repeat operation and path, which stand there already.
func NewError(doing, path string, err error) error {
	var (
		onPath *os.PathError
		onLink *os.LinkError
	)
	switch {
	case err == nil:
		return nil
	case errors.As(err, &onPath):
		err = onPath.Err
	case errors.As(err, &onLink):
		err = onLink.Err
	}
	return &Error{Doing: doing + " " + path, Err: err}
}

// Before, where it is set, is called before each step that changes the disk, with the path that the step is about. A
// simulation ends its process there.
var Before func(path string)

func step(path string) {
	if Before != nil {
		Before(path)
	}
}

// A File is being written under a temporary name. Either Commit or Discard ends it.
type File struct {
	f   *os.File
	err error // the first failure: Commit refuses after it
}

// Create begins a file in the folder tmp, which must be on the file system of the final name.
func Create(tmp string) (*File, error) {
	step(tmp)
	f, err := os.CreateTemp(tmp, "part-*")
	if err != nil {
		return nil, NewError("make a temporary file in", tmp, err)
	}
	return &File{f: f}, nil
}

// Write implements io.Writer; its errors are *Error, so that a copy from the network tells the two sides apart.
func (f *File) Write(p []byte) (int, error) {
	step(f.f.Name())
	n, err := f.f.Write(p)
	if err != nil {
		f.err = NewError("write", f.f.Name(), err)
		return n, f.err
	}
	return n, nil
}

// ReadAt reads what was written so far.
func (f *File) ReadAt(p []byte, off int64) (int, error) {
	n, err := f.f.ReadAt(p, off)
	if err != nil && err != io.EOF {
		err = NewError("read", f.f.Name(), err)
	}
	return n, err
}

// Commit gives the file its final name, replacing what was there, and returns when that is durable.
func (f *File) Commit(target string) error { return f.commit(target, true) }

// Place is Commit for what can be made again and is looked at before it is trusted: it does not wait for the disk, so that
// after a power cut the name may hold less than was written, or be gone.
func (f *File) Place(target string) error { return f.commit(target, false) }

func (f *File) commit(target string, synced bool) (err error) {
	defer func() {
		if err != nil {
			// A sync that failed may say nothing of it the next time, on the same descriptor: it is never asked again.
			f.err = err
			f.Discard()
		}
	}()
	if f.err != nil {
		return f.err
	}
	if runtime.GOOS != "windows" { // a temporary file is private, an output is not
		if err := f.f.Chmod(0o644); err != nil {
			return NewError("set the mode of", target, err)
		}
	}
	// The content before the name: a name that is there after a power cut has all of its bytes.
	if synced {
		step(target)
		if err := f.f.Sync(); err != nil {
			return NewError("sync", target, err)
		}
	}
	// Windows does not rename an open file.
	if err := f.f.Close(); err != nil {
		return NewError("close", target, err)
	}
	if err := MkdirAll(filepath.Dir(target)); err != nil {
		return err
	}
	step(target)
	if err := os.Rename(f.f.Name(), target); err != nil {
		return NewError("rename to", target, err)
	}
	if !synced {
		return nil
	}
	return syncDir(filepath.Dir(target))
}

// Discard removes the temporary file. After a Commit that succeeded it must not be called.
func (f *File) Discard() {
	step(f.f.Name())
	f.f.Close()
	os.Remove(f.f.Name())
}

// ErrInTheWay is a file where a folder should be.
var ErrInTheWay = errors.New("a file of that name is in the way")

// MkdirAll makes dir and the folders above it, and makes each new one durable in its parent.
func MkdirAll(dir string) error {
	switch info, err := os.Stat(dir); {
	case err == nil && info.IsDir():
		return nil
	case err == nil:
		return &Error{Doing: "make " + dir, Err: ErrInTheWay}
	}
	parent := filepath.Dir(dir)
	if err := MkdirAll(parent); err != nil {
		return err
	}
	step(dir)
	if err := os.Mkdir(dir, 0o755); err != nil && !errors.Is(err, os.ErrExist) {
		return NewError("make", dir, err)
	}
	return syncDir(parent)
}
