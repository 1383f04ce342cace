package simulation

import (
	"bytes"
	"context"
	"crypto/sha256"
	"database/sql"
	"encoding/csv"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/shopspring/decimal"

	"wirobatch/manifest"
	"wirobatch/pipeline/journal"
	"wirobatch/wiro/sandbox"
)

// audit holds a folder against the books of its service, and against the folder of a run that nothing ever disturbed.
type audit struct {
	t            *testing.T
	w            *world
	service      *sandbox.Sandbox
	folder, calm string
	twin         string // the folder of the run beside, "" for none
	ledger       *bytes.Buffer
	strangers    map[string]bool // tasks of somebody else on the account
	manifests    []string        // that the folder was worked on with
}

// text is the model whose answers are not files, at a price that the list does not tell.
const text = "sandbox/text"

type row map[string]string

func (r row) String() string {
	var fields []string
	for _, name := range slices.Sorted(maps.Keys(r)) {
		if r[name] != "" && name != "sha256" && !strings.HasSuffix(name, "_s") {
			fields = append(fields, name+"="+r[name])
		}
	}
	return strings.Join(fields, " ")
}

// spells reports whether the row has these parameters to the letter: what is only equal may be another cell's.
func (r row) spells(params map[string]string) bool {
	for name, value := range params {
		if r[name] != value && r["param_"+name] != value {
			return false
		}
	}
	return true
}

// check reports what is wrong, and how many cells are held.
func (a audit) check() (held int) {
	rows := a.rows(a.folder)
	a.files(rows)
	held = a.money(rows)
	a.likeness(rows)
	return held
}

// thrift: what was paid is within the budget, but for as much as the estimate is wrong.
func (a audit) thrift() {
	sum, most := decimal.Zero, decimal.Zero
	model := a.w.parse(a.w.yaml).Model
	for _, c := range a.service.Charges() {
		if !a.strangers[c.Task] {
			sum, most = sum.Add(c.Cost), decimal.Max(most, c.Cost)
		}
	}
	slack := decimal.Zero
	if a.w.pricelessly() || model != "Qwen/Qwen-Image" && model != "sandbox/pixels" { // others have no price before they ran
		slots := a.w.parse(a.w.yaml).Limits.Concurrency
		if slots == 0 {
			return // there is no telling how many were under way
		}
		slack = most.Mul(decimal.NewFromInt(int64(2*slots + 1))) // what was lost and found runs beside those in the slots
	}
	if sum.GreaterThan(a.w.budget.Decimal.Add(slack)) {
		a.t.Errorf("$%s was charged under a budget of $%s (slack $%s)", sum, a.w.budget.Decimal, slack)
	}
}

// money: no cell is paid for twice, nothing that is paid for is without a row, and the costs are equal to the last digit.
func (a audit) money(rows []row) (held int) {
	t := a.t
	wanted := map[string]map[string]bool{} // cells by what they ask for
	work := map[string]string{}            // and the other way round
	for _, yaml := range a.manifests {
		for c := range a.w.parse(yaml).Grid().All() {
			params := map[string]string{}
			for _, p := range c.Params {
				params[p.Name] = p.Value
			}
			key := workOf(c.Model, params)
			if wanted[key] == nil {
				wanted[key] = map[string]bool{}
			}
			wanted[key][c.ID] = true
			work[c.ID] = key
		}
	}
	undecided := unclear(t, a.folder)
	owner := map[string]row{}
	waiting := map[string]int{} // held cells by what they ask for
	beside := map[string]bool{} // tasks of the run beside
	blind := map[string]int{}   // held cells of both whose tasks can't be found: the list did not answer before their submits
	if a.twin != "" {
		for _, r := range a.rows(a.twin) {
			key := work[r["id"]]
			wanted[key][r["id"]+" beside"] = true
			switch {
			case r["status"] == "held":
				if waiting[key]++; intent(t, a.twin, r["id"]) == "" {
					blind[key]++
				}
			case r["status"] == "done", r["status"] == "failed":
			case unclear(t, a.twin)[r["task_id"]] && !a.charged(r["task_id"]):
			default:
				t.Errorf("cell %s of the run beside is %s although nothing was in its way: %v", r["id"], r["status"], r)
			}
			if r["task_id"] != "" {
				beside[r["task_id"]] = true
			}
		}
	}
	for _, r := range rows {
		switch r["status"] {
		case "held":
			held++
			waiting[work[r["id"]]]++
			if newest := intent(t, a.folder, r["id"]); newest == "" {
				blind[work[r["id"]]]++
			} else {
				r["held knowing"] = newest
			}
			continue
		case "pending", "cancelled":
			waits := r["status"] == "pending" && undecided[r["task_id"]] && !a.charged(r["task_id"]) // what was made shows by now
			if r["cell"] != "" && !waits {                                                           // else the manifest does not want it any more
				t.Errorf("cell %s is %s although nothing was in its way: %v", r["id"], r["status"], r)
			}
		}
		if id := r["task_id"]; id != "" {
			if other := owner[id]; other != nil {
				t.Errorf("cells %s and %s have the same task %s", other["id"], r["id"], id)
			}
			owner[id] = r
			if beside[id] {
				t.Errorf("cell %s and one of the run beside have the same task %s: %v", r["id"], id, r)
			}
		}
	}
	charges, paid := map[string]int{}, map[string]decimal.Decimal{}
	for _, c := range a.service.Charges() {
		if a.strangers[c.Task] {
			if r := owner[c.Task]; r != nil {
				t.Errorf("cell %s has task %s, which was there before it: %v", r["id"], c.Task, r)
			}
			continue
		}
		key := workOf(c.Model, c.Parameters)
		charges[key]++
		paid[c.Task] = c.Cost
		if owner[c.Task] != nil || beside[c.Task] {
			continue
		}
		if waiting[key]--; waiting[key] < 0 {
			t.Errorf("task %s was paid for, and no row speaks of it: %v%s", c.Task, c.Parameters, a.evidence(key, rows, work))
		}
		if blind[key]--; blind[key] >= 0 {
			continue
		}
		for _, r := range rows {
			if newest := r["held knowing"]; newest != "" && journal.Newer(c.Task, newest) && work[r["id"]] == key && r.spells(c.Parameters) {
				t.Errorf("cell %s is held although Task/List shows its task %s: %v", r["id"], c.Task, r)
			}
		}
	}
	for key, n := range charges {
		if n > len(wanted[key]) {
			t.Errorf("%d payments for %d cells of %s", n, len(wanted[key]), key)
		}
	}
	guessed := guessed(t, a.folder)
	submits(t, a.folder, func(id, task string, undecided bool, cost decimal.NullDecimal) {
		if guessed[id] && !undecided && cost.Valid && !cost.Decimal.Equal(paid[task]) {
			t.Errorf("cell %s: task %s has the cost %s, and was charged for %s", id, task, cost.Decimal, paid[task])
		}
	})
	for _, r := range rows {
		cost, err := decimal.NewFromString(r["cost_usd"])
		switch {
		case guessed[r["id"]]:
		case r["status"] == "held", r["status"] == "pending":
		case r["cost_source"] == "none" && r["model"] == text: // the number of tokens is nowhere to be had
		case err != nil:
			t.Errorf("cell %s has no cost: %v", r["id"], r)
		case !cost.Equal(paid[r["task_id"]]):
			t.Errorf("cell %s has the cost %s (%s), its task %s was charged for %s: %v", r["id"], cost, r["cost_source"], r["task_id"], paid[r["task_id"]], r)
		}
	}
	return held
}

// unclear are the tasks of a folder that have ended without saying how.
func unclear(t *testing.T, folder string) map[string]bool {
	tasks := map[string]bool{}
	submits(t, folder, func(_, task string, undecided bool, _ decimal.NullDecimal) { tasks[task] = undecided })
	return tasks
}

// guessed are the cells of a folder with such a task: what that has cost is a guess.
func guessed(t *testing.T, folder string) map[string]bool {
	cells := map[string]bool{}
	submits(t, folder, func(id, _ string, undecided bool, _ decimal.NullDecimal) { cells[id] = cells[id] || undecided })
	return cells
}

// charged reports whether a task was paid for.
func (a audit) charged(task string) bool {
	return slices.ContainsFunc(a.service.Charges(), func(c sandbox.Charge) bool { return c.Task == task })
}

// submits gives those of a folder that have a task; undecided are those whose end says neither success nor failure.
func submits(t *testing.T, folder string, yield func(id, task string, undecided bool, cost decimal.NullDecimal)) {
	db, err := sql.Open("sqlite", filepath.Join(folder, ".wirobatch", journal.FileName))
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	rows, err := db.Query(`SELECT id, task_id, state = 'submitted' AND task_status IS NULL AND wait_ms IS NOT NULL, cost_usd FROM submits WHERE task_id IS NOT NULL`)
	if err != nil {
		t.Fatal(err)
	}
	defer rows.Close()
	for rows.Next() {
		var id, task string
		var undecided bool
		var cost decimal.NullDecimal
		if err := rows.Scan(&id, &task, &undecided, &cost); err != nil {
			t.Fatal(err)
		}
		yield(id, task, undecided, cost)
	}
	if err := rows.Err(); err != nil {
		t.Fatal(err)
	}
}

// files: what a done row names is there, whole, and carries the id of its cell.
func (a audit) files(rows []row) {
	for _, r := range rows {
		if r["status"] != "done" {
			continue
		}
		sums := strings.Split(r["sha256"], ";")
		for i, name := range strings.Split(r["file"], ";") {
			data, err := os.ReadFile(filepath.Join(a.folder, filepath.FromSlash(name)))
			if err != nil {
				a.t.Error(err)
				continue
			}
			if sum := sha256.Sum256(data); hex.EncodeToString(sum[:]) != sums[i] || !strings.Contains(name, r["id"]) {
				a.t.Errorf("cell %s: %s is not what the row says", r["id"], name)
			}
		}
	}
}

// accidental are the columns that may differ between two runs of a manifest.
var accidental = []string{
	"task_id", "attempts", "cost_usd", "cost_source", "elapsed_s", "queue_s", "run_s", "postprocess_s", "wait_s", "download_s", "total_s",
	"submitted_at", "finished_at", "polls",
}

// likeness: the rows are those of the undisturbed run.
func (a audit) likeness(rows []row) {
	calm := a.rows(a.calm)
	var now []row
	for _, r := range rows {
		if r["cell"] != "" { // the others are of an edited manifest
			now = append(now, r)
		}
	}
	if len(now) != len(calm) {
		a.t.Errorf("%d rows, an undisturbed run has %d", len(now), len(calm))
		return
	}
	inVain := func(r row) bool { return r["status"] == "failed" || r["status"] == "pending" } // money has looked at the pending ones
	guessed, guessedCalm := guessed(a.t, a.folder), guessed(a.t, a.calm)
	for i, want := range calm {
		got := now[i]
		if got["id"] != want["id"] {
			a.t.Errorf("row %d is %s, in an undisturbed run it is %s", i, got["id"], want["id"])
			return
		}
		if got["status"] == "held" {
			continue
		}
		for _, column := range slices.Sorted(maps.Keys(want)) {
			switch {
			case column == "file" && a.w.edited != "": // it is named by the manifest under which it came
				continue
			case column == "status" && inVain(got) && inVain(want), column == "error" && inVain(got): // whether a task says more than that differs from task to task
				continue
			}
			if got[column] != want[column] && !slices.Contains(accidental, column) {
				a.t.Errorf("cell %s: %s is %q, in an undisturbed run it is %q: %v", got["id"], column, got[column], want[column], got)
			}
		}
		if strings.HasPrefix(want["model"], "sandbox/") && !guessed[got["id"]] && !guessedCalm[got["id"]] && got["cost_source"] == want["cost_source"] && got["cost_usd"] != "" && got["cost_usd"] != want["cost_usd"] {
			a.t.Errorf("cell %s costs %s, in an undisturbed run %s", got["id"], got["cost_usd"], want["cost_usd"])
		}
	}
}

func (a audit) rows(folder string) []row {
	f, err := os.Open(filepath.Join(folder, "results.csv"))
	if err != nil {
		a.t.Fatal(err)
	}
	defer f.Close()
	lines, err := csv.NewReader(f).ReadAll()
	if err != nil {
		a.t.Fatal(err)
	}
	var rows []row
	for _, line := range lines[1:] {
		r := row{}
		for i, name := range lines[0] {
			r[name] = line[i]
		}
		rows = append(rows, r)
	}
	return rows
}

// intent is the newest task that was known when a cell was submitted: without one nothing can be found.
func intent(t *testing.T, folder, id string) string {
	j, err := journal.OpenReadOnly(context.Background(), filepath.Join(folder, ".wirobatch"))
	if err != nil {
		t.Fatal(err)
	}
	defer j.Close()
	for r, err := range j.Rows(context.Background()) {
		if err != nil {
			t.Fatal(err)
		}
		if r.ID == id {
			return r.NewestKnown
		}
	}
	return ""
}

// defaults are what the models take for a parameter that is not sent.
var defaults = map[string]map[string]string{
	"Qwen/Qwen-Image-Fast": {"scale": "4.5", "aspectRatio": "16:9"},
	"Qwen/Qwen-Image":      {"steps": "30"},
	"sandbox/pixels":       {"width": "1024"},
	"sandbox/samples":      {"samples": "4"},
	text:                   {"temperature": "0.7"},
}

// workOf is equal for what comes out equal, and what a list that respells numbers and fills in defaults cannot tell apart.
func workOf(model string, sent map[string]string) string {
	params := maps.Clone(defaults[model])
	if params == nil {
		params = map[string]string{}
	}
	maps.Copy(params, sent)
	key := model
	for _, name := range slices.Sorted(maps.Keys(params)) {
		if manifest.Addressed(name) {
			continue
		}
		value := params[name]
		if n, err := decimal.NewFromString(value); err == nil {
			value = n.String()
		}
		key += fmt.Sprintf(" %s=%q", name, value)
	}
	return key
}

// evidence is what the service has noted of some work, and what the rows say of it.
func (a audit) evidence(key string, rows []row, work map[string]string) string {
	var text strings.Builder
	for line := range strings.Lines(a.ledger.String()) {
		var entry struct {
			Event, Time, Task, Model string
			Parameters               map[string]string
		}
		if json.Unmarshal([]byte(line), &entry) == nil && workOf(entry.Model, entry.Parameters) == key {
			fmt.Fprintf(&text, "\n    %s task %s %s", entry.Time, entry.Task, entry.Event)
		}
	}
	for _, r := range rows {
		if work[r["id"]] == key {
			fmt.Fprintf(&text, "\n    newest known %s: %v", intent(a.t, a.folder, r["id"]), r)
		}
	}
	return text.String()
}
