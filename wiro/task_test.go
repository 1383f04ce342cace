package wiro

import (
	"os"
	"testing"
	"time"

	"github.com/shopspring/decimal"
)

func TestSeedDetail(t *testing.T) {
	body, err := os.ReadFile("testdata/seed-detail.json")
	if err != nil {
		t.Fatal(err)
	}
	e, err := decode(body)
	if err != nil {
		t.Fatal(err)
	}
	task := e.Tasks[0].task()
	if task.ID != "2221" || task.Token != "eDcCm5yyUfIvMFspTwww49OUfgXkQt" || task.UUID != "15bce51f-442f-4f44-a71d-13c6374a62bd" {
		t.Errorf("ids: %+v", task)
	}
	if task.Outcome() != Succeeded { // no pexit here, but an output
		t.Errorf("outcome %s", task.Outcome())
	}
	if queue, run := task.Started.Sub(task.Created), task.Ended.Sub(task.Started); queue != 2*time.Second || run != 4*time.Second {
		t.Errorf("queue %s, run %s", queue, run)
	}
	if !task.Canceled.IsZero() || task.PostprocessEnded.Unix() != 1734513814 {
		t.Errorf("cancelled %s, done %s", task.Canceled, task.PostprocessEnded)
	}
	if task.Parameters != nil {
		t.Errorf("empty parameters are none: %v", task.Parameters)
	}
	want := Output{ID: "6bc392c93856dfce3a7d1b4261e15af3", Name: "0.png", ContentType: "image/png", Size: 202472,
		URL: "https://cdn1.wiro.ai/6a6af820-c5050aee-40bd7b83-a2e186c6-7f61f7da-3894e49c-fc0eeb66-9b500fe2/0.png"}
	if len(task.Outputs) != 1 || task.Outputs[0] != want {
		t.Errorf("outputs %+v", task.Outputs)
	}
	if _, _, ok := task.Cost(); ok { // neither totalcost nor cps
		t.Error("a cost that is nowhere was found")
	}
}

func TestTextOutputs(t *testing.T) {
	for _, tt := range []struct{ why, content, want string }{
		{"a text", `"Two\nlines."`, "Two\nlines."},
		{"the documentation's object", `{"prompt":"q","raw":"<think>hm</think>Yes.","thinking":["hm"],"answer":["Yes."]}`, "Yes."},
		{"an answer in parts", `{"raw":"a b","answer":["a","","b"]}`, "a\nb"},
		{"an answer that is no list", `{"raw":"r","answer":"Yes."}`, "Yes."},
		{"no answer", `{"prompt":"q","raw":"r","thinking":[],"answer":[]}`, "r"},
		{"another object, which may be the answer", `{"colour": "red"}`, `{"colour": "red"}`},
		{"a text that is JSON, as it was asked for", `"{\"answer\":[\"Yes.\"]}"`, `{"answer":["Yes."]}`},
		{"nothing", `null`, ""},
	} {
		e, err := decode([]byte(`{"result":true,"tasklist":[{"id":"1","outputs":[{"contenttype":"raw","content":` + tt.content + `}]}]}`))
		if err != nil {
			t.Fatal(err)
		}
		if got := e.Tasks[0].task().Outputs[0].Content; got != tt.want {
			t.Errorf("%s: %q, want %q", tt.why, got, tt.want)
		}
	}
}

func TestOutcome(t *testing.T) {
	one := []Output{{}}
	for _, tt := range []struct {
		why  string
		task Task
		want Outcome
	}{
		{"ended with exit 0", Task{Status: StatusPostprocessEnd, Exit: "0", Outputs: one}, Succeeded},
		{"a text model has no outputs", Task{Status: StatusPostprocessEnd, Exit: "0"}, Succeeded},
		{"no exit, but an output", Task{Status: StatusPostprocessEnd, Outputs: one}, Succeeded},
		{"no exit and no output", Task{Status: StatusPostprocessEnd}, Failed},
		{"the model failed", Task{Status: StatusPostprocessEnd, Exit: "1"}, Failed},
		{"it failed after an output", Task{Status: StatusPostprocessEnd, Exit: "137", Outputs: one}, Failed},
		{"status before exit: the seed's killed task has exit 0 and an output", Task{Status: StatusCancel, Exit: "0", Outputs: one}, Canceled},
		{"files are not there at task_end", Task{Status: StatusEnd, Exit: "0", Outputs: one}, Running},
		{"task_error is a log event", Task{Status: StatusError, Exit: "1"}, Running},
		{"a status of tomorrow", Task{Status: "task_meditate", Exit: "0"}, Running},
		{"no status", Task{Exit: "0"}, Running},
	} {
		if got := tt.task.Outcome(); got != tt.want {
			t.Errorf("%s: %s, want %s", tt.why, got, tt.want)
		}
	}
}

func TestCost(t *testing.T) {
	usd := func(s string) decimal.NullDecimal { return decimal.NewNullDecimal(decimal.RequireFromString(s)) }
	for _, tt := range []struct {
		why    string
		task   Task
		want   string
		source CostSource
		ok     bool
	}{
		{"reported", Task{Status: StatusPostprocessEnd, Exit: "0", TotalCost: usd("0.03"), Elapsed: usd("6"), CPS: usd("1")}, "0.03", CostReported, true},
		{"reported as zero", Task{Status: StatusPostprocessEnd, Exit: "0", TotalCost: usd("0")}, "0", CostReported, true},
		{"the seed's figures, exactly", Task{Status: StatusPostprocessEnd, Exit: "0", Elapsed: usd("6.0000"), CPS: usd("0.000585000000")}, "0.00351", CostComputed, true},
		{"unknown is not zero", Task{Status: StatusPostprocessEnd, Exit: "0", Elapsed: usd("6")}, "0", CostUnknown, false},
		{"failed runs are not billed", Task{Status: StatusPostprocessEnd, Exit: "1", Elapsed: usd("6"), CPS: usd("1")}, "0", CostReported, true},
		{"nor cancelled ones", Task{Status: StatusCancel, Elapsed: usd("6"), CPS: usd("1")}, "0", CostReported, true},
		{"unless the task says so", Task{Status: StatusCancel, TotalCost: usd("0.00351")}, "0.00351", CostReported, true},
		{"an end that does not say how costs what it took", Task{Status: StatusPostprocessEnd, Elapsed: usd("6"), CPS: usd("0.000585")}, "0.00351", CostComputed, true},
		{"an end that does not say how, and took nothing", Task{Status: StatusPostprocessEnd, Elapsed: usd("0"), CPS: usd("0.000585")}, "0", CostUnknown, false},
		{"an end that does not say how", Task{Status: StatusPostprocessEnd}, "0", CostUnknown, false},
		{"a running task has no cost yet", Task{Status: StatusStart, TotalCost: usd("0")}, "0", CostUnknown, false},
	} {
		got, source, ok := tt.task.Cost()
		if !got.Equal(decimal.RequireFromString(tt.want)) || source != tt.source || ok != tt.ok {
			t.Errorf("%s: %s %q %v, want %s %q %v", tt.why, got, source, ok, tt.want, tt.source, tt.ok)
		}
	}
}

func TestWhereATaskCallsBack(t *testing.T) {
	said := func(url string) *string { return &url }
	for field, want := range map[string]*string{
		``: nil, `,"callbackurl":null`: nil, `,"callbackurl":0`: nil, `,"callbackurl":{}`: nil, `,"callbackurl":false`: nil,
		`,"callbackurl":""`: said(""), `,"callbackUrl":"https:\/\/a.example\/?x=1\u0026y"`: said("https://a.example/?x=1&y"),
	} {
		e, err := decode([]byte(`{"result":true,"tasklist":[{"id":"1"` + field + `}]}`))
		if err != nil {
			t.Fatal(err)
		}
		if got := e.Tasks[0].task().CallbackURL; (got == nil) != (want == nil) || got != nil && *got != *want {
			t.Errorf("%s: %v", field, got)
		}
	}
}
