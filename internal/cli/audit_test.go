package cli

import (
	"context"
	"crypto/sha256"
	"encoding/csv"
	"encoding/hex"
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/shopspring/decimal"

	"wirobatch/pipeline/journal"
)

// audit holds the folder of a run against the ledger of the sandbox that it ran on.
type audit struct {
	out, ledger string
	cells       int
	faulty      bool // the sandbox let tasks fail, and outputs be gone
	blurred     bool // its list does not always show parameters as they were sent
}

// entry is a line of the ledger.
type entry struct {
	Event, Task string
	Cost        decimal.Decimal
	Parameters  map[string]string
}

// work is what a cell and its replicates have in common.
func work(params map[string]string) string { return params["prompt"] + " " + params["seed"] }

// check reports what is wrong: each task is the task of one cell at most, each payment stands in a row, to the last digit,
// or is what a held cell is held for. It gives the number of cells that are held.
func (a audit) check(t *testing.T) (held int) {
	t.Helper()
	accepted, end, cost := map[string]entry{}, map[string]string{}, map[string]decimal.Decimal{}
	total := decimal.Zero
	for _, e := range readLedger(t, a.ledger) {
		switch {
		case e.Event == "accepted":
			accepted[e.Task] = e
			continue
		case end[e.Task] != "":
			t.Errorf("the sandbox ended task %s twice", e.Task)
		case e.Event == "billed":
			cost[e.Task], total = e.Cost, total.Add(e.Cost)
		}
		end[e.Task] = e.Event
	}

	rows := readRows(t, filepath.Join(a.out, "results.csv"))
	newest := a.newestKnown(t)
	owner, sum, waiting := map[string]string{}, decimal.Zero, map[string][]string{} // held cells by their work
	for _, row := range rows {
		id, task, paid := row["id"], row["task_id"], decimal.Zero
		if row["cost_usd"] != "" {
			paid = decimal.RequireFromString(row["cost_usd"])
		}
		if other := owner[task]; task != "" && other != "" {
			t.Errorf("task %s is the task of cells %s and %s", task, other, id)
		}
		owner[task] = id
		sum = sum.Add(paid)
		if !paid.Equal(cost[task]) {
			t.Errorf("cell %s cost $%s by its row, its task %s $%s by the ledger", id, paid, task, cost[task])
		}
		want := "billed"
		switch row["status"] {
		case "held":
			held++
			waiting[work(row)] = append(waiting[work(row)], id)
			want = ""
		case "done":
			data, err := os.ReadFile(filepath.Join(a.out, row["file"]))
			if hash := sha256.Sum256(data); err != nil || hex.EncodeToString(hash[:]) != row["sha256"] {
				t.Errorf("%s is not what its row says: %v", row["file"], err)
			}
		case "failed", "cancelled":
			want = row["status"]
		}
		if end[task] != want || row["status"] != "held" && row["status"] != "done" && !a.faulty {
			t.Errorf("cell %s is %s, its task %s is %s: %s", id, row["status"], task, end[task], row["error"])
		}
	}
	if len(rows) != a.cells {
		t.Errorf("%d rows for %d cells", len(rows), a.cells)
	}

	for task, e := range accepted {
		if owner[task] != "" || end[task] == "failed" || end[task] == "cancelled" { // the latter are earlier attempts
			continue
		}
		which := waiting[work(e.Parameters)]
		if len(which) == 0 {
			t.Errorf("task %s was paid for, and no row speaks of it: %v", task, e.Parameters)
			continue
		}
		waiting[work(e.Parameters)] = which[1:]
		sum = sum.Add(cost[task])
		for _, id := range which {
			if known := newest[id]; !a.blurred && known != "" && journal.Newer(task, known) {
				t.Errorf("cell %s is held although Task/List shows its task %s", id, task)
			}
		}
	}
	if !sum.Equal(total) {
		t.Errorf("$%s in the ledger, $%s in the rows and for what is held", total, sum)
	}
	return held
}

// newestKnown gives for each cell the newest task that was known when it was submitted; without one it cannot be found.
func (a audit) newestKnown(t *testing.T) map[string]string {
	t.Helper()
	all := map[string]string{}
	rows, err := journalled(a.out)
	if err != nil {
		t.Fatal(err)
	}
	for _, row := range rows {
		all[row.ID] = row.NewestKnown
	}
	return all
}

// journalled reads the journal of a folder on which no run is at work.
func journalled(out string) (rows []journal.Row, err error) {
	j, err := journal.OpenReadOnly(context.Background(), filepath.Join(out, ".wirobatch"))
	if err != nil {
		return nil, err
	}
	defer j.Close()
	for row, err := range j.Rows(context.Background()) {
		if err != nil {
			return nil, err
		}
		rows = append(rows, row)
	}
	return rows, nil
}

func readLedger(t *testing.T, name string) (all []entry) {
	t.Helper()
	data, err := os.ReadFile(name)
	if err != nil {
		t.Fatal(err)
	}
	for line := range strings.Lines(string(data)) {
		var e entry
		if err := json.Unmarshal([]byte(line), &e); err != nil {
			t.Fatal(err)
		}
		all = append(all, e)
	}
	return all
}

func readRows(t *testing.T, name string) (rows []map[string]string) {
	t.Helper()
	f, err := os.Open(name)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	lines, err := csv.NewReader(f).ReadAll()
	if err != nil {
		t.Fatal(err)
	}
	for _, line := range lines[1:] {
		row := map[string]string{}
		for i, name := range lines[0] {
			row[name] = line[i]
		}
		rows = append(rows, row)
	}
	return rows
}
