package wiro

import (
	"fmt"
	"reflect"
	"slices"
	"strings"
	"testing"

	"github.com/shopspring/decimal"
)

// The model page's inputs, in the two spellings of the same fields.
const seedTool = `{"result":true,"tool":[{
	"id":"598","slugowner":"Qwen","slugproject":"Qwen-Image-Fast","title":"Qwen-Image-Fast","categories":["bf16","h100"],
	"parameters":[
		{"title":"","items":[
			{"id":"prompt","type":"textarea","label":"prompt","note":"What to draw","required":true,"default":"A dragon."},
			{"id":"scale","type":"float","defaultvalue":4.5,"minvalue":"1","maxvalue":20,"incrementby":"0.1"},
			{"id":"aspectRatio","type":"select","default":"16:9","options":[{"value":"16:9","label":"wide"},{"value":"1:1","text":"square"},"3:2",{"value":"2:3"}]},
			"stray", {"label":"no id"}]},
		{"id":"seed","type":"text","default":42,"min":0,"max":"4294967295","step":1}],
	"dynamicprice":"[{\"inputs\":{},\"price\":0.03,\"priceMethod\":\"cpr\"}]",
	"cps":"0.000585000000","approximatelycost":0.00351}]}`

func TestToolInBothSpellings(t *testing.T) {
	c, _ := serve(t, says(200, seedTool))
	tool, err := c.Tool(t.Context(), "Qwen/Qwen-Image-Fast")
	if err != nil {
		t.Fatal(err)
	}
	if tool.Model() != "Qwen/Qwen-Image-Fast" || !slices.Equal(tool.Categories, []string{"bf16", "h100"}) || tool.CPS.Decimal.String() != "0.000585" {
		t.Errorf("%+v", tool)
	}
	var got []string
	for _, p := range tool.Parameters {
		got = append(got, fmt.Sprintf("%s %s %v %q %v %v %v", p.ID, p.Type, p.Required, p.Default, p.Min.Decimal, p.Max.Decimal, p.Step.Decimal))
	}
	want := []string{`prompt textarea true "A dragon." 0 0 0`, `scale float false "4.5" 1 20 0.1`, `aspectRatio select false "16:9" 0 0 0`, `seed text false "42" 0 4294967295 1`}
	if !slices.Equal(got, want) {
		t.Errorf("parameters\n%s\nwant\n%s", strings.Join(got, "\n"), strings.Join(want, "\n"))
	}
	if tool.Parameters[0].Help != "What to draw" || tool.Parameters[0].Min.Valid {
		t.Errorf("prompt: %+v", tool.Parameters[0])
	}
	options := []Option{{"16:9", "wide"}, {"1:1", "square"}, {"3:2", "3:2"}, {"2:3", "2:3"}}
	if !reflect.DeepEqual(tool.Parameters[2].Options, options) {
		t.Errorf("options %+v", tool.Parameters[2].Options)
	}
}

func TestToolsAndTheirAbsence(t *testing.T) {
	c, _ := serve(t, says(200, `{"result":true,"total":2,"tool":[{"slugowner":"a","slugproject":"b"},{"slugowner":"c","slugproject":"d","categories":"tool,llm"}]}`))
	page, err := c.Tools(t.Context(), ToolQuery{})
	if err != nil || page.Total != 2 || len(page.Tools) != 2 || !slices.Equal(page.Tools[1].Categories, []string{"tool", "llm"}) {
		t.Errorf("%+v, %v", page, err)
	}
	for _, body := range []string{`{"result":true,"tool":[]}`, `{"result":false,"errors":[{"code":1,"message":"slug-owner-project-not-exist"}]}`} {
		c, _ := serve(t, says(200, body))
		_, err := c.Tool(t.Context(), "a/b")
		if e := failure(t, err); !e.NotFound() || e.Disposition() != FailCell {
			t.Errorf("%s: %v", body, e)
		}
	}
}

func TestPrice(t *testing.T) {
	const byResolution = `[{"inputs":{},"price":0.5,"priceMethod":"cpr"},{"inputs":{"resolution":"720p","duration":"5"},"price":0.13,"priceMethod":"cpr"},{"inputs":{"resolution":"720p"},"price":0.2,"priceMethod":"cpr"}]`
	for _, tt := range []struct {
		why, list string // dynamicprice as JSON
		params    map[string]string
		usd       string
		method    string
		ok        bool
	}{
		{"per request", `[{"inputs":{},"price":0.03,"priceMethod":"cpr"}]`, nil, "0.03", "cpr", true},
		{"as a JSON string", `"[{\"inputs\":{},\"price\":0.03,\"priceMethod\":\"cpr\"}]"`, nil, "0.03", "cpr", true},
		{"price as a string, inputs as an array", `[{"inputs":[],"price":"0.030","priceMethod":"cpr"}]`, nil, "0.03", "cpr", true},
		{"without a method", `[{"inputs":{},"price":0.09}]`, nil, "0.09", "", true},
		{"per output: one", `[{"inputs":{},"price":0.039,"priceMethod":"cpo"}]`, nil, "0.039", "cpo", true},
		{"the closest entry", byResolution, map[string]string{"resolution": "720p", "duration": "5"}, "0.13", "cpr", true},
		{"numbers as they are spelled", byResolution, map[string]string{"resolution": "720p", "duration": "5.0"}, "0.13", "cpr", true},
		{"a default counts", byResolution, map[string]string{"duration": "10"}, "0.2", "cpr", true},
		{"the entry for the rest", byResolution, map[string]string{"resolution": "4k"}, "0.5", "cpr", true},
		{"no entry", `[{"inputs":{"resolution":"4k"},"price":1,"priceMethod":"cpr"}]`, nil, "0", "", false},
		{"one tier of pixels", `[{"inputs":{},"price":0.03,"priceMethod":"cp-pixel","priceExtra":0.01}]`, map[string]string{"width": "1024", "height": "1024"}, "0.03", "cp-pixel", true},
		{"a tier that is begun", `[{"inputs":{},"price":0.03,"priceMethod":"cp-pixel","priceExtra":0.01}]`, map[string]string{"width": "1024", "height": "1025"}, "0.04", "cp-pixel", true},
		{"each tier alike", `[{"inputs":{},"price":0.03,"priceMethod":"cp-pixel"}]`, map[string]string{"width": "2048", "height": "2048"}, "0.12", "cp-pixel", true},
		{"pixels unknown", `[{"inputs":{},"price":0.03,"priceMethod":"cp-pixel"}]`, map[string]string{"aspectRatio": "1:1"}, "0", "cp-pixel", false},
		{"pixels of inputs unknown", `[{"inputs":{},"price":0.03,"priceMethod":"cp-pixel","priceInput":0.01}]`, map[string]string{"width": "8", "height": "8"}, "0", "cp-pixel", false},
		{"pixels beyond reason", `[{"inputs":{},"price":0.03,"priceMethod":"cp-pixel"}]`, map[string]string{"width": "9223372036854775807", "height": "2"}, "0", "cp-pixel", false},
		{"seconds of the average run: 0.00351/0.000585", `[{"inputs":{},"price":0.001,"priceMethod":"cps"}]`, nil, "0.006", "cps", true},
		{"per character", `[{"inputs":{},"price":0.0001,"priceMethod":"cp-promptlength"}]`, map[string]string{"prompt": "дракон"}, "0.0006", "cp-promptlength", true},
		{"per token", `[{"inputs":{},"price":0.0001,"priceMethod":"cpt"}]`, nil, "0", "cpt", false},
		{"no list: what a run costs on average", `""`, nil, "0.00351", "cps", true},
		{"an empty list", `[]`, nil, "0.00351", "cps", true},
		{"a list of nonsense", `[{"inputs":{},"price":"free"},7]`, nil, "0.00351", "cps", true},
	} {
		e, err := decode([]byte(`{"tool":[{"dynamicprice":` + tt.list + `,"cps":"0.000585","approximatelycost":"0.00351",
			"parameters":[{"items":[{"id":"resolution","default":"720p"}]}]}]}`))
		if err != nil {
			t.Fatalf("%s: %v", tt.why, err)
		}
		usd, method, ok := e.Tools[0].tool().Price(tt.params)
		if usd.String() != tt.usd || method != tt.method || ok != tt.ok {
			t.Errorf("%s: %s %q %v, want %s %q %v", tt.why, usd, method, ok, tt.usd, tt.method, tt.ok)
		}
	}
	if _, _, ok := (Tool{}).Price(nil); ok {
		t.Error("a model that says nothing has a price")
	}
}

func TestCostByThePriceList(t *testing.T) {
	usd := func(s string) decimal.NullDecimal { return decimal.NewNullDecimal(decimal.RequireFromString(s)) }
	price := func(method string) []Price {
		return []Price{{USD: usd("0.01").Decimal, Method: method}, {USD: usd("0.05").Decimal, Method: method, Inputs: map[string]string{"quality": "fine"}}}
	}
	fine, perSecond := map[string]string{"quality": "fine"}, Tool{CPS: usd("0.000585"), ApproximateCost: usd("0.00351")}
	for _, tt := range []struct {
		why     string
		tool    Tool
		params  map[string]string
		elapsed string
		outputs int
		usd     string
		source  CostSource
		ok      bool
	}{
		{"no list: seconds", perSecond, nil, "6.0000", 1, "0.00351", CostComputed, true},
		{"no list, seconds unknown: the average run's cost is no price", perSecond, nil, "", 1, "0", CostUnknown, false},
		{"nothing is told", Tool{ApproximateCost: usd("0.00351")}, nil, "6", 1, "0", CostUnknown, false},
		{"per request", Tool{Prices: price("cpr"), CPS: usd("0.000585")}, fine, "6", 3, "0.05", CostListed, true},
		{"per output", Tool{Prices: price("cpo")}, nil, "", 3, "0.03", CostListed, true},
		{"per output, as many as nobody knows", Tool{Prices: price("cpo")}, nil, "6", 0, "0", CostUnknown, false},
		{"per second of the list", Tool{Prices: price("cps"), CPS: usd("0.000585"), ApproximateCost: usd("0.00351")}, fine, "6", 1, "0.3", CostComputed, true},
		{"per token", Tool{Prices: price("cpt")}, nil, "6", 1, "0", CostUnknown, false},
	} {
		var elapsed decimal.NullDecimal
		if tt.elapsed != "" {
			elapsed = usd(tt.elapsed)
		}
		got, source, ok := tt.tool.Cost(tt.params, elapsed, tt.outputs)
		if ok != tt.ok || ok && (!got.Equal(usd(tt.usd).Decimal) || source != tt.source) {
			t.Errorf("%s: %s %q %v, want %s %q %v", tt.why, got, source, ok, tt.usd, tt.source, tt.ok)
		}
	}
}
