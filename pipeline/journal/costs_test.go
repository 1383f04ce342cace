package journal

import (
	"errors"
	"testing"

	"github.com/shopspring/decimal"
)

// attempt is one submit of the cell, to its end.
func attempt(t *testing.T, j *Journal, s State, cost decimal.NullDecimal) {
	t.Helper()
	l := lease(t, j)
	r := record(l, s)
	r.Cost = cost
	if s == Pending {
		r.TaskID = "" // refused
	}
	finish(t, l, r)
}

func TestCostIsSummedOverAttempts(t *testing.T) {
	var unknown decimal.NullDecimal
	again := func(j *Journal) {
		switch rows(t, j)[0].State {
		case Failed:
			_, err := j.RetryFailed(t.Context())
			if err != nil {
				t.Fatal(err)
			}
		case Held:
			if _, err := j.Resubmit(t.Context()); err != nil {
				t.Fatal(err)
			}
		case Done:
			if err := j.Redo(t.Context(), []string{rows(t, j)[0].ID}); err != nil {
				t.Fatal(err)
			}
		}
	}
	type end struct {
		s    State
		cost decimal.NullDecimal
	}
	for _, tt := range []struct {
		why  string
		ends []end
		want string
	}{
		{"none yet", nil, ""},
		{"one that is known", []end{{Done, usd("0.02")}}, "0.02"},
		{"one that is not", []end{{Done, unknown}}, ""},
		{"an honest nothing, and one that is known", []end{{Failed, usd("0")}, {Done, usd("0.02")}}, "0.02"},
		{"an honest nothing", []end{{Failed, usd("0")}}, "0"},
		{"two payments", []end{{Done, usd("0.02")}, {Done, usd("0.03")}}, "0.05"},
		{"known and unknown", []end{{Done, usd("0.02")}, {Done, unknown}}, ""},
		{"unknown and known", []end{{Done, unknown}, {Done, usd("0.02")}}, ""},
		{"nothing and unknown", []end{{Failed, usd("0")}, {Done, unknown}}, ""},
		{"refused, then known", []end{{Pending, unknown}, {Done, usd("0.02")}}, "0.02"},
		{"known, then refused", []end{{Done, usd("0.02")}, {Pending, unknown}}, "0.02"},
		{"submitted again on a person's word", []end{{Held, unknown}, {Done, usd("0.02")}}, ""},
	} {
		f := newFolder(t)
		j := f.start(1, options)
		ends := j.Outcomes()
		for i, e := range tt.ends {
			if i > 0 {
				again(j)
			}
			attempt(t, j, e.s, e.cost)
			if e.s == Pending {
				continue
			}
			out, stored := <-ends, rows(t, j)[0]
			if out.Cost.Valid != stored.Cost.Valid || !out.Cost.Decimal.Equal(stored.Cost.Decimal) {
				t.Errorf("%s: $%v is told of attempt %d, $%v is stored", tt.why, out.Cost, i+1, stored.Cost)
			}
		}
		f.kill(j)
		j = f.open(options)
		got := ""
		if c := rows(t, j)[0].Cost; c.Valid {
			got = c.Decimal.String()
		}
		if got != tt.want {
			t.Errorf("%s: %q, want %q", tt.why, got, tt.want)
		}
		var view decimal.NullDecimal
		if err := j.reader.QueryRow("SELECT cost_usd FROM results").Scan(&view); err != nil || view.Valid != (tt.want != "") {
			t.Errorf("%s: the view says %v, %v", tt.why, view, err)
		}
	}
}

func TestPaidWithoutACost(t *testing.T) {
	f := newFolder(t)
	j := f.start(8, options)
	var all []*Lease
	for i := range 8 {
		l := lease(t, j)
		r := record(l, []State{Done, Done, Done, Submitted, Submitted, Failed, Held, Done}[i])
		r.Cost, r.CostSource = decimal.NullDecimal{}, ""
		switch i {
		case 0:
			r.Elapsed = usd("6")
			r.Files = []File{{N: 0, Path: "images/a.png"}, {N: 1, Path: "images/b.png"}}
		case 2:
			r.Reserved = decimal.Zero // its price was not known
		case 3:
			r.Undelivered, r.TaskStatus = true, "task_postprocess_end"
		case 7:
			r.Cost, r.CostSource = usd("1"), "reported"
		}
		if i == 4 { // it runs
			save(t, l, r)
			l.Abandon()
		} else {
			finish(t, l, r)
		}
		all = append(all, l)
	}
	money := func(spent, reserved string, unpriced int) {
		t.Helper()
		checkMoney(t, j, spent, reserved)
		if c, err := j.Counts(t.Context()); err != nil || c.Unpriced != unpriced || j.Progress().Unpriced != unpriced {
			t.Errorf("%d and %d unpriced, want %d: %v", c.Unpriced, j.Progress().Unpriced, unpriced, err)
		}
	}
	money("1", "0.05", 1) // cells 1, 2, 4, 5 and 7
	if err := j.Redo(t.Context(), []string{all[1].Cell.ID}); err != nil {
		t.Fatal(err)
	}
	money("1", "0.05", 1)
	f.kill(j)
	j = f.open(options)
	money("1", "0.05", 1)

	missing, err := j.CostsMissing(t.Context())
	if err != nil || len(missing) != 1 || missing[all[0].Cell.Model] != 4 {
		t.Fatalf("missing %v, %v", missing, err)
	}
	told := 0
	tell := func(p Paid) (decimal.NullDecimal, string) {
		told++
		switch p.Cell.ID {
		case all[0].Cell.ID:
			if p.Outputs != 2 || p.Elapsed.Decimal.String() != "6" || len(p.Cell.Params) == 0 {
				t.Errorf("%+v", p)
			}
			return usd("0.03"), "computed"
		case all[1].Cell.ID:
			return decimal.NullDecimal{}, "none" // nobody can tell
		case all[2].Cell.ID:
			return usd("0.02"), "price"
		}
		return decimal.NullDecimal{}, "" // not known yet
	}
	for _, want := range []int{4, 1} {
		told = 0
		if err := j.TellCosts(t.Context(), all[0].Cell.Model, tell); err != nil || told != want {
			t.Errorf("%d asked for, want %d: %v", told, want, err)
		}
		money("1.05", "0.04", 0)
	}
	if r := rows(t, j)[0]; r.Cost.Decimal.String() != "0.03" || r.CostSource != "computed" || len(r.Files) != 2 {
		t.Errorf("%+v", r)
	}
	spending, err := j.Spending(t.Context())
	if s := spending[all[0].Cell.Model]; err != nil || s.Attempts != 3 || s.USD.String() != "1.05" {
		t.Errorf("%+v, %v", spending, err)
	}

	// A runner that has lost the folder tells no costs.
	tellAll := func(Paid) (decimal.NullDecimal, string) { return usd("7"), "price" }
	frozen := j
	j = f.takeOver(options)
	if err := frozen.TellCosts(t.Context(), all[0].Cell.Model, tellAll); !errors.Is(err, ErrLeaseLost) {
		t.Errorf("a cost of a runner that lost the folder: %v", err)
	}
	money("1.05", "0.04", 0)
}

func TestAdmitHoldsMoneyForWhatHasNoPrice(t *testing.T) {
	f := newFolder(t)
	o := options
	o.Budget = usd("0.10")
	j := f.start(6, o)
	for i := range 2 {
		l := lease(t, j)
		save(t, l, Record{State: Intended, Attempt: 1})
		if i == 1 {
			finish(t, l, Record{State: Done, Attempt: 1, TaskID: "1"})
		} else {
			l.Abandon()
		}
	}
	f.kill(j)
	j = f.open(o)
	open := lease(t, j)
	defer open.Abandon()
	fresh := lease(t, j)
	if err := j.Admit(t.Context(), fresh, usd("0.04").Decimal); !errors.Is(err, ErrBudget) {
		t.Errorf("three of $0.04 for $0.10: %v", err)
	}
	if err := j.Admit(t.Context(), fresh, usd("0.03").Decimal); err != nil {
		t.Errorf("three of $0.03 for $0.10: %v", err)
	}
}

// The task that was found for a submit has ended without saying how, and another is found in its place: both may have been billed.
func TestMoneyOfBothTasksOfOneSubmit(t *testing.T) {
	for _, reserved := range []string{"0.01", "0"} {
		f := newFolder(t)
		j := f.start(2, options)
		l := lease(t, j)
		r := record(l, Submitted)
		r.Reserved = usd(reserved).Decimal
		save(t, l, r)
		another := Record{State: Submitted, Attempt: 2, IntendedAt: r.IntendedAt, Reserved: r.Reserved, TaskID: "102"}
		save(t, l, another)
		want, unpriced := usd("0.02"), 0
		if reserved == "0" {
			want, unpriced = usd("0"), 2
		}
		check := func(when string) {
			t.Helper()
			c, err := j.Counts(t.Context())
			if p := j.Progress(); err != nil || !p.Reserved.Equal(want.Decimal) || !c.Reserved.Equal(want.Decimal) || p.Unpriced != unpriced || c.Unpriced != unpriced {
				t.Errorf("%s: $%s and %d unpriced, on disk $%s and %d, want $%s and %d: %v", when, p.Reserved, p.Unpriced, c.Reserved, c.Unpriced, want.Decimal, unpriced, err)
			}
		}
		check("both open")
		another.State, another.Cost = Done, usd("0.01")
		finish(t, l, another)
		want, unpriced = usd(reserved), unpriced/2
		check("one is done")
	}
}
