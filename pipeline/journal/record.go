package journal

import (
	"time"

	"github.com/shopspring/decimal"
)

// State is where a cell stands. The states and the ways between them are those of the life of a cell.
type State string

// The states of a cell.
const (
	Pending   State = "pending"   // to be submitted
	Intended  State = "intended"  // a submit may have left: on disk before the request
	Submitted State = "submitted" // a task is known
	Unknown   State = "unknown"   // the answer to a submit never came
	Held      State = "held"      // looked up in vain; waits for a person or for the next start
	Done      State = "done"      // paid, and on disk
	Failed    State = "failed"    // the verdict of the model, or a refusal for good
	Cancelled State = "cancelled" // by us; pending again at the next start
)

// open tells whether a task of the cell may exist on the server, so that its money stays reserved.
func (s State) open() bool {
	return s == Intended || s == Submitted || s == Unknown || s == Held
}

// Cell is one place of the grid. Number counts from 1, and is 0 for a cell that the manifest no longer has.
type Cell struct {
	ID     string
	Number int
	Model  string
	Params []Param
	Repeat int
}

// Param is a parameter of a cell, its value as spelled.
type Param struct{ Name, Value string }

// Seconds is a time by our clock that may be unknown, which is not the same as zero.
// It is kept to the millisecond.
type Seconds struct {
	Duration time.Duration
	Valid    bool
}

// Took makes a known Seconds.
func Took(d time.Duration) Seconds { return Seconds{Duration: d, Valid: true} }

// String gives seconds with three decimals, and nothing when unknown.
func (s Seconds) String() string {
	if !s.Valid {
		return ""
	}
	return decimal.New(s.Duration.Round(time.Millisecond).Milliseconds(), -3).StringFixed(3)
}

// Record is a cell as it stands, with its current attempt.
type Record struct {
	State   State
	Attempt int // submits so far, from 1

	IntendedAt  time.Time
	NewestKnown string          // newest task id known when the intent was written
	Reserved    decimal.Decimal // USD set aside for this attempt
	TaskID      string
	TaskToken   string
	SubmittedAt time.Time
	FinishedAt  time.Time

	TaskStatus string // as last seen; "" while it does not say how the task ended
	Exit       string // pexit; "" = absent

	Elapsed, Queue, Run, Postprocess decimal.NullDecimal // seconds, by the server's clock
	Wait, Download, Total            Seconds             // by ours
	Polls                            int

	Cost       decimal.NullDecimal // USD, of this attempt
	CostSource string              // reported, computed, price or none
	Error      string

	// Undelivered: paid, or maybe, but not on disk. The cell stays submitted, shows as pending, and only its files are fetched later.
	Undelivered bool
	Files       []File

	// NotBefore keeps a cell that went back to pending from being leased before that time. It is not stored.
	NotBefore time.Time
}

// File is one output of a task. Path is relative to the output folder and slash-separated; it is empty for what is not on disk.
type File struct {
	N                            int
	Name, URL, ContentType, Path string
	Bytes                        int64
	Width, Height                int
	SHA256                       string
}

// Row is a cell with all that a line of a report needs. Cost, other than Record.Cost, is summed over all attempts of the cell.
type Row struct {
	Cell
	Record
	Attempts int // submits that the server took up, or that may have been
	Cost     decimal.NullDecimal
}

// Status is the state in the words of the reports: done, failed, cancelled, held or pending.
func (r Row) Status() string {
	switch r.State {
	case Intended, Submitted:
		return string(Pending)
	case Unknown:
		return string(Held)
	}
	return string(r.State)
}

// Billed tells whether the attempt is known to have been paid for: its task was seen to succeed, or says that it cost something,
// also when its files are not on disk.
func (r Record) Billed() bool { return r.State == Done || r.Undelivered && r.TaskStatus != "" }

// Unclear tells whether the attempt's task was seen to end, but not how: it may have been paid for. Its cost, if there is one,
// is a guess.
func (r Record) Unclear() bool { return r.Undelivered && r.TaskStatus == "" && r.Wait.Valid }

// refused tells whether the record is of a submit that made nothing: its number is used again.
func (r Record) refused() bool { return r.State == Pending && r.TaskID == "" }

// begun tells whether the record says anything about a submit, beyond the state of the cell.
func (r Record) begun() bool {
	return r.State != Pending || !r.IntendedAt.IsZero() || r.TaskID != ""
}

// attempts counts submits, leaving out one that made nothing.
func (r Record) attempts() int {
	if r.refused() && r.Attempt > 0 && r.begun() {
		return r.Attempt - 1
	}
	return r.Attempt
}

// exposure is the money that the record's attempt has cost, or may still cost. What is done is paid for: while its cost is
// not known, what was reserved stands for it. unpriced is 1 where nothing was.
func (r Record) exposure() (spent, reserved decimal.Decimal, unpriced int) {
	switch {
	case r.Cost.Valid:
		return r.Cost.Decimal, decimal.Zero, 0
	case !r.State.open() && r.State != Done:
		return decimal.Zero, decimal.Zero, 0
	case r.Reserved.IsZero():
		unpriced = 1
	}
	return decimal.Zero, r.Reserved, unpriced
}

// stored is the record as it will be read back: times and durations to the millisecond, UTC.
func (r Record) stored() Record {
	for _, t := range []*time.Time{&r.IntendedAt, &r.SubmittedAt, &r.FinishedAt} {
		if !t.IsZero() {
			*t = t.UTC().Truncate(time.Millisecond)
		}
	}
	for _, s := range []*Seconds{&r.Wait, &r.Download, &r.Total} {
		s.Duration = s.Duration.Round(time.Millisecond)
	}
	r.Undelivered = r.Undelivered && r.State == Submitted
	r.NotBefore = time.Time{}
	return r
}
