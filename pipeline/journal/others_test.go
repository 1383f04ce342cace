package journal

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"testing"
	"time"
)

// What another run asks is answered while this one goes on.
func TestAskedByOthers(t *testing.T) {
	day := time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)
	f := newFolder(t)
	j := f.start(4, options)
	reader, err := OpenReadOnly(t.Context(), f.dir)
	if err != nil {
		t.Fatal(err)
	}
	defer reader.Close()
	if service, err := reader.Service(t.Context()); service != options.Service || err != nil {
		t.Errorf("%q, %v", service, err)
	}
	intents := func(since time.Time) (newest []string) {
		t.Helper()
		all, err := reader.Intents(t.Context(), since)
		if err != nil {
			t.Error(err)
		}
		for _, i := range all {
			if len(i.Params) == 0 || i.Model == "" {
				t.Errorf("%+v", i)
			}
			newest = append(newest, i.NewestKnown)
		}
		return newest
	}
	intend := func(newest string, at time.Time) (*Lease, Record) {
		l := lease(t, j)
		r := Record{State: Intended, Attempt: 1, IntendedAt: at, NewestKnown: newest}
		save(t, l, r)
		return l, r
	}
	answered, a := intend("99", day)
	lost, b := intend("98", day)
	intend("97", day.Add(-time.Hour)) // its run died
	if got := intents(day); len(got) != 2 || !slices.Contains(got, "99") || !slices.Contains(got, "98") {
		t.Errorf("%q", got)
	}
	a.State, a.TaskID, a.SubmittedAt = Submitted, "101", day.Add(time.Millisecond)
	save(t, answered, a)
	b.State = Unknown
	save(t, lost, b)
	if got := intents(day); got != nil {
		t.Errorf("%q", got)
	}
	b.State, b.TaskID, b.SubmittedAt = Submitted, "102", b.IntendedAt
	save(t, lost, b)
	for task, found := range map[string]bool{"101": false, "102": true} {
		if o, known, err := reader.Owner(t.Context(), task); err != nil || !known || o.Found != found || !o.IntendedAt.Equal(day) || len(o.Params) == 0 {
			t.Errorf("%s: %+v, %v, %v", task, o, known, err)
		}
	}
	if _, known, err := reader.Owner(t.Context(), "103"); known || err != nil {
		t.Errorf("%v, %v", known, err)
	}
	if got := intents(day.Add(-2 * time.Hour)); len(got) != 1 {
		t.Errorf("%q", got)
	}
	j.Close()
	f.open(options) // what the start before it has left unanswered was lost
	if got := intents(day.Add(-2 * time.Hour)); got != nil {
		t.Errorf("%q", got)
	}
}

func TestBegunBefore(t *testing.T) {
	day := time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)
	f := newFolder(t)
	j := f.start(4, options)
	if begun, err := j.BegunBefore(t.Context(), "5"); err != nil || !begun.IsZero() {
		t.Errorf("nothing was submitted: %v, %v", begun, err)
	}
	submit := func(newest ...string) {
		t.Helper()
		if err := j.StartRun(t.Context(), Run{StartedAt: day}); err != nil {
			t.Fatal(err)
		}
		for i, n := range newest {
			save(t, lease(t, j), Record{State: Intended, Attempt: 1, IntendedAt: day.Add(time.Duration(i) * time.Hour), NewestKnown: n})
		}
	}
	submit("99", "300")
	if err := j.Close(); err != nil {
		t.Fatal(err)
	}
	first := day
	day = day.Add(10 * 24 * time.Hour)
	j = f.open(options)
	lease(t, j) // what the first start has left
	lease(t, j)
	submit("1000")
	for task, want := range map[string]time.Time{"1001": day, "1000": first, "0301": first, "200": first, "100": first, "99": {}, "7": {}} {
		if begun, err := j.BegunBefore(t.Context(), task); err != nil || !begun.Equal(want) {
			t.Errorf("%s: %v, not %v, %v", task, begun, want, err)
		}
	}
}

// Where nothing can be written there is no place for what SQLite puts beside a journal with a log.
func TestOpenFinished(t *testing.T) {
	f := newFolder(t)
	j := f.start(3, options)
	finish(t, lease(t, j), Record{State: Done, Attempt: 1, TaskID: "101", IntendedAt: time.Now(), SubmittedAt: time.Now()})
	if err := j.Close(); err != nil {
		t.Fatal(err)
	}
	above := filepath.Dir(f.dir)
	if err := errors.Join(os.Chmod(filepath.Join(f.dir, FileName), 0o644), os.Chmod(f.dir, 0o555), os.Chmod(above, 0o755), os.Chmod(filepath.Dir(above), 0o755)); err != nil {
		t.Fatal(err)
	}
	defer os.Chmod(f.dir, 0o700)
	back := asNobody(t)
	j, err := OpenReadOnly(t.Context(), f.dir)
	back()
	if err == nil {
		j.Close()
		if runtime.GOOS != "windows" && (runtime.GOOS == "linux" || os.Geteuid() > 0) {
			t.Error("it is readable where nothing can be written: what is OpenFinished for?")
		}
	}
	for _, open := range []func(context.Context, string) (*Journal, error){OpenFinished, OpenToLook} {
		done := asNobody(t)
		j, err := open(t.Context(), f.dir)
		done()
		if err != nil {
			t.Fatal(err)
		}
		defer j.Close()
		if _, known, err := j.Owner(t.Context(), "101"); !known || err != nil {
			t.Errorf("%v, %v", known, err)
		}
	}
	if beside, _ := filepath.Glob(filepath.Join(f.dir, FileName+"-*")); beside != nil {
		t.Errorf("%q was made", beside)
	}
}
