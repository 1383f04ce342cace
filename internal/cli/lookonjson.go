package cli

import (
	"strings"
	"time"

	"github.com/shopspring/decimal"
)

// statusJSON is what status --json prints. Its keys are a contract: what is not known, or does not apply, is null.
type statusJSON struct {
	Dir      string        `json:"dir"`
	Name     string        `json:"name"`
	Service  string        `json:"service"`
	At       time.Time     `json:"at"`
	Run      runJSON       `json:"run"`
	Cells    cellsJSON     `json:"cells"`
	Stages   *stagesJSON   `json:"stages"` // of those in flight
	Money    moneyJSON     `json:"money"`
	Pace     paceJSON      `json:"pace"`
	Failures []failureJSON `json:"failures"` // the last, the newest first
}

// runJSON is the run that is at work, or else the last one.
type runJSON struct {
	AtWork    bool       `json:"at_work"`
	Number    int        `json:"number"` // of the start, from 1; 0: it has not told of itself yet
	PID       *int       `json:"pid"`
	Host      *string    `json:"host"`
	StartedAt *time.Time `json:"started_at"`
	EndedAt   *time.Time `json:"ended_at"`
	ExitCode  *int       `json:"exit_code"` // null also for one that was killed
	Limit     *int       `json:"limit"`
}

// cellsJSON counts each cell of the grid once, but for Total.
type cellsJSON struct {
	Total       int `json:"total"`
	Done        int `json:"done"`
	Failed      int `json:"failed"`
	Cancelled   int `json:"cancelled"`
	Held        int `json:"held"`
	Undelivered int `json:"undelivered"`
	InFlight    int `json:"in_flight"` // without a run at work: left on the service
	Pending     int `json:"pending"`
}

// stagesJSON is where cells are by the word of the run at work, a second old at most.
type stagesJSON struct {
	Waiting     int  `json:"waiting"` // on the service, as far as it tells
	Running     int  `json:"running"`
	Downloading int  `json:"downloading"`
	LookedUp    int  `json:"looked_up"` // their submits were never answered
	Stopping    bool `json:"stopping"`
}

type moneyJSON struct {
	Spent      string  `json:"spent_usd"`
	Held       string  `json:"held_usd"` // for tasks whose cost is not known yet
	Expected   *string `json:"expected_usd"`
	Budget     *string `json:"budget_usd"`
	BudgetLeft *string `json:"budget_left_usd"`
}

type paceJSON struct {
	PerMinute *float64   `json:"cells_per_minute"`
	Left      *int       `json:"seconds_left"`
	LastEnd   *time.Time `json:"last_end_at"`
}

type failureJSON struct {
	Cell        int        `json:"cell"`
	ID          string     `json:"id"`
	At          *time.Time `json:"at"`
	Undelivered bool       `json:"undelivered"`
	Error       string     `json:"error"`
}

func (v view) json() statusJSON {
	s := v.status()
	o := statusJSON{
		Dir: v.dir, Name: v.Name, Service: v.Service, At: v.now.UTC().Truncate(time.Millisecond),
		Run: runJSON{AtWork: v.atWork, Number: v.Run.Number, StartedAt: moment(v.begun())},
		Cells: cellsJSON{
			Total: s.Cells, Done: s.Done, Failed: s.Failed, Cancelled: s.Cancelled, Held: s.Held, Undelivered: s.Undelivered,
			InFlight: s.InFlight, Pending: s.Cells - ended(s.Progress) - s.InFlight,
		},
		Money: moneyJSON{
			Spent: s.Spent.String(), Held: s.Reserved.String(), Expected: amount(s.expected()),
			Budget: amount(s.budget), BudgetLeft: amount(s.unspent()),
		},
		Failures: []failureJSON{},
	}
	if w := v.stages; w != nil {
		o.Stages = &stagesJSON{w.Waiting, w.Running, w.Downloading, w.LookedUp, w.Stopping}
	}
	switch {
	case v.atWork && v.Opening:
		o.Run.Number = 0
	case !v.atWork && !v.Run.EndedAt.IsZero():
		o.Run.EndedAt, o.Run.ExitCode = moment(v.Run.EndedAt), &v.Run.ExitCode
	}
	if v.atWork && v.holder.PID > 0 {
		o.Run.PID, o.Run.Host = &v.holder.PID, &v.holder.Host
	}
	if v.Run.Limit > 0 && !v.Opening {
		o.Run.Limit = &v.Run.Limit
	}
	if n := s.tempo.perMinute(); n > 0 {
		o.Pace.PerMinute = &n
	}
	if left := s.left(); left > 0 {
		seconds := int(left.Round(time.Second).Seconds())
		o.Pace.Left = &seconds
	}
	if n := len(v.Ends); n > 0 {
		o.Pace.LastEnd = moment(v.Ends[n-1].At)
	}
	for _, f := range v.Failures {
		o.Failures = append(o.Failures, failureJSON{f.Number, f.Cell, moment(f.At), f.Undelivered, harmless(f.Error)})
	}
	return o
}

// harmless keeps the lines of a text, and nothing that a terminal would obey: JSON leaves some of that as it is.
func harmless(text string) string {
	lines := strings.Split(text, "\n")
	for i, line := range lines {
		lines[i] = visible(line)
	}
	return strings.Join(lines, "\n")
}

func moment(t time.Time) *time.Time {
	if t.IsZero() {
		return nil
	}
	t = t.UTC()
	return &t
}

func amount(usd decimal.NullDecimal) *string {
	if !usd.Valid {
		return nil
	}
	s := usd.Decimal.Round(12).String()
	return &s
}
