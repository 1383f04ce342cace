package compare

import (
	"context"
	"iter"
	"path/filepath"
	"slices"
	"time"

	"wirobatch/pipeline/journal"
)

// sandbox is what a folder of a rehearsal is bound to.
const sandbox = "sandbox"

// Side is one of the two runs.
type Side struct {
	Dir     string     `json:"dir"`
	Name    string     `json:"name"`
	Service string     `json:"service"`
	Sandbox bool       `json:"sandbox"` // a rehearsal of this program's own: times, costs and pictures are play
	AtWork  bool       `json:"at_work"` // its run goes on, or another one
	Models  []string   `json:"models"`
	Began   *time.Time `json:"began_at"` // the first start
	Ended   *time.Time `json:"ended_at"` // the last, null while one is at work or was killed
	Cells   Cells      `json:"cells"`    // all of the folder
}

// Cells counts by what results.csv shows as status.
type Cells struct {
	Total     int `json:"total"`
	Done      int `json:"done"`
	Failed    int `json:"failed"`
	Cancelled int `json:"cancelled"`
	Held      int `json:"held"`
	Pending   int `json:"pending"`
}

func sideOf(ctx context.Context, f Folder, all []journal.Row) (s Side, err error) {
	s = Side{Dir: f.Dir, Models: []string{}}
	if _, s.AtWork, err = journal.AtWork(filepath.Join(f.Dir, ".wirobatch")); err != nil {
		return s, err
	}
	grid, err := f.Journal.Grid(ctx)
	if err != nil {
		return s, err
	}
	s.Name = grid.Name
	runs, err := f.Journal.Runs(ctx)
	if err != nil {
		return s, err
	}
	if len(runs) > 0 {
		first, last := runs[0], runs[len(runs)-1]
		s.Service, s.Sandbox, s.Began = last.BaseURL, last.BaseURL == sandbox, moment(first.StartedAt)
		if !s.AtWork {
			s.Ended = moment(last.EndedAt)
		}
	}
	for _, row := range all {
		if !slices.Contains(s.Models, row.Model) {
			s.Models = append(s.Models, row.Model)
		}
		s.Cells.Total++
		switch row.Status() {
		case "done":
			s.Cells.Done++
		case "failed":
			s.Cells.Failed++
		case "cancelled":
			s.Cells.Cancelled++
		case "held":
			s.Cells.Held++
		default:
			s.Cells.Pending++
		}
	}
	return s, nil
}

func moment(t time.Time) *time.Time {
	if t.IsZero() {
		return nil
	}
	return new(t.UTC())
}

func rows(ctx context.Context, j *journal.Journal) (all []journal.Row, err error) {
	for row, err := range j.Rows(ctx) {
		if err != nil {
			return nil, err
		}
		all = append(all, row)
	}
	return all, nil
}

func each(all []journal.Row) iter.Seq2[journal.Row, error] {
	return func(yield func(journal.Row, error) bool) {
		for _, row := range all {
			if !yield(row, nil) {
				return
			}
		}
	}
}
