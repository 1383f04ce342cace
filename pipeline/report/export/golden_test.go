package export_test

import (
	"archive/tar"
	"errors"
	"fmt"
	"io"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"wirobatch/pipeline/journal"
	"wirobatch/pipeline/report/export"
	"wirobatch/pipeline/report/selection"
)

// two are folders with much of what there is: another's cells, several outputs, no picture, failures, hostile text.
func two(t testing.TB) (first, second string) {
	dir := t.TempDir()
	failed := done("a dragon", "1:1", 9)
	failed.state, failed.files = journal.Failed, nil
	pending := done("a dragon", "1:1", 10)
	pending.state, pending.files = "", nil
	other := done("a dragon", "16:9", 1)
	other.files[0].data = aPNG("made again")
	strange := cell{state: journal.Done, params: []param{{Name: "label", Value: "x"}, {Name: "file", Value: "in.png"}, {Name: "strength", Value: "0.5"}}}
	first = run(t, filepath.Join(dir, "first"),
		done("a dragon", "16:9", 1), done("a dragon", "16:9", 2), done("a dragon", "1:1", 1).with("images/more.JPG", []byte("a second output")), failed, pending,
		done(hostile[0], "1:1", 1), done(hostile[2], "1:1", 1), done("ünïcode ✓", "1:1", 1).with("images/poem.txt", []byte("roses\n")))
	second = run(t, filepath.Join(dir, "second"), done("a dragon", "16:9", 2), other, strange.with("images/strange.png", aPNG("strange")))
	return first, second
}

// TestGolden holds small exports against what is kept, byte for byte; UPDATE=1 keeps them anew. A change of these is a change for all
// who have made a dataset: it raises rules.
func TestGolden(t *testing.T) {
	first, second := two(t)
	for name, o := range map[string]export.Options{
		"imagefolder":       options(export.ImageFolder, "", first, second),
		"imagefolder-split": {Dirs: []string{first}, Format: export.ImageFolder, Splits: splits(t, "train=0.5,test=0.5"), Caption: "{prompt}, {aspectRatio}", Embed: true},
		"webdataset":        {Dirs: []string{first, second}, Format: export.WebDataset, Splits: splits(t, "train=0.6,validation=0.2,test=0.2"), Caption: "{{{seed}}} {prompt}", ShardCount: 3, Dedupe: export.Exact},
		"parquet":           {Dirs: []string{first, second}, Format: export.Parquet, Images: true, Splits: splits(t, "train=0.6,test=0.4"), Caption: "{prompt}, {aspectRatio}", ShardSize: 1000},
		"csv":               options(export.CSV, "", first, second),
		"jsonl":             {Dirs: []string{first, second}, Format: export.JSONL, Where: where(t, "status in (done, failed, pending) and prompt ~ dragon"), Caption: export.DefaultCaption, Splits: splits(t, "train=0.5,test=0.5")},
	} {
		t.Run(name, func(t *testing.T) {
			o.Out = filepath.Join(t.TempDir(), "set")
			makes(t, o)
			kept := filepath.Join("testdata", name+".txt")
			got := listing(t, o.Out)
			if os.Getenv("UPDATE") != "" {
				if err := os.WriteFile(kept, []byte(got), 0o644); err != nil {
					t.Fatal(err)
				}
			}
			want, err := os.ReadFile(kept)
			if err != nil {
				t.Fatal(err)
			}
			now, before := strings.Split(got, "\n"), strings.Split(string(want), "\n")
			for i, line := range now {
				if i >= len(before) || line != before[i] {
					t.Fatalf("line %d is\n%s\nwant\n%s", i+1, line, strings.Join(before[min(i, len(before)):min(i+1, len(before))], ""))
				}
			}
			if len(now) < len(before) {
				t.Errorf("it ends before\n%s", before[len(now)])
			}
		})
	}
}

func splits(t testing.TB, text string) export.Splits {
	t.Helper()
	s, err := export.ParseSplits(text)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func where(t testing.TB, text string) selection.Where {
	t.Helper()
	w, err := selection.Parse(text)
	if err != nil {
		t.Fatal(err)
	}
	return w
}

// listing shows a dataset: what is text as it is, and of all the checksum.
func listing(t testing.TB, dir string) string {
	var b strings.Builder
	all := tree(t, dir)
	for _, name := range slices.Sorted(maps.Keys(all)) {
		fmt.Fprintf(&b, "-- %s: %d bytes, %s --\n", name, len(all[name]), sum([]byte(all[name])))
		switch filepath.Ext(name) {
		case ".parquet":
		case ".tar":
			for _, e := range entries(t, all[name]) {
				fmt.Fprintf(&b, "%s %d %o %d %d/%d %s\n", e.Name, e.Size, e.Mode, e.ModTime.Unix(), e.Uid, e.Gid, sum(e.data))
				if !strings.HasSuffix(e.Name, ".png") {
					fmt.Fprintf(&b, "%q\n", e.data)
				}
			}
		case ".md", ".json", ".jsonl", ".csv":
			b.WriteString(strings.NewReplacer("\r", "<CR>", "\x00", "<NUL>", "\x1b", "<ESC>").Replace(all[name]))
		default:
			fmt.Fprintf(&b, "%q\n", all[name])
		}
	}
	return b.String()
}

type tarEntry struct {
	*tar.Header
	data []byte
}

func entries(t testing.TB, shard string) (all []tarEntry) {
	t.Helper()
	for r := tar.NewReader(strings.NewReader(shard)); ; {
		h, err := r.Next()
		if errors.Is(err, io.EOF) {
			return all
		}
		if err != nil {
			t.Fatal(err)
		}
		data, err := io.ReadAll(r)
		if err != nil {
			t.Fatal(err)
		}
		all = append(all, tarEntry{h, data})
	}
}
