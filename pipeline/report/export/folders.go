package export

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"unicode/utf8"

	"wirobatch/pipeline/durable"
	"wirobatch/pipeline/journal"
	"wirobatch/pipeline/report"
)

// A folder is the output folder of a run.
type folder struct {
	dir   string
	label string // its name in the dataset, unique
	j     *journal.Journal
	root  *os.Root // no name leads out of it, nor any link
	grid  journal.Grid
	runs  []journal.Run
}

// folders are those that a dataset is made of.
type folders struct {
	all     []folder
	params  []string // of all of them
	columns []string // as Sample has them
	csvSafe bool
}

// A FolderError is one that cannot be exported.
type FolderError struct{ Dir, Why string }

func (e *FolderError) Error() string { return e.Dir + " " + e.Why }

func openFolders(ctx context.Context, dirs []string) (fs *folders, err error) {
	fs = &folders{}
	defer func() {
		if err != nil {
			fs.close()
		}
	}()
	labels := map[string]bool{}
	for _, dir := range dirs {
		f, err := openFolder(ctx, dir)
		if err != nil {
			return fs, err
		}
		for _, other := range fs.all {
			if same(other.dir, dir) {
				f.close()
				return fs, &FolderError{dir, "is named twice"}
			}
		}
		f.label = labelOf(dir, labels)
		fs.all = append(fs.all, f)
		params, err := f.j.Columns(ctx)
		if err != nil {
			return fs, err
		}
		for _, p := range params {
			if !slices.Contains(fs.params, p) {
				fs.params = append(fs.params, p)
			}
		}
		fs.csvSafe = fs.csvSafe || f.grid.CSVSafe
	}
	fs.columns = ownColumns(report.Header(fs.params))
	return fs, nil
}

// sandbox is what the folder of a rehearsal is bound to.
const sandbox = "sandbox"

// rehearsed names those whose pictures no model has made.
func (fs *folders) rehearsed() (labels []string) {
	for _, f := range fs.all {
		if slices.ContainsFunc(f.runs, func(r journal.Run) bool { return r.BaseURL == sandbox }) {
			labels = append(labels, f.label)
		}
	}
	return labels
}

func openFolder(ctx context.Context, dir string) (f folder, err error) {
	if info, err := os.Stat(dir); err == nil && !info.IsDir() {
		return f, &FolderError{dir, "is a file: write the output folder of a run"}
	}
	f.dir = dir
	f.j, err = journal.OpenToLook(ctx, filepath.Join(dir, ".wirobatch"))
	if errors.Is(err, fs.ErrNotExist) {
		return f, &FolderError{dir, "holds no run: it has no .wirobatch folder with a journal"}
	}
	if err != nil {
		return f, err
	}
	if f.root, err = os.OpenRoot(dir); err != nil {
		err = durable.NewError("open", dir, err)
	}
	if err == nil {
		f.grid, err = f.j.Grid(ctx)
	}
	if err == nil {
		f.runs, err = f.j.Runs(ctx)
	}
	if err != nil {
		f.close()
	}
	return f, err
}

func (f folder) close() {
	f.j.Close()
	if f.root != nil {
		f.root.Close()
	}
}

func (fs *folders) close() {
	for _, f := range fs.all {
		f.close()
	}
}

func same(a, b string) bool {
	one, err := os.Stat(a)
	two, err2 := os.Stat(b)
	return err == nil && err2 == nil && os.SameFile(one, two)
}

var unsafeInLabel = regexp.MustCompile(`[^\p{L}\p{M}\p{N}_-]+`)

// longestLabel is in bytes.
const longestLabel = 60

// labelOf names a folder in the dataset: by its own name, in letters and digits of any script, which are safe in names of files.
func labelOf(dir string, taken map[string]bool) string {
	if whole, err := filepath.Abs(dir); err == nil {
		dir = whole
	}
	name := strings.Trim(unsafeInLabel.ReplaceAllString(filepath.Base(dir), "-"), "-")
	for len(name) > longestLabel {
		_, last := utf8.DecodeLastRuneInString(name)
		name = name[:len(name)-last]
	}
	if name == "" {
		name = "run"
	}
	label := name
	for n := 2; taken[strings.ToLower(label)]; n++ {
		label = fmt.Sprintf("%s-%d", name, n)
	}
	taken[strings.ToLower(label)] = true
	return label
}

// firstParam is the column of results.csv with the first parameter.
var firstParam = slices.Index(report.Header([]string{"\x00"}), "\x00")

// own are the columns that a dataset has beside those of results.csv, in one format or another.
var own = []string{"file_name", "key", "folder", "split", "caption", "params", "image", "label"}

// ownColumns gives a column of results.csv that is called as one of the dataset's own the prefix that parameters get.
func ownColumns(header []string) []string {
	names := slices.Clone(header)
	for i, name := range names {
		for slices.Contains(own, name) || slices.Contains(header, name) && name != header[i] {
			name = "param_" + name
		}
		names[i] = name
	}
	return names
}
