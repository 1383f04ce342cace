package stats

import (
	"fmt"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/shopspring/decimal"

	"wirobatch/pipeline/journal"
)

var noon = time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)

// made is a cell as a test writes it.
type made struct {
	params string // name=value;…
	repeat int
	state  journal.State // "": done; submitted: paid for, and not delivered
	at     int           // seconds after noon at which it was submitted
	took   float64       // seconds, 0: unknown
	cost   string        // "": unknown
	files  string        // the checksums, by spaces
}

func dec(s string) decimal.NullDecimal {
	if s == "" {
		return decimal.NullDecimal{}
	}
	return decimal.NewNullDecimal(decimal.RequireFromString(s))
}

func (m made) record() journal.Record {
	r := journal.Record{State: m.state, Attempt: 1, Cost: dec(m.cost), CostSource: "reported", TaskID: "1", IntendedAt: noon}
	if r.State == "" {
		r.State = journal.Done
	}
	if r.State == journal.Pending {
		return journal.Record{State: journal.Pending}
	}
	r.Undelivered = r.State == journal.Submitted
	r.SubmittedAt = noon.Add(time.Duration(m.at) * time.Second)
	r.FinishedAt = r.SubmittedAt.Add(time.Duration(m.took * float64(time.Second)))
	if m.took > 0 {
		r.Total, r.Run = journal.Took(r.FinishedAt.Sub(r.SubmittedAt)), dec(fmt.Sprint(m.took/2))
	}
	for i, sum := range strings.Fields(m.files) {
		r.Files = append(r.Files, journal.File{N: i, Path: fmt.Sprintf("images/%s-%d.png", sum, i), Bytes: 1, SHA256: sum})
	}
	return r
}

func (m made) cell(number int) journal.Cell {
	c := journal.Cell{ID: fmt.Sprintf("%020d", number), Number: number, Model: "m", Repeat: max(1, m.repeat)}
	for p := range strings.SplitSeq(m.params, ";") {
		name, value, _ := strings.Cut(p, "=")
		if name != "" {
			c.Params = append(c.Params, journal.Param{Name: name, Value: value})
		}
	}
	return c
}

// folder makes the journal of a run over these cells. starts are when it was started, in seconds after noon.
func folder(t *testing.T, starts []int, cells ...made) *journal.Journal {
	t.Helper()
	dir := filepath.Join(t.TempDir(), ".wirobatch")
	grid := journal.Grid{Digest: "d", Name: "sweep", Model: "m", Cells: len(cells)}
	var all []journal.Cell
	for i, m := range cells {
		all = append(all, m.cell(i+1))
		for _, p := range all[i].Params {
			if !slices.Contains(grid.Columns, p.Name) {
				grid.Columns = append(grid.Columns, p.Name)
			}
		}
	}
	check := func(err error) {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
	}
	for i, at := range starts {
		j, err := journal.Open(t.Context(), dir, journal.Options{Service: "https://example.test/v1", Slots: len(cells)})
		check(err)
		_, err = j.SetGrid(t.Context(), grid)
		check(err)
		check(j.StartRun(t.Context(), journal.Run{StartedAt: noon.Add(time.Duration(at) * time.Second)}))
		if i == len(starts)-1 {
			check(j.Enqueue(t.Context(), slices.Values(all)))
			for _, m := range cells {
				l, err := j.Lease(t.Context())
				check(err)
				if m.state != journal.Pending {
					check(l.Finish(t.Context(), m.record()))
				}
			}
		}
		check(j.Close())
	}
	j, err := journal.OpenReadOnly(t.Context(), dir)
	check(err)
	t.Cleanup(func() { j.Close() })
	return j
}

func of(t *testing.T, j *journal.Journal, o Options) *Report {
	t.Helper()
	if o.Confidence == 0 {
		o.Confidence = 0.95
	}
	r, err := Of(t.Context(), j, o)
	if err != nil {
		t.Fatal(err)
	}
	return r
}

func (r *Report) group(t *testing.T, values ...string) Group {
	t.Helper()
	for _, g := range r.Tables[0].Groups {
		if slices.Equal(g.Values, values) {
			return g
		}
	}
	t.Fatalf("there is no group of %q", values)
	return Group{}
}
