package wiro

import (
	"cmp"
	"encoding/json"
	"slices"
	"strings"
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
	Exit               string
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

// Cost is what an ended task cost in USD, and how that is known. Failed and
// cancelled tasks are not billed (documentation), unless the task itself says
// otherwise. ok is false while the task runs, and when an answer has neither
// totalcost nor elapsedseconds and cps: then only the model's price is left.
func (t Task) Cost() (usd decimal.Decimal, source CostSource, ok bool) {
	outcome := t.Outcome()
	switch {
	case outcome == Running:
		return decimal.Zero, CostUnknown, false
	case t.TotalCost.Valid:
		return t.TotalCost.Decimal, CostReported, true
	case outcome != Succeeded:
		return decimal.Zero, CostReported, true
	case t.Elapsed.Valid && t.CPS.Valid:
		return t.Elapsed.Decimal.Mul(t.CPS.Decimal), CostComputed, true
	}
	return decimal.Zero, CostUnknown, false
}

// wireTask is a task as the API writes it (seed, documentation).
type wireTask struct {
	ID                   text             `json:"id"`
	UUID                 text             `json:"uuid"`
	Token                text             `json:"socketaccesstoken"`
	Parameters           table            `json:"parameters"`
	DebugOutput          text             `json:"debugoutput"`
	DebugError           text             `json:"debugerror"`
	Status               text             `json:"status"`
	CreateTime           text             `json:"createtime"`
	AcceptTime           text             `json:"accepttime"`
	AssignTime           text             `json:"assigntime"`
	PreprocessStartTime  text             `json:"preprocessstarttime"`
	PreprocessEndTime    text             `json:"preprocessendtime"`
	StartTime            text             `json:"starttime"`
	EndTime              text             `json:"endtime"`
	PostprocessStartTime text             `json:"postprocessstarttime"`
	PostprocessEndTime   text             `json:"postprocessendtime"`
	CancelTime           text             `json:"canceltime"`
	ElapsedSeconds       text             `json:"elapsedseconds"`
	CPS                  text             `json:"cps"`
	TotalCost            text             `json:"totalcost"`
	Exit                 text             `json:"pexit"`
	ModelID              text             `json:"modelid"`
	ProjectID            text             `json:"projectid"`
	Outputs              list[wireOutput] `json:"outputs"`
}

type wireOutput struct {
	ID          text `json:"id"`
	Name        text `json:"name"`
	ContentType text `json:"contenttype"`
	Size        text `json:"size"`
	URL         text `json:"url"`
	Content     said `json:"content"`
}

// said is what a text model answered: its text as it is, or the object that
// the documentation has around it, with prompt, raw, thinking and answer. Of
// that it is the answer, which a person wants, or else raw.
type said text

func (s *said) UnmarshalJSON(data []byte) error {
	var whole text
	if err := whole.UnmarshalJSON(data); err != nil {
		return err
	}
	*s = said(whole)
	var parts struct {
		Raw    text            `json:"raw"`
		Answer json.RawMessage `json:"answer"`
	}
	if data[0] != '{' || json.Unmarshal(data, &parts) != nil { // a text that looks like JSON is a text
		return nil
	}
	var answer []string
	if json.Unmarshal(parts.Answer, &answer) != nil {
		var one text
		_ = json.Unmarshal(parts.Answer, &one) // without one there is raw
		answer = []string{string(one)}
	}
	answer = slices.DeleteFunc(answer, func(a string) bool { return a == "" })
	if text := cmp.Or(strings.Join(answer, "\n"), string(parts.Raw)); text != "" {
		*s = said(text)
	}
	return nil
}

func (w wireTask) task() Task {
	t := Task{
		ID: ident(string(w.ID)), UUID: ident(string(w.UUID)), Token: ident(string(w.Token)),
		Status:     Status(word(string(w.Status))),
		Parameters: w.Parameters,
		Created:    w.CreateTime.moment(), Accepted: w.AcceptTime.moment(), Assigned: w.AssignTime.moment(),
		PreprocessStarted: w.PreprocessStartTime.moment(), PreprocessEnded: w.PreprocessEndTime.moment(),
		Started: w.StartTime.moment(), Ended: w.EndTime.moment(),
		PostprocessStarted: w.PostprocessStartTime.moment(), PostprocessEnded: w.PostprocessEndTime.moment(),
		Canceled: w.CancelTime.moment(),
		Elapsed:  w.ElapsedSeconds.amount(), CPS: w.CPS.amount(), TotalCost: w.TotalCost.amount(),
		Exit:    word(string(w.Exit)),
		ModelID: ident(string(w.ModelID)), ProjectID: ident(string(w.ProjectID)),
		DebugOutput: block(string(w.DebugOutput), maxDebugOutput, false),
		DebugError:  block(string(w.DebugError), maxDebugError, true),
	}
	for _, o := range w.Outputs {
		t.Outputs = append(t.Outputs, Output{
			ID: ident(string(o.ID)), Name: word(string(o.Name)), ContentType: word(string(o.ContentType)),
			URL: string(o.URL), Content: string(o.Content), Size: o.Size.count(),
		})
	}
	return t
}
