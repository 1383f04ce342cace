package compare

import (
	"bytes"
	"flag"
	"io"
	"os"
	"path/filepath"
	"testing"
)

var update = flag.Bool("update", false, "write the golden files anew")

// What people and programs read of two nights is pinned: the keys of the JSON are a contract.
func TestGolden(t *testing.T) {
	dir := t.TempDir()
	t.Chdir(dir) // the names of the folders are in it
	a, b := nights(t)
	r := compared(t, a.in(t, "monday"), b.in(t, "tuesday"), Options{By: []string{"scale"}, Looks: true})
	thresholds, err := ParseThresholds("cost>+10%, changed>0, failed>20%, queue_s>2, drift>50%")
	if err != nil {
		t.Fatal(err)
	}
	if !r.Judge(thresholds) {
		t.Error("a threshold is passed")
	}
	for name, write := range map[string]func(io.Writer) error{"nights.txt": func(w io.Writer) error { return r.Text(w, 80) }, "nights.md": r.Markdown, "nights.json": r.JSON} {
		var got bytes.Buffer
		if err := write(&got); err != nil {
			t.Fatal(err)
		}
		golden(t, name, got.Bytes())
	}
}

// here is the folder of this package: tests go elsewhere.
var here, _ = os.Getwd()

func golden(t *testing.T, name string, got []byte) {
	t.Helper()
	path := filepath.Join(here, "testdata", name)
	if *update {
		if err := os.WriteFile(path, got, 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(got, bytes.ReplaceAll(want, []byte("\r\n"), []byte("\n"))) {
		t.Errorf("%s is not as it was (-update writes it anew):\n%s", name, got)
	}
}
