package sandbox

import (
	"fmt"
	"strconv"
	"time"
)

// event is one thing that the websocket tells about a task.
type event struct {
	at   time.Duration
	kind string
	step int // of progressSteps, for statusOutput
}

const progressSteps = 10

// events is everything that the websocket tells about a task, in the order of time. What was told
// never changes: a kill only replaces what is yet to come.
func (t *task) events() []event {
	l := t.timeline()
	all := make([]event, 0, 16+progressSteps)
	add := func(at time.Duration, kind string) { all = append(all, event{at: at, kind: kind}) }
	add(l.created, statusQueue)
	if t.is(fateErrs | fateErrStuck) {
		add(l.created, statusError)
	}
	if !t.is(fateErrStuck) {
		add(l.accept, statusAccept)
		add(l.preStart, statusPreStart)
		add(l.preEnd, statusPreEnd)
		add(l.assign, statusAssign)
		add(l.start, statusStart)
	}
	if !t.is(fateStuck | fateErrStuck) {
		for i := 1; i <= progressSteps; i++ {
			at := l.output + (l.outputAll-l.output)*time.Duration(i)/(progressSteps+1)
			all = append(all, event{at, statusOutput, i})
		}
		add(l.outputAll, statusOutputAll)
		if t.is(fateFails) {
			add(l.outputAll, statusError)
			add(l.outputAll, statusErrorAll)
		}
		add(l.end, statusEnd)
		add(l.postStart, statusPostStart)
		add(l.postEnd, statusDone)
	}
	if t.killed == never {
		return all
	}
	n := 0
	for n < len(all) && all[n].at < t.killed {
		n++
	}
	return append(all[:n], event{at: t.killed, kind: statusCancel})
}

// frame renders an event in the older or the newer shape (both are documented).
func (v *view) frame(e event) []byte {
	j := &jsonText{}
	j.open('{')
	j.str("type", e.kind)
	j.str("id", taskID(v.index))
	if !v.style.newFrames && !v.s.strikes("ws_no_token", v.task.key, 0) {
		j.str("tasktoken", v.s.token(v.index))
	}
	v.message(j, e)
	j.raw("result", "true")
	if v.style.newFrames {
		v.verdict(j, e.kind)
	}
	j.close('}')
	return j.b
}

// verdict is what the newer frames add.
func (v *view) verdict(j *jsonText, kind string) {
	terminal := kind == statusDone || kind == statusCancel
	success, exit := "null", "null"
	if kind == statusDone {
		success, exit = "true", "0"
		if v.task.is(fateFails) {
			success, exit = "false", "1"
		}
	}
	j.raw("success", success)
	j.raw("terminal", strconv.FormatBool(terminal))
	j.raw("exitCode", exit)
}

// message is null for a change of state, a log line, the progress, or the outputs. There is no cost.
func (v *view) message(j *jsonText, e event) {
	switch e.kind {
	case statusOutput:
		v.progress(j, e)
	case statusError:
		j.str("message", failureText)
	case statusOutputAll:
		j.str("message", "")
	case statusErrorAll:
		j.name("message").open('{')
		j.str("raw", failureText)
		j.close('}')
	case statusDone:
		j.name("message").open('[')
		for n, o := range v.outputs() {
			v.writeOutput(j, n, o)
		}
		j.close(']')
	default:
		j.raw("message", "null")
	}
}

func (v *view) progress(j *jsonText, e event) {
	l := v.task.timeline()
	ran, left := e.at-l.start, l.end-e.at
	j.name("message").open('{')
	j.str("type", "progressGenerate")
	j.str("task", "Generate")
	j.str("percentage", strconv.Itoa(e.step*100/progressSteps))
	j.str("stepCurrent", strconv.Itoa(e.step))
	j.str("stepTotal", strconv.Itoa(progressSteps))
	j.str("speed", fmt.Sprintf("%.1f", float64(e.step)/max(ran.Seconds(), 0.1)))
	j.str("speedType", "it/s")
	j.str("elapsedTime", fmt.Sprintf("%.0fs", ran.Seconds()))
	j.str("remainingTime", fmt.Sprintf("%.0fs", left.Seconds()))
	j.close('}')
}
