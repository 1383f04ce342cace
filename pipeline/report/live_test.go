package report

import (
	"os"
	"path/filepath"
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
	if err := live.Follow(outcomes, over); err == nil || told != 1 || len(outcomes) != 0 {
		t.Errorf("%v, told %d times, %d outcomes left", err, told, len(outcomes))
	}
}
