package export_test

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"wirobatch/pipeline/journal"
	"wirobatch/pipeline/report/export"
)

func TestPicturesAreTheBytesThatWereDelivered(t *testing.T) {
	first, second := two(t)
	delivered := map[string]bool{}
	for _, dir := range []string{first, second} {
		for name, data := range tree(t, filepath.Join(dir, "images")) {
			delivered[sum([]byte(data))] = true
			_ = name
		}
	}
	for _, format := range []string{export.ImageFolder, export.WebDataset} {
		out := filepath.Join(t.TempDir(), "set")
		makes(t, options(format, out, first, second))
		n := 0
		for name, data := range tree(t, out) {
			switch filepath.Ext(name) {
			case ".png", ".jpg":
				if n++; !delivered[sum([]byte(data))] {
					t.Errorf("%s: %s was not delivered so", format, name)
				}
			case ".tar":
				for _, e := range entries(t, data) {
					if ending := filepath.Ext(e.Name); ending == ".png" || ending == ".jpg" || strings.HasSuffix(e.Name, ".output.txt") {
						if n++; !delivered[sum(e.data)] {
							t.Errorf("%s: %s was not delivered so", format, e.Name)
						}
					}
				}
			}
		}
		if want := map[string]int{export.ImageFolder: 9, export.WebDataset: 10}[format]; n != want {
			t.Errorf("%s: %d files, want %d", format, n, want)
		}
	}
}

func TestTheSameFlagsGiveTheSameBytes(t *testing.T) {
	first, second := two(t)
	for _, format := range export.Formats {
		dir := t.TempDir()
		o := options(format, filepath.Join(dir, "a", "set"), first, second)
		o.Splits = splits(t, "train=0.5,test=0.5")
		makes(t, o)
		before := tree(t, o.Out)
		if r := makes(t, o); r.Made || r.Samples == 0 {
			t.Errorf("%s: made again: %+v", format, r)
		}
		o.Out = filepath.Join(dir, "b", "set")
		makes(t, o)
		if !maps.Equal(before, tree(t, o.Out)) {
			t.Errorf("%s: another time it is another", format)
		}
		o.Caption = "{seed}"
		var way *export.InTheWayError
		if _, err := export.Export(t.Context(), o); !errors.As(err, &way) || !way.Dataset {
			t.Errorf("%s: another dataset in its place: %v", format, err)
		}
		o.Replace = true
		if makes(t, o); maps.Equal(before, tree(t, o.Out)) {
			t.Errorf("%s is not replaced", format)
		}
	}
}

func TestWhatIsInTheWayStays(t *testing.T) {
	first, _ := two(t)
	for _, name := range []string{"set", "set.partial"} {
		dir := t.TempDir()
		mine := filepath.Join(dir, name, "mine")
		if err := os.MkdirAll(mine, 0o755); err != nil {
			t.Fatal(err)
		}
		o := options(export.CSV, filepath.Join(dir, "set"), first)
		o.Replace = true
		var way *export.InTheWayError
		if _, err := export.Export(t.Context(), o); !errors.As(err, &way) || way.Dataset {
			t.Errorf("%s: %v", name, err)
		}
		if _, err := os.Stat(mine); err != nil {
			t.Error(err)
		}
	}
}

func TestDamagedFilesAreLeftOutAndNamed(t *testing.T) {
	dir := t.TempDir()
	out := run(t, filepath.Join(dir, "run"), done("p", "1:1", 1), done("p", "1:1", 2), done("p", "1:1", 3), done("p", "1:1", 4), done("p", "1:1", 5),
		cell{state: journal.Done, params: []param{{Name: "prompt", Value: "out"}}}.with("../outside.png", []byte("secret")))
	if err := os.WriteFile(filepath.Join(dir, "outside.png"), []byte("secret"), 0o644); err != nil {
		t.Fatal(err)
	}
	name := func(seed int) string {
		return filepath.Join(out, filepath.FromSlash(done("p", "1:1", seed).files[0].name))
	}
	whole, err := os.ReadFile(name(2))
	if err != nil {
		t.Fatal(err)
	}
	other := slices.Clone(whole)
	other[len(other)-1]++
	for _, err := range []error{
		os.WriteFile(name(2), other, 0o644), os.Remove(name(3)), os.WriteFile(name(4), nil, 0o644),
		os.Remove(name(5)), os.Symlink(filepath.Join(dir, "outside.png"), name(5)),
	} {
		if err != nil {
			t.Fatal(err)
		}
	}
	for _, format := range []string{export.ImageFolder, export.WebDataset} {
		o := options(format, filepath.Join(dir, format), out)
		r := makes(t, o)
		if r.Samples != 1 || r.Damaged != 5 {
			t.Fatalf("%s: %+v", format, r)
		}
		for i, want := range []string{"its checksum differs", "it is missing", "it has 0 bytes, and", "leads out of the folder", "leads out of the folder"} {
			if got := r.Lost[i].Error(); !strings.Contains(got, want) || !strings.Contains(got, "of cell "+r.Lost[i].Cell+" in run: ") {
				t.Errorf("%s: %s, want %s", format, got, want)
			}
		}
		for name, data := range tree(t, o.Out) {
			if strings.Contains(data, "secret") {
				t.Errorf("%s: %s holds what is outside of the folder", format, name)
			}
		}
		// Once it is mended, the same command makes the dataset whole.
		if err := os.WriteFile(name(2), whole, 0o644); err != nil {
			t.Fatal(err)
		}
		if r := makes(t, o); !r.Made || r.Samples != 2 || r.Damaged != 4 {
			t.Errorf("%s, mended: %+v", format, r)
		}
		if err := os.WriteFile(name(2), other, 0o644); err != nil {
			t.Fatal(err)
		}
	}
	if err := os.Remove(name(1)); err != nil {
		t.Fatal(err)
	}
	var empty *export.EmptyError
	if _, err := export.Export(t.Context(), options(export.WebDataset, filepath.Join(dir, "none"), out)); !errors.As(err, &empty) || !strings.Contains(err.Error(), "6 files that are missing or damaged; the first: ") {
		t.Errorf("all are gone: %v", err)
	}
}

// An export that is stopped at any sample is gone on with, to the same bytes.
func TestStoppedExportIsGoneOnWith(t *testing.T) {
	var cells []cell
	for seed := range 20 {
		cells = append(cells, done(fmt.Sprintf("prompt %d", seed%5), "1:1", seed))
	}
	out := run(t, filepath.Join(t.TempDir(), "run"), cells...)
	if err := os.Remove(filepath.Join(out, filepath.FromSlash(cells[4].files[0].name))); err != nil { // what is damaged is told again
		t.Fatal(err)
	}
	for _, format := range export.Formats {
		dir := t.TempDir()
		o := options(format, filepath.Join(dir, "a", "set"), out)
		o.Splits, o.ShardCount = splits(t, "train=0.5,test=0.5"), 3
		o.Embed = true
		whole := makes(t, o)
		want := tree(t, o.Out)
		o.Out = filepath.Join(dir, "b", "set")
		for stop := 1; stop <= 20; stop += 3 {
			ctx, cancel := context.WithCancel(t.Context())
			o.Progress = func(p export.Progress) {
				if p.Done == stop && p.Total > 0 {
					cancel()
				}
			}
			if _, err := export.Export(ctx, o); err == nil && stop < 20 {
				t.Fatalf("%s, stopped at %d: %v", format, stop, err)
			}
			cancel()
		}
		if format == export.ImageFolder { // as after a power cut
			pictures, _ := filepath.Glob(filepath.Join(o.Out+".partial", "train", "*.png"))
			if len(pictures) == 0 {
				t.Fatal("nothing was kept")
			}
			if err := os.Truncate(pictures[0], 10); err != nil {
				t.Fatal(err)
			}
		}
		if format == export.WebDataset {
			shards, _ := filepath.Glob(filepath.Join(o.Out+".partial", "*.tar"))
			if len(shards) < 2 {
				t.Fatal("no shard was kept")
			}
			torn, err := os.OpenFile(filepath.Join(o.Out+".partial", ".work", "parts.jsonl"), os.O_APPEND|os.O_WRONLY, 0)
			if err != nil {
				t.Fatal(err)
			}
			torn.WriteString(`{"split":"train","name":"trai`)
			torn.Close()
		}
		o.Progress = nil
		r := makes(t, o)
		if r.Samples != whole.Samples || r.Damaged != whole.Damaged {
			t.Errorf("%s: %+v, and undisturbed %+v", format, r, whole)
		}
		if got := tree(t, o.Out); !maps.Equal(got, want) {
			t.Errorf("%s: gone on with, it is another: %q, want %q", format, slices.Sorted(maps.Keys(got)), slices.Sorted(maps.Keys(want)))
		}
	}
}

func TestSelections(t *testing.T) {
	first, second := two(t)
	ids := map[string]bool{done("a dragon", "16:9", 1).id(): true, done("a dragon", "16:9", 2).id(): true, done("a dragon", "1:1", 9).id(): true, strings.Repeat("0", 20): true}
	o := options(export.ImageFolder, filepath.Join(t.TempDir(), "set"), first)
	o.IDs, o.Not = ids, map[string]bool{done("a dragon", "16:9", 2).id(): true}
	r := makes(t, o)
	if r.Samples != 1 || !strings.Contains(strings.Join(r.Notes, "\n"), "1 id of --ids: no folder has such a cell, 00000000000000000000 the first") {
		t.Errorf("%+v", r)
	}
	if want := []string{"2 not done (1 failed, 1 pending)", "4 not among --ids", "1 among --not"}; !slices.Equal(r.LeftOut, want) {
		t.Errorf("%q, want %q", r.LeftOut, want)
	}
	if len(ids) != 4 {
		t.Error("the ids that were given are changed")
	}
	// A condition looks at each file of a cell by itself.
	o = options(export.WebDataset, filepath.Join(t.TempDir(), "set"), first, second)
	o.Where = where(t, "width = '' and not file ~ poem")
	if r := makes(t, o); r.Samples != 1 {
		t.Errorf("%+v", r)
	}
	o.Where = where(t, "bytes > 100000")
	var empty *export.EmptyError
	if _, err := export.Export(t.Context(), o); !errors.As(err, &empty) || !strings.Contains(err.Error(), "2 not done (1 failed, 1 pending)") {
		t.Errorf("%v", err)
	}
	for _, wrong := range []export.Options{
		{Where: where(t, "promt = x"), Caption: "{prompt}"}, {Caption: "{promt}"}, {Caption: "{prompt"}, {Caption: "}"}, {Caption: "{}"},
	} {
		wrong.Dirs, wrong.Format, wrong.Out = []string{first}, export.CSV, o.Out+"-wrong"
		var words *export.WordsError
		if _, err := export.Export(t.Context(), wrong); !errors.As(err, &words) {
			t.Errorf("%q %q: %v", wrong.Where, wrong.Caption, err)
		}
	}
	for _, dirs := range [][]string{{first, first}, {first, filepath.Join(first, ".")}, {t.TempDir()}, {filepath.Join(first, "results.csv")}} {
		var folder *export.FolderError
		if _, err := export.Export(t.Context(), options(export.CSV, o.Out+"-wrong", dirs...)); !errors.As(err, &folder) {
			t.Errorf("%q: %v", dirs, err)
		}
	}
}

func TestHostileTextIsOnlyText(t *testing.T) {
	var cells []cell
	for i, prompt := range hostile {
		cells = append(cells, done(prompt, "../"+prompt, i).with(fmt.Sprintf("images/%d.P/n\"g\n%d", i, i), []byte(prompt)))
	}
	out := run(t, filepath.Join(t.TempDir(), "a run's \"folder\"\nin two lines"), cells...)
	for _, format := range export.Formats {
		o := options(format, filepath.Join(t.TempDir(), "x", "set"), out)
		o.Caption, o.Embed = "{aspectRatio}{{}}{prompt}", true
		makes(t, o)
		for name, data := range tree(t, filepath.Dir(o.Out)) {
			if strings.ContainsAny(strings.TrimPrefix(strings.TrimPrefix(name, "set/"), "data/"), "/\\\"\n ") {
				t.Errorf("%s: a file is called %q", format, name)
			}
			if strings.HasSuffix(name, ".md") && (strings.Count(data, "\n---\n") != 1 || strings.Contains(data, "\x00") || strings.Contains(data, "\nlicense")) {
				t.Errorf("%s: the card is\n%s", format, data)
			}
			if strings.HasSuffix(name, ".tar") {
				for i, e := range entries(t, data) {
					if strings.ContainsAny(e.Name, "/\\\"\n ") || strings.Count(e.Name, ".") > 2 {
						t.Errorf("an entry is called %q", e.Name)
					}
					if prompt := hostile[i/6]; strings.HasSuffix(e.Name, ".txt") && !strings.Contains(e.Name, "output") && string(e.data) != "../"+prompt+"{}"+prompt {
						t.Errorf("the caption %q is %q", prompt, e.data)
					}
				}
			}
		}
	}
}
