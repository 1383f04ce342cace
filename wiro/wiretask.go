package wiro

import (
	"cmp"
	"encoding/json"
	"slices"
	"strings"

	"github.com/tidwall/gjson"
)

// wireTask is a task as the API writes it (seed, documentation).
type wireTask struct {
	ID                   text
	UUID                 text
	Token                text
	Parameters           table
	DebugOutput          text
	DebugError           text
	Status               text
	CreateTime           text
	AcceptTime           text
	AssignTime           text
	PreprocessStartTime  text
	PreprocessEndTime    text
	StartTime            text
	EndTime              text
	PostprocessStartTime text
	PostprocessEndTime   text
	CancelTime           text
	ElapsedSeconds       text
	CPS                  text
	TotalCost            text
	Exit                 text
	CallbackURL          told
	ModelID              text
	ProjectID            text
	Outputs              list[wireOutput]
}

// row is a task as it came. One that can't be read is one of the list all the same.
type row string

func (r *row) read(value string) error { *r = row(value); return nil }

// id reads no more than the id, where that is the first field, as the service has it (seed, documentation); else it is "".
func (r row) id() (id string) {
	var t text
	gjson.Parse(string(r)).ForEach(func(name, value gjson.Result) bool {
		if name.Raw == `"id"` && t.read(value.Raw) == nil {
			id = ident(string(t))
		}
		return false
	})
	return id
}

// wire reads all of it; ok is false for one that can't be read.
func (r row) wire() (w wireTask, ok bool) {
	if w.read(string(r)) != nil {
		return wireTask{}, false
	}
	return w, true
}

// task is the task, an empty one for a row that can't be read.
func (r row) task() Task {
	w, _ := r.wire()
	return w.task()
}

func (w *wireTask) read(object string) error {
	return fields(object, func(name string) reader {
		switch name {
		case "id":
			return &w.ID
		case "uuid":
			return &w.UUID
		case "socketaccesstoken":
			return &w.Token
		case "parameters":
			return &w.Parameters
		case "debugoutput":
			return &w.DebugOutput
		case "debugerror":
			return &w.DebugError
		case "status":
			return &w.Status
		case "createtime":
			return &w.CreateTime
		case "accepttime":
			return &w.AcceptTime
		case "assigntime":
			return &w.AssignTime
		case "preprocessstarttime":
			return &w.PreprocessStartTime
		case "preprocessendtime":
			return &w.PreprocessEndTime
		case "starttime":
			return &w.StartTime
		case "endtime":
			return &w.EndTime
		case "postprocessstarttime":
			return &w.PostprocessStartTime
		case "postprocessendtime":
			return &w.PostprocessEndTime
		case "canceltime":
			return &w.CancelTime
		case "elapsedseconds":
			return &w.ElapsedSeconds
		case "cps":
			return &w.CPS
		case "totalcost":
			return &w.TotalCost
		case "pexit":
			return &w.Exit
		case "callbackurl":
			return &w.CallbackURL
		case "modelid":
			return &w.ModelID
		case "projectid":
			return &w.ProjectID
		case "outputs":
			return &w.Outputs
		}
		return nil
	})
}

// told is a text, also an empty one, that differs from none: null and what is no text are none.
type told struct{ text *string }

func (t *told) read(value string) error {
	t.text = nil
	if value[0] != '"' {
		return nil
	}
	var s text
	if err := s.read(value); err != nil {
		return err
	}
	t.text = (*string)(&s)
	return nil
}

type wireOutput struct {
	ID          text
	Name        text
	ContentType text
	Size        text
	URL         text
	Content     said
}

func (w *wireOutput) read(object string) error {
	return fields(object, func(name string) reader {
		switch name {
		case "id":
			return &w.ID
		case "name":
			return &w.Name
		case "contenttype":
			return &w.ContentType
		case "size":
			return &w.Size
		case "url":
			return &w.URL
		case "content":
			return &w.Content
		}
		return nil
	})
}

// said is what a text model answered: its text as it is, or the object that
// the documentation has around it, with prompt, raw, thinking and answer. Of
// that it is the answer, which a person wants, or else raw.
type said text

func (s *said) read(value string) error {
	var whole text
	if err := whole.read(value); err != nil {
		return err
	}
	*s = said(whole)
	var parts struct {
		Raw    text            `json:"raw"`
		Answer json.RawMessage `json:"answer"`
	}
	if value[0] != '{' || json.Unmarshal([]byte(value), &parts) != nil { // a text that looks like JSON is a text
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
		ID: ident(string(w.ID)), UUID: ident(string(w.UUID)), Token: token(string(w.Token)),
		Status:     Status(word(string(w.Status))),
		Parameters: w.Parameters,
		Created:    w.CreateTime.moment(), Accepted: w.AcceptTime.moment(), Assigned: w.AssignTime.moment(),
		PreprocessStarted: w.PreprocessStartTime.moment(), PreprocessEnded: w.PreprocessEndTime.moment(),
		Started: w.StartTime.moment(), Ended: w.EndTime.moment(),
		PostprocessStarted: w.PostprocessStartTime.moment(), PostprocessEnded: w.PostprocessEndTime.moment(),
		Canceled: w.CancelTime.moment(),
		Elapsed:  w.ElapsedSeconds.amount(), CPS: w.CPS.amount(), TotalCost: w.TotalCost.amount(),
		Exit: word(string(w.Exit)), CallbackURL: w.CallbackURL.text,
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
