package export

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"slices"

	"wirobatch/pipeline/durable"
)

// Content is what a folder holds.
type Content struct {
	Files int    `json:"files"`
	Bytes int64  `json:"bytes"`
	Sum   string `json:"sum"` // SHA-256 of their names and sizes, and of what a person may edit
}

// edited are the endings of files that a person may edit: their content is in the sum, that of pictures and shards is not.
var edited = []string{".md", ".json", ".jsonl", ".csv"}

// contentOf tells what a dataset holds, but for the mark and what is gone at the end.
func contentOf(dir string) (c Content, err error) {
	sum := sha256.New()
	err = filepath.WalkDir(dir, func(path string, entry fs.DirEntry, err error) error {
		switch {
		case err != nil:
			return err
		case entry.IsDir() && path == filepath.Join(dir, ownFolder):
			return fs.SkipDir
		case entry.IsDir(), path == filepath.Join(dir, markFile):
			return nil
		}
		info, err := entry.Info()
		if err != nil {
			return err
		}
		c.Files++
		c.Bytes += info.Size()
		name, err := filepath.Rel(dir, path)
		if err != nil {
			return err
		}
		fmt.Fprintf(sum, "%q %d\n", filepath.ToSlash(name), info.Size())
		if !info.Mode().IsRegular() || !slices.Contains(edited, filepath.Ext(path)) {
			return nil
		}
		f, err := os.Open(path)
		if err != nil {
			return err
		}
		defer f.Close()
		_, err = io.Copy(sum, f)
		return err
	})
	c.Sum = hex.EncodeToString(sum.Sum(nil))
	return c, durable.NewError("look at", dir, err)
}
