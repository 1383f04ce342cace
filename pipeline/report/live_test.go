package report

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"wirobatch/pipeline/journal"
)

// A line that cannot be written is told at once, and once; the outcomes are taken all the same.
func TestLiveTellsThatItCannotWrite(t *testing.T) {
	f, err := os.Create(filepath.Join(t.TempDir(), CSVFile))
	if err != nil {
		t.Fatal(err)
	}
	f.Close() // nothing can be written to it
	told := 0
	live := &Live{f: f, t: newTable(f, nil, false), Failed: func(error) { told++ }}
	outcomes, over := make(chan journal.Row, 3), make(chan struct{})
	for range 3 {
		outcomes <- journal.Row{}
	}
	close(over)
	err = live.Follow(outcomes, over)
	if err == nil || told != 1 || len(outcomes) != 0 {
		t.Fatalf("%v, told %d times, %d outcomes left", err, told, len(outcomes))
	}
	if n := strings.Count(err.Error(), f.Name()); n != 1 {
		t.Errorf("the path is named %d times: %v", n, err)
	}
}
