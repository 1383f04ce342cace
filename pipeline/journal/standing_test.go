package journal

import (
	"os"
	"path/filepath"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/shopspring/decimal"
)

// Who looks on sees what the run has written, while it goes on and afterwards.
func TestStanding(t *testing.T) {
	f := newFolder(t)
	j := f.start(6, options)
	noon := time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)
	if err := j.StartRun(t.Context(), Run{Version: "1", StartedAt: noon, Concurrency: 4, BaseURL: options.Service, Limit: 5, Before: 1, Budget: usd("2.50")}); err != nil {
		t.Fatal(err)
	}
	end := func(s State, after time.Duration, cost, fault string) {
		l := lease(t, j)
		r := record(l, s)
		r.FinishedAt, r.Error = noon.Add(after), fault
		if r.Cost = (decimal.NullDecimal{}); cost != "" {
			r.Cost = usd(cost)
		}
		r.Undelivered = s == Submitted
		finish(t, l, r)
	}
	look := func(since time.Time) Standing {
		t.Helper()
		reader, err := OpenReadOnly(t.Context(), f.dir)
		if err != nil {
			t.Fatal(err)
		}
		defer reader.Close()
		s, err := reader.Standing(t.Context(), since, 2)
		if err != nil {
			t.Fatal(err)
		}
		return s
	}
	first := lease(t, j)
	save(t, first, record(first, Intended))
	if s := look(time.Time{}); !s.Price.Decimal.Equal(usd("0.01").Decimal) || s.Cells != 6 || len(s.Ends)+len(s.Failures) > 0 {
		t.Errorf("before anything has ended: %+v", s)
	}
	end(Done, 900*time.Millisecond, "0.03", "")
	end(Failed, 1200*time.Millisecond, "", "early")
	end(Submitted, 1900*time.Millisecond, "0.01", "no disk")
	end(Failed, 70*time.Second, "", "late")
	s := look(noon.Add(time.Second))
	if s.Name != "dragons" || s.Service != options.Service || s.Run.Limit != 5 || s.Run.Before != 1 || !s.Run.Budget.Decimal.Equal(usd("2.50").Decimal) || !s.Run.StartedAt.Equal(noon) || s.Opening {
		t.Errorf("the start: %+v", s)
	}
	if s.States[Failed] != 2 || s.States[Intended] != 1 || s.Undelivered != 1 || !s.Spent.Equal(usd("0.04").Decimal) || !s.Price.Decimal.Equal(usd("0.013333333333").Decimal) {
		t.Errorf("counts and money: %+v", s)
	}
	if want := []Ends{{noon.Add(1200 * time.Millisecond), 1}, {noon.Add(70 * time.Second), 1}}; !slices.Equal(s.Ends, want) { // the done one was before, the other has not ended
		t.Errorf("ends: %v, want %v", s.Ends, want)
	}
	if len(s.Failures) != 2 || s.Failures[0].Error != "late" || s.Failures[1].Error != "no disk" || !s.Failures[1].Undelivered {
		t.Errorf("failures: %+v", s.Failures)
	}
	j.Close()

	// The next start has the folder, and has not told of itself yet.
	j = f.open(options)
	if s := look(time.Time{}); !s.Opening || s.Run.Number != 1 {
		t.Errorf("the next start: %+v", s.Run)
	}
	if err := j.StartRun(t.Context(), Run{StartedAt: noon.Add(time.Hour)}); err != nil {
		t.Fatal(err)
	}
	if s := look(time.Time{}); s.Opening || s.Run.Number != 2 || s.Run.Budget.Valid || s.Run.Limit != 0 || len(s.Failures)+len(s.Ends) > 0 {
		t.Errorf("it has its own bounds, ends and failures: %+v", s)
	}
}

// A grid that is being enqueued has all its cells already.
func TestStandingOfAGridInParts(t *testing.T) {
	f := newFolder(t)
	j := f.open(options)
	if _, err := j.SetGrid(t.Context(), Grid{Digest: "grid", Cells: 9}); err != nil {
		t.Fatal(err)
	}
	if s, err := j.Standing(t.Context(), time.Time{}, 3); err != nil || s.Cells != 9 || s.Run.Number != 0 {
		t.Errorf("%+v, %v", s, err)
	}
}

func TestAtWork(t *testing.T) {
	f := newFolder(t)
	looks := func(want bool) Holder {
		t.Helper()
		h, held, err := AtWork(f.dir)
		if err != nil || held != want {
			t.Errorf("at work: %v, %v; want %v", held, err, want)
		}
		return h
	}
	looks(false)
	if err := os.MkdirAll(f.dir, 0o700); err != nil {
		t.Fatal(err)
	}
	looks(false)
	if _, err := os.Stat(filepath.Join(f.dir, "lock")); err == nil {
		t.Error("a look has made the lock")
	}
	j := f.open(options)
	if h := looks(true); h.PID != os.Getpid() || time.Since(h.Since) > time.Minute {
		t.Errorf("%+v", h)
	}
	f.kill(j) // what it said of itself stays behind
	looks(false)
	if err := os.WriteFile(filepath.Join(f.dir, "lock.holder"), []byte("\x1b[2J"), 0o600); err != nil {
		t.Fatal(err)
	}
	looks(false)
}

// Looks at the lock keep no run from starting.
func TestLooksDisturbNoStart(t *testing.T) {
	f := newFolder(t)
	f.open(options).Close()
	stop := make(chan struct{})
	var looking, ended sync.WaitGroup
	for range 4 {
		looking.Add(1)
		ended.Go(func() {
			begun := sync.OnceFunc(looking.Done)
			for {
				select {
				case <-stop:
					return
				default:
					if _, _, err := AtWork(f.dir); err != nil {
						t.Error(err)
					}
					begun()
				}
			}
		})
	}
	looking.Wait()
	for range 100 {
		l, err := lockFolder(f.dir)
		if err != nil {
			t.Fatal(err)
		}
		l.release()
	}
	close(stop)
	ended.Wait()
}
