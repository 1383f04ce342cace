package wiro

import (
	"time"

	"github.com/shopspring/decimal"
)

// Task is one run of a model. What an answer leaves out is zero, invalid or
// empty here: answers differ in which fields they have.
type Task struct {
	ID, UUID string
	// Token is the socketaccesstoken.
	Token  string
	Status Status
	// Parameters are those of the run, each in its plain spelling; nil when
	// there are none to read.
	Parameters map[string]string
	// Times by the server's clock, in whole seconds; zero: not yet.
	Created, Accepted, Assigned          time.Time
	PreprocessStarted, PreprocessEnded   time.Time
	Started, Ended                       time.Time
	PostprocessStarted, PostprocessEnded time.Time
	Canceled                             time.Time
	// Elapsed is in seconds, from acceptance to end in the seed's sample; CPS
	// in USD a second; TotalCost in USD. Invalid means unknown, not zero.
	Elapsed, CPS, TotalCost decimal.NullDecimal
	// Exit is pexit: "0" for success; "" when the answer has none.
	Exit string
	// CallbackURL is the callbackUrl of its Run, "" for none; nil when the
	// answer does not say.
	CallbackURL        *string
	ModelID, ProjectID string
	// DebugOutput is what the model printed, and the answer of a text model:
	// its first 256 KiB. DebugError is the last 16 KiB of its errors.
	DebugOutput, DebugError string
	Outputs                 []Output
}

// Output is one file, or one text, that a task made.
type Output struct {
	ID, Name, ContentType string
	// URL is where Fetch gets it, public and for a limited time; "" with Content.
	URL string
	// Content is the answer of a text model (ContentType "raw").
	Content string
	// Size is in bytes, −1 unknown.
	Size int64
}

// Outcome judges the status first, since cancelled tasks carry pexit "0" too
// (seed). A task that has ended succeeded with pexit "0", or without a pexit
// and with an output (documentation). An unknown status is still running.
func (t Task) Outcome() Outcome {
	switch {
	case t.Status == StatusCancel:
		return Canceled
	case t.Status != StatusPostprocessEnd:
		return Running
	case t.Exit == "0", t.Exit == "" && len(t.Outputs) > 0:
		return Succeeded
	}
	return Failed
}

// Unclear reports an end that does not say whether the task succeeded: it has
// no pexit, no output, and no totalcost that says 0. Its outputs may not show
// yet, or no longer.
func (t Task) Unclear() bool {
	free := t.TotalCost.Valid && !t.TotalCost.Decimal.IsPositive()
	return t.Status == StatusPostprocessEnd && t.Exit == "" && len(t.Outputs) == 0 && !free
}

// Cost is what an ended task cost in USD, and how that is known. Failed and
// cancelled tasks are not billed (documentation), unless the task itself says
// otherwise; one whose end is unclear may have been. ok is false while the task
// runs, and when an answer has neither totalcost nor elapsedseconds and cps: then
// only the model's price is left.
func (t Task) Cost() (usd decimal.Decimal, source CostSource, ok bool) {
	outcome := t.Outcome()
	switch {
	case outcome == Running:
		return decimal.Zero, CostUnknown, false
	case t.TotalCost.Valid:
		return t.TotalCost.Decimal, CostReported, true
	case outcome != Succeeded && !t.Unclear():
		return decimal.Zero, CostReported, true
	case t.Elapsed.Valid && t.CPS.Valid:
		usd = t.Elapsed.Decimal.Mul(t.CPS.Decimal)
		if usd.IsPositive() || !t.Unclear() {
			return usd, CostComputed, true
		}
	}
	return decimal.Zero, CostUnknown, false
}
