package wiro

import (
	"encoding/json"
	"fmt"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"
)

func TestTaskFieldsInEveryShape(t *testing.T) {
	const at = 1734513807
	for _, tt := range []struct {
		why, field string
		get        func(Task) any
		want       any
	}{
		{"id as a string", `"id":"2221"`, func(t Task) any { return t.ID }, "2221"},
		{"id as a number", `"id":2221`, func(t Task) any { return t.ID }, "2221"},
		{"id as null", `"id":null`, func(t Task) any { return t.ID }, ""},
		{"an id with an escape sequence for terminals is none", `"id":"a\u001b[2J"`, func(t Task) any { return t.ID }, ""},
		{"time as a string", `"createtime":"1734513807"`, func(t Task) any { return t.Created.Unix() }, int64(at)},
		{"time as a number", `"createtime":1734513807`, func(t Task) any { return t.Created.Unix() }, int64(at)},
		{"time with a fraction", `"createtime":"1734513807.5"`, func(t Task) any { return t.Created }, time.Unix(at, 5e8).UTC()},
		{`"0" is not yet`, `"createtime":"0"`, func(t Task) any { return t.Created.IsZero() }, true},
		{"0 is not yet", `"createtime":0`, func(t Task) any { return t.Created.IsZero() }, true},
		{"null is not yet", `"createtime":null`, func(t Task) any { return t.Created.IsZero() }, true},
		{"nothing is not yet", `"createtime":""`, func(t Task) any { return t.Created.IsZero() }, true},
		{"negative is not yet", `"createtime":"-5"`, func(t Task) any { return t.Created.IsZero() }, true},
		{"milliseconds are no seconds", `"createtime":1734513807000`, func(t Task) any { return t.Created.IsZero() }, true},
		{"seconds as a string", `"elapsedseconds":"6.0000"`, func(t Task) any { return t.Elapsed.Decimal.String() }, "6"},
		{"seconds as a number", `"elapsedseconds":6.5`, func(t Task) any { return t.Elapsed.Decimal.String() }, "6.5"},
		{"no seconds are unknown, not zero", `"elapsedseconds":""`, func(t Task) any { return t.Elapsed.Valid }, false},
		{"cost with twelve places", `"totalcost":"0.003510000000"`, func(t Task) any { return t.TotalCost.Decimal.String() }, "0.00351"},
		{"cost as a number with an exponent", `"totalcost":3.51e-3`, func(t Task) any { return t.TotalCost.Decimal.String() }, "0.00351"},
		{"cost of null is unknown", `"totalcost":null`, func(t Task) any { return t.TotalCost.Valid }, false},
		{"cost of an object is unknown", `"totalcost":{"usd":1}`, func(t Task) any { return t.TotalCost.Valid }, false},
		{"a negative cost is unknown", `"totalcost":"-1"`, func(t Task) any { return t.TotalCost.Valid }, false},
		{"a cost that would take a gigabyte to print", `"totalcost":"1e999999999"`, func(t Task) any { return t.TotalCost.Valid }, false},
		{"not a number", `"totalcost":"NaN"`, func(t Task) any { return t.TotalCost.Valid }, false},
		{"exit as a number", `"pexit":0`, func(t Task) any { return t.Exit }, "0"},
		{"exit as a string", `"pexit":"137"`, func(t Task) any { return t.Exit }, "137"},
		{"exit null is absent", `"pexit":null`, func(t Task) any { return t.Exit }, ""},
		{"parameters as an object", `"parameters":{"seed":"007","scale":4.50,"on":true,"none":null,"list":[1, 2]}`,
			func(t Task) any { return t.Parameters },
			map[string]string{"seed": "007", "scale": "4.50", "on": "true", "none": "", "list": "[1, 2]"}},
		{"parameters as a JSON string", `"parameters":"{\"prompt\":\"a \\\"b\\\"\"}"`,
			func(t Task) any { return t.Parameters }, map[string]string{"prompt": `a "b"`}},
		{"empty parameters", `"parameters":{}`, func(t Task) any { return t.Parameters == nil }, true},
		{"parameters as an empty array", `"parameters":[]`, func(t Task) any { return t.Parameters == nil }, true},
		{"parameters as an empty string", `"parameters":""`, func(t Task) any { return t.Parameters == nil }, true},
		{"parameters as a string of something else", `"parameters":"x"`, func(t Task) any { return t.Parameters == nil }, true},
		{"parameters as null", `"parameters":null`, func(t Task) any { return t.Parameters == nil }, true},
		{"outputs as null", `"outputs":null`, func(t Task) any { return len(t.Outputs) }, 0},
		{"outputs as an empty string", `"outputs":""`, func(t Task) any { return len(t.Outputs) }, 0},
		{"outputs as one object", `"outputs":{"name":"0.png"}`, func(t Task) any { return len(t.Outputs) }, 1},
		{"outputs as a JSON string", `"outputs":"[{\"name\":\"0.png\"}]"`, func(t Task) any { return len(t.Outputs) }, 1},
		{"outputs with a stray element", `"outputs":[7,{"name":"0.png"},"x"]`, func(t Task) any { return len(t.Outputs) }, 1},
		{"size as a string", `"outputs":[{"size":"202472"}]`, func(t Task) any { return t.Outputs[0].Size }, int64(202472)},
		{"size as a number", `"outputs":[{"size":202472}]`, func(t Task) any { return t.Outputs[0].Size }, int64(202472)},
		{"no size is unknown", `"outputs":[{"size":null}]`, func(t Task) any { return t.Outputs[0].Size }, int64(-1)},
		{"a negative size is unknown", `"outputs":[{"size":"-3"}]`, func(t Task) any { return t.Outputs[0].Size }, int64(-1)},
		{"a text model's output", `"outputs":[{"contenttype":"raw","content":"Hi\nyou"}]`, func(t Task) any { return t.Outputs[0].Content }, "Hi\nyou"},
		{"debug text keeps its lines and loses its colours", `"debugerror":"a\n\u001b[31mb\u0000"`, func(t Task) any { return t.DebugError }, "a\n[31mb"},
		{"debug text is bounded, and the end is what matters", `"debugerror":"` + strings.Repeat("x", 1<<16) + `end"`,
			func(t Task) any { return fmt.Sprint(len(t.DebugError), strings.HasSuffix(t.DebugError, "end")) }, "16384 true"},
		{"unknown fields are ignored", `"novelty":{"a":[1,{"b":2}]},"status":"task_queue"`, func(t Task) any { return t.Status }, StatusQueue},
	} {
		e, err := decode([]byte(`{"result":true,"tasklist":[{` + tt.field + `}]}`))
		if err != nil || len(e.Tasks) != 1 {
			t.Errorf("%s: %v, %d tasks", tt.why, err, len(e.Tasks))
			continue
		}
		if got := tt.get(e.Tasks[0].task()); !reflect.DeepEqual(got, tt.want) {
			t.Errorf("%s: got %#v, want %#v", tt.why, got, tt.want)
		}
	}
}

func TestTaskListInEveryShape(t *testing.T) {
	for _, tt := range []struct {
		why, body string
		want      int
	}{
		{"an array", `{"tasklist":[{"id":"1"},{"id":"2"}]}`, 2},
		{"an empty one", `{"tasklist":[]}`, 0},
		{"absent", `{"result":true}`, 0},
		{"null", `{"tasklist":null}`, 0},
		{"a task without its array", `{"tasklist":{"id":"1"}}`, 1},
		{"a JSON string", `{"tasklist":"[{\"id\":\"1\"}]"}`, 1},
		{"a number", `{"tasklist":3}`, 0},
		{"an element of another shape", `{"tasklist":[{"id":"1"},null,"x",[]]}`, 4}, // what can't be read is a task without anything
		{"after a byte order mark", "\ufeff" + `{"tasklist":[{"id":"1"}]}`, 1},
	} {
		e, err := decode([]byte(tt.body))
		if err != nil || len(e.Tasks) != tt.want {
			t.Errorf("%s: %d tasks, %v; want %d", tt.why, len(e.Tasks), err, tt.want)
		}
	}
}

func TestErrorsInEveryShape(t *testing.T) {
	for _, tt := range []struct{ why, errors, code, message string }{
		{"as documented", `[{"code":96,"message":"full"}]`, "96", "full"},
		{"code as a string", `[{"code":"96","message":"full"}]`, "96", "full"},
		{"code as a fraction", `[{"code":96.0,"message":"full"}]`, "96", "full"},
		{"code null", `[{"code":null,"message":"full"}]`, "", "full"},
		{"code as a word", `[{"code":"LIMIT","message":"full"}]`, "LIMIT", "full"},
		{"code as an object", `[{"code":{"a":1},"message":"full"}]`, `{"a":1}`, "full"},
		{"code true", `[{"code":true}]`, "true", ""},
		{"message as an object", `[{"code":0,"message":{"en":"full"}}]`, "0", `{"en":"full"}`},
		{"strings", `["one","two"]`, "", "one; two"},
		{"one string", `"full"`, "", ""},
		{"one object", `{"code":1,"message":"gone"}`, "1", "gone"},
		{"a general one before one that says more", `[{"code":0,"message":"a"},{"code":97,"message":"b"}]`, "97", "a; b"},
		{"further fields", `[{"code":0,"message":"a","field":"x","trace":[1]}]`, "0", "a"},
		{"null", `null`, "", ""},
	} {
		e, err := decode([]byte(`{"result":false,"errors":` + tt.errors + `}`))
		if err != nil {
			t.Errorf("%s: %v", tt.why, err)
			continue
		}
		if code, message := e.fault(); code != tt.code || message != tt.message {
			t.Errorf("%s: code %q message %q, want %q %q", tt.why, code, message, tt.code, tt.message)
		}
	}
}

func TestFlagAndWords(t *testing.T) {
	for in, want := range map[string]flag{
		`true`: yes, `"true"`: yes, `1`: yes, `"1"`: yes, `false`: no, `"False"`: no, `0`: no, `null`: absent, `"maybe"`: absent, `[]`: absent,
	} {
		var f flag
		if err := json.Unmarshal([]byte(in), &f); err != nil || f != want {
			t.Errorf("flag of %s = %d, %v; want %d", in, f, err, want)
		}
	}
	for in, want := range map[string][]string{
		`["a","b"]`: {"a", "b"}, `"[\"a\",\"b\"]"`: {"a", "b"}, `"a"`: {"a"}, `"a, b"`: {"a", "b"},
		`""`: nil, `null`: nil, `[]`: nil, `"[]"`: nil, `[1,null,"a"]`: {"1", "a"},
	} {
		var w words
		if err := json.Unmarshal([]byte(in), &w); err != nil || !slices.Equal(w, want) {
			t.Errorf("words of %s = %q, %v; want %q", in, w, err, want)
		}
	}
}
