package export

import (
	"bytes"
	"encoding/json"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	"wirobatch/pipeline/durable"
)

// A Work is the folder in which a dataset is made. It has its final name once it is whole.
type Work struct {
	dir     string
	resumed bool // some of it may be there
	parts   map[string][]Part
	lost    []lost // files that were damaged, since the last part
}

// A Part is a file of several samples that is whole: a shard. An export that goes on does not make it again.
type Part struct {
	Split      string          `json:"split"` // as Sample.SplitName
	Name       string          `json:"name"`  // in the dataset
	Samples    int             `json:"samples"`
	Bytes      int64           `json:"bytes"`
	SHA256     string          `json:"sha256"`
	Last       int             `json:"last"` // N of its last sample
	Statistics json.RawMessage `json:"statistics,omitempty"`
}

// lost is a sample whose file is damaged.
type lost struct {
	N     int    `json:"n"`
	Split string `json:"split"`
	Bytes int64  `json:"bytes"`
	Damaged
}

const (
	ownFolder = ".work" // within the folder: what is gone at the end
	planFile  = "plan"
	partFile  = "parts.jsonl"
	lostFile  = "damaged.jsonl"
)

func (w *Work) own(name string) string { return filepath.Join(w.dir, ownFolder, name) }

// Create begins a file that has no name yet.
func (w *Work) Create() (*durable.File, error) { return durable.Create(w.own("tmp")) }

// Path is where a file of the dataset lies meanwhile.
func (w *Work) Path(name string) string { return filepath.Join(w.dir, filepath.FromSlash(name)) }

// Parts gives the parts of a split that are finished, in order. Samples up to the last of them are not given to the writer again.
func (w *Work) Parts(split string) []Part { return w.parts[split] }

// Finish gives a part its name, and notes it once that is durable.
func (w *Work) Finish(f *durable.File, p Part) error {
	if err := f.Commit(w.Path(p.Name)); err != nil {
		return err
	}
	var gone []any
	for _, l := range w.lost {
		gone = append(gone, l)
	}
	w.lost = nil
	if err := errors.Join(w.note(lostFile, gone...), w.note(partFile, p)); err != nil { // what is in a part is not looked at again
		return err
	}
	w.parts[p.Split] = append(w.parts[p.Split], p)
	return nil
}

// note adds lines that survive a power cut.
func (w *Work) note(name string, all ...any) error {
	if len(all) == 0 {
		return nil
	}
	var lines bytes.Buffer
	for _, one := range all {
		if err := json.NewEncoder(&lines).Encode(one); err != nil {
			return err
		}
	}
	f, err := os.OpenFile(w.own(name), os.O_WRONLY|os.O_APPEND|os.O_CREATE, 0o644)
	if err == nil {
		_, err = f.Write(lines.Bytes())
		err = errors.Join(err, f.Sync(), f.Close())
	}
	return durable.NewError("write", w.own(name), err)
}

// noted reads such lines. The last one may be torn, and is taken away then.
func noted[T any](w *Work, name string) (all []T, err error) {
	data, err := os.ReadFile(w.own(name))
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	if end := bytes.LastIndexByte(data, '\n') + 1; err == nil && end < len(data) {
		data = data[:end]
		err = os.Truncate(w.own(name), int64(end))
	}
	if err != nil {
		return nil, durable.NewError("read", w.own(name), err)
	}
	for line := range strings.Lines(string(data)) {
		var one T
		if json.Unmarshal([]byte(line), &one) == nil {
			all = append(all, one)
		}
	}
	return all, nil
}
