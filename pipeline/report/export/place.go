package export

import (
	"cmp"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"

	"github.com/gofrs/flock"

	"wirobatch/pipeline/durable"
)

// markFile in a dataset says what it was made of. Readers of datasets do not look at names that begin with a dot.
const markFile = ".export.json"

// mark is what it says.
type mark struct {
	Plan    string `json:"plan"` // the same for the same dataset
	Format  string `json:"format"`
	Samples int    `json:"samples"`
	Damaged int    `json:"damaged"` // files that are missing in it
	Content        // beside the mark
}

func markOf(dir string) (m mark, ok bool) {
	data, err := os.ReadFile(filepath.Join(dir, markFile))
	return m, err == nil && json.Unmarshal(data, &m) == nil && m.Plan != ""
}

// standing tells what is at the place of a dataset: nothing, or it itself, whole, or else an error, unless it may be replaced.
func standing(path, plan string, replace bool) (whole bool, err error) {
	if _, err := os.Lstat(path); errors.Is(err, fs.ErrNotExist) {
		return false, nil
	} else if err != nil {
		return false, durable.NewError("look at", path, err)
	}
	m, ours := markOf(path)
	switch {
	case ours && m.Plan == plan && m.Damaged == 0 && !replace:
		now, err := contentOf(path)
		if err == nil && now != m.Content {
			err = &InTheWayError{Path: path, Dataset: true, Made: m.Content, Now: now}
		}
		return err == nil, err
	case ours && (m.Plan == plan || replace):
		return false, nil // what was damaged may be mended by now
	}
	return false, &InTheWayError{Path: path, Dataset: ours}
}

// lock lets one export at a time make the dataset.
func lock(path string) (release func(), err error) {
	if err := durable.MkdirAll(filepath.Dir(path)); err != nil {
		return nil, err
	}
	l := flock.New(path + ".lock")
	switch got, err := l.TryLock(); {
	case err != nil:
		return nil, durable.NewError("lock", path+".lock", err)
	case !got:
		return nil, &BusyError{path}
	}
	return func() {
		os.Remove(path + ".lock") // Windows keeps it while it is open, which does no harm
		l.Close()
	}, nil
}

// openWork begins the folder of a plan, or goes on with it.
func openWork(path, plan string) (*Work, error) {
	w := &Work{dir: path + ".partial", parts: map[string][]Part{}}
	if entries, err := os.ReadDir(w.dir); err == nil && len(entries) > 0 {
		_, marked := markOf(w.dir)
		if _, err := os.Stat(w.own("")); err != nil && !marked {
			return nil, &InTheWayError{Path: w.dir}
		}
	}
	if began, err := os.ReadFile(w.own(planFile)); err != nil || string(began) != plan {
		if err := os.RemoveAll(w.dir); err != nil {
			return nil, durable.NewError("remove", w.dir, err)
		}
		if err := durable.MkdirAll(w.own("tmp")); err != nil {
			return nil, err
		}
		f, err := w.Create()
		if err != nil {
			return nil, err
		}
		if _, err := f.Write([]byte(plan)); err != nil {
			f.Discard()
			return nil, err
		}
		return w, f.Commit(w.own(planFile))
	}
	w.resumed = true
	if err := os.RemoveAll(w.own("tmp")); err != nil {
		return nil, durable.NewError("remove", w.own("tmp"), err)
	}
	if err := durable.MkdirAll(w.own("tmp")); err != nil {
		return nil, err
	}
	parts, err := noted[Part](w, partFile)
	for _, p := range parts {
		w.parts[p.Split] = append(w.parts[p.Split], p)
	}
	return w, err
}

// finished tells whether an export was killed before it gave the folder its name, and after all else.
func finished(partial, plan string) bool {
	m, marked := markOf(partial)
	_, err := os.Lstat(filepath.Join(partial, ownFolder))
	return marked && m.Plan == plan && m.Damaged == 0 && errors.Is(err, fs.ErrNotExist)
}

// covered is the last sample of a split that is in a finished part, below 0 for none.
func (w *Work) covered(split string) int {
	if parts := w.parts[split]; len(parts) > 0 {
		return parts[len(parts)-1].Last
	}
	return -1
}

// place gives the folder its final name, in place of a dataset that was there.
func (w *Work) place(path string) (kept string, err error) {
	if err := durable.SyncAll(w.dir); err != nil {
		return "", err
	}
	if err := os.RemoveAll(w.own("")); err != nil {
		return "", durable.NewError("remove", w.own(""), err)
	}
	return takeName(w.dir, path)
}

// takeName renames the finished folder. A dataset that it replaces is away for the moment in between; kept is where it stays when
// somebody has changed it.
func takeName(from, path string) (kept string, err error) {
	before := path + ".replaced"
	if _, err := os.Lstat(path); err == nil {
		m, _ := markOf(path)
		now, err := contentOf(path)
		if err != nil {
			return "", err
		}
		if now != m.Content {
			if kept, err = free(path + ".changed"); err != nil {
				return "", err
			}
		} else if _, ours := markOf(before); ours {
			os.RemoveAll(before)
		}
		if err := durable.Rename(path, cmp.Or(kept, before)); err != nil {
			return "", err
		}
	}
	if err := durable.Rename(from, path); err != nil {
		return kept, err
	}
	if _, ours := markOf(before); ours {
		return kept, durable.NewError("remove", before, os.RemoveAll(before))
	}
	return kept, nil
}

// free gives a name that nothing has yet.
func free(name string) (string, error) {
	for n, tried := 2, name; ; n++ {
		if _, err := os.Lstat(tried); errors.Is(err, fs.ErrNotExist) {
			return tried, nil
		} else if err != nil {
			return "", durable.NewError("look at", tried, err)
		}
		tried = fmt.Sprintf("%s-%d", name, n)
	}
}
