package wiro

import (
	"encoding/json"
	"os"
	"strings"
	"testing"
	"time"
	"unicode"
)

func FuzzAnswer(f *testing.F) {
	for _, name := range []string{"seed-detail.json", "seed-run.json", "seed-kill.json.broken"} {
		body, err := os.ReadFile("testdata/" + name)
		if err != nil {
			f.Fatal(err)
		}
		f.Add(body)
	}
	f.Add([]byte(seedTool))
	f.Add([]byte(`{"result":false,"errors":["x",{"code":{"a":1},"message":[2]}],"tool":"[{\"parameters\":[{\"items\":\"[]\"}]}]","list":{}}`))
	c, err := New(Options{Key: NewSecret("key-4f2a9c")})
	if err != nil {
		f.Fatal(err)
	}
	f.Fuzz(func(t *testing.T, body []byte) {
		e, err := decode(body)
		if err != nil {
			return
		}
		for _, w := range e.Tasks {
			checkTask(t, w.task())
		}
		for _, w := range e.Tools {
			if usd, _, ok := w.tool().Price(map[string]string{"prompt": "x"}); ok && usd.IsNegative() {
				t.Errorf("a price of %s", usd)
			}
		}
		code, message := e.fault()
		failure := &Error{Op: opRun, Status: 200, Sent: true, Refused: e.Result == no, Code: code, Message: c.scrub(message, "")}
		text := failure.Error()
		if len(text) > 8*maxMessage || strings.ContainsFunc(text, unicode.IsControl) || strings.Contains(text, "key-4f2a9c") {
			t.Errorf("error text %q", text)
		}
		if d := failure.Disposition(); d < Retry || d > Unknown {
			t.Errorf("disposition %d", d)
		}
		if id := taskID(e); id == "0" || strings.ContainsFunc(id, unicode.IsControl) {
			t.Errorf("task id %q", id)
		}
	})
}

// FuzzTaskList puts any value in place of each field of a task.
func FuzzTaskList(f *testing.F) {
	for _, v := range []string{`"1"`, `1`, `null`, `""`, `[]`, `{}`, `"0"`, `-1`, `1e400`, `"{\"a\":1}"`, `["x"]`, `true`, `[{"size":"x"}]`} {
		f.Add(v, `{"id":"1"}`)
	}
	fields := []string{"id", "uuid", "socketaccesstoken", "parameters", "debugoutput", "debugerror", "status", "createtime", "endtime",
		"elapsedseconds", "cps", "totalcost", "pexit", "outputs", "categories"}
	f.Fuzz(func(t *testing.T, value, other string) {
		for _, v := range []string{value, other} {
			if is := json.Valid([]byte(v)); is != valid([]byte(v)) {
				t.Fatalf("valid is %v for encoding/json: %q", is, v)
			}
		}
		if !valid([]byte(value)) || !valid([]byte(other)) {
			return
		}
		var b strings.Builder
		b.WriteString(`{"result":true,"tasklist":[`)
		for _, name := range fields {
			b.WriteString(`{"status":"task_postprocess_end","` + name + `":` + value + `},`)
		}
		b.WriteString(other + `]}`)
		e, err := decode([]byte(b.String()))
		if err != nil {
			t.Fatalf("%v: valid JSON with any value in any field is read: %s", err, b.String())
		}
		if len(e.Tasks) < len(fields) {
			t.Fatalf("%d of %d tasks are left: %s", len(e.Tasks), len(fields), b.String())
		}
		for _, w := range e.Tasks {
			checkTask(t, w.task())
		}
	})
}

func checkTask(t *testing.T, task Task) {
	t.Helper()
	if usd, source, ok := task.Cost(); usd.IsNegative() || ok != (source != CostUnknown) || len(usd.String()) > 300 {
		t.Errorf("cost %s from %q, %v", usd, source, ok)
	}
	if o := task.Outcome(); (o == Running) == task.Status.Terminal() || o.String() == "" {
		t.Errorf("outcome %s of status %q", o, task.Status)
	}
	for _, s := range []string{task.ID, task.UUID, task.Token, string(task.Status), task.Exit, task.ModelID, task.ProjectID} {
		if len(s) > 4*maxID || strings.ContainsFunc(s, unicode.IsControl) {
			t.Errorf("a text of %d bytes: %q", len(s), s)
		}
	}
	if len(task.DebugOutput) > maxDebugOutput || len(task.DebugError) > maxDebugError || strings.Contains(task.DebugError, "\x1b") {
		t.Errorf("debug texts of %d and %d bytes", len(task.DebugOutput), len(task.DebugError))
	}
	for _, o := range task.Outputs {
		if o.Size < -1 {
			t.Errorf("a size of %d", o.Size)
		}
	}
	if y := task.Created.Year(); !task.Created.IsZero() && (y < 1970 || y > 5138) {
		t.Errorf("created in the year %d", y)
	}
}

func FuzzRetryAfter(f *testing.F) {
	for _, s := range []string{"7", "1.5", "-1", "", "1e9", "Mon, 04 May 2026 12:00:30 GMT", "9223372036854775808"} {
		f.Add(s)
	}
	now := time.Date(2026, 5, 4, 12, 0, 0, 0, time.UTC)
	f.Fuzz(func(t *testing.T, s string) {
		if d := parseRetryAfter(s, now); d < 0 || d > maxRetryAfter {
			t.Errorf("Retry-After: %q is %s", s, d)
		}
	})
}

func FuzzSlotLimit(f *testing.F) {
	f.Add("With your current balance of $50.00, you can run up to 5 tasks at the same time.")
	f.Add("$1,2,3.4 up to 999999 tasks")
	f.Add("$ up to 00 ")
	f.Fuzz(func(t *testing.T, s string) {
		limit, balance, ok := (&Error{Op: opRun, Refused: true, Code: "96", Message: s}).SlotLimit()
		if balance.IsNegative() || ok && limit < 1 || !ok && limit != 0 {
			t.Errorf("%q: %d %s %v", s, limit, balance, ok)
		}
	})
}
