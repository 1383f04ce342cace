package wiro

import (
	"bytes"
	"encoding/json"
	"errors"
	"strings"
)

// envelope is every answer of the API: what one call does not have stays empty.
type envelope struct {
	Result flag            `json:"result"`
	Errors list[wireFault] `json:"errors"`
	Total  text            `json:"total"`
	TaskID text            `json:"taskid"`
	Token  text            `json:"socketaccesstoken"`
	Tasks  list[wireTask]  `json:"tasklist"`
	Tools  list[wireTool]  `json:"tool"`
	Files  list[wireFile]  `json:"list"`
}

var errNotJSON = errors.New("the answer is not JSON")

// decode reads an answer, broken as the seed's sample is if need be.
func decode(body []byte) (*envelope, error) {
	body = bytes.TrimSpace(bytes.TrimPrefix(body, []byte("\xef\xbb\xbf")))
	if len(body) == 0 {
		return nil, errors.New("the answer is empty")
	}
	if body[0] != '{' {
		return nil, errNotJSON
	}
	var e envelope
	err := json.Unmarshal(body, &e)
	if err == nil {
		return &e, nil
	}
	if repaired, ok := unquoteEmbedded(body); ok {
		e = envelope{}
		if json.Unmarshal(repaired, &e) == nil {
			return &e, nil
		}
	}
	return nil, errNotJSON
}

// wireFault is one item of errors: {"code":…,"message":…}, or a bare string.
type wireFault struct{ code, message string }

func (f *wireFault) UnmarshalJSON(data []byte) error {
	if data[0] != '{' {
		var t text
		err := t.UnmarshalJSON(data)
		f.message = string(t)
		return err
	}
	var o struct {
		Code    text `json:"code"`
		Message text `json:"message"`
	}
	if err := json.Unmarshal(data, &o); err != nil {
		return err
	}
	f.code, f.message = plainCode(o.Code), string(o.Message)
	return nil
}

// plainCode spells 96, "96" and 96.0 alike.
func plainCode(t text) string {
	if n := t.number(); n.Valid {
		return n.Decimal.String()
	}
	return word(string(t))
}

// fault sums the errors up: the first code that says more than 0 does, and all
// messages.
func (e *envelope) fault() (code, message string) {
	var texts []string
	for _, f := range e.Errors {
		if f.code != "" && (code == "" || code == "0") {
			code = f.code
		}
		if f.message != "" && len(texts) < 5 {
			texts = append(texts, f.message)
		}
	}
	return code, strings.Join(texts, "; ")
}
