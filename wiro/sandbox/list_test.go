package sandbox

import (
	"fmt"
	"strconv"
	"strings"
	"testing"
	"testing/synctest"
	"time"
)

func ids(o object) []string {
	var list []string
	for _, task := range o.list("tasklist") {
		list = append(list, task.str("id"))
	}
	return list
}

func TestListPages(t *testing.T) {
	r := serve(t, Options{Instant: true, Shape: ShapeSeed})
	var made []string
	for i := range 130 {
		model := fast
		if i%10 == 0 {
			model = "Run/Qwen/Qwen-Image"
		}
		made = append(made, r.submit(model, fields{"prompt": fmt.Sprint(i)}))
	}
	tests := []struct {
		why         string
		query       map[string]any
		count       int
		first, last string
		total       string
	}{
		{"newest first, twenty of them", nil, 20, made[129], made[110], "130"},
		{"as Wiro's clients ask", map[string]any{"type": "model", "sort": "id", "order": "DESC", "start": "5", "limit": "3"}, 3, made[124], made[122], "130"},
		{"numbers for strings", map[string]any{"start": 5, "limit": 3}, 3, made[124], made[122], "130"},
		{"a hundred at most", map[string]any{"limit": "1000"}, 100, made[129], made[30], "130"},
		{"past the end", map[string]any{"start": "128"}, 2, made[1], made[0], "130"},
		{"oldest first", map[string]any{"order": "ASC", "limit": "2"}, 2, made[0], made[1], "130"},
		{"of one model", map[string]any{"modelName": "Qwen/Qwen-Image", "limit": "2", "start": "1"}, 2, made[110], made[100], "13"},
		{"of one model by its short name", map[string]any{"modelName": "qwen-image"}, 13, made[120], made[0], "13"},
		{"of no model", map[string]any{"modelName": "x"}, 0, "", "", "0"},
	}
	for _, test := range tests {
		o := r.call("Task/List", test.query)
		got := ids(o)
		if len(got) != test.count || o.str("total") != test.total {
			t.Errorf("%s: %d rows of %s, want %d of %s", test.why, len(got), o.str("total"), test.count, test.total)
			continue
		}
		if test.count > 0 && (got[0] != test.first || got[len(got)-1] != test.last) {
			t.Errorf("%s: from %s to %s, want %s to %s", test.why, got[0], got[len(got)-1], test.first, test.last)
		}
	}
	row := r.call("Task/List", nil).list("tasklist")[0]
	if detail := r.task(row.str("id")); fmt.Sprint(detail) != fmt.Sprint(row) {
		t.Errorf("the list shows\n%v, Detail\n%v", row, detail)
	}
}

func TestListLagOfItsOwn(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := servePipe(t, Options{Shape: ShapeSeed, ListLag: Span{60, 65, 70}, Seed: 4})
		for i := range 20 {
			r.submit(fast, fields{"prompt": fmt.Sprint(i)})
		}
		for _, row := range []struct {
			wait        time.Duration
			least, most int
		}{{59 * time.Second, 0, 0}, {6 * time.Second, 1, 19}, {5 * time.Second, 20, 20}} {
			time.Sleep(row.wait)
			o := r.call("Task/List", nil)
			if n := len(ids(o)); n < row.least || n > row.most || o.str("total") != strconv.Itoa(n) {
				t.Errorf("%v later %d of 20 tasks show, total %s", row.wait, n, o.str("total"))
			}
		}
	})
}

func TestListLag(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := servePipe(t, Options{Shape: ShapeSeed, Faults: Faults{"list_lag": 0.5}, Seed: 4})
		for i := range 20 {
			r.submit(fast, fields{"prompt": fmt.Sprint(i)})
		}
		seen := len(ids(r.call("Task/List", nil)))
		if seen == 0 || seen == 20 || r.FaultCounts()["list_lag"] == 0 {
			t.Errorf("%d of 20 tasks show at once, counts %v", seen, r.FaultCounts())
		}
		if total := r.call("Task/List", nil).str("total"); total != strconv.Itoa(seen) {
			t.Errorf("total %s gives the %d hidden tasks away", total, 20-seen)
		}
		time.Sleep(lagMost)
		if o := r.call("Task/List", nil); len(ids(o)) != 20 || o.str("total") != "20" {
			t.Errorf("%d of 20 tasks show in the end, total %s", len(ids(o)), o.str("total"))
		}
	})
}

func TestListForeign(t *testing.T) {
	r := serve(t, Options{Instant: true, Shape: ShapeSeed, Faults: Faults{"list_foreign": 0.5}, Seed: 1})
	ours := map[string]bool{}
	for i := range 20 {
		ours[r.submit(fast, fields{"prompt": fmt.Sprint(i)})] = true
	}
	rows := r.call("Task/List", fields{"limit": "100"}).list("tasklist")
	seen, last := 0, 1<<30
	for _, row := range rows {
		id, _ := strconv.Atoi(row.str("id"))
		if id >= last {
			t.Errorf("task %d comes after %d, want newest first", id, last)
		}
		last = id
		if ours[row.str("id")] {
			seen++
			continue
		}
		if got := message(r.call("Task/Detail", fields{"taskid": row.str("id")})); got == "" {
			t.Errorf("the foreign task %s can be looked up", row.str("id"))
		}
		if got := message(r.call("Task/Kill", fields{"socketaccesstoken": row.str("socketaccesstoken")})); got == "" {
			t.Errorf("the foreign task %s can be killed", row.str("id"))
		}
	}
	if seen != 20 || len(rows) <= 20 || len(rows) == 40 {
		t.Errorf("%d rows, %d of them ours", len(rows), seen)
	}
}

func TestTools(t *testing.T) {
	for shape, want := range map[Shape]fields{
		ShapeSeed:          {"default": "defaultvalue", "min": "minvalue", "step": "incrementby", "label": "text"},
		ShapeDocumentation: {"default": "default", "min": "min", "step": "step", "label": "label"},
	} {
		r := serve(t, Options{Shape: shape})
		for _, m := range models {
			o := r.call("Tool/Detail", fields{"slugowner": m.Owner, "slugproject": m.Project})
			tool := o.list("tool")[0]
			if tool.str("slugowner")+"/"+tool.str("slugproject") != m.slug() {
				t.Errorf("Tool/Detail of %s: %v", m.slug(), tool)
			}
			if _, isText := tool["dynamicprice"].(string); isText != (len(m.Prices) > 0) {
				t.Errorf("dynamicprice of %s is %v", m.slug(), tool["dynamicprice"])
			}
			items := tool.list("parameters")[0].list("items")
			if len(items) != len(m.Inputs) {
				t.Errorf("%s has %d parameters, want %d", m.slug(), len(items), len(m.Inputs))
			}
			for i, in := range m.Inputs {
				if got := items[i].str(want["default"]); got != in.Default {
					t.Errorf("%s of %s is %q, want %q", want["default"], in.ID, got, in.Default)
				}
				if got := items[i].str(want["min"]); got != in.Min {
					t.Errorf("%s of %s is %q, want %q", want["min"], in.ID, got, in.Min)
				}
				if len(in.Options) > 0 && items[i].list("options")[0].str(want["label"]) != in.Options[0] {
					t.Errorf("options of %s: %v", in.ID, items[i]["options"])
				}
			}
		}
	}
}

func TestPricesAreJSONInAString(t *testing.T) {
	for model, want := range map[string]string{
		"Qwen/Qwen-Image":        `[{"inputs":{},"price":0.02,"priceMethod":"cpr"}]`,
		"sandbox/pixels":         `[{"inputs":{},"price":0.03,"priceMethod":"cp-pixel","priceExtra":0.015}]`,
		"sandbox/image-to-image": `[{"inputs":{"quality":"draft"},"price":0.01,"priceMethod":"cpr"},{"inputs":{"quality":"fine"},"price":0.05,"priceMethod":"cpr"}]`,
	} {
		r := serve(t, Options{})
		owner, project, _ := strings.Cut(model, "/")
		o := r.call("Tool/Detail", fields{"slugowner": owner, "slugproject": project})
		if got := o.list("tool")[0].str("dynamicprice"); got != want {
			t.Errorf("%s: %s, want %s", model, got, want)
		}
	}
}

func TestToolList(t *testing.T) {
	r := serve(t, Options{})
	tests := []struct {
		query map[string]any
		want  int
	}{
		{nil, len(models)},
		{map[string]any{"search": "QWEN"}, 2},
		{map[string]any{"slugowner": "sandbox"}, 5},
		{map[string]any{"categories": []string{"llm", "image-to-image"}}, 3},
		{map[string]any{"start": "5", "limit": 1, "summary": true, "hideworkflows": true}, 1},
		{map[string]any{"start": "500"}, 0},
	}
	for _, test := range tests {
		if got := len(r.call("Tool/List", test.query).list("tool")); got != test.want {
			t.Errorf("%v: %d models, want %d", test.query, got, test.want)
		}
	}
	if got := message(r.call("Tool/Detail", fields{"slugowner": "a", "slugproject": "b"})); got != "1 slug-owner-project-not-exist" {
		t.Errorf("an unknown model: %q", got)
	}
}
