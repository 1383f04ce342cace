package journal

import (
	"database/sql"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"testing"
)

func TestOpenRefuses(t *testing.T) {
	t.Run("a folder that another run holds", func(t *testing.T) {
		f := newFolder(t)
		j := f.open(options)
		_, err := Open(t.Context(), f.dir, options)
		locked, ok := errors.AsType[*LockedError](err)
		if !ok || !strings.Contains(locked.Holder, fmt.Sprintf("process %d on ", os.Getpid())) || !strings.Contains(err.Error(), locked.Holder) {
			t.Errorf("%v", err)
		}
		j.Close()
		f.open(options)
	})
	t.Run("another service", func(t *testing.T) {
		f := newFolder(t)
		f.open(options).Close()
		o := options
		o.Service = "https://example.org/v1"
		_, err := Open(t.Context(), f.dir, o)
		if e, ok := errors.AsType[*ServiceError](err); !ok || e.Bound != options.Service || e.Asked != o.Service {
			t.Errorf("%v", err)
		}
		f.open(options) // the refused one left no lock behind
	})
	t.Run("a journal of a newer version", func(t *testing.T) {
		f := newFolder(t)
		f.open(options).Close()
		db := plain(t, f)
		if _, err := db.Exec("PRAGMA user_version = 99"); err != nil {
			t.Fatal(err)
		}
		db.Close()
		_, err := Open(t.Context(), f.dir, options)
		if e, ok := errors.AsType[*SchemaError](err); !ok || e.Found != 99 || e.Known != len(migrations) {
			t.Errorf("Open: %v", err)
		}
		_, err = OpenReadOnly(t.Context(), f.dir)
		if _, ok := errors.AsType[*SchemaError](err); !ok {
			t.Errorf("OpenReadOnly: %v", err)
		}
	})
	t.Run("a file that is no journal", func(t *testing.T) {
		f := newFolder(t)
		os.MkdirAll(f.dir, 0o755)
		os.WriteFile(filepath.Join(f.dir, FileName), []byte(strings.Repeat("not a database ", 500)), 0o600)
		if _, err := Open(t.Context(), f.dir, options); err == nil || !strings.Contains(err.Error(), FileName) {
			t.Errorf("%v", err)
		}
		if _, err := OpenReadOnly(t.Context(), f.dir); err == nil || !strings.Contains(err.Error(), FileName) {
			t.Errorf("%v", err)
		}
	})
}

// plain opens the database as anybody may.
func plain(t *testing.T, f folder) *sql.DB {
	t.Helper()
	db, err := sql.Open("sqlite", filepath.Join(f.dir, FileName))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { db.Close() })
	return db
}

func TestReadOnly(t *testing.T) {
	f := newFolder(t)
	if _, err := OpenReadOnly(t.Context(), f.dir); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("no journal: %v", err)
	}
	j := f.start(3, options)
	l := lease(t, j)
	reader, err := OpenReadOnly(t.Context(), f.dir)
	if err != nil {
		t.Fatal(err)
	}
	defer reader.Close()
	finish(t, l, record(l, Done)) // while it is open
	if got := states(t, reader); got[0] != Done || got[1] != Pending {
		t.Errorf("%v", got)
	}
	if c, err := reader.Counts(t.Context()); err != nil || c.States[Done] != 1 || c.States[Pending] != 2 || c.Attempts != 1 || c.Spent.String() != "0.00351" {
		t.Errorf("%+v, %v", c, err)
	}
	if _, err := reader.Lease(t.Context()); err != ErrReadOnly {
		t.Errorf("Lease: %v", err)
	}
	if _, err := reader.SetGrid(t.Context(), Grid{}); err != ErrReadOnly {
		t.Errorf("SetGrid: %v", err)
	}
	if err := reader.Enqueue(t.Context(), manyCells(1, 1)); err != ErrReadOnly {
		t.Errorf("Enqueue: %v", err)
	}
	j.Close() // the run ends before the report
	if got := states(t, reader); got[0] != Done {
		t.Errorf("%v", got)
	}
	late, err := OpenReadOnly(t.Context(), f.dir) // no log is left
	if err != nil {
		t.Fatal(err)
	}
	defer late.Close()
	if got := states(t, late); got[0] != Done {
		t.Errorf("%v", got)
	}
}

// A first start that dies while it makes the journal leaves a transaction that whoever may only read cannot roll back.
func TestReadOnlyOfAJournalInTheMaking(t *testing.T) {
	f := newFolder(t)
	if err := os.MkdirAll(f.dir, 0o700); err != nil {
		t.Fatal(err)
	}
	making := plain(t, folder{t, t.TempDir()})
	making.SetMaxOpenConns(1)
	// More than fits into memory: part of it is in the file before it is committed.
	if _, err := making.Exec("PRAGMA cache_size = 1; BEGIN; CREATE TABLE x (y); INSERT INTO x VALUES (zeroblob(1000000))"); err != nil {
		t.Fatal(err)
	}
	var from string
	if err := making.QueryRow("SELECT file FROM pragma_database_list").Scan(&from); err != nil {
		t.Fatal(err)
	}
	for _, log := range []string{"", "-journal"} {
		data, err := os.ReadFile(from + log)
		if err != nil || len(data) == 0 {
			t.Fatalf("%d bytes, %v", len(data), err)
		}
		if err := os.WriteFile(filepath.Join(f.dir, FileName+log), data, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	if _, err := OpenReadOnly(t.Context(), f.dir); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("%v", err)
	}
	f.start(1, options).Close() // the next start makes it
	late, err := OpenReadOnly(t.Context(), f.dir)
	if err != nil {
		t.Fatal(err)
	}
	defer late.Close()
	if got := states(t, late); len(got) != 1 {
		t.Errorf("%v", got)
	}
}

// Less than FULL does not sync at a commit: a power cut could then pay twice.
func TestEveryCommitIsSynced(t *testing.T) {
	j := newFolder(t).open(options)
	if err := j.write(func(w *writer) (func(), error) {
		for pragma, want := range map[string]string{"synchronous": "2", "journal_mode": "wal", "foreign_keys": "1"} {
			var got string
			if err := w.conn.QueryRowContext(t.Context(), "PRAGMA "+pragma).Scan(&got); err != nil || got != want {
				t.Errorf("%s is %s, want %s (%v)", pragma, got, want, err)
			}
		}
		return nil, nil
	}); err != nil {
		t.Fatal(err)
	}
}

// A folder's name may hold whatever a path can.
func TestNamesOfFolders(t *testing.T) {
	names := []string{"a b", "50%25", "why#not", "é"}
	if runtime.GOOS != "windows" {
		names = append(names, "q?mode=memory")
	}
	for _, name := range names {
		f := folder{t, filepath.Join(t.TempDir(), name)}
		f.start(1, options).Close()
		left, err := filepath.Glob(filepath.Join(filepath.Dir(f.dir), "*", "*"))
		if want := []string{filepath.Join(f.dir, FileName), filepath.Join(f.dir, "lock")}; err != nil || !slices.Equal(left, want) {
			t.Errorf("%q: after Close there is %q, want %q", name, left, want)
		}
	}
}

// TestViews reads the journal as a person does, and by the sqlite3 tool where there is one.
func TestViews(t *testing.T) {
	f := newFolder(t)
	j := f.start(3, options)
	finish(t, lease(t, j), full())
	l := lease(t, j)
	save(t, l, record(l, Unknown))
	j.Close()
	db := plain(t, f)
	for _, c := range []struct{ query, want string }{
		{"SELECT cell || '|' || status || '|' || task_id || '|' || attempts || '|' || cost_usd || '|' || cost_source || '|' || elapsed_s || '|' || wait_s || '|' || file || '|' || submitted_at FROM results WHERE cell = 1",
			"1|done|101|1|0.00351|reported|6|1.25|images/a.png;images/b.png|2026-03-01T12:00:01.500Z"},
		{"SELECT group_concat(status, ' ') FROM results", "done held pending"},
		{"SELECT params ->> 'seed' FROM results WHERE cell = 2", "2"},
		{"SELECT group_concat(state || ' ' || cells || ' ' || submits || ' ' || cost_usd || ' ' || reserved_usd, ', ') FROM spending", "done 1 1 0.00351 0.0, unknown 1 1 0.0 0.01"},
		{"SELECT group_concat(number || ' ' || attempt || ' ' || state, ', ') FROM (SELECT * FROM submits ORDER BY number)", "1 1 done, 2 1 unknown"},
	} {
		var got string
		if err := db.QueryRow(c.query).Scan(&got); err != nil || got != c.want {
			t.Errorf("%s:\n  %s %v\n  want %s", c.query, got, err, c.want)
		}
	}
	tool, err := exec.LookPath("sqlite3")
	if err != nil {
		return
	}
	out, err := exec.Command(tool, filepath.Join(f.dir, FileName), "SELECT status FROM results WHERE cell = 1").CombinedOutput()
	if err != nil || strings.TrimSpace(string(out)) != "done" {
		t.Errorf("sqlite3: %s %v", out, err)
	}
}
