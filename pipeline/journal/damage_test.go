package journal

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// FuzzDamage opens what is left of a journal, or never was one: it is read, or refused with an error that names it. It
// never ends the program, and never hangs.
func FuzzDamage(f *testing.F) {
	base, log := sound(f)
	f.Add(byte(0), uint32(0), []byte("not a database"))
	f.Add(byte(0), uint32(0), []byte{})
	f.Add(byte(1), uint32(18), []byte{9, 9})             // the version of the format
	f.Add(byte(1), uint32(60), []byte{0, 0, 0, 99})      // of the schema
	f.Add(byte(1), uint32(100), []byte{0, 255, 255})     // the first page
	f.Add(byte(1), uint32(4096*2+3), []byte("\xff\xff")) // a later one
	f.Add(byte(2), uint32(5000), []byte{})
	f.Add(byte(3), uint32(0), []byte("not a log"))
	f.Add(byte(4), uint32(40), []byte{1, 2, 3, 4})
	f.Fuzz(func(t *testing.T, how byte, at uint32, with []byte) {
		data, wal := append([]byte{}, base...), []byte(nil)
		switch how % 5 {
		case 0:
			data = with
		case 1:
			copy(data[int(at)%len(data):], with)
		case 2:
			data = append(data[:int(at)%len(data)], with...)
		case 3:
			wal = with
		case 4:
			wal = append([]byte{}, log...)
			copy(wal[int(at)%len(wal):], with)
		}
		dir := newFolder(t).dir
		err := errors.Join(os.MkdirAll(dir, 0o700), os.WriteFile(filepath.Join(dir, FileName), data, 0o600))
		if wal != nil {
			err = errors.Join(err, os.WriteFile(filepath.Join(dir, FileName+"-wal"), wal, 0o600))
		}
		if err != nil {
			t.Fatal(err)
		}
		late := time.AfterFunc(20*time.Second, func() { panic("it hangs") })
		defer late.Stop()
		named(t, use(t.Context(), dir, OpenReadOnly))
		named(t, use(t.Context(), dir, func(ctx context.Context, dir string) (*Journal, error) { return Open(ctx, dir, options) }))
	})
}

// use does some of all that is done with a journal.
func use(ctx context.Context, dir string, open func(context.Context, string) (*Journal, error)) (err error) {
	j, err := open(ctx, dir)
	if err != nil {
		return err
	}
	defer j.Close()
	for _, err := range j.Rows(ctx) {
		if err != nil {
			return err
		}
	}
	if _, err := j.Counts(ctx); err != nil {
		return err
	}
	if _, err := j.Columns(ctx); err != nil || j.lock == nil {
		return err
	}
	if _, err := j.SetGrid(ctx, Grid{Digest: "g", Cells: 3}); err != nil {
		return err
	}
	if err := j.Enqueue(ctx, manyCells(1, 3)); err != nil {
		return err
	}
	for range 3 {
		l, _, err := j.advance(ctx)
		if err != nil || l == nil {
			return err
		}
		if err := l.Save(ctx, record(l, Intended)); err != nil {
			return err
		}
	}
	return nil
}

// named wants an error that says which file it is about.
func named(t *testing.T, err error) {
	t.Helper()
	var service *ServiceError // the file is sound, and says that it is another's
	if err == nil || errors.Is(err, ErrDone) || errors.As(err, &service) {
		return
	}
	if !strings.Contains(err.Error(), FileName) {
		t.Errorf("%T %v does not name the journal", err, err)
	}
}

// sound is a journal with some of everything, and the log that goes with it.
func sound(f *testing.F) (base, log []byte) {
	f.Helper()
	dir := filepath.Join(f.TempDir(), ".wirobatch")
	var err error
	read := func(name string) []byte {
		data, e := os.ReadFile(filepath.Join(dir, name))
		err = errors.Join(err, e)
		return data
	}
	j, e := Open(context.Background(), dir, options)
	if e != nil {
		f.Fatal(e)
	}
	err = j.Enqueue(context.Background(), manyCells(1, 20))
	j.Close()
	base = read(FileName)
	if j, e = Open(context.Background(), dir, options); e != nil {
		f.Fatal(e)
	}
	log = read(FileName + "-wal")
	j.Close()
	if err != nil || len(log) == 0 {
		f.Fatal(len(log), err)
	}
	return base, log
}
