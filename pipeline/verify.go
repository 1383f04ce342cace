package pipeline

import (
	"cmp"
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

	"wirobatch/pipeline/durable"
	"wirobatch/pipeline/journal"
)

// brokenShown is how many broken files are named to the person.
const brokenShown = 3

// verify looks whether the files of the cells that count as done are on disk as they were delivered: their sizes, and
// their checksums when the options ask for it. A cell with a missing or damaged file is downloaded again, not paid again.
func (r *Run) verify(ctx context.Context) error {
	var shown []string
	files := 0
	cells, err := r.journal.Recheck(ctx, func(f journal.File) (string, error) {
		why, err := broken(r.o.Out, f, r.o.Checksums)
		if err != nil || why == "" {
			return "", cmp.Or(err, ctx.Err())
		}
		if files++; files <= brokenShown {
			shown = append(shown, why)
		}
		return why, nil
	})
	if err != nil || cells == 0 {
		return err
	}
	text := strings.Join(shown, "; ")
	if more := files - len(shown); more > 0 {
		text += fmt.Sprintf("; and %d more files", more)
	}
	remedy := "downloaded again, not paid again"
	if r.o.Sandbox {
		remedy = "made again by the sandbox"
	}
	r.o.Warn(fmt.Sprintf("cells that were done and are %s: %d: %s", remedy, cells, text))
	return nil
}

// broken says what is wrong with a delivered file, "" when it is as it was delivered. An error is the disk's.
func broken(out string, f journal.File, checksums bool) (string, error) {
	if f.Path == "" {
		return fmt.Sprintf("output %d is not on disk", f.N), nil
	}
	name := filepath.Join(out, filepath.FromSlash(f.Path))
	info, err := os.Stat(name)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return f.Path + " is missing", nil
	case err != nil:
		return "", &durable.Error{Doing: "look at " + name, Err: err}
	case info.Size() != f.Bytes || !info.Mode().IsRegular():
		return fmt.Sprintf("%s has %d bytes in place of %d", f.Path, info.Size(), f.Bytes), nil
	case !checksums:
		return "", nil
	}
	sum, err := checksum(name)
	if err != nil {
		return "", &durable.Error{Doing: "read " + name, Err: err}
	}
	if sum != f.SHA256 {
		return f.Path + " is damaged: its SHA-256 is another", nil
	}
	return "", nil
}

func checksum(name string) (string, error) {
	file, err := os.Open(name)
	if err != nil {
		return "", err
	}
	defer file.Close()
	hash := sha256.New()
	if _, err := io.Copy(hash, file); err != nil {
		return "", err
	}
	return hex.EncodeToString(hash.Sum(nil)), nil
}
