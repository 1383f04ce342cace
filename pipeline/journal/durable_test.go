package journal

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

// TestKilledProcess kills a process in the midst of saving: whatever it was told is durable must be there.
func TestKilledProcess(t *testing.T) {
	if dir := os.Getenv("JOURNAL_TO_DIE_WITH"); dir != "" {
		saveUntilKilled(dir)
	}
	f := newFolder(t)
	c := exec.Command(os.Args[0], "-test.run=^TestKilledProcess$")
	c.Env = append(os.Environ(), "JOURNAL_TO_DIE_WITH="+f.dir)
	out, err := c.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := c.Start(); err != nil {
		t.Fatal(err)
	}
	told := map[string]string{}
	lines := bufio.NewScanner(out)
	for lines.Scan() {
		id, state, _ := strings.Cut(lines.Text(), " ")
		told[id] = state
		if len(told) == 300 {
			c.Process.Kill()
			break
		}
	}
	for lines.Scan() { // what was on its way
		if id, state, ok := strings.Cut(lines.Text(), " "); ok && state != "" {
			told[id] = state
		}
	}
	c.Wait()
	if len(told) < 300 {
		t.Fatalf("only %d saves", len(told))
	}
	rank := map[State]int{Pending: 0, Intended: 1, Submitted: 2, Done: 3}
	j := f.open(options)
	for _, r := range rows(t, j) {
		if rank[r.State] < rank[State(told[r.ID])] {
			t.Errorf("cell %d is %s, and was said to be %s", r.Number, r.State, told[r.ID])
		}
	}
}

func saveUntilKilled(dir string) {
	ctx := context.Background()
	j, err := Open(ctx, dir, Options{Service: options.Service, Slots: 16})
	if err == nil {
		err = j.Enqueue(ctx, manyCells(1, 10_000))
	}
	if err != nil {
		fmt.Println(err)
		os.Exit(1)
	}
	for range 16 {
		go func() {
			for {
				l, err := j.Lease(ctx)
				if err != nil {
					return
				}
				for _, s := range []State{Intended, Submitted, Done} {
					r := record(l, s)
					r.Attempt = 1
					do := l.Save
					if s == Done {
						do = l.Finish
					}
					if do(ctx, r) == nil {
						os.Stdout.WriteString(l.Cell.ID + " " + string(s) + "\n")
					}
				}
			}
		}()
	}
	select {}
}

// TestTornLog cuts the log where a power cut may: the journal opens and is what it was after some commit.
func TestTornLog(t *testing.T) {
	f := newFolder(t)
	j := f.start(20, options)
	for range 20 {
		l := lease(t, j)
		save(t, l, record(l, Intended))
		finish(t, l, record(l, Done))
	}
	log, err := os.ReadFile(filepath.Join(f.dir, FileName+"-wal"))
	if err != nil {
		t.Fatal(err)
	}
	base, err := os.ReadFile(filepath.Join(f.dir, FileName))
	if err != nil {
		t.Fatal(err)
	}
	last, seen := 0, map[int]bool{}
	for cut := len(log) / 2; cut <= len(log); cut += len(log)/2/16 + 7 {
		torn := newFolder(t)
		if err := os.MkdirAll(torn.dir, 0o755); err != nil {
			t.Fatal(err)
		}
		tail := append(append([]byte{}, log[:cut]...), make([]byte, 512)...) // and a block that was never written
		if err := errors.Join(os.WriteFile(filepath.Join(torn.dir, FileName), base, 0o600), os.WriteFile(filepath.Join(torn.dir, FileName+"-wal"), tail, 0o600)); err != nil {
			t.Fatal(err)
		}
		j := torn.open(options)
		done := 0
		for i, s := range states(t, j) {
			if s == Done {
				if done++; done != i+1 {
					t.Fatalf("cut at %d: cell %d is done, one before it is not", cut, i+1)
				}
			}
		}
		if done < last {
			t.Errorf("cut at %d: %d done, fewer than with a shorter log", cut, done)
		}
		last, seen[done] = done, true
		var verdict string
		if err := j.reader.QueryRow("PRAGMA integrity_check").Scan(&verdict); err != nil || verdict != "ok" {
			t.Errorf("cut at %d: %s %v", cut, verdict, err)
		}
		j.Close()
	}
	if len(seen) < 3 {
		t.Errorf("the cuts made no difference: %v", seen)
	}
}

func TestDiskFull(t *testing.T) {
	f := newFolder(t)
	j := f.start(50, options)
	l, other := lease(t, j), lease(t, j)
	save(t, l, record(l, Intended))
	if err := j.write(func(w *writer) (func(), error) {
		var pages int
		if err := w.conn.QueryRowContext(t.Context(), "PRAGMA page_count").Scan(&pages); err != nil {
			return nil, err
		}
		_, err := w.conn.ExecContext(t.Context(), fmt.Sprintf("PRAGMA max_page_count = %d", pages))
		return nil, err
	}); err != nil {
		t.Fatal(err)
	}
	r := record(l, Submitted)
	r.Error = strings.Repeat("x", 1<<20)
	err := l.Save(t.Context(), r)
	broken, ok := errors.AsType[*WriteError](err)
	if !ok || !strings.Contains(err.Error(), "full") || !strings.Contains(err.Error(), FileName) {
		t.Fatalf("Save on a full disk: %v", err)
	}
	// Small enough to fit, but nothing is retried.
	if err := other.Finish(t.Context(), record(other, Failed)); !errors.Is(err, broken) {
		t.Errorf("the next write: %v", err)
	}
	leaseNone(t, j, broken)
	if err := j.Admit(t.Context(), l, usd("1").Decimal); !errors.Is(err, broken) {
		t.Errorf("Admit: %v", err)
	}
	if _, err := j.SetGrid(t.Context(), Grid{}); !errors.Is(err, broken) {
		t.Errorf("SetGrid: %v", err)
	}
	// Nor is the log folded into the database at the end: that would sync it again, on the descriptor of what has failed.
	log, err := os.Stat(j.path + "-wal")
	if err != nil {
		t.Fatal(err)
	}
	if err := j.Close(); err != nil {
		t.Error(err)
	}
	if left, err := os.Stat(j.path + "-wal"); err != nil || left.Size() != log.Size() {
		t.Errorf("the log is not as the failure left it: %v", err)
	}
	j = f.open(options)
	if got := states(t, j); got[0] != Intended || got[1] != Pending {
		t.Errorf("%v", got[:2])
	}
	if err := j.Close(); err != nil {
		t.Error(err)
	}
	if _, err := os.Stat(j.path + "-wal"); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("the log is not folded by a start that went well: %v", err)
	}
}

// Two leases of one cell cannot both go on: the one whose belief about the cell is wrong writes nothing.
func TestSaveChecksWhereTheCellStands(t *testing.T) {
	f := newFolder(t)
	j := f.start(2, options)
	l, other := lease(t, j), lease(t, j)
	save(t, l, record(l, Submitted))
	stale := &Lease{Cell: l.Cell, Record: Record{State: Pending}, j: j, key: l.key, at: position{state: Pending}}
	if err := stale.Save(t.Context(), record(stale, Intended)); !errors.Is(err, ErrLeaseLost) {
		t.Errorf("Save of a second lease: %v", err)
	}
	save(t, other, record(other, Intended)) // others are not touched by it
	if got := states(t, j); got[0] != Submitted || got[1] != Intended {
		t.Errorf("%v", got)
	}
}

// A log that has grown long is folded while the run goes on, and begins anew.
func TestLogStaysShort(t *testing.T) {
	j := newFolder(t).start(1, options)
	l := lease(t, j)
	longest, last := int64(0), int64(0)
	for i := range 80 {
		r := record(l, Intended)
		r.Error = strings.Repeat(string(rune('!'+i)), 1<<20) // what is as it was is not written
		save(t, l, r)
		log, err := os.Stat(j.path + "-wal")
		if err != nil {
			t.Fatal(err)
		}
		longest, last = max(longest, log.Size()), log.Size()
	}
	if longest < foldAt || longest > foldAt+4<<20 || last == longest {
		t.Errorf("the log was %d bytes at most, and is %d after 80 MB", longest, last)
	}
}
