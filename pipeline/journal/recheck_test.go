package journal

import (
	"context"
	"errors"
	"slices"
	"testing"
)

// gone says of the files named that they are missing.
func gone(paths ...string) func(File) (string, error) {
	return func(f File) (string, error) {
		if slices.Contains(paths, f.Path) {
			return f.Path + " is missing", nil
		}
		return "", nil
	}
}

// delivered is the second start on a grid of six: four cells done, one of them with two files, one failed, one pending.
func delivered(t *testing.T, f folder, o Options) *Journal {
	j := f.start(6, o)
	for _, paths := range [][]string{{"a"}, {"b", "b-1"}, {"c"}, {"d"}} {
		l := lease(t, j)
		r := record(l, Done)
		for i, p := range paths {
			r.Files = append(r.Files, File{N: i, Path: p, Bytes: 7, SHA256: "sum of " + p, URL: "https://cdn.example/" + p})
		}
		finish(t, l, r)
	}
	l := lease(t, j)
	r := record(l, Failed)
	r.Files = []File{{Path: "e"}}
	finish(t, l, r)
	j.Close()
	j = f.open(o)
	f.enqueue(j, "grid", 6)
	return j
}

func TestRecheck(t *testing.T) {
	f := newFolder(t)
	j := delivered(t, f, options)
	var asked []string
	n, err := j.Recheck(t.Context(), func(f File) (string, error) {
		if f.Bytes != 7 || f.SHA256 != "sum of "+f.Path {
			t.Errorf("asked about %+v", f)
		}
		asked = append(asked, f.Path)
		return gone("b", "b-1", "d")(f)
	})
	if err != nil || n != 2 {
		t.Fatalf("Recheck = %d, %v; want 2 cells", n, err)
	}
	if slices.Sort(asked); !slices.Equal(asked, []string{"a", "b", "b-1", "c", "d"}) {
		t.Errorf("asked about %q: all files of done cells, and no others", asked)
	}
	all := rows(t, j)
	for i, want := range []State{Done, Submitted, Done, Submitted, Failed, Pending} {
		if all[i].State != want || all[i].Undelivered != (want == Submitted) {
			t.Errorf("cell %d: %s, undelivered %v; want %s", i+1, all[i].State, all[i].Undelivered, want)
		}
	}
	lost := all[1]
	if lost.TaskID != "102" || lost.Attempts != 1 || lost.Error != "b is missing" || lost.Cost.Decimal.String() != "0.00351" {
		t.Errorf("what is known of its attempt: %+v", lost)
	}
	if len(lost.Files) != 2 || lost.Files[0].Path != "" || lost.Files[1].Path != "" || lost.Files[0].SHA256 != "sum of b" {
		t.Errorf("its files: %+v", lost.Files)
	}
	checkMoney(t, j, "0.01404", "0") // spent as before, nothing reserved anew
	if p := j.Progress(); p.Done != 2 || p.Undelivered != 2 || p.Failed != 1 || p.Pending != 1 {
		t.Errorf("%+v", p)
	}
	if n, err := j.Recheck(t.Context(), gone("b", "d")); n != 0 || err != nil {
		t.Errorf("again: %d, %v", n, err)
	}

	// They are leased first, with their task, and done again when their files are there.
	l := lease(t, j)
	if l.Cell.Number != 2 || l.Record.TaskID != "102" || l.Record.State != Submitted {
		t.Fatalf("leased first: %+v", l)
	}
	r := l.Record
	r.State, r.Files = Done, []File{{N: 0, Path: "b"}, {N: 1, Path: "b-1"}}
	finish(t, l, r)
	checkMoney(t, j, "0.01404", "0")
	if back := rows(t, j)[1]; back.State != Done || back.Attempts != 1 || back.Files[1].Path != "b-1" {
		t.Errorf("done again: %+v", back)
	}
}

func TestRecheckOfAFormerGrid(t *testing.T) {
	f := newFolder(t)
	j := delivered(t, f, options)
	if _, err := j.SetGrid(t.Context(), Grid{Digest: "other", Cells: 0}); err != nil {
		t.Fatal(err)
	}
	if n, err := j.Recheck(t.Context(), gone("c")); n != 1 || err != nil {
		t.Fatalf("Recheck = %d, %v", n, err)
	}
	if l := lease(t, j); l.Record.TaskID != "103" {
		t.Errorf("leased: %+v", l)
	}
}

func TestRecheckOfAServiceThatForgets(t *testing.T) {
	o := options
	o.Ephemeral = true
	f := newFolder(t)
	j := delivered(t, f, o)
	if n, err := j.Recheck(t.Context(), gone("a", "b-1")); n != 2 || err != nil {
		t.Fatalf("Recheck = %d, %v", n, err)
	}
	if got := states(t, j); !slices.Equal(got, []State{Pending, Pending, Done, Done, Failed, Pending}) {
		t.Errorf("%v", got)
	}
	if l := lease(t, j); l.Cell.Number != 1 || l.Record.State != Pending || l.Record.Attempt != 1 {
		t.Errorf("%+v", l)
	}
}

func TestRecheckEndsWithAnError(t *testing.T) {
	f := newFolder(t)
	j := delivered(t, f, options)
	disk := errors.New("no disk")
	if _, err := j.Recheck(t.Context(), func(File) (string, error) { return "", disk }); err != disk {
		t.Errorf("%v", err)
	}
	if got := states(t, j); got[0] != Done {
		t.Errorf("%v", got)
	}
}

// allDone makes every cell done at once, each with one file.
func allDone(t testing.TB, j *Journal) {
	t.Helper()
	err := j.write(func(w *writer) (func(), error) {
		for _, q := range []string{
			"UPDATE cells SET state = 'done', attempt = 1",
			"INSERT INTO attempts (cell, attempt, state, task_id, cost_usd) SELECT key, 1, 'done', key, '0.5' FROM cells",
			"INSERT INTO files (cell, attempt, n, path, bytes) SELECT key, 1, 0, 'x', 1 FROM cells",
		} {
			if _, err := w.exec(q); err != nil {
				return nil, err
			}
		}
		return j.recount(context.Background(), w)
	})
	if err != nil {
		t.Fatal(err)
	}
}

// More broken files than one write takes.
func TestRecheckOfMany(t *testing.T) {
	const n = recheckSize + 10
	f := newFolder(t)
	j := f.start(n, options)
	allDone(t, j)
	if got, err := j.Recheck(t.Context(), gone("x")); got != n || err != nil {
		t.Errorf("Recheck = %d, %v; want %d", got, err, n)
	}
	if p := j.Progress(); p.Undelivered != n || p.Done != 0 {
		t.Errorf("%+v", p)
	}
}

// BenchmarkRecheck is what a start pays for each done cell, beside the look at its file.
func BenchmarkRecheck(b *testing.B) {
	j, err := Open(context.Background(), b.TempDir(), Options{Service: "s"})
	if err != nil {
		b.Fatal(err)
	}
	defer j.Close()
	if err := j.Enqueue(context.Background(), manyCells(1, b.N)); err != nil {
		b.Fatal(err)
	}
	allDone(b, j)
	b.ReportAllocs()
	b.ResetTimer()
	if _, err := j.Recheck(context.Background(), func(File) (string, error) { return "", nil }); err != nil {
		b.Fatal(err)
	}
}
