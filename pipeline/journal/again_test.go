package journal

import (
	"slices"
	"strings"
	"testing"

	"github.com/shopspring/decimal"
)

func TestRetryFailed(t *testing.T) {
	files := []File{{Path: "images/a.png"}}
	cases := []struct {
		why   string
		r     Record
		again bool
	}{
		{"it cost nothing", Record{State: Failed, Cost: usd("0"), TaskID: "1"}, true},
		{"it cost nothing, spelled long", Record{State: Failed, Cost: usd("0.000000000000"), TaskID: "2"}, true},
		{"cost unknown, and nothing came of it", Record{State: Failed, TaskID: "3"}, true},
		{"a refusal for good, never billed", Record{State: Failed, Error: "Request parameter [scale] must be integer or float"}, true},
		{"billed", Record{State: Failed, Cost: usd("0.000000000001"), TaskID: "4"}, false},
		{"billed in round dollars", Record{State: Failed, Cost: usd("10"), TaskID: "7"}, false},
		{"cost unknown, but there are files", Record{State: Failed, Files: files, TaskID: "5"}, false},
		{"done", Record{State: Done, Cost: usd("0"), TaskID: "6"}, false},
		{"held", Record{State: Held}, false},
	}
	f := newFolder(t)
	j := f.start(len(cases), options)
	want := 0
	for _, c := range cases {
		c.r.Attempt = 1
		finish(t, lease(t, j), c.r)
		if c.again {
			want++
		}
	}
	n, err := j.RetryFailed(t.Context())
	if err != nil || n != want {
		t.Errorf("RetryFailed = %d, %v; want %d", n, err, want)
	}
	for i, r := range rows(t, j) {
		if (r.State == Pending) != cases[i].again {
			t.Errorf("%s: now %s", cases[i].why, r.State)
		}
		if r.Attempts != 1 || r.TaskID != cases[i].r.TaskID {
			t.Errorf("%s: the old attempt is gone: %+v", cases[i].why, r)
		}
	}
	if p := j.Progress(); p.Pending != want || p.Failed != 3 || p.Done != 1 {
		t.Errorf("%+v", p)
	}
	l := lease(t, j)
	if l.Record.Attempt != 1 || l.Record.State != Pending {
		t.Errorf("%+v", l.Record)
	}
}

func TestRedo(t *testing.T) {
	f := newFolder(t)
	j := f.start(4, options)
	for _, s := range []State{Done, Failed, Held} {
		l := lease(t, j)
		r := record(l, s)
		r.Files = []File{{Path: "images/old.png"}}
		finish(t, l, r)
	}
	id := func(n int) string { return testCell(n).ID }
	err := j.Redo(t.Context(), []string{id(1), "nonsense", id(3), id(9)})
	if err == nil || !strings.Contains(err.Error(), `"nonsense" (no such cell)`) || !strings.Contains(err.Error(), id(9)) || !strings.Contains(err.Error(), id(3)+" (held") || strings.Contains(err.Error(), id(1)) {
		t.Errorf("error: %v", err)
	}
	if got := states(t, j); got[0] != Done {
		t.Errorf("a refused Redo changed something: %v", got)
	}
	if err := j.Redo(t.Context(), []string{id(1), id(2), id(4)}); err != nil {
		t.Fatal(err)
	}
	if got := states(t, j); !slices.Equal(got, []State{Pending, Pending, Held, Pending}) {
		t.Errorf("%v", got)
	}
	if r := rows(t, j)[0]; len(r.Files) != 1 || r.Files[0].Path != "images/old.png" || r.Attempts != 1 || r.Cost.Decimal.String() != "0.00351" {
		t.Errorf("%+v", r)
	}
	l := lease(t, j) // the first of the grid again, though others were read ahead
	save(t, l, Record{State: Intended, Attempt: 2})
	if r := rows(t, j)[0]; len(r.Files) != 1 || l.Record.Files != nil {
		t.Errorf("what was delivered has to be shown until it is made again: %+v, %+v", r, l.Record)
	}
	r := record(l, Done)
	r.Files = []File{{Path: "images/new.png"}}
	finish(t, l, r)
	checkMoney(t, j, "0.00702", "0.01")
	if r := rows(t, j)[0]; r.Attempts != 2 || len(r.Files) != 1 || r.Files[0].Path != "images/new.png" || r.Cost.Decimal.String() != "0.00702" {
		t.Errorf("%+v", r)
	}
	j.Close()

	j = f.open(options)
	if _, err := j.SetGrid(t.Context(), Grid{Digest: "smaller", Cells: 1}); err != nil {
		t.Fatal(err)
	}
	if err := j.Enqueue(t.Context(), manyCells(1, 1)); err != nil {
		t.Fatal(err)
	}
	if err := j.Redo(t.Context(), []string{id(2)}); err == nil || !strings.Contains(err.Error(), "no longer in the manifest") {
		t.Errorf("error: %v", err)
	}
}

func TestResubmit(t *testing.T) {
	f := newFolder(t)
	j := f.start(4, options)
	for _, s := range []State{Held, Unknown, Submitted} {
		l := lease(t, j)
		save(t, l, record(l, s))
	}
	f.kill(j)
	j = f.open(options)
	checkMoney(t, j, "0", "0.03")
	if n, err := j.Resubmit(t.Context()); n != 1 || err != nil {
		t.Fatalf("Resubmit = %d, %v", n, err)
	}
	checkMoney(t, j, "0", "0.02")
	sameNumbers(t, "the one with a task first, then the one to be looked up", func() []int {
		l, unknown := lease(t, j), lease(t, j)
		next := lease(t, j)
		if unknown.Record.State != Unknown || next.Record.Attempt != 1 || next.Record.State != Pending {
			t.Errorf("%+v, %+v", unknown.Record, next.Record) // its first submit may have made something
		}
		return []int{l.Cell.Number, unknown.Cell.Number, next.Cell.Number}
	}(), 3, 2, 1)
}

// What was paid for and can't be delivered is made again at a person's word; what it cost, or may have cost, stays in the sums.
func TestRedoOfUndelivered(t *testing.T) {
	f := newFolder(t)
	j := f.start(3, options)
	for _, cost := range []string{"0.00351", ""} {
		l := lease(t, j)
		r := record(l, Submitted)
		r.Undelivered, r.TaskStatus, r.Error = true, "task_postprocess_end", "404"
		r.Cost, r.CostSource = decimal.NullDecimal{}, ""
		if cost != "" {
			r.Cost, r.CostSource = usd(cost), "reported"
		}
		if !r.Billed() {
			t.Errorf("not billed: %+v", r)
		}
		finish(t, l, r)
	}
	checkMoney(t, j, "0.00351", "0.01")
	if err := j.Redo(t.Context(), []string{testCell(1).ID, testCell(2).ID}); err != nil {
		t.Fatal(err)
	}
	checkMoney(t, j, "0.00351", "0.01")
	if p := j.Progress(); p.Undelivered != 0 || p.Pending != 3 {
		t.Errorf("%+v", p)
	}
	for range 2 {
		l := lease(t, j)
		if l.Record.State != Pending || l.Record.Attempt != 1 || l.Record.Undelivered {
			t.Errorf("%+v", l.Record)
		}
		finish(t, l, record(l, Done))
	}
	checkMoney(t, j, "0.01053", "0.01")
	told := func(Paid) (decimal.NullDecimal, string) { return usd("0.005"), "price" }
	if err := j.TellCosts(t.Context(), testCell(2).Model, told); err != nil {
		t.Fatal(err)
	}
	checkMoney(t, j, "0.01553", "0")
	f.kill(j)
	checkMoney(t, f.open(options), "0.01553", "0")
}
