package cli

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"wirobatch/pipeline/durable"
	"wirobatch/pipeline/journal"
)

// Of a folder that has a journal nobody may be sent to another one, where all would be paid for again.
func TestWhatToDoWhenARunCannotBegin(t *testing.T) {
	out := t.TempDir()
	short := &durable.Error{Doing: "there is too little room for more in " + out, Err: os.ErrInvalid}
	if e := notBegun(short, out); e.code != 74 || !strings.Contains(e.hint, "nothing was submitted") || !strings.Contains(e.hint, "--out DIR") {
		t.Errorf("a new folder: %+v", e)
	}
	j, err := journal.Open(t.Context(), filepath.Join(out, ".wirobatch"), journal.Options{Service: "test"})
	if err != nil {
		t.Fatal(err)
	}
	j.Close()
	if e := notBegun(short, out); e.code != 74 || strings.Contains(e.hint, "--out") || !strings.Contains(e.hint, "run the same command again") {
		t.Errorf("one that was begun: %+v", e)
	}
	if e := notBegun(&journal.LockedError{}, out); e.code != 11 || e.hint != "" {
		t.Errorf("a held lock: %+v", e)
	}
}
