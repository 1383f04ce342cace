package sandbox

import (
	"encoding/json"
	"fmt"
	"os"
	"regexp"
	"strings"
	"testing"
)

// sketch describes JSON by its keys, in order, and the types of its values.
func sketch(t *testing.T, text string) string {
	t.Helper()
	d := json.NewDecoder(strings.NewReader(text))
	var b strings.Builder
	var walk func()
	walk = func() {
		token, err := d.Token()
		if err != nil {
			t.Fatalf("%v in %s", err, text)
		}
		switch v := token.(type) {
		case json.Delim:
			b.WriteString(v.String())
			for d.More() {
				if v == '{' {
					key, _ := d.Token()
					fmt.Fprintf(&b, "%s:", key)
				}
				walk()
				b.WriteByte(' ')
			}
			end, _ := d.Token()
			b.WriteString(end.(json.Delim).String())
		default:
			fmt.Fprintf(&b, "%T", v)
		}
	}
	walk()
	// what was sent decides what the parameters are
	return regexp.MustCompile(`parameters:\{[^}]*\}`).ReplaceAllString(b.String(), "parameters:{}")
}

func sample(t *testing.T, name string) string {
	t.Helper()
	data, err := os.ReadFile("testdata/seed-" + name + ".json")
	if err != nil {
		t.Fatal(err)
	}
	return sketch(t, string(data))
}

// The samples of the model page are answered key by key, in their order, with their types.
func TestShapeSeedIsTheSample(t *testing.T) {
	r := serve(t, Options{Instant: true, Shape: ShapeSeed})
	_, _, run, _ := r.raw("/v1/"+fast, `{"prompt":"a fox"}`)
	if got, want := sketch(t, run), sample(t, "run"); got != want {
		t.Errorf("Run answers\n%s, the sample is\n%s", got, want)
	}
	_, _, detail, _ := r.raw("/v1/Task/Detail", `{"taskid":"2221"}`)
	if got, want := sketch(t, detail), sample(t, "detail"); got != want {
		t.Errorf("Task/Detail answers\n%s, the sample is\n%s", got, want)
	}

	slow := serve(t, Options{Shape: ShapeSeed})
	slow.submit(fast, fields{"prompt": "a fox"})
	_, _, kill, _ := slow.raw("/v1/Task/Kill", `{"taskid":"2221"}`)
	// the sample's task has an output although it was cancelled, which no reading of the pages allows
	output := regexp.MustCompile(`outputs:\[.*\]`)
	if got, want := output.ReplaceAllString(sketch(t, kill), ""), output.ReplaceAllString(sample(t, "kill"), ""); got != want {
		t.Errorf("Task/Kill answers\n%s, the sample is\n%s", got, want)
	}
}

// The sample's figures: 6 s from acceptance to the end at 0.000585 a second are 0.00351.
func TestCostOfTheSample(t *testing.T) {
	r := serve(t, Options{Instant: true, Shape: ShapeDocumentation, Timing: fixed})
	task := r.task(r.submit(fast, fields{"prompt": "a fox"}))
	for name, want := range map[string]string{
		"elapsedseconds": "6.0000", "cps": "0.000585000000", "totalcost": "0.003510000000", "pexit": "0", "status": statusDone,
	} {
		if got := task.str(name); got != want {
			t.Errorf("%s is %q, want %q", name, got, want)
		}
	}
	if params := parse(t, task["parameters"].(string)); params.str("prompt") != "a fox" {
		t.Errorf("parameters as JSON text: %v", params)
	}
	for _, name := range []string{"createtime", "endtime", "size", "elapsedseconds"} {
		if _, ok := task[name].(json.Number); !ok {
			t.Errorf("%s is a %T, want a number", name, task[name])
		}
	}
}

// Under the mixed shape the same field has many spellings, but a cost can always be worked out.
func TestShapeMixedVaries(t *testing.T) {
	r := serve(t, Options{Instant: true, Seed: 3})
	spellings := map[string]map[string]bool{}
	for i := range 60 {
		model := []string{fast, "Run/Qwen/Qwen-Image", "Run/sandbox/pixels"}[i%3]
		task := r.task(r.submit(model, fields{"prompt": fmt.Sprint("fox ", i)}))
		for name, value := range task {
			if spellings[name] == nil {
				spellings[name] = map[string]bool{}
			}
			spellings[name][fmt.Sprintf("%T", value)] = true
		}
		if i%3 == 2 && task.str("totalcost") == "" {
			t.Errorf("a per-pixel price cannot be worked out without totalcost: %v", task)
		}
		if task.str("elapsedseconds") == "" {
			t.Errorf("elapsedseconds is missing: %v", task)
		}
	}
	for name, want := range map[string]int{"createtime": 2, "parameters": 2, "totalcost": 2, "canceltime": 3, "debugerror": 2, "categories": 2} {
		if len(spellings[name]) < want {
			t.Errorf("%s has the spellings %v, want %d of them", name, spellings[name], want)
		}
	}
}

func TestNothingYetIsSpelledTwice(t *testing.T) {
	seen := map[string]bool{}
	r := serve(t, Options{Timing: Timing{Queue: Exactly(1000)}})
	for i := range 20 {
		task := r.task(r.submit(fast, fields{"prompt": fmt.Sprint(i)}))
		seen[fmt.Sprintf("%T", task["starttime"])] = true
		if v := task.str("endtime"); v != "" && v != "0" {
			t.Errorf("endtime of a queued task is %q", v)
		}
	}
	if !seen["<nil>"] || !seen["string"] {
		t.Errorf("starttime of queued tasks is %v, want null and \"0\"", seen)
	}
}

func TestModelsOfEveryKind(t *testing.T) {
	r := serve(t, Options{Instant: true, Shape: ShapeDocumentation, Timing: fixed})
	tests := []struct {
		model  string
		params fields
		cost   string
		count  int
	}{
		{"Qwen/Qwen-Image-Fast", fields{"prompt": "x"}, "0.00351", 1},
		{"qwen/qwen-image", fields{"prompt": "x"}, "0.02", 1},                                               // slugs are known in any case
		{"sandbox/pixels", fields{"prompt": "x", "width": "1024", "height": "1024"}, "0.03", 1},             // exactly one tier
		{"sandbox/pixels", fields{"prompt": "x", "width": "1024", "height": "1032"}, "0.045", 1},            // a started one counts
		{"sandbox/pixels", fields{"prompt": "x", "width": "2048", "height": "2048"}, "0.075", 1},            // four tiers
		{"sandbox/samples", fields{"prompt": "x", "samples": "3"}, "0.012", 3},                              // per output
		{"sandbox/text", fields{"prompt": "1234"}, "0.000036", 1},                                           // 1 + 17 tokens
		{"sandbox/image-to-image", fields{"inputImageUrl": "https://a.example/b.png"}, "0.01", 1},           // default quality
		{"sandbox/image-to-image", fields{"inputImage": "https://a.example", "quality": "fine"}, "0.05", 1}, // a URL in the field itself
		{"sandbox/failing", fields{"prompt": "x"}, "0", 0},                                                  // only success is billed
	}
	for _, test := range tests {
		task := r.task(r.submit("Run/"+test.model, test.params))
		outputs := task.list("outputs")
		if len(outputs) != test.count {
			t.Errorf("%s has %d outputs, want %d", test.model, len(outputs), test.count)
		}
		if cost := usd(task.str("totalcost")); !cost.Equal(usd(test.cost)) {
			t.Errorf("%s %v costs %s, want %s", test.model, test.params, cost, test.cost)
		}
		names := map[string]bool{}
		for _, o := range outputs {
			if o.str("contenttype") == "raw" {
				if content, _ := o["content"].(map[string]any); !strings.Contains(object(content).str("raw"), "1234") {
					t.Errorf("text of a text model: %v", o)
				}
				continue
			}
			resp, data, err := r.get(o.str("url"))
			if err != nil || resp.StatusCode != 200 || fmt.Sprint(len(data)) != o.str("size") {
				t.Errorf("%s: download %v, %d bytes, %v; size %s", test.model, resp, len(data), err, o.str("size"))
			}
			names[o.str("name")] = true
		}
		if test.count > 1 && len(names) != test.count {
			t.Errorf("outputs share names: %v", names)
		}
	}
	if got, want := len(r.Charges()), len(tests)-1; got != want {
		t.Errorf("%d charges, want %d", got, want)
	}
}

func TestTextInTheSeedsShape(t *testing.T) {
	r := serve(t, Options{Instant: true, Shape: ShapeSeed})
	out := r.task(r.submit("Run/sandbox/text", fields{"prompt": "why"})).list("outputs")
	if len(out) != 1 || !strings.Contains(out[0].str("content"), "why") || out[0]["url"] != nil {
		t.Errorf("outputs %v, want one with the text as content", out)
	}
}

func TestShapesHaveNames(t *testing.T) {
	if got := fmt.Sprint(ShapeMixed, ShapeSeed, ShapeDocumentation); got != "mixed seed documentation" {
		t.Errorf("shapes are called %s", got)
	}
}
