package pictures

import (
	"bufio"
	"cmp"
	"encoding/json"
	"maps"
	"path/filepath"
	"slices"

	"wirobatch/pipeline/durable"
)

// rewrite leaves one line for each file that is there.
func (x *index) rewrite() error {
	tmp := filepath.Join(filepath.Dir(x.dir), ".wirobatch", "tmp")
	if err := durable.MkdirAll(tmp); err != nil {
		return err
	}
	f, err := durable.Create(tmp)
	if err != nil {
		return err
	}
	w := bufio.NewWriter(f)
	lines := json.NewEncoder(w)
	for _, sum := range slices.Sorted(maps.Keys(x.of)) {
		err = cmp.Or(err, lines.Encode(x.of[sum]))
	}
	if err = cmp.Or(err, w.Flush()); err != nil {
		f.Discard()
		return err
	}
	return f.Place(filepath.Join(x.dir, indexFile))
}
