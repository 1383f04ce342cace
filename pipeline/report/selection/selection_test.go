package selection_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/shopspring/decimal"

	"wirobatch/pipeline/journal"
	"wirobatch/pipeline/report/selection"
)

var params = []string{"prompt", "seed", "scale", "file", "and", "negative prompt"}

var start = time.Date(2026, 3, 1, 22, 0, 0, 0, time.UTC)

var row = journal.Row{
	Cell: journal.Cell{ID: "857645c61bfaa274a4de", Number: 12, Model: "Qwen/Qwen-Image-Fast", Repeat: 1, Params: []journal.Param{
		{Name: "prompt", Value: "It's a \"Dragon\", ünder (stars)\nand rain"}, {Name: "seed", Value: "007"}, {Name: "scale", Value: "4.50"},
		{Name: "file", Value: "in.png"}, {Name: "and", Value: "1e999999999"}, {Name: "negative prompt", Value: ""},
	}},
	Record: journal.Record{State: journal.Done, Files: []journal.File{{Path: "images/a.png", Width: 16}, {Path: "images/b.png", Width: 512}}},
	Cost:   decimal.NewNullDecimal(decimal.RequireFromString("0.00351000")),
}

func TestWhere(t *testing.T) {
	for expr, want := range map[string]bool{
		"status=done and scale>=4":         true,
		"status = done AND NOT scale < 4":  true,
		"status == failed Or scale > 4.49": true,
		"status = failed or scale > 4.5":   false,
		"scale = 4.5":                      true, // as numbers
		"scale = '4.5'":                    true,
		"scale != 4.5":                     false,
		"seed = 7":                         true,
		"seed in (1, 7, 9)":                true,
		"seed in (1)":                      false,
		"prompt ~ dragon":                  true, // whatever the case
		"prompt ~ 'UND'":                   false,
		"prompt ~ ÜNDER":                   true,
		`prompt ~ 'It''s a "dragon"'`:      true,
		`prompt ~ "a ""dragon"""`:          true,
		"prompt ~ 'cat' or (prompt ~ rain and (seed=7 or seed=8))": true,
		"not (prompt ~ cat) and not not status = done":             true,
		"status = done or status = failed and seed = 8":            true, // and binds more than or
		"(status = done or status = failed) and seed = 8":          false,
		"model = Qwen/Qwen-Image-Fast and id=857645c61bfaa274a4de": true,
		"task_id = ''":            true, // unknown
		"task_id != x":            false,
		"task_id ~ ''":            false,
		"run_s < 5 or run_s >= 5": false,
		"cost_usd = 0.00351 and cost_usd < 3.52e-3": true,
		"param_file = in.png":                       true,
		"width = 512 and width = 16":                true, // one of the files
		"width > 512":                               false,
		`"negative prompt" = ''`:                    true,
		"'and' > 5":                                 false, // an exponent like that is text
		"'and' = 1e999999999":                       true,
		"cell=12":                                   true,
		"submitted_at < 2026-01-01":                 false,
		strings.Repeat("(", 500) + "cell=12" + strings.Repeat(")", 500): true,
	} {
		w, err := selection.Parse(expr)
		if err != nil {
			t.Errorf("%.80s: %v", expr, err)
			continue
		}
		holds, err := w.Bind(params)
		if err != nil {
			t.Errorf("%.80s: %v", expr, err)
		} else if got := holds(row); got != want {
			t.Errorf("%.80s: %t, want %t", expr, got, want)
		}
	}
	if holds, err := (selection.Where{}).Bind(nil); err != nil || !holds(row) {
		t.Error("no condition does not hold for all")
	}
}

func TestTimesHaveAnOrder(t *testing.T) {
	at := row
	at.SubmittedAt = start
	for expr, want := range map[string]bool{
		"submitted_at >= 2026-03-01":                             true,
		"submitted_at > '2026-03-01T22:30:00Z'":                  false,
		"submitted_at < 2026-03-01T23:00:00+01:00":               false,
		"submitted_at < 2026-03-01T22:01":                        true,
		"submitted_at > 2026":                                    false, // a number
		"submitted_at >= 2026-03-01 and submitted_at<2026-03-02": true,
	} {
		w, err := selection.Parse(expr)
		if err != nil {
			t.Fatal(err)
		}
		if holds, err := w.Bind(nil); err != nil || holds(at) != want {
			t.Errorf("%s is not %t: %v", expr, want, err)
		}
	}
}

func TestMistakesSayWhatToWrite(t *testing.T) {
	for expr, want := range map[string]string{
		"":                                "the condition is empty: write conditions such as",
		"status done":                     `character 8: "done" is not expected: write conditions`,
		"prompt = a dragon":               `character 12: "dragon" is not expected: write conditions such as scale >= 4 or status = done, joined by and, or, not and parentheses; text of several words stands in quotes`,
		"ünüsüal = 'a' ünd seed=1":        `character 15: "ünd" is not expected`,
		"scale >= ":                       "it ends where a value must come",
		"status = done and":               "it ends too early",
		"(status = done":                  "it ends before the parentheses do: write )",
		"status = done)":                  `character 14: ")" is not expected`,
		"prompt = 'a":                     "character 10: the quotes are not closed",
		"status = done && scale=4":        `write and instead of "&&"`,
		"status = done || scale=4":        `write or instead of "||"`,
		"!status = done":                  `write not instead of "!"`,
		"seed in (1, 2":                   "it ends before the parentheses do",
		"seed in 1":                       `character 9: "1" is not expected`,
		"and = 1":                         `character 1: "and" is not expected`,
		"seed = \xff":                     "no UTF-8",
		strings.Repeat("seed=1 or ", 1e4): "at most 10000 are read",
	} {
		if _, err := selection.Parse(expr); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%.40s: %v\nwant %s", expr, err, want)
		}
	}
	for expr, want := range map[string]string{
		"scael >= 4":                     `character 1: there is no column "scael"; did you mean scale?`,
		"seed=1 and nothing_like_it = 4": `character 12: there is no column "nothing_like_it"; there are cell, id, status, model, repeat, prompt, seed`,
		"seed = 1 or prompt < b":         `character 13: < compares numbers and times, and "b" is neither: use =, !=, ~ or in for text`,
	} {
		w, err := selection.Parse(expr)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := w.Bind(params); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: %v\nwant %s", expr, err, want)
		}
	}
}

func TestReadIDs(t *testing.T) {
	a, b, c := strings.Repeat("a", 20), strings.Repeat("b", 20), strings.Repeat("0", 20)
	ids, err := selection.ReadIDs(strings.NewReader("\ufeff# favourites\r\n" + a + "\r\n\n  " + b + "," + c + " # the best, " + a + "\n" + a))
	if err != nil || len(ids) != 3 || !ids[a] || !ids[b] || !ids[c] {
		t.Errorf("%v, %v", ids, err)
	}
	if _, err := selection.ReadIDs(strings.NewReader(a + "\ncell,id,status\n")); err == nil || !strings.Contains(err.Error(), `line 2: "cell" is no id`) {
		t.Errorf("a table is taken for ids: %v", err)
	}
}

// Whatever is written, it is read or refused; what is read holds or does not, and means the same in parentheses.
func FuzzParse(f *testing.F) {
	for _, expr := range []string{"status=done and scale>=4", "not (a ~ 'x''y' or b in (1, \"2\"))", "x != '' or y<1e99", "((((", "a=b=c", "submitted_at > 2026-03-01T00:00"} {
		f.Add(expr, "0.5")
	}
	f.Fuzz(func(t *testing.T, expr, value string) {
		w, err := selection.Parse(expr)
		if err != nil {
			return
		}
		inner, err := selection.Parse("not (" + expr + ")")
		if err != nil {
			if len(expr) < 9000 {
				t.Fatalf("%q is read, but not within parentheses: %v", expr, err)
			}
			return
		}
		at := row
		at.Params = []journal.Param{{Name: "prompt", Value: value}, {Name: "a", Value: value}}
		columns := []string{"prompt", "a", "b", "x", "y"}
		holds, err := w.Bind(columns)
		if err != nil {
			return
		}
		fails, err := inner.Bind(columns)
		if err != nil || holds(at) == fails(at) {
			t.Fatalf("%q and its opposite are both %t: %v", expr, holds(at), err)
		}
	})
}

func ExampleParse() {
	_, err := selection.Parse("status = done and prompt = a dragon")
	fmt.Println(err)
	// Output: character 30: "dragon" is not expected: write conditions such as scale >= 4 or status = done, joined by and, or, not and parentheses; text of several words stands in quotes
}
