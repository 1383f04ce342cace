package durable_test

import (
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"wirobatch/pipeline/durable"
)

func TestCommitReplacesWhole(t *testing.T) {
	dir := t.TempDir()
	target := filepath.Join(dir, "a", "b", "file")
	for i, text := range []string{"first", "second, longer", "placed"} {
		f, err := durable.Create(dir)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := f.Write([]byte(text)); err != nil {
			t.Fatal(err)
		}
		if _, err := os.Stat(target); text == "first" && !errors.Is(err, os.ErrNotExist) {
			t.Error("the name is there before the commit")
		}
		end := f.Commit
		if i == 2 {
			end = f.Place
		}
		if err := end(target); err != nil {
			t.Fatal(err)
		}
		if got, err := os.ReadFile(target); err != nil || string(got) != text {
			t.Errorf("%q, %v", got, err)
		}
	}
	if left := temporaries(t, dir); left != 0 {
		t.Errorf("%d temporary files are left", left)
	}
}

func TestDiscardLeavesNothing(t *testing.T) {
	dir := t.TempDir()
	f, err := durable.Create(dir)
	if err != nil {
		t.Fatal(err)
	}
	f.Write([]byte("x"))
	f.Discard()
	if left := temporaries(t, dir); left != 0 {
		t.Errorf("%d temporary files are left", left)
	}
}

func TestFailuresAreTheDisks(t *testing.T) {
	dir := t.TempDir()
	inTheWay := filepath.Join(dir, "file")
	if err := os.WriteFile(inTheWay, []byte("mine"), 0o644); err != nil {
		t.Fatal(err)
	}
	create := func() *durable.File {
		f, err := durable.Create(dir)
		if err != nil {
			t.Fatal(err)
		}
		return f
	}
	for name, do := range map[string]func() error{
		"a folder that is not there":      func() error { _, err := durable.Create(filepath.Join(dir, "none")); return err },
		"a file where a folder must be":   func() error { return create().Commit(filepath.Join(inTheWay, "x")) },
		"a folder where the file must be": func() error { return create().Commit(dir) },
		"a file where folders must be":    func() error { return durable.MkdirAll(filepath.Join(inTheWay, "a", "b")) },
		"a descriptor that is closed":     func() error { f := create(); f.Discard(); _, err := f.Write([]byte("x")); return err },
		"a commit after a write that failed": func() error {
			f := create()
			f.Discard()
			f.Write([]byte("x"))
			return f.Commit(filepath.Join(dir, "y"))
		},
	} {
		var e *durable.Error
		if err := do(); !errors.As(err, &e) {
			t.Errorf("%s: %v is no *durable.Error", name, err)
		} else if strings.Count(err.Error(), dir) != 1 {
			t.Errorf("%s: %v names the path more than once", name, err)
		}
	}
	if got, _ := os.ReadFile(inTheWay); string(got) != "mine" {
		t.Errorf("the file in the way is %q", got)
	}
	if left := temporaries(t, dir); left != 0 {
		t.Errorf("%d temporary files are left", left)
	}
}

// A sync that failed is not asked for again on its descriptor: it may then say that all is well.
func TestFailedCommitIsFinal(t *testing.T) {
	dir := t.TempDir()
	f, err := durable.Create(dir)
	if err != nil {
		t.Fatal(err)
	}
	f.Write([]byte("x"))
	f.Discard() // its descriptor is closed: nothing can be synced
	first := f.Commit(filepath.Join(dir, "y"))
	if e := (*durable.Error)(nil); !errors.As(first, &e) {
		t.Fatalf("a file that cannot be synced is committed: %v", first)
	}
	if again := f.Commit(filepath.Join(dir, "y")); again != first {
		t.Errorf("%v, and then: %v", first, again)
	}
	if _, err := os.Stat(filepath.Join(dir, "y")); err == nil {
		t.Error("its name is there")
	}
	if _, err := f.ReadAt(make([]byte, 1), 0); !errors.As(err, new(*durable.Error)) {
		t.Errorf("a read that fails is the disk's too: %v", err)
	}
}

func temporaries(t *testing.T, dir string) int {
	t.Helper()
	left, err := filepath.Glob(filepath.Join(dir, "part-*"))
	if err != nil {
		t.Fatal(err)
	}
	return len(left)
}

func TestSyncAllAndRename(t *testing.T) {
	dir := t.TempDir()
	f, err := durable.Create(dir)
	if err != nil {
		t.Fatal(err)
	}
	f.Write([]byte("x"))
	if err := errors.Join(f.Place(filepath.Join(dir, "a", "b", "file")), durable.SyncAll(dir), durable.Rename(filepath.Join(dir, "a"), filepath.Join(dir, "c"))); err != nil {
		t.Fatal(err)
	}
	if got, err := os.ReadFile(filepath.Join(dir, "c", "b", "file")); err != nil || string(got) != "x" {
		t.Errorf("%q, %v", got, err)
	}
	for _, err := range []error{durable.SyncAll(filepath.Join(dir, "none")), durable.Rename(filepath.Join(dir, "none"), filepath.Join(dir, "d"))} {
		if e := (*durable.Error)(nil); !errors.As(err, &e) {
			t.Errorf("%v is no *durable.Error", err)
		}
	}
}
