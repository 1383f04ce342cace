package pipeline

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"syscall"

	"wirobatch/pipeline/durable"
	"wirobatch/pipeline/journal"
)

const (
	entryLength = 20   // of its name
	longestPath = 4096 // that an entry may hold
)

func entryName(what string) string {
	sum := sha256.Sum256([]byte(what))
	return hex.EncodeToString(sum[:])[:entryLength]
}

// enter writes our entry, and removes those of folders that are gone.
func (n *neighbours) enter(ctx context.Context, out string) error {
	path, err := filepath.Abs(out)
	if err != nil {
		return err
	}
	if real, err := filepath.EvalSymlinks(path); err == nil {
		path = real
	}
	if len(path) > longestPath {
		return fmt.Errorf("the path of the output folder is longer than %d bytes", longestPath)
	}
	if n.own, err = os.Stat(journalOf(path)); err != nil {
		return err
	}
	if err := os.MkdirAll(n.dir, 0o700); err != nil {
		return err
	}
	leave, err := n.adopting(ctx)
	if err != nil {
		return err
	}
	defer leave()
	entries, err := n.entries()
	if err != nil {
		return err
	}
	for name, path := range entries {
		if _, err := os.Stat(journalOf(path)); gone(err) {
			os.Remove(filepath.Join(n.dir, name))
		}
	}
	name := entryName(path)
	if entries[name] == path {
		return nil
	}
	f, err := durable.Create(n.dir)
	if err != nil {
		return err
	}
	if _, err := f.Write([]byte(path)); err != nil {
		f.Discard()
		return err
	}
	return f.Commit(filepath.Join(n.dir, name))
}

func journalOf(out string) string { return filepath.Join(out, ".wirobatch", journal.FileName) }

// gone reports whether a folder is no longer there, or something else is in its place.
func gone(err error) bool { return errors.Is(err, fs.ErrNotExist) || errors.Is(err, syscall.ENOTDIR) }

// closed reports whether the system keeps this user out, as from what another user owns. EPERM is not that: some systems keep
// a program from its user's own files by it.
func closed(err error) bool {
	return errors.Is(err, fs.ErrPermission) && !errors.Is(err, syscall.EPERM)
}

// entries are the paths of the folders, by the names of their entries. What is no file is none: reading it may take for ever.
func (n *neighbours) entries() (map[string]string, error) {
	files, err := os.ReadDir(n.dir)
	if err != nil {
		return nil, err
	}
	all := map[string]string{}
	for _, f := range files {
		if len(f.Name()) != entryLength || strings.Trim(f.Name(), "0123456789abcdef") != "" || !f.Type().IsRegular() {
			continue
		}
		file := filepath.Join(n.dir, f.Name())
		switch path, err := readEntry(file); {
		case gone(err): // its folder is
		case closed(err):
			n.unseen(file, err)
		case err != nil:
			return nil, err
		case len(path) <= longestPath && filepath.IsAbs(path):
			all[f.Name()] = path
		}
	}
	return all, nil
}

// readEntry reads no more than shows that it is too long.
func readEntry(file string) (string, error) {
	f, err := os.Open(file)
	if err != nil {
		return "", err
	}
	defer f.Close()
	path, err := io.ReadAll(io.LimitReader(f, longestPath+1))
	return string(path), err
}

// unseen tells once of what this user may not enter: it is that of another user's run, on whom nothing here waits.
func (n *neighbours) unseen(path string, err error) {
	if !n.told[path] {
		n.told[path] = true
		n.warn(fmt.Sprintf("what another user's run, in %s, has submitted can't be seen (%v): if it asks for the same now, a cell may come to show its task", path, err))
	}
}
