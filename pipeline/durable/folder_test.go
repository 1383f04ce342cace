package durable

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"sync/atomic"
	"testing"

	"golang.org/x/sync/errgroup"
)

func commit(tmp, target string) error {
	f, err := Create(tmp)
	if err != nil {
		return err
	}
	if _, err := f.Write(make([]byte, 2000)); err != nil {
		f.Discard()
		return err
	}
	return f.Commit(target)
}

func TestCommitsOfOneFolderShareItsSyncs(t *testing.T) {
	tmp := t.TempDir()
	var g errgroup.Group
	for n := range 300 {
		g.Go(func() error { return commit(tmp, filepath.Join(tmp, "images", fmt.Sprint(n))) })
	}
	if err := g.Wait(); err != nil {
		t.Fatal(err)
	}
	if made, err := os.ReadDir(filepath.Join(tmp, "images")); err != nil || len(made) != 300 {
		t.Errorf("%d files, %v", len(made), err)
	}
}

// Whoever shares a sync that fails learns of it.
func TestASharedSyncFailsForAll(t *testing.T) {
	if runtime.GOOS == "windows" {
		t.Skip("there are no syncs of folders")
	}
	gone := filepath.Join(t.TempDir(), "gone")
	var g errgroup.Group
	for range 50 {
		g.Go(func() error {
			if e := (*Error)(nil); !errors.As(syncDir(gone), &e) {
				return errors.New("the sync of a folder that is not there went well")
			}
			return nil
		})
	}
	if err := g.Wait(); err != nil {
		t.Error(err)
	}
}

// go test ./pipeline/durable -run '^$' -bench Commit
func BenchmarkCommit(b *testing.B) {
	tmp := b.TempDir()
	if err := MkdirAll(filepath.Join(tmp, "images")); err != nil {
		b.Fatal(err)
	}
	var n atomic.Int64
	b.SetParallelism(64)
	b.RunParallel(func(pb *testing.PB) {
		for pb.Next() {
			if err := commit(tmp, filepath.Join(tmp, "images", fmt.Sprint(n.Add(1)))); err != nil {
				b.Error(err)
			}
		}
	})
}
