package journal

import (
	"errors"
	"flag"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"testing"
)

const (
	mostCells = 8
	mostMoves = 60
)

// FuzzReplay plays a run after the other on one folder, moves and crashes as the bytes say, and holds the journal against
// a model after each move.
func FuzzReplay(f *testing.F) {
	done := []byte{0, 0, 3, 0, 3, 0, 6, 0} // lease, intend, submit, done
	f.Add(append(append(done, done...), 9, 3, 0, 0, 10, 0))
	f.Add([]byte{0, 0, 0, 0, 3, 0, 3, 1, 3, 0, 10, 0, 0, 0, 0, 0, 6, 0, 6, 1, 9, 2, 0, 0})     // crash with an intent and a task
	f.Add([]byte{0, 0, 3, 0, 3, 1 << 4, 6, 0, 9, 0, 12, 2, 0, 0, 3, 0, 3, 0, 6, 3 << 4, 9, 0}) // unknown, held, resubmitted, undelivered
	f.Add([]byte{0, 0, 3, 0, 3, 0, 0, 0, 3, 1, 3, 1, 6, 1, 11, 30, 0, 0, 6, 0, 11, 90, 11, 200})
	f.Add([]byte{0, 0, 3, 0, 0, 0, 3, 1, 13, 0, 0, 0, 0, 0, 8, 0, 3, 0, 6, 2 << 4, 9, 1, 0, 0}) // frozen, and taken over
	f.Add([]byte{0, 0, 3, 0, 6, 1 << 4, 0, 0, 3, 0, 3, 0, 6, 4 << 4, 9, 7, 12, 0, 12, 1})       // refused, retried, redone
	f.Fuzz(play)
}

var plays = flag.Int("journal.plays", 8, "plays of TestReplay")

// TestReplay does the same with moves by chance: many more of them in a second, since nothing is instrumented.
func TestReplay(t *testing.T) {
	for seed := range *plays {
		t.Run(fmt.Sprint(seed), func(t *testing.T) {
			moves := make([]byte, 2*mostMoves)
			rand.NewChaCha8([32]byte{byte(seed), byte(seed >> 8), byte(seed >> 16)}).Read(moves)
			play(t, moves)
		})
	}
}

func play(t *testing.T, moves []byte) {
	p := &player{t: t, says: model{}, cells: 4, folder: newFolder(t)}
	p.begin(p.folder)
	for i := 0; i+1 < len(moves) && i < 2*mostMoves; i += 2 {
		p.move(moves[i]%14, int(moves[i+1]))
		p.check(fmt.Sprintf("move %d (%d, %d)", i/2, moves[i]%14, moves[i+1]))
	}
	p.drain()
}

// player is who makes the moves, one after the other.
type player struct {
	t      *testing.T
	folder folder
	j      *Journal
	cells  int // of the grid
	tasks  int
	says   model
	before []model // what it said after each commit, the oldest first
	leases []*Lease
	had    map[string]bool // leased, and not pending again since this start
}

func (p *player) move(kind byte, with int) {
	t := p.t
	switch kind {
	case 0, 1, 2:
		p.lease()
	case 3, 4, 5:
		p.save(with, false)
	case 6, 7:
		p.save(with, true)
	case 8:
		if len(p.leases) > 0 {
			p.leases[with%len(p.leases)].Abandon()
			p.drop(with % len(p.leases))
		}
	case 9: // an end in good order, and a start on another grid
		p.j.Close()
		p.cells = 1 + with%mostCells
		p.begin(p.folder)
	case 10:
		p.crash(-1)
	case 11:
		p.crash(with)
	case 12:
		p.j.Close()
		p.begin(p.folder)
		p.again(with)
	case 13:
		frozen, leases := p.j, p.leases
		if err := os.Remove(filepath.Join(p.folder.dir, "lock")); err != nil {
			t.Fatal(err)
		}
		p.begin(p.folder)
		for _, l := range leases {
			if err := l.Save(t.Context(), p.record(l, Failed)); !errors.Is(err, ErrLeaseLost) {
				t.Errorf("Save of a runner that was taken over: %v", err)
			}
		}
		frozen.Close()
	}
}

// begin is a start on the folder.
func (p *player) begin(f folder) {
	p.folder, p.leases, p.had = f, nil, map[string]bool{}
	p.j = f.open(options)
	f.enqueue(p.j, fmt.Sprint(p.cells), p.cells)
	p.says = p.says.begun(p.cells)
	p.commit()
}

func (p *player) commit() { p.before = append(p.before, p.says.clone()) }

func (p *player) lease() {
	l := next(p.t, p.j)
	if l == nil {
		return
	}
	c := p.says[numberOf(l.Cell.ID)]
	switch {
	case p.had[l.Cell.ID]:
		p.t.Errorf("cell %s is leased twice", l.Cell.ID)
	case l.Record.State != c.state, !c.inGrid && c.state == Pending, !c.state.open() && c.state != Pending:
		p.t.Errorf("cell %s is leased as %s, and is %+v", l.Cell.ID, l.Record.State, c)
	case c.state == Pending && l.Record.Attempt != c.attempts(), c.state != Pending && l.Record.Attempt != c.attempt:
		p.t.Errorf("cell %s is leased with attempt %d, and is %+v", l.Cell.ID, l.Record.Attempt, c)
	}
	p.had[l.Cell.ID] = true
	p.leases = append(p.leases, l)
}

// save takes the cell of a lease one step on in its life: the low four bits say which lease, the high ones which step.
func (p *player) save(with int, last bool) {
	if len(p.leases) == 0 {
		return
	}
	i := with & 15 % len(p.leases)
	l := p.leases[i]
	steps, do := life[l.Record.State].save, l.Save
	if last {
		steps, do = life[l.Record.State].finish, l.Finish
	}
	if len(steps) == 0 {
		return
	}
	r := p.record(l, steps[with>>4%len(steps)])
	if err := do(p.t.Context(), r); err != nil {
		p.t.Fatalf("%s after %s: %v", r.State, l.Record.State, err)
	}
	p.says.saved(numberOf(l.Cell.ID), r)
	p.commit()
	if last {
		p.drop(i)
		p.had[l.Cell.ID] = r.State != Pending
	}
}

func (p *player) drop(i int) { p.leases = append(p.leases[:i:i], p.leases[i+1:]...) }

func (p *player) record(l *Lease, to State) Record {
	r := l.Record
	if r.State == Pending {
		r = Record{Attempt: r.Attempt + 1, IntendedAt: noon, Reserved: usd("0.01").Decimal}
	}
	switch {
	case to == Submitted && r.State != Submitted:
		p.tasks++
		r.TaskID, r.TaskToken, r.SubmittedAt = fmt.Sprint(100+p.tasks), "token", noon
	case to == Submitted:
		r.Undelivered, r.Cost, r.CostSource = true, usd("0.004"), "computed"
	case to == Done:
		r.Cost, r.CostSource = usd("0.00351"), "reported"
		r.Files = []File{{Name: "0.png", Path: "images/" + l.Cell.ID + ".png", Bytes: 7}}
	case to == Failed, to == Cancelled, to == Pending && r.State == Submitted:
		r.Cost, r.CostSource = usd("0"), "reported"
	}
	r.State = to
	return r
}

// again does what a person may ask for before the first lease.
func (p *player) again(with int) {
	t, ctx := p.t, p.t.Context()
	var err error
	pending := func(is func(modelCell) bool) {
		for n, c := range p.says {
			if is(c) {
				c.state = Pending
				p.says[n] = c
			}
		}
	}
	switch with % 3 {
	case 0:
		_, err = p.j.RetryFailed(ctx)
		pending(func(c modelCell) bool { return c.state == Failed && !c.cost().Decimal.IsPositive() })
	case 1:
		n := 1 + with/3%p.cells
		c := p.says[n]
		err = p.j.Redo(ctx, []string{testCell(n).ID})
		if _, refused := errors.AsType[*RedoError](err); refused && c.state.open() {
			return
		}
		if c.state == Done || c.state == Failed {
			c.state = Pending
			p.says[n] = c
		}
	case 2:
		_, err = p.j.Resubmit(ctx)
		pending(func(c modelCell) bool { return c.state == Held })
	}
	if err != nil {
		t.Error(err)
	}
	p.commit()
}

// crash goes on with a copy of the folder, as a power cut leaves it: with the log whole, or torn at a place. What is there
// then is what was there after some commit.
func (p *player) crash(torn int) {
	t, after := p.t, newFolder(p.t)
	log, err := os.ReadFile(filepath.Join(p.folder.dir, FileName+"-wal"))
	base, err2 := os.ReadFile(filepath.Join(p.folder.dir, FileName))
	if err := errors.Join(err, err2, os.MkdirAll(after.dir, 0o700)); err != nil {
		t.Fatal(err)
	}
	if torn >= 0 {
		log = append(log[:len(log)*torn/256:len(log)*torn/256], make([]byte, torn*7)...)
	}
	err = errors.Join(os.WriteFile(filepath.Join(after.dir, FileName), base, 0o600), os.WriteFile(filepath.Join(after.dir, FileName+"-wal"), log, 0o600))
	if err != nil {
		t.Fatal(err)
	}
	p.j.Close()
	if torn < 0 {
		p.begin(after)
		return
	}
	before := p.before
	p.says = model{}
	p.begin(after)
	there := rows(t, p.j)
	for i := len(before) - 1; i >= 0; i-- {
		if m := before[i].begun(p.cells); m.differs(there) == "" {
			p.says, p.before = m, append(before[:i+1:i+1], m.clone())
			return
		}
	}
	if p.says.differs(there) != "" { // not even the beginning
		t.Fatalf("after a torn log the journal is as it never was: %+v", there)
	}
}

func (p *player) check(when string) {
	p.t.Helper()
	if why := p.says.differs(rows(p.t, p.j)); why != "" {
		p.t.Fatalf("%s: %s", when, why)
	}
	p.says.reckon(p.t, p.j, p.leases)
	if p.t.Failed() {
		p.t.Fatal(when)
	}
}

// drain is the last start: each cell that is not at its end is leased once, and no other.
func (p *player) drain() {
	p.j.Close()
	p.begin(p.folder)
	p.check("the last start")
	for n := -1; n < len(p.leases); {
		n = len(p.leases)
		p.lease()
		if n == len(p.leases) {
			break
		}
	}
	for n, c := range p.says {
		if open := c.state.open() || c.state == Pending && c.inGrid; open != p.had[testCell(n).ID] {
			p.t.Errorf("cell %d is %s, and leased: %v", n, c.state, !open)
		}
	}
	p.j.Close()
}
