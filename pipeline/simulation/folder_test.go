package simulation

import (
	"errors"
	"io"
	"io/fs"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"strings"
)

// copyFolder takes the folder as a killed process leaves it: reports first, then the journal, then what it speaks of, so
// that no copy is older than what speaks of it. What was being written may be torn.
func copyFolder(from, to string, chance *rand.Rand) error {
	var paths []string
	err := filepath.WalkDir(from, func(path string, d fs.DirEntry, err error) error {
		switch {
		case errors.Is(err, fs.ErrNotExist):
			return nil
		case err != nil:
			return err
		}
		rel, err := filepath.Rel(from, path)
		if err != nil {
			return err
		}
		if d.IsDir() {
			return os.MkdirAll(filepath.Join(to, rel), 0o755)
		}
		if !strings.HasPrefix(rel, "images") {
			paths = append(paths, rel)
		}
		return nil
	})
	if errors.Is(err, fs.ErrNotExist) || err != nil {
		return err
	}
	order := func(rel string) int {
		switch {
		case !strings.HasPrefix(rel, ".wirobatch"):
			return 0
		case strings.HasSuffix(rel, "journal.db"):
			return 1
		}
		return 2 // its log is only added to while the process lives
	}
	slices.SortStableFunc(paths, func(a, b string) int { return order(a) - order(b) })
	for _, rel := range paths {
		name := filepath.Base(rel)
		switch {
		case strings.HasSuffix(name, "-shm"): // is made anew by whoever comes first
			continue
		case !fs.ValidPath(filepath.ToSlash(rel)):
			continue
		}
		torn := 0
		if chance.IntN(3) == 0 {
			switch {
			case strings.HasPrefix(name, "results."):
				torn = -chance.IntN(300)
			case strings.HasSuffix(name, "-wal"):
				torn = 1 + chance.IntN(9000)
			}
		}
		if err := copyFile(filepath.Join(from, rel), filepath.Join(to, rel), torn); err != nil && !errors.Is(err, fs.ErrNotExist) {
			return err
		}
	}
	// Pictures have their names only when they are whole, and are never written to again.
	return filepath.WalkDir(filepath.Join(from, "images"), func(path string, d fs.DirEntry, err error) error {
		if err != nil {
			if errors.Is(err, fs.ErrNotExist) {
				return nil
			}
			return err
		}
		rel, err := filepath.Rel(from, path)
		if err != nil {
			return err
		}
		if d.IsDir() {
			return os.MkdirAll(filepath.Join(to, rel), 0o755)
		}
		return os.Link(path, filepath.Join(to, rel))
	})
}

// copyFile copies a file without its last −torn bytes, or with torn bytes of nonsense behind it.
func copyFile(from, to string, torn int) error {
	f, err := os.Open(from)
	if err != nil {
		return err
	}
	defer f.Close()
	data, err := io.ReadAll(f)
	if err != nil {
		return err
	}
	for range torn {
		data = append(data, byte(len(data)*7))
	}
	return os.WriteFile(to, data[:max(0, len(data)+min(torn, 0))], 0o644)
}
