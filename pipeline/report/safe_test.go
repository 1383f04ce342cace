package report_test

import (
	"encoding/json"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"wirobatch/pipeline/journal"
	"wirobatch/pipeline/report"
)

var suspects = []struct {
	field, safe string
	why         string
}{
	{"A lighthouse at dusk", "A lighthouse at dusk", "a prompt"},
	{"", "", "nothing"},
	{"=1+1", "'=1+1", "a formula"},
	{"+cmd|' /C calc'!A0", "'+cmd|' /C calc'!A0", "likewise"},
	{"-2+3", "'-2+3", "likewise"},
	{"@SUM(A1)", "'@SUM(A1)", "likewise, in old ones"},
	{"\t=1", "'\t=1", "a tab is taken away"},
	{"\r=1", "'\r=1", "a carriage return is taken away"},
	{"\n=1", "'\n=1", "a line feed is taken away"},
	{`"=1+1"`, `'"=1+1"`, "after a quote"},
	{`""-a`, `'""-a`, "after more of them"},
	{"'=1", "''=1", "after an apostrophe: it comes back as it was"},
	{"＝1＋1", "'＝1＋1", "full-width signs"},
	{"-4.5", "-4.5", "a number"},
	{"+7", "+7", "a number"},
	{"-.5e-3", "-.5e-3", "a number"},
	{"-", "'-", "no number"},
	{"-4.5.6", "'-4.5.6", "no number"},
	{"\"-4.5\"", "'\"-4.5\"", "a text"},
	{"a=b", "a=b", "not at the beginning"},
	{"ünïcode ✓", "ünïcode ✓", "letters of more than a byte"},
	{"\"", "\"", "nothing but quotes"},
}

func TestCSVSafe(t *testing.T) {
	for _, safe := range []bool{false, true} {
		out, j := journalOf(t, []string{"prompt", "=evil"})
		grid := journal.Grid{Digest: "safe", Columns: []string{"prompt", "=evil"}, CSVSafe: safe}
		if _, err := j.SetGrid(t.Context(), grid); err != nil {
			t.Fatal(err)
		}
		cells := make([]journal.Cell, len(suspects))
		for i, s := range suspects {
			cells[i] = journal.Cell{ID: strings.Repeat("a", 18) + string(rune('a'+i/10)) + string(rune('a'+i%10)), Number: i + 1, Model: "m", Repeat: 1,
				Params: []journal.Param{{Name: "prompt", Value: s.field}}}
		}
		if err := j.Enqueue(t.Context(), slices.Values(cells)); err != nil {
			t.Fatal(err)
		}
		check := func(what string) {
			t.Helper()
			rows := readCSV(t, out)
			if want := map[bool]string{false: "=evil", true: "'=evil"}[safe]; rows[0][6] != want {
				t.Errorf("%s: the header has %q, want %q", what, rows[0][6], want)
			}
			if len(rows) != len(suspects)+1 {
				t.Fatalf("%s: %d lines", what, len(rows))
			}
			for i, row := range rows[1:] {
				want := suspects[i].field
				if safe {
					want = suspects[i].safe
				}
				if row[5] != want {
					t.Errorf("%s, safe %v: %q became %q, want %q: %s", what, safe, suspects[i].field, row[5], want, suspects[i].why)
				}
			}
		}
		over := make(chan struct{})
		live, err := report.Begin(t.Context(), j, out)
		if err != nil {
			t.Fatal(err)
		}
		outcomes, followed := j.Outcomes(), make(chan error)
		go func() { followed <- live.Follow(outcomes, over) }()
		for i := range cells {
			l, err := j.Lease(t.Context())
			if err != nil {
				t.Fatal(err)
			}
			r := journal.Record{State: journal.Failed, Attempt: 1, TaskID: "1", Error: suspects[i].field}
			if err := l.Finish(t.Context(), r); err != nil {
				t.Fatal(err)
			}
		}
		close(over)
		if err := <-followed; err != nil {
			t.Fatal(err)
		}
		check("live")

		// As wirobatch report does: from the journal alone.
		if err := j.Close(); err != nil {
			t.Fatal(err)
		}
		j, err = journal.OpenReadOnly(t.Context(), filepath.Join(out, ".wirobatch"))
		if err != nil {
			t.Fatal(err)
		}
		defer j.Close()
		if _, err := report.Write(t.Context(), j, out); err != nil {
			t.Fatal(err)
		}
		check("whole")
		if last := readCSV(t, out)[3]; safe != (last[len(last)-1] == "'=1+1") {
			t.Errorf("safe %v: the error, which the server says, is %q", safe, last[len(last)-1])
		}
		for i, prompt := range jsonlPrompts(t, out) {
			if prompt != suspects[i].field {
				t.Errorf("safe %v: results.jsonl has %q for %q", safe, prompt, suspects[i].field)
			}
		}
	}
}

func jsonlPrompts(t *testing.T, out string) (prompts []string) {
	t.Helper()
	data, err := os.ReadFile(filepath.Join(out, report.JSONLFile))
	if err != nil {
		t.Fatal(err)
	}
	for line := range strings.Lines(string(data)) {
		var row struct{ Params map[string]string }
		if err := json.Unmarshal([]byte(line), &row); err != nil {
			t.Fatal(err)
		}
		prompts = append(prompts, row.Params["prompt"])
	}
	return prompts
}
