package wiro

import (
	"encoding/json"
	"strings"
)

// Frame is what the websocket tells about a task. It is a hint and no truth:
// it has no cost, and a frame can be lost.
type Frame struct {
	// Token and TaskID name the task. Newer frames leave the token out; at
	// least one of the two is there.
	Token, TaskID string
	// Status is the frame's type, which is the task's new status.
	Status Status
	// Last says that nothing more will come: the status is terminal, or the
	// frame itself says so, as newer ones do.
	Last bool
	// Percent is the progress from 0 to 100, −1 unknown.
	Percent float64
}

type wireFrame struct {
	Type     text    `json:"type"`
	ID       text    `json:"id"`
	Token    text    `json:"tasktoken"`
	Message  percent `json:"message"`
	Terminal flag    `json:"terminal"`
}

// parseFrame reads a frame of either shape. ok is false for what is of no
// task: the greeting, refusals of a registration, and anything unreadable.
func parseFrame(data []byte) (f Frame, ok bool) {
	w := wireFrame{Message: -1}
	if json.Unmarshal(data, &w) != nil {
		return Frame{}, false
	}
	f = Frame{Token: token(string(w.Token)), TaskID: ident(string(w.ID)), Status: Status(word(string(w.Type))), Percent: float64(w.Message)}
	f.Last = f.Status.Terminal() || w.Terminal == yes
	return f, f.Status != "" && (f.Token != "" || f.TaskID != "")
}

// percent is the percentage of a message that has one. A message can also be
// null, a line of a log, or the outputs; what is no percentage leaves it as it is.
type percent float64

func (p *percent) UnmarshalJSON(data []byte) error {
	if data[0] == '"' {
		inner, ok := embedded(string(data))
		if !ok {
			return nil
		}
		data = []byte(inner)
	}
	var m struct {
		Percentage text `json:"percentage"`
	}
	if data[0] != '{' || json.Unmarshal(data, &m) != nil {
		return nil
	}
	n := number(strings.TrimSuffix(strings.TrimSpace(string(m.Percentage)), "%"))
	if v := n.Decimal.InexactFloat64(); n.Valid && v >= 0 && v <= 100 {
		*p = percent(v)
	}
	return nil
}
