package journal

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"testing"
	"time"

	"github.com/shopspring/decimal"
)

var options = Options{Service: "https://api.wiro.ai/v1", Slots: 100}

// folder is where the runners of a test work, one after the other or against each other.
type folder struct {
	t   *testing.T
	dir string
}

func newFolder(t *testing.T) folder { return folder{t, filepath.Join(t.TempDir(), ".wirobatch")} }

func (f folder) open(o Options) *Journal {
	f.t.Helper()
	j, err := Open(f.t.Context(), f.dir, o)
	if err != nil {
		f.t.Fatal(err)
	}
	f.t.Cleanup(func() { j.Close() })
	return j
}

// kill is the end of a runner without any farewell: its handle stays, its lock is gone with it.
func (f folder) kill(j *Journal) {
	f.t.Helper()
	if err := j.lock.lock.Close(); err != nil {
		f.t.Fatal(err)
	}
}

// takeOver is a second runner that starts while the first is frozen, and its lock file was forced away.
func (f folder) takeOver(o Options) *Journal {
	f.t.Helper()
	if err := os.Remove(filepath.Join(f.dir, "lock")); err != nil {
		f.t.Fatal(err)
	}
	return f.open(o)
}

// start opens the folder for a grid of n cells.
func (f folder) start(n int, o Options) *Journal {
	f.t.Helper()
	j := f.open(o)
	f.enqueue(j, "grid", n)
	return j
}

func (f folder) enqueue(j *Journal, digest string, n int) {
	f.t.Helper()
	known, err := j.SetGrid(f.t.Context(), Grid{Digest: digest, Cells: n, Columns: []string{"prompt", "aspectRatio", "seed", "scale"}, Manifest: []byte("version: 1\n"), Name: "dragons", Model: "Qwen/Qwen-Image-Fast"})
	if err != nil {
		f.t.Fatal(err)
	}
	if known {
		return
	}
	if err := j.Enqueue(f.t.Context(), manyCells(1, n)); err != nil {
		f.t.Fatal(err)
	}
}

// lease takes the next cell, which must be there at once.
func lease(t *testing.T, j *Journal) *Lease {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), 10*time.Second)
	defer cancel()
	l, err := j.Lease(ctx)
	if err != nil {
		t.Fatal(err)
	}
	return l
}

func leaseNone(t *testing.T, j *Journal, want error) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), 10*time.Second)
	defer cancel()
	if l, err := j.Lease(ctx); !errors.Is(err, want) {
		t.Fatalf("Lease = %+v, %v; want %v", l, err, want)
	}
}

// record makes a record as it is on the way to the state, of the lease's next attempt.
func record(l *Lease, s State) Record {
	r := Record{State: s, Attempt: l.Record.Attempt + 1, IntendedAt: time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC), Reserved: usd("0.01").Decimal}
	if l.Record.State != Pending {
		r = l.Record
		r.State = s
	}
	if s != Intended && s != Unknown && s != Held {
		r.TaskID, r.TaskToken = fmt.Sprint(100+l.Cell.Number), "token"
	}
	if s == Done {
		r.Cost, r.CostSource = usd("0.00351"), "reported"
	}
	return r
}

func usd(s string) decimal.NullDecimal { return decimal.NewNullDecimal(decimal.RequireFromString(s)) }

func save(t *testing.T, l *Lease, r Record) {
	t.Helper()
	if err := l.Save(t.Context(), r); err != nil {
		t.Fatal(err)
	}
}

func finish(t *testing.T, l *Lease, r Record) {
	t.Helper()
	if err := l.Finish(t.Context(), r); err != nil {
		t.Fatal(err)
	}
}

func rows(t *testing.T, j *Journal) (all []Row) {
	t.Helper()
	for r, err := range j.Rows(t.Context()) {
		if err != nil {
			t.Fatal(err)
		}
		all = append(all, r)
	}
	return all
}

func states(t *testing.T, j *Journal) (all []State) {
	t.Helper()
	for _, r := range rows(t, j) {
		all = append(all, r.State)
	}
	return all
}

// next is the cell to be leased, nil when there is none at the moment.
func next(t *testing.T, j *Journal) *Lease {
	t.Helper()
	for {
		l, until, err := j.advance(t.Context())
		switch {
		case errors.Is(err, ErrDone):
			return nil
		case err != nil:
			t.Fatal(err)
		case l != nil:
			return l
		case until != past:
			return nil
		}
	}
}

// leased gives the numbers of all that can be leased, in that order, and gives them up.
func leased(t *testing.T, j *Journal) (numbers []int) {
	t.Helper()
	var leases []*Lease
	for {
		l := next(t, j)
		if l == nil {
			break
		}
		numbers = append(numbers, l.Cell.Number)
		leases = append(leases, l)
	}
	for _, l := range leases {
		l.Abandon()
	}
	return numbers
}

func sameNumbers(t *testing.T, what string, got []int, want ...int) {
	t.Helper()
	if !slices.Equal(got, want) {
		t.Errorf("%s: %v, want %v", what, got, want)
	}
}

// money checks what is spent and reserved, in memory and on disk.
func checkMoney(t *testing.T, j *Journal, spent, reserved string) {
	t.Helper()
	p := j.Progress()
	if !p.Spent.Equal(usd(spent).Decimal) || !p.Reserved.Equal(usd(reserved).Decimal) {
		t.Errorf("Progress: $%s spent and $%s reserved, want %s and %s", p.Spent, p.Reserved, spent, reserved)
	}
	c, err := j.Counts(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	if !c.Spent.Equal(usd(spent).Decimal) || !c.Reserved.Equal(usd(reserved).Decimal) {
		t.Errorf("Counts: $%s spent and $%s reserved, want %s and %s", c.Spent, c.Reserved, spent, reserved)
	}
}
