package export_test

import (
	"database/sql"
	"errors"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"testing"

	"github.com/gofrs/flock"

	"wirobatch/pipeline/durable"
	"wirobatch/pipeline/report/export"
)

// An export that ends at any step that changes the disk, also while it takes the place of another dataset, is gone on with to the same bytes;
// until then that place holds the one or the other, whole, or for a moment none.
func TestEndedAtEachStep(t *testing.T) {
	if testing.Short() {
		t.Skip("its many cases take long under the race detector; others of the same code are short")
	}
	var cells []cell
	for seed := range 5 {
		cells = append(cells, done(fmt.Sprint("prompt ", seed%3), "1:1", seed))
	}
	out := run(t, filepath.Join(t.TempDir(), "run"), cells...)
	before := options(export.CSV, filepath.Join(t.TempDir(), "set"), out)
	before.Caption = "another"
	makes(t, before)
	old := tree(t, before.Out)
	for _, format := range []string{export.ImageFolder, export.WebDataset, export.Parquet, export.CSV} {
		o := options(format, filepath.Join(t.TempDir(), "set"), out)
		o.Splits, o.ShardCount = splits(t, "train=0.5,test=0.5"), 2
		makes(t, o)
		want := tree(t, o.Out)
		steps := 0
		for ended := false; !ended; {
			steps++
			o.Out, o.Replace = filepath.Join(t.TempDir(), "set"), true
			if err := os.CopyFS(o.Out, os.DirFS(before.Out)); err != nil {
				t.Fatal(err)
			}
			ended = !endsAt(t, steps, o)
			if got, err := os.Stat(o.Out); err == nil && got.IsDir() {
				if now := tree(t, o.Out); !maps.Equal(now, old) && !maps.Equal(now, want) {
					t.Fatalf("%s: at step %d its place holds neither the one nor the other", format, steps)
				}
			}
			makes(t, o)
			if !maps.Equal(tree(t, o.Out), want) {
				t.Fatalf("%s: ended at step %d it is another", format, steps)
			}
		}
		if steps < 15 {
			t.Errorf("%s: only %d steps", format, steps)
		}
	}
}

// endsAt exports until the nth step that changes the disk.
func endsAt(t *testing.T, n int, o export.Options) (ended bool) {
	t.Helper()
	type end struct{}
	durable.Before = func(string) {
		if n--; n == 0 {
			panic(end{})
		}
	}
	defer func() {
		durable.Before = nil
		if r := recover(); r != nil {
			if _, ended = r.(end); !ended {
				panic(r)
			}
		}
	}()
	if _, err := export.Export(t.Context(), o); err != nil {
		t.Fatal(err)
	}
	return false
}

func TestOneExportAtATime(t *testing.T) {
	first, _ := two(t)
	o := options(export.CSV, filepath.Join(t.TempDir(), "set"), first)
	other := flock.New(o.Out + ".lock")
	if got, err := other.TryLock(); err != nil || !got {
		t.Fatal(err)
	}
	var busy *export.BusyError
	if _, err := export.Export(t.Context(), o); !errors.As(err, &busy) {
		t.Errorf("%v", err)
	}
	other.Close()
	makes(t, o)
}

// What ends while an export goes on is left for the next; what changes of that which was planned ends it.
func TestARunThatGoesOn(t *testing.T) {
	cells := []cell{done("late", "1:1", 1000)}
	for seed := range 70 {
		cells = append(cells, done("p", "1:1", seed))
	}
	out := run(t, filepath.Join(t.TempDir(), "run"), cells...)
	db, err := sql.Open("sqlite", filepath.Join(out, ".wirobatch", "journal.db"))
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	exec := func(query string, args ...any) {
		if _, err := db.Exec(query, args...); err != nil {
			t.Error(err)
		}
	}
	exec("UPDATE cells SET state = 'submitted' WHERE id = ?", cells[0].id())
	o := options(export.ImageFolder, filepath.Join(t.TempDir(), "set"), out)
	o.Progress = func(p export.Progress) {
		if p.Total == 0 {
			exec("UPDATE cells SET state = 'done' WHERE id = ?", cells[0].id())
		}
	}
	if r := makes(t, o); r.Samples != 70 {
		t.Errorf("%+v", r)
	}
	o.Out += "2"
	o.Progress = func(p export.Progress) {
		if p.Total == 0 {
			exec("UPDATE attempts SET cost_usd = '0.5' WHERE cell = (SELECT key FROM cells WHERE id = ?)", cells[40].id())
		}
	}
	if _, err := export.Export(t.Context(), o); !errors.Is(err, export.ErrChanged) {
		t.Errorf("%v", err)
	}
	o.Progress = nil
	if r := makes(t, o); r.Samples != 71 {
		t.Errorf("%+v", r)
	}
}
