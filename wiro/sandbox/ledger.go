package sandbox

import (
	"io"
	"time"

	"github.com/shopspring/decimal"
)

// ledger writes what happened to money and tasks, one JSON object a line:
//
//	{"event":"billed","time":"2026-01-02T03:04:05.6Z","task":"2221","model":"Qwen/Qwen-Image-Fast","cost":"0.00351","parameters":{"prompt":"…"}}
//
// The event is accepted, billed, failed or cancelled. The time is the sandbox's; lines come in the
// order in which events were noticed, and bills in the order of the tasks' ends.
type ledger struct {
	w   io.Writer
	err error // the first one; nothing is written after it
}

// write adds a line. The caller holds the lock of the sandbox.
func (l *ledger) write(s *Sandbox, event string, index int, cost decimal.Decimal, at time.Duration) {
	if l.w == nil || l.err != nil {
		return
	}
	t := &s.tasks[index]
	j := &jsonText{}
	j.open('{')
	j.str("event", event)
	j.str("time", s.date(at).UTC().Format(time.RFC3339Nano))
	j.str("task", taskID(index))
	j.str("model", t.model.slug())
	j.str("cost", cost.String())
	j.name("parameters").open('{')
	for _, p := range s.pool.unpack(t.params) {
		j.str(p.name, p.value)
	}
	j.close('}')
	j.close('}')
	j.b = append(j.b, '\n')
	_, l.err = l.w.Write(j.b)
}
