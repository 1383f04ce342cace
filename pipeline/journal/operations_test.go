package journal

import (
	"context"
	"errors"
	"slices"
	"sync"
	"testing"

	"github.com/shopspring/decimal"
)

// What a runner may rely on, whatever the engine: these tests use no more of it than folder's open, kill and takeOver.

func TestRunnerKilledInEachState(t *testing.T) {
	for _, c := range []struct {
		reached State
		why     string
		next    State // as which the next start leases it; "" = not at all
		attempt int
		money   string // still reserved
	}{
		{Pending, "nothing had left", Pending, 0, "0"},
		{Intended, "the request may have left: to be looked up", Intended, 1, "0.01"},
		{Submitted, "the task runs on", Submitted, 1, "0.01"},
		{Unknown, "to be looked up", Unknown, 1, "0.01"},
		{Held, "looked up once a start", Held, 1, "0.01"},
		{Done, "paid and here", "", 0, "0"},
		{Failed, "a verdict", "", 0, "0"},
		{Cancelled, "by us: pending again", Pending, 1, "0"},
	} {
		t.Run(string(c.reached), func(t *testing.T) {
			f := newFolder(t)
			j := f.start(1, options)
			l := lease(t, j)
			if c.reached != Pending {
				save(t, l, record(l, c.reached))
			}
			f.kill(j)

			j = f.open(options)
			if p := j.Progress(); !p.Reserved.Equal(usd(c.money).Decimal) {
				t.Errorf("$%s reserved, want %s", p.Reserved, c.money)
			}
			if c.next == "" {
				leaseNone(t, j, ErrDone)
				return
			}
			l = lease(t, j)
			if l.Record.State != c.next || l.Record.Attempt != c.attempt {
				t.Errorf("leased as %s, attempt %d; want %s, %d: %s", l.Record.State, l.Record.Attempt, c.next, c.attempt, c.why)
			}
			if c.next == Submitted && l.Record.TaskID != "101" {
				t.Errorf("task %q", l.Record.TaskID)
			}
			l.Abandon()
			leaseNone(t, j, ErrDone) // once a start
		})
	}
}

func TestFrozenRunner(t *testing.T) {
	f := newFolder(t)
	frozen := f.start(2, options)
	l := lease(t, frozen)
	save(t, l, record(l, Intended))

	j := f.takeOver(options)
	second := lease(t, j)
	save(t, second, record(second, Submitted))
	before := rows(t, j)

	if err := l.Extend(t.Context()); !errors.Is(err, ErrLeaseLost) {
		t.Errorf("Extend: %v", err)
	}
	if err := l.Save(t.Context(), record(l, Done)); !errors.Is(err, ErrLeaseLost) {
		t.Errorf("Save: %v", err)
	}
	if err := l.Finish(t.Context(), record(l, Failed)); !errors.Is(err, ErrLeaseLost) {
		t.Errorf("Finish: %v", err)
	}
	leaseNone(t, frozen, ErrLeaseLost)
	if after := rows(t, j); after[0].State != before[0].State || after[0].TaskID != before[0].TaskID || after[1].State != Pending {
		t.Errorf("the frozen runner changed something: %+v", after)
	}
	if err := second.Extend(t.Context()); err != nil {
		t.Errorf("Extend of the new runner: %v", err)
	}
	if err := frozen.Close(); err != nil {
		t.Error(err)
	}
	finish(t, second, record(second, Done))
}

func TestDuplicateEnqueue(t *testing.T) {
	f := newFolder(t)
	j := f.open(options)
	const cells = enqueueSize + 500 // more than one batch
	if _, err := j.SetGrid(t.Context(), Grid{Digest: "g", Cells: cells}); err != nil {
		t.Fatal(err)
	}
	var wg sync.WaitGroup
	for range 2 {
		wg.Go(func() {
			if err := j.Enqueue(t.Context(), manyCells(1, cells)); err != nil {
				t.Error(err)
			}
		})
	}
	var mu sync.Mutex
	seen := map[string]int{}
	for range 32 {
		wg.Go(func() {
			for {
				l, err := j.Lease(t.Context())
				if err != nil {
					if err != ErrDone {
						t.Error(err)
					}
					return
				}
				mu.Lock()
				seen[l.Cell.ID]++
				mu.Unlock()
				if err := l.Finish(t.Context(), Record{State: Done, Attempt: 1, TaskID: "1"}); err != nil {
					t.Error(err)
					return
				}
			}
		})
	}
	wg.Wait()
	if len(seen) != cells {
		t.Errorf("%d cells were leased, want %d", len(seen), cells)
	}
	for id, n := range seen {
		if n != 1 {
			t.Fatalf("cell %s was leased %d times", id, n)
		}
	}
	if p := j.Progress(); p.Cells != cells || p.Done != cells || p.Pending != 0 {
		t.Errorf("%+v", p)
	}
}

func TestEqualCellsRunOnce(t *testing.T) {
	f := newFolder(t)
	j := f.open(options)
	a, b := testCell(1), testCell(1)
	b.Number = 2
	c := testCell(3)
	if err := j.Enqueue(t.Context(), slices.Values([]Cell{a, b, c})); err != nil {
		t.Fatal(err)
	}
	sameNumbers(t, "the first place wins", leased(t, j), 1, 3)
}

func TestCellsAreLeasedInTheOrderInWhichTheyCame(t *testing.T) {
	const cells = 3*readAhead + 10
	f := newFolder(t)
	j := f.open(options)
	set := func(digest string, numbers []int) {
		t.Helper()
		all := make([]Cell, len(numbers))
		for i, n := range numbers {
			all[i] = testCell(n)
		}
		if _, err := j.SetGrid(t.Context(), Grid{Digest: digest, Cells: cells}); err != nil {
			t.Fatal(err)
		}
		if err := j.Enqueue(t.Context(), slices.Values(all)); err != nil {
			t.Fatal(err)
		}
	}
	var order []int
	for k := range cells { // 1, n, 2, n-1, …
		order = append(order, 1+k/2)
		if k%2 == 1 {
			order[k] = cells - k/2
		}
	}
	set("a", order)
	j.SetSlots(cells)
	for i, want := range order[:300] { // beyond what is read ahead
		l := lease(t, j)
		if l.Cell.Number != want {
			t.Fatalf("cell %d is number %d, want %d", i, l.Cell.Number, want)
		}
		finish(t, l, record(l, Done))
	}
	l := lease(t, j)
	lease(t, j).Abandon()
	finish(t, l, Record{State: Pending})
	sameNumbers(t, "what came back goes first", []int{lease(t, j).Cell.Number}, order[300])

	// In the next start the order is another: of the cells that are left.
	j.Close()
	j = f.open(options)
	j.SetSlots(cells)
	slices.Reverse(order)
	set("b", order)
	sameNumbers(t, "the other way round", leased(t, j), order[:cells-300]...)
	for i, r := range rows(t, j) {
		if r.Number != i+1 || r.ID != testCell(i+1).ID {
			t.Fatalf("row %d is number %d", i, r.Number)
		}
	}
}

func TestEqualCellsHaveTheFirstPlaceInAnyOrder(t *testing.T) {
	f := newFolder(t)
	j := f.open(options)
	a, b := testCell(1), testCell(1)
	b.Number = 3
	for range 2 { // the second time after a restart in the midst of it
		if err := j.Enqueue(t.Context(), slices.Values([]Cell{b, testCell(2), a})); err != nil {
			t.Fatal(err)
		}
		var got []int
		for _, r := range rows(t, j) {
			got = append(got, r.Number)
		}
		sameNumbers(t, "places", got, 1, 2)
		if p := j.Progress(); p.Cells != 2 || p.Pending != 2 {
			t.Errorf("%+v", p)
		}
	}
	var ids []string
	for range 2 {
		ids = append(ids, lease(t, j).Cell.ID)
	}
	if ids[0] != a.ID {
		t.Errorf("leased %v", ids)
	}
}

func TestBudget(t *testing.T) {
	f := newFolder(t)
	o := options
	o.Budget = usd("1.00")
	j := f.start(50, o)
	cost := decimal.RequireFromString("0.03")
	var wg sync.WaitGroup
	var mu sync.Mutex
	var in []*Lease
	for range 50 {
		wg.Go(func() {
			l, err := j.Lease(t.Context())
			if err != nil {
				t.Error(err)
				return
			}
			err = j.Admit(t.Context(), l, cost)
			if errors.Is(err, ErrBudget) {
				l.Abandon()
				return
			}
			if err != nil {
				t.Error(err)
			}
			if err := l.Save(t.Context(), Record{State: Intended, Attempt: 1}); err != nil {
				t.Error(err)
			}
			mu.Lock()
			in = append(in, l)
			mu.Unlock()
		})
	}
	wg.Wait()
	if len(in) != 33 {
		t.Fatalf("%d cells of $0.03 were let in for $1.00", len(in))
	}
	checkMoney(t, j, "0", "0.99") // Save put the money into the record
	finish(t, in[0], Record{State: Done, Attempt: 1, TaskID: "1", Cost: usd("0.01")})
	finish(t, in[1], Record{State: Failed, Attempt: 1, TaskID: "2", Cost: usd("0")})
	checkMoney(t, j, "0.01", "0.93")
	f.kill(j)

	j = f.open(o)
	checkMoney(t, j, "0.01", "0.93")
	for range 31 {
		lease(t, j)
	}
	fresh, last := lease(t, j), lease(t, j)
	if err := j.Admit(t.Context(), fresh, cost); err != nil {
		t.Errorf("0.94 of 1.00 are taken: %v", err)
	}
	err := j.Admit(t.Context(), last, usd("0.031").Decimal)
	if want := "the budget is reached: $0.01 spent and $0.96 reserved of $1 leave too little for a cell of $0.031"; !errors.Is(err, ErrBudget) || err.Error() != want {
		t.Errorf("0.97 of 1.00 are taken, and 0.031 asked for: %v", err)
	}
	if err := j.Admit(t.Context(), last, cost); err != nil {
		t.Errorf("to the last cent: %v", err)
	}
	last.Abandon()
	fresh.Abandon()
	checkMoney(t, j, "0.01", "0.93")
}

func TestAdmitGivesMoneyBack(t *testing.T) {
	f := newFolder(t)
	o := options
	o.Rate, o.Burst = 0.001, 1
	j := f.start(2, o)
	first, second := lease(t, j), lease(t, j)
	if err := j.Admit(t.Context(), first, usd("0.5").Decimal); err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	done := make(chan error)
	go func() { done <- j.Admit(ctx, second, usd("0.25").Decimal) }()
	cancel()
	if err := <-done; !errors.Is(err, context.Canceled) {
		t.Errorf("Admit whose context ended: %v", err)
	}
	if p := j.Progress(); p.Reserved.String() != "0.5" {
		t.Errorf("$%s reserved", p.Reserved)
	}
	finish(t, first, Record{State: Pending}) // refused
	if p := j.Progress(); !p.Reserved.IsZero() {
		t.Errorf("$%s reserved", p.Reserved)
	}
	if err := j.Admit(t.Context(), first, usd("1").Decimal); err == nil {
		t.Error("Admit of a lease that has ended")
	}
}

func TestOrderOfLeases(t *testing.T) {
	f := newFolder(t)
	j := f.start(9, options)
	var all []*Lease
	for range 9 {
		all = append(all, lease(t, j))
	}
	for number, s := range map[int]State{2: Held, 3: Submitted, 4: Intended, 5: Done, 6: Submitted, 8: Unknown, 9: Failed} {
		save(t, all[number-1], record(all[number-1], s))
	}
	f.kill(j)
	j = f.open(options)
	sameNumbers(t, "order", leased(t, j), 3, 6, 2, 4, 8, 1, 7)
	f.kill(j)
	j = f.open(options)
	j.StopLeasing()
	sameNumbers(t, "after StopLeasing", leased(t, j), 3, 6, 2, 4, 8)
	leaseNone(t, j, ErrDone)
}

func TestEphemeralService(t *testing.T) {
	f := newFolder(t)
	o := options
	o.Service, o.Ephemeral = "sandbox", true
	j := f.start(6, o)
	for i, s := range []State{Intended, Submitted, Unknown, Held, Done, Failed} {
		l := lease(t, j)
		save(t, l, record(l, s))
		if l.Cell.Number != i+1 {
			t.Fatal("order")
		}
	}
	if newest := j.NewestTask(t.Context()); newest != "106" {
		t.Errorf("newest task %q", newest)
	}
	f.kill(j)
	j = f.open(o)
	checkMoney(t, j, "0.00351", "0")
	if newest := j.NewestTask(t.Context()); newest != "" {
		t.Errorf("newest task %q of a service that is gone", newest)
	}
	if id, ok, err := j.TaskKnown(t.Context(), "102"); ok || err != nil {
		t.Errorf("its task is known: %s, %v", id, err)
	}
	if l := lease(t, j); l.Record.State != Pending || l.Record.Attempt != 1 {
		t.Errorf("%+v", l.Record)
	}
	sameNumbers(t, "pending again", leased(t, j), 2, 3, 4)
}
