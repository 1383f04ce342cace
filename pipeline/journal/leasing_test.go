package journal

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"testing"
	"testing/synctest"
	"time"
)

// inBubble runs a test of waiting on a clock of its own. The folder outlives the bubble, its journals do not.
func inBubble(t *testing.T, test func(t *testing.T, f folder)) {
	dir := t.TempDir()
	synctest.Test(t, func(t *testing.T) { test(t, folder{t, dir}) })
}

// later leases in the background.
func later(t *testing.T, j *Journal) <-chan string {
	c := make(chan string, 1)
	go func() {
		l, err := j.Lease(t.Context())
		if err != nil {
			c <- err.Error()
		} else {
			c <- fmt.Sprint(l.Cell.Number)
		}
	}()
	synctest.Wait()
	return c
}

func expect(t *testing.T, what string, c <-chan string, want string) {
	t.Helper()
	synctest.Wait()
	select {
	case got := <-c:
		if got != want {
			t.Errorf("%s: leased %s, want %s", what, got, want)
		}
	default:
		if want != "" {
			t.Errorf("%s: Lease waits still, want %s", what, want)
		}
	}
}

func TestLeaseWaits(t *testing.T) {
	slots := func(n int) Options { o := options; o.Slots = n; return o }
	for _, c := range []struct {
		name string
		test func(t *testing.T, f folder)
	}{
		{"for a slot that the task's end gives back", func(t *testing.T, f folder) {
			j := f.start(2, slots(1))
			l := lease(t, j)
			c := later(t, j)
			expect(t, "full", c, "")
			l.FreeSlot()
			l.FreeSlot() // idempotent: not two slots
			expect(t, "free", c, "2")
		}},
		{"for more slots", func(t *testing.T, f folder) {
			j := f.start(3, slots(2))
			a, b := lease(t, j), lease(t, j)
			c := later(t, j)
			j.SetSlots(1)
			a.FreeSlot()
			expect(t, "still one out", c, "")
			b.FreeSlot()
			expect(t, "free", c, "3")
			c = later(t, j)
			expect(t, "full again", c, "")
			j.SetSlots(2)
			expect(t, "more", c, "") // all three are leased
		}},
		{"until NotBefore of a cell that comes back", func(t *testing.T, f folder) {
			j := f.start(1, slots(1))
			l := lease(t, j)
			r := record(l, Intended)
			save(t, l, r)
			r.State, r.NotBefore, r.Error = Pending, time.Now().Add(time.Minute), "429"
			c := later(t, j)
			finish(t, l, r)
			expect(t, "too early", c, "")
			time.Sleep(time.Minute - time.Millisecond)
			expect(t, "a little early", c, "")
			time.Sleep(time.Millisecond)
			expect(t, "in time", c, "1")
		}},
		{"for cells that are enqueued", func(t *testing.T, f folder) {
			j := f.open(slots(5))
			if known, err := j.SetGrid(t.Context(), Grid{Digest: "g", Cells: 2}); known || err != nil {
				t.Fatal(known, err)
			}
			c := later(t, j)
			expect(t, "none yet", c, "")
			if err := j.Enqueue(t.Context(), manyCells(1, 1)); err != nil {
				t.Fatal(err)
			}
			expect(t, "the first", c, "1")
		}},
		{"while a lease may return its cell", func(t *testing.T, f folder) {
			j := f.start(2, slots(5))
			a, b := lease(t, j), lease(t, j)
			first, second := later(t, j), later(t, j)
			finish(t, a, record(a, Done))
			expect(t, "b is out", first, "")
			finish(t, b, record(b, Held))
			expect(t, "all have ended", first, ErrDone.Error())
			expect(t, "for both", second, ErrDone.Error())
		}},
		{"and ends with StopLeasing, whatever is out", func(t *testing.T, f folder) {
			j := f.start(2, slots(5))
			lease(t, j)
			lease(t, j)
			c := later(t, j)
			j.StopLeasing()
			expect(t, "stopped", c, ErrDone.Error())
		}},
		{"and ends with Abandon of the last", func(t *testing.T, f folder) {
			j := f.start(1, slots(5))
			l := lease(t, j)
			c := later(t, j)
			l.Abandon()
			expect(t, "abandoned cells are not leased again", c, ErrDone.Error())
		}},
		{"and ends with Close", func(t *testing.T, f folder) {
			j := f.start(2, slots(1))
			lease(t, j)
			first, second := later(t, j), later(t, j)
			j.Close()
			expect(t, "closed", first, ErrClosed.Error())
			expect(t, "for both", second, ErrClosed.Error())
		}},
		{"and ends with its context", func(t *testing.T, f folder) {
			j := f.start(2, slots(1))
			lease(t, j)
			ctx, cancel := context.WithTimeout(t.Context(), time.Hour)
			defer cancel()
			if _, err := j.Lease(ctx); !errors.Is(err, context.DeadlineExceeded) {
				t.Error(err)
			}
		}},
	} {
		t.Run(c.name, func(t *testing.T) { inBubble(t, c.test) })
	}
}

func TestAdmitKeepsTheRate(t *testing.T) {
	inBubble(t, func(t *testing.T, f folder) {
		o := options
		o.Rate, o.Burst = 2, 1
		j := f.start(5, o)
		begun := time.Now()
		for range 5 {
			if err := j.Admit(t.Context(), lease(t, j), usd("0.01").Decimal); err != nil {
				t.Fatal(err)
			}
		}
		if d := time.Since(begun); d != 2*time.Second {
			t.Errorf("five at 2/s took %v", d)
		}
		ctx, cancel := context.WithTimeout(t.Context(), time.Millisecond)
		defer cancel()
		j.mu.Lock()
		leases := make([]*Lease, 0)
		for _, l := range j.queue.leases {
			leases = append(leases, l)
		}
		j.mu.Unlock()
		if err := j.Admit(ctx, leases[0], usd("0.01").Decimal); !errors.Is(err, context.DeadlineExceeded) {
			t.Errorf("a deadline before the rate: %v", err)
		}
	})
}

func TestReturnedCellsGoFirst(t *testing.T) {
	f := newFolder(t)
	j := f.start(5, options)
	a, b := lease(t, j), lease(t, j)
	finish(t, b, Record{State: Pending})
	finish(t, a, Record{State: Pending})
	sameNumbers(t, "order", leased(t, j), 1, 2, 3, 4, 5)
}

// The grid is read again from its start when cells become pending; those at work, and those given up, are passed over.
func TestNoCellIsLeasedTwice(t *testing.T) {
	f := newFolder(t)
	j := f.start(6, options)
	finish(t, lease(t, j), Record{State: Failed, Attempt: 1})
	lease(t, j)
	lease(t, j).Abandon()
	finish(t, lease(t, j), Record{State: Pending})
	if n, err := j.RetryFailed(t.Context()); n != 1 || err != nil {
		t.Fatal(n, err)
	}
	sameNumbers(t, "left", leased(t, j), 4, 1, 5, 6) // what came back goes first
}

func TestUndeliveredIsForTheNextStart(t *testing.T) {
	f := newFolder(t)
	j := f.start(1, options)
	l := lease(t, j)
	r := record(l, Submitted)
	r.Undelivered, r.Cost, r.CostSource, r.Error = true, usd("0.02"), "reported", "gone"
	r.Files = []File{{N: 0, Name: "0.png", URL: "https://cdn1.wiro.ai/x/0.png"}}
	finish(t, l, r)
	leaseNone(t, j, ErrDone)
	checkMoney(t, j, "0.02", "0")
	if p := j.Progress(); p.Undelivered != 1 || p.Pending != 0 {
		t.Errorf("%+v", p)
	}
	if r := rows(t, j)[0]; r.Status() != "pending" || r.Error != "gone" || !r.Undelivered {
		t.Errorf("%+v", r)
	}
	j.Close()

	j = f.open(options)
	l = lease(t, j)
	if !l.Record.Undelivered || l.Record.TaskID != "101" || len(l.Record.Files) != 1 || l.Record.Files[0].URL == "" {
		t.Errorf("%+v", l.Record)
	}
	r = l.Record
	r.State, r.Files = Done, []File{{N: 0, Path: "images/a.png"}, {N: 1, Path: "images/b.png"}}
	finish(t, l, r)
	checkMoney(t, j, "0.02", "0")
	if got := rows(t, j)[0]; got.State != Done || len(got.Files) != 2 || got.Files[1].Path != "images/b.png" || got.Undelivered {
		t.Errorf("%+v", got)
	}
}

func TestAttemptNumbers(t *testing.T) {
	f := newFolder(t)
	j := f.start(1, options)
	l := lease(t, j)
	r := record(l, Intended)
	save(t, l, r)
	finish(t, l, Record{State: Pending, Error: "over the limit"}) // refused: it made nothing
	if got := rows(t, j)[0]; got.Attempts != 0 || got.Error != "over the limit" || got.State != Pending {
		t.Errorf("%+v", got)
	}
	l = lease(t, j)
	if l.Record.Attempt != 0 {
		t.Fatalf("a refused submit counts: %+v", l.Record)
	}
	r = record(l, Submitted)
	save(t, l, r)
	r.State, r.Exit, r.Cost = Pending, "1", usd("0.001") // failed in the model, to be tried again
	finish(t, l, r)
	l = lease(t, j)
	if l.Record.Attempt != 1 || l.Record.TaskID != "" {
		t.Fatalf("the next record would begin with %+v", l.Record)
	}
	ends := j.Outcomes()
	save(t, l, record(l, Submitted))
	finish(t, l, record(l, Done))
	want := rows(t, j)[0]
	if want.Attempts != 2 || want.Cost.Decimal.String() != "0.00451" || want.Record.Cost.Decimal.String() != "0.00351" {
		t.Errorf("%+v", want)
	}
	if got := <-ends; got.Cost.Decimal.String() != "0.00451" || got.Attempts != 2 || got.TaskID != want.TaskID {
		t.Errorf("outcome %+v", got)
	}
	checkMoney(t, j, "0.00451", "0")
	if p := j.Progress(); p.Attempts != 2 {
		t.Errorf("%d attempts", p.Attempts)
	}
	j.Close()
	if _, open := <-ends; open {
		t.Error("Outcomes is open after Close")
	}
}

func TestMistakesOfTheCaller(t *testing.T) {
	f := newFolder(t)
	j := f.start(2, options)
	l := lease(t, j)
	for _, c := range []struct {
		why string
		r   Record
	}{
		{"no such state", Record{State: "Done", Attempt: 1}},
		{"an intent has no task yet", Record{State: Intended, Attempt: 1, TaskID: "7"}},
		{"attempts count from 1", Record{State: Submitted, TaskID: "7"}},
	} {
		if err := l.Save(t.Context(), c.r); err == nil {
			t.Errorf("%s: %+v was saved", c.why, c.r)
		}
	}
	r := record(l, Submitted)
	r.Attempt = 2
	save(t, l, r)
	if err := l.Save(t.Context(), Record{State: Done, Attempt: 1}); err == nil {
		t.Error("an attempt before the last was saved")
	}
	finish(t, l, r)
	if err := l.Save(t.Context(), r); err == nil {
		t.Error("Save after Finish")
	}
	if err := l.Extend(t.Context()); err == nil {
		t.Error("Extend after Finish")
	}
	if got := states(t, j); !slices.Equal(got, []State{Submitted, Pending}) {
		t.Errorf("%v", got)
	}
}

// A context that has ended keeps nothing off the disk: the task was paid.
func TestSaveUnderAnEndedContext(t *testing.T) {
	f := newFolder(t)
	j := f.start(1, options)
	l := lease(t, j)
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if err := l.Save(ctx, record(l, Submitted)); err != nil {
		t.Fatal(err)
	}
	if got := states(t, j); got[0] != Submitted {
		t.Errorf("%v", got)
	}
}

// Cells that were not leased yet go first, from all over what is pending, also beyond what was read ahead; each is leased once.
func TestNewFirst(t *testing.T) {
	const cells, most = 2000, 100
	f := newFolder(t)
	o := options
	o.Slots = cells
	j := f.start(cells, o)
	seen := map[int]int{}
	take := func(n int) (farthest int) {
		for range n {
			l := lease(t, j)
			seen[l.Cell.Number]++
			farthest = max(farthest, l.Cell.Number)
			finish(t, l, record(l, Done))
		}
		return farthest
	}
	back := lease(t, j)
	take(most)
	finish(t, back, Record{State: Pending})
	j.NewFirst(true)
	if farthest := take(most); seen[back.Cell.Number] > 0 || farthest < cells*3/4 {
		t.Errorf("cell %d, which came back, was leased %d times before the others; the farthest is %d", back.Cell.Number, seen[back.Cell.Number], farthest)
	}
	j.NewFirst(false)
	if take(1); seen[back.Cell.Number] != 1 {
		t.Error("what came back is not the next")
	}
	take(most)
	j.NewFirst(true)
	take(cells - 3*most - 1)
	leaseNone(t, j, ErrDone)
	for number := range cells {
		if seen[number+1] != 1 {
			t.Fatalf("cell %d was leased %d times", number+1, seen[number+1])
		}
	}
}
