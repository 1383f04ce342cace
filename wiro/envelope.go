package wiro

import (
	"bytes"
	"errors"
	"strings"
)

// envelope is every answer of the API: what one call does not have stays empty.
type envelope struct {
	Result flag
	Errors list[wireFault]
	Total  text
	TaskID taskText
	Token  text
	Tasks  list[row]
	Tools  list[wireTool]
	Files  list[wireFile]
}

func (e *envelope) read(object string) error {
	return fields(object, func(name string) reader {
		switch name {
		case "result":
			return &e.Result
		case "errors":
			return &e.Errors
		case "total":
			return &e.Total
		case "taskid":
			return &e.TaskID
		case "socketaccesstoken":
			return &e.Token
		case "tasklist":
			return &e.Tasks
		case "tool":
			return &e.Tools
		case "list":
			return &e.Files
		}
		return nil
	})
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
	if !valid(body) {
		repaired, ok := unquoteEmbedded(body)
		if !ok || !valid(repaired) {
			return nil, errNotJSON
		}
		body = repaired
	}
	var e envelope
	if err := e.read(string(body)); err != nil {
		return nil, errNotJSON
	}
	return &e, nil
}

// wireFault is one item of errors: {"code":…,"message":…}, or a bare string.
type wireFault struct{ code, message string }

func (f *wireFault) read(value string) error {
	var code, message text
	var err error
	if value[0] != '{' {
		err = message.read(value)
	} else {
		err = fields(value, func(name string) reader {
			switch name {
			case "code":
				return &code
			case "message":
				return &message
			}
			return nil
		})
	}
	f.code, f.message = plainCode(code), string(message)
	return err
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
