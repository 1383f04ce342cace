package wiro

import (
	"encoding/json"
	"os"
	"strings"
	"testing"
)

func TestSeedSampleThatIsNoJSON(t *testing.T) {
	body, err := os.ReadFile("testdata/seed-kill.json.broken")
	if err != nil {
		t.Fatal(err)
	}
	if json.Valid(body) {
		t.Fatal("the sample has become valid JSON, so this test shows nothing")
	}
	e, err := decode(body)
	if err != nil || len(e.Tasks) != 1 || e.Result != yes {
		t.Fatalf("decode: %v, %+v", err, e)
	}
	task := e.Tasks[0].task()
	if task.ID != "534574" || task.Status != StatusCancel || task.Exit != "0" || task.ProjectID != "699" || task.ModelID != "598" {
		t.Errorf("task %+v", task)
	}
	if got := task.TotalCost.Decimal.String(); got != "0.00351" {
		t.Errorf("cost after the broken field: %s", got)
	}
	if len(task.Outputs) != 1 || task.Outputs[0].Size != 202472 {
		t.Errorf("outputs after the broken field: %+v", task.Outputs)
	}
	if got := task.Parameters["inputImage"]; !strings.HasSuffix(got, "inputImage-6060136.png") {
		t.Errorf("parameters before the broken field: %q", got)
	}
}

func TestUnquoteEmbedded(t *testing.T) {
	for _, tt := range []struct{ why, in, want string }{
		{"an array", `{"a":"["x","y"]","b":1}`, `{"a":["x","y"],"b":1}`},
		{"an object", `{"a":"{"x":"y"}"}`, `{"a":{"x":"y"}}`},
		{"with a nested escape", `{"a":"["x \"y\" z"]"}`, `{"a":["x \"y\" z"]}`},
		{"twice", `[{"a":"["x"]"},{"a":"["y"]"}]`, `[{"a":["x"]},{"a":["y"]}]`},
		{"whole strings stay whole", `{"p":"[1, 2]","q":"[","r":"{\"k\":1}","a":"["x"]"}`, `{"p":"[1, 2]","q":"[","r":"{\"k\":1}","a":["x"]}`},
		{"a prompt that talks of brackets", `{"p":"say \"[\" twice","a":"["x"]"}`, `{"p":"say \"[\" twice","a":["x"]}`},
	} {
		got, changed := unquoteEmbedded([]byte(tt.in))
		if string(got) != tt.want || !changed {
			t.Errorf("%s: %s (changed %v), want %s", tt.why, got, changed, tt.want)
		}
	}
	for _, beyond := range []string{`{"a":"["x`, `{"a":"["x"`, `{"a"`, `"`, `{"a":"[x]y"z"}`} {
		if _, err := decode([]byte(beyond)); err == nil {
			t.Errorf("%s was read", beyond)
		}
	}
}

// What cannot be repaired costs no more than a few passes: the square of this
// length would take hours.
func TestRepairOfHostileText(t *testing.T) {
	for _, unit := range []string{`"["a",`, `"[x`, `"{"a":`, `"[[`} {
		if _, err := decode([]byte("{" + strings.Repeat(unit, maxBody/len(unit)))); err == nil {
			t.Errorf("%s…: was read", unit)
		}
	}
}
