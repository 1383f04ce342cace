package export_test

import (
	"errors"
	"maps"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"wirobatch/pipeline/journal"
	"wirobatch/pipeline/report/export"
)

// A dataset that somebody has changed is not taken for whole, and what was put into it is never deleted.
func TestWhatSomebodyHasChanged(t *testing.T) {
	first, second := two(t)
	for _, format := range export.Formats {
		o := options(format, filepath.Join(t.TempDir(), "set"), first, second)
		makes(t, o)
		made := tree(t, o.Out)
		for name := range made { // one of its files is lost
			if !strings.HasPrefix(filepath.Base(name), ".") {
				if err := os.Remove(filepath.Join(o.Out, name)); err != nil {
					t.Fatal(err)
				}
				break
			}
		}
		mine := filepath.Join(o.Out, "notes", "mine.txt")
		if err := os.MkdirAll(filepath.Dir(mine), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(mine, []byte("two days of work"), 0o644); err != nil {
			t.Fatal(err)
		}
		changed := tree(t, o.Out)
		var way *export.InTheWayError
		if _, err := export.Export(t.Context(), o); !errors.As(err, &way) || way.Made == way.Now || way.Made.Files != way.Now.Files {
			t.Errorf("%s: %v", format, err)
		}
		if !maps.Equal(tree(t, o.Out), changed) {
			t.Errorf("%s: it was touched", format)
		}
		o.Replace = true
		for _, ending := range []string{".changed", ".changed-2"} {
			r, err := export.Export(t.Context(), o)
			if err != nil || r.Kept != o.Out+ending || !r.Made {
				t.Fatalf("%s: %+v, %v", format, r, err)
			}
			if !maps.Equal(tree(t, o.Out), made) || !maps.Equal(tree(t, r.Kept), changed) {
				t.Errorf("%s: the new one is not what was made, or the old one not what was kept", format)
			}
			if err := os.WriteFile(filepath.Join(o.Out, "mine.txt"), []byte("another day"), 0o644); err != nil { // and once more
				t.Fatal(err)
			}
			changed = tree(t, o.Out)
		}
	}
}

func TestWhatIsRenamedOrEdited(t *testing.T) {
	first, _ := two(t)
	for what, change := range map[string]func(dir string) error{
		"renamed": func(dir string) error {
			all, err := filepath.Glob(filepath.Join(dir, "*.png"))
			if err != nil || len(all) == 0 {
				t.Fatal(err)
			}
			return os.Rename(all[0], filepath.Join(dir, "favourite.png"))
		},
		"edited": func(dir string) error {
			name := filepath.Join(dir, "metadata.jsonl")
			data, err := os.ReadFile(name)
			if err != nil {
				return err
			}
			return os.WriteFile(name, []byte(strings.Replace(string(data), "dragon", "wagons", 1)), 0o644)
		},
	} {
		o := options(export.ImageFolder, filepath.Join(t.TempDir(), "set"), first)
		makes(t, o)
		if err := change(o.Out); err != nil {
			t.Fatal(err)
		}
		changed := tree(t, o.Out)
		var way *export.InTheWayError
		if _, err := export.Export(t.Context(), o); !errors.As(err, &way) || !strings.Contains(err.Error(), "other names, or were edited") {
			t.Errorf("%s: %v", what, err)
		}
		o.Replace = true
		if r, err := export.Export(t.Context(), o); err != nil || r.Kept == "" || !maps.Equal(tree(t, r.Kept), changed) {
			t.Errorf("%s: %+v, %v", what, r, err)
		}
	}
}

// Where the folder of small pictures can't be made, what was seen is not kept, and all else is as it was.
func TestLooksWithoutAnIndex(t *testing.T) {
	picture := func(name string, data []byte) cell {
		return cell{state: journal.Done, params: []param{{Name: "prompt", Value: name}}}.with("images/"+name+".png", data)
	}
	first := run(t, filepath.Join(t.TempDir(), "first"), picture("a", gradient(2, 0)), picture("near", gradient(2, 9)), picture("b", gradient(5, 0)))
	if err := os.WriteFile(filepath.Join(first, "thumbs"), []byte("mine"), 0o644); err != nil {
		t.Fatal(err)
	}
	o := options(export.ImageFolder, filepath.Join(t.TempDir(), "set"), first)
	o.Dedupe = export.Near
	if r := makes(t, o); r.Samples != 2 {
		t.Errorf("%d samples, left out %q", r.Samples, r.LeftOut)
	}
}

func TestFoldersHaveNamesInAnyScript(t *testing.T) {
	dir := t.TempDir()
	o := options(export.CSV, filepath.Join(dir, "set"))
	for _, name := range []string{"日本 の夜", "Übung", strings.Repeat("ж", 50), "🐉"} {
		o.Dirs = append(o.Dirs, run(t, filepath.Join(dir, name), done(name, "1:1", 1)))
	}
	makes(t, o)
	table := tree(t, o.Out)["data.csv"]
	for _, label := range []string{"\n日本-の夜,", "\nÜbung,", "\n" + strings.Repeat("ж", 30) + ",", "\nrun,"} {
		if !strings.Contains(table, label) {
			t.Errorf("no folder is called %s:\n%s", label, table)
		}
	}
}

// Text is not what a model of pictures learns from.
func TestCardOfText(t *testing.T) {
	text := done("a", "1:1", 1)
	text.files = nil
	text = text.with("images/a.txt", []byte("a poem"))
	dir := run(t, filepath.Join(t.TempDir(), "run"), text)
	o := options(export.WebDataset, filepath.Join(t.TempDir(), "set"), dir)
	makes(t, o)
	if card := tree(t, o.Out)["README.md"]; strings.Contains(card, "text-to-") {
		t.Error(card)
	}
}
