package report

import (
	"context"
	"encoding/json"
	"io"
	"time"

	"github.com/shopspring/decimal"

	"wirobatch/pipeline/journal"
)

// Summary is summary.json. Its keys are a contract, pinned by a golden test. Money is exact decimal USD, as a string.
type Summary struct {
	Version string       `json:"version"` // of the program that ran last
	Name    string       `json:"name"`
	Model   string       `json:"model"`
	BaseURL string       `json:"base_url"`
	Slots   int          `json:"concurrency"` // asked for at the last start, 0: learned
	Exit    *int         `json:"exit_code"`   // of the last start, null while it runs or when it died
	Cells   CellCounts   `json:"cells"`
	Money   Money        `json:"money"`
	Times   Times        `json:"times"`
	Totals  OutputTotals `json:"outputs"`

	unpriced bool // the cost of a done cell is not known
}

// CellCounts are by the status that results.csv shows.
type CellCounts struct {
	Total     int `json:"total"` // rows of results.csv
	Done      int `json:"done"`
	Failed    int `json:"failed"`
	Cancelled int `json:"cancelled"`
	Held      int `json:"held"`
	Pending   int `json:"pending"`
	// Of the pending, those that are paid but not on disk; of the total, those that the manifest no longer has.
	Undelivered int `json:"undelivered"`
	Unlisted    int `json:"not_in_manifest"`
}

// Money is what was paid, and what may still have to be.
type Money struct {
	Spent    decimal.Decimal  `json:"spent_usd"`
	Reserved decimal.Decimal  `json:"reserved_usd"`      // by tasks whose cost is not known yet
	Mean     *decimal.Decimal `json:"mean_per_done_usd"` // null while a cost is not known
}

// Times are by our clock, over all starts on the folder.
type Times struct {
	Starts   int        `json:"starts"`
	Started  *time.Time `json:"first_started_at"`
	Ended    *time.Time `json:"last_ended_at"`
	Running  float64    `json:"running_s"` // sum of the starts that ended
	Attempts int        `json:"attempts"`
	Polls    int        `json:"polls"`
}

// OutputTotals counts what was delivered.
type OutputTotals struct {
	Files int   `json:"files"`
	Bytes int64 `json:"bytes"`
}

// summarise gathers what is known without looking at the rows.
func summarise(ctx context.Context, j *journal.Journal) (s Summary, err error) {
	grid, err := j.Grid(ctx)
	if err != nil {
		return s, err
	}
	s.Name, s.Model = grid.Name, grid.Model
	counts, err := j.Counts(ctx)
	if err != nil {
		return s, err
	}
	s.Money.Spent, s.Money.Reserved = counts.Spent, counts.Reserved
	runs, err := j.Runs(ctx)
	if err != nil {
		return s, err
	}
	s.history(runs)
	return s, nil
}

func (s *Summary) means() {
	if s.Cells.Done > 0 && !s.unpriced {
		mean := s.Money.Spent.DivRound(decimal.NewFromInt(int64(s.Cells.Done)), 12)
		s.Money.Mean = &mean
	}
}

func (s *Summary) add(row journal.Row) {
	s.Cells.Total++
	switch row.Status() {
	case "done":
		s.Cells.Done++
		s.unpriced = s.unpriced || !row.Cost.Valid
	case "failed":
		s.Cells.Failed++
	case "cancelled":
		s.Cells.Cancelled++
	case "held":
		s.Cells.Held++
	default:
		s.Cells.Pending++
	}
	if row.Undelivered {
		s.Cells.Undelivered++
	}
	if row.Number == 0 {
		s.Cells.Unlisted++
	}
	s.Times.Attempts += row.Attempts
	s.Times.Polls += row.Polls
	for _, f := range row.Files {
		if f.Path != "" { // else it got lost
			s.Totals.Files++
			s.Totals.Bytes += f.Bytes
		}
	}
}

func (s *Summary) history(runs []journal.Run) {
	s.Times.Starts = len(runs)
	for i, r := range runs {
		if i == 0 {
			s.Times.Started = instant(r.StartedAt)
		}
		if !r.EndedAt.IsZero() {
			s.Times.Ended = instant(r.EndedAt)
			s.Times.Running += float64(r.EndedAt.Sub(r.StartedAt).Milliseconds()) / 1000
		}
		s.Version, s.BaseURL, s.Slots, s.Exit = r.Version, r.BaseURL, r.Concurrency, nil
		if !r.EndedAt.IsZero() {
			s.Exit = &r.ExitCode
		}
	}
}

func instant(t time.Time) *time.Time {
	t = t.UTC().Truncate(time.Millisecond)
	return &t
}

func (s Summary) write(w io.Writer) error {
	e := json.NewEncoder(w)
	e.SetEscapeHTML(false)
	e.SetIndent("", "  ")
	return e.Encode(s)
}
