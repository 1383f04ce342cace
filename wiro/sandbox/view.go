package sandbox

import (
	"strconv"
	"strings"
	"time"

	"github.com/shopspring/decimal"
)

// view is a task as it is seen at a moment, apart from the lock.
type view struct {
	s      *Sandbox
	index  int
	task   task
	params []param
	at     time.Duration
	origin string
	style  style

	foreign    bool   // somebody else's task, made up beside this one
	silent     bool   // its callbackurl is left out
	paramsJSON string // in place of the parameters, where a fault has replaced them
}

// view takes a task out of the sandbox. The caller holds the lock.
func (s *Sandbox) view(index int, origin string) *view {
	t := s.tasks[index]
	return &view{
		s: s, index: index, task: t, params: s.pool.unpack(t.params), at: s.reach(), origin: origin,
		style: s.style(t.key, t.model),
	}
}

// names is what the task is known by.
func (v *view) names() (id, token, uuid string) {
	if v.foreign { // a number between ours, and a token that opens nothing
		return strconv.Itoa(taskNumber(v.index) + 1), letters(v.task.key, 11) + letters(mix(v.task.key), 10) + "foreigner", v.s.uuid(-1 - v.index)
	}
	return taskID(v.index), v.s.token(v.index), v.s.uuid(v.index)
}

// The numbers of the fields whose spelling style.text decides.
const (
	numTime = iota
	numElapsed
	numMoney
	numExit
	numSize
	numIDs
	numTotal
)

func (v *view) num(j *jsonText, field int, name, value string) {
	j.num(name, value, v.style.text>>field&1 == 1)
}

// absent writes what is not there: null, or its spelling in the sample.
func (v *view) absent(j *jsonText, field int, name, value string) {
	if v.style.nulls {
		j.raw(name, "null")
		return
	}
	v.num(j, field, name, value)
}

// date writes a timestamp in unix seconds, or what stands for "not yet".
func (v *view) date(j *jsonText, name string, moment time.Duration) {
	if !v.task.passed(moment, v.at) {
		v.absent(j, numTime, name, "0")
		return
	}
	v.num(j, numTime, name, strconv.FormatInt(v.s.unix(&v.task, moment), 10))
}

// write renders the task in the order of the sample of the model page.
func (v *view) write(j *jsonText) {
	t, l := &v.task, v.task.timeline()
	status := t.status(v.at)
	id, token, uuid := v.names()
	outputs := v.outputs()

	j.open('{')
	if v.s.o.Shape == ShapeMixed {
		v.num(j, numIDs, "id", id)
	} else {
		j.str("id", id)
	}
	j.str("uuid", uuid)
	if v.style.money {
		j.str("name", "")
	}
	j.str("socketaccesstoken", token)
	v.parameters(j)
	v.debug(j, status)
	v.date(j, "starttime", l.start)
	v.date(j, "endtime", l.end)
	v.elapsed(j, l)
	j.str("status", status)
	if v.style.money {
		v.money(j, status)
	}
	v.date(j, "createtime", l.created)
	canceled := t.killed
	if v.style.zeroCancel {
		canceled = never
	}
	v.date(j, "canceltime", canceled)
	v.date(j, "assigntime", l.assign)
	v.date(j, "accepttime", l.accept)
	v.date(j, "preprocessstarttime", l.preStart)
	v.date(j, "preprocessendtime", l.preEnd)
	v.date(j, "postprocessstarttime", l.postStart)
	v.date(j, "postprocessendtime", l.postEnd)
	if v.style.money {
		v.exit(j, status)
		v.categories(j)
	}
	v.writeOutputs(j, outputs)
	j.close('}')
}

func (v *view) elapsed(j *jsonText, l timeline) {
	if v.task.passed(l.end, v.at) {
		v.num(j, numElapsed, "elapsedseconds", strconv.FormatInt(v.task.elapsed(), 10)+".0000")
		return
	}
	v.absent(j, numElapsed, "elapsedseconds", "0")
}

// money writes what the sample of Kill has between the status and the times.
func (v *view) money(j *jsonText, status string) {
	v.num(j, numMoney, "cps", v.task.model.CPS.StringFixed(12))
	switch {
	case v.task.succeeded(v.at):
		v.num(j, numMoney, "totalcost", v.s.costOf(v).StringFixed(12))
	case status == statusDone || status == statusCancel:
		v.num(j, numMoney, "totalcost", "0")
	default:
		v.absent(j, numMoney, "totalcost", "0")
	}
	j.raw("guestid", "null")
	v.num(j, numIDs, "projectid", "699")
	v.num(j, numIDs, "modelid", v.task.model.ID)
	j.str("description", "")
	v.num(j, numIDs, "basemodelid", "0")
	j.str("runtype", "model")
	j.str("modelfolderid", "")
	j.str("modelfileid", "")
	v.callback(j)
	j.raw("marketplaceid", "null")
}

// callback shows where the callback goes. Somebody else's task has none.
func (v *view) callback(j *jsonText) {
	switch {
	case v.silent:
	case v.foreign:
		j.str("callbackurl", "")
	default:
		j.str("callbackurl", v.s.calls.urlOf(v.index))
	}
}

func (s *Sandbox) costOf(v *view) decimal.Decimal {
	return v.task.model.cost(v.params, v.task.elapsed(), int(v.task.outputs))
}

// exit writes pexit: "0" for success, and, as in the sample, for what was cancelled.
func (v *view) exit(j *jsonText, status string) {
	if v.s.o.Shape == ShapeDocumentation { // the documentation quotes it even among numbers
		v.style.text |= 1 << numExit
	}
	switch {
	case status == statusDone && v.task.is(fateFails):
		v.num(j, numExit, "pexit", "1")
	case status == statusDone || status == statusCancel:
		v.num(j, numExit, "pexit", "0")
	default:
		j.raw("pexit", "null")
	}
}

func (v *view) categories(j *jsonText) {
	list := &jsonText{}
	list.open('[')
	for _, c := range v.task.model.Categories {
		list.text(c)
	}
	list.close(']')
	if v.style.list {
		j.raw("categories", string(list.b))
		return
	}
	j.str("categories", string(list.b)) // the sample has this text too, though with its quotes unescaped
}

// parameters echoes what was sent. Uploaded files are shown by the URL that they got.
func (v *view) parameters(j *jsonText) {
	text := v.paramsJSON
	if v.task.is(erased) {
		text = "{}"
	}
	if text == "" {
		text = v.object(v.params)
		if v.style.paramsText {
			j.str("parameters", text)
			return
		}
	}
	j.raw("parameters", text)
}

func (v *view) object(params []param) string {
	j := &jsonText{}
	j.open('{')
	for _, p := range params {
		if strings.HasPrefix(p.value, filePath) {
			p.value = v.origin + p.value
		}
		j.str(p.name, p.value)
	}
	j.close('}')
	return string(j.b)
}

// debug writes the logs: the text of a text model, and the last words of a failed run.
func (v *view) debug(j *jsonText, status string) {
	output, failure := "", ""
	if v.task.model.kind == makesText && v.task.succeeded(v.at) && v.style.money {
		output = reply(v.task.model.fallback(v.params, "prompt"))
	}
	if status == statusDone && v.task.is(fateFails) {
		failure = failureText
	}
	for _, log := range []param{{"debugoutput", output}, {"debugerror", failure}} {
		if log.value == "" && v.style.nulls {
			j.raw(log.name, "null")
			continue
		}
		j.str(log.name, log.value)
	}
}

const failureText = "Traceback (most recent call last):\n  File \"predict.py\", line 87, in run\nRuntimeError: CUDA out of memory. Tried to allocate 2.38 GiB"
