package cli

import (
	"bytes"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"wirobatch/pipeline/journal"
)

// words calls told with each line that a program writes, while it writes it.
type words struct{ told func(line string) }

func (w words) Write(p []byte) (int, error) {
	for line := range strings.Lines(string(p)) {
		w.told(line)
	}
	return len(p), nil
}

// Whoever has read the run's last word can begin another: the page and the grid pictures that come after it hold nobody up.
func TestTheFolderIsFreeBeforeThePage(t *testing.T) {
	out := filepath.Join(t.TempDir(), "out")
	grid := filepath.Join(t.TempDir(), "grid.yaml")
	if err := os.WriteFile(grid, []byte("{version: 1, name: grid, model: Qwen/Qwen-Image-Fast, matrix: {prompt: [a], seed: 1..2}}"), 0o644); err != nil {
		t.Fatal(err)
	}
	var said []string
	stdout := words{func(line string) {
		label, _, _ := strings.Cut(line, " ")
		said = append(said, label)
		if label != "Page" {
			return
		}
		j, err := journal.Open(t.Context(), filepath.Join(out, ".wirobatch"), journal.Options{Service: sandboxService, Slots: 1})
		if err != nil {
			t.Errorf("while the page is told of: %v", err)
			return
		}
		if err := j.Close(); err != nil {
			t.Error(err)
		}
	}}
	var stderr bytes.Buffer
	if code := Main([]string{"run", "--sandbox", "--out", out, grid}, os.Getenv, stdout, &stderr); code != 0 {
		t.Fatalf("exit code %d\n%s", code, &stderr)
	}
	if got := strings.Join(said, " "); !strings.HasPrefix(got, "Done ") || !strings.Contains(got, " Page") {
		t.Errorf("it said %s", got)
	}
}
