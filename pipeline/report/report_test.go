package report_test

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"os"
	"path/filepath"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/shopspring/decimal"

	"wirobatch/pipeline/journal"
	"wirobatch/pipeline/report"
)

// The header is a contract: it changes only together with DESIGN and README.
const header = "cell,id,status,model,repeat,prompt,seed,param_file,task_id,attempts,cost_usd,cost_source,elapsed_s,queue_s,run_s," +
	"postprocess_s,wait_s,download_s,total_s,submitted_at,finished_at,polls,file,bytes,width,height,sha256,error"

var start = time.Date(2026, 3, 1, 22, 0, 0, 0, time.UTC)

func cell(n int, prompt string) journal.Cell {
	return journal.Cell{ID: strings.Repeat(string(rune('a'+n)), 20), Number: n, Model: "owner/model", Repeat: 1, Params: []journal.Param{
		{Name: "prompt", Value: prompt}, {Name: "seed", Value: "007"}, {Name: "file", Value: "a parameter that is called as a column is"},
	}}
}

// folder is a run of four cells: done with two files, failed, undelivered, and never touched.
func folder(t *testing.T) (out string, j *journal.Journal, ends func(int, journal.Record)) {
	t.Helper()
	out = t.TempDir()
	j, err := journal.Open(t.Context(), filepath.Join(out, ".wirobatch"), journal.Options{Service: "https://example.test/v1", Slots: 4})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { j.Close() })
	cells := []journal.Cell{cell(1, "plain"), cell(2, "a \"quoted\", <b>bold</b>\nsecond line"), cell(3, "ünïcode ✓"), cell(4, "=cmd()")}
	grid := journal.Grid{Digest: "d", Cells: len(cells), Columns: []string{"prompt", "seed", "file"}, Name: "x", Model: "owner/model"}
	if _, err := j.SetGrid(t.Context(), grid); err != nil {
		t.Fatal(err)
	}
	if err := j.Enqueue(t.Context(), slices.Values(cells)); err != nil {
		t.Fatal(err)
	}
	run := journal.Run{Version: "1.2.3", StartedAt: start, Concurrency: 4, BaseURL: "https://example.test/v1"}
	if err := j.StartRun(t.Context(), run); err != nil {
		t.Fatal(err)
	}
	leases := map[int]*journal.Lease{}
	for range 4 {
		l, err := j.Lease(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		leases[l.Cell.Number] = l
	}
	return out, j, func(n int, r journal.Record) {
		t.Helper()
		if err := leases[n].Finish(t.Context(), r); err != nil {
			t.Fatal(err)
		}
	}
}

func dec(s string) decimal.NullDecimal { return decimal.NewNullDecimal(decimal.RequireFromString(s)) }

var done = journal.Record{
	State: journal.Done, Attempt: 1, IntendedAt: start, TaskID: "2221", SubmittedAt: start.Add(time.Second), FinishedAt: start.Add(9 * time.Second),
	Elapsed: dec("6.0000"), Queue: dec("2"), Run: dec("4"), Postprocess: dec("1"),
	Wait: journal.Took(7 * time.Second), Download: journal.Took(150 * time.Millisecond), Total: journal.Took(9 * time.Second), Polls: 3,
	Cost: dec("0.003510000000"), CostSource: "reported", Files: []journal.File{
		{N: 0, Path: "images/a.png", Bytes: 10, Width: 16, Height: 9, SHA256: "aa", ContentType: "image/png", Name: "0.png", URL: "https://cdn1.example.test/0.png"},
		{N: 1, Path: "images/a-1.txt", Bytes: 20, SHA256: "bb", ContentType: "text/plain"},
	},
}

func TestReportsOfARun(t *testing.T) {
	out, j, ends := folder(t)
	ends(2, journal.Record{State: journal.Failed, Attempt: 1, IntendedAt: start, Error: "Request parameter [x] required", Cost: dec("0"), CostSource: "none"})
	ends(1, done)
	ends(3, journal.Record{State: journal.Submitted, Attempt: 1, IntendedAt: start, TaskID: "2224", Undelivered: true, Cost: dec("0.002"), CostSource: "computed", Error: "404"})
	if err := j.EndRun(t.Context(), journal.Run{Version: "1.2.3", StartedAt: start, EndedAt: start.Add(90500 * time.Millisecond), ExitCode: 3, Concurrency: 4, BaseURL: "https://example.test/v1"}); err != nil {
		t.Fatal(err)
	}
	s, err := report.Write(t.Context(), j, out)
	if err != nil {
		t.Fatal(err)
	}

	rows := readCSV(t, out)
	want := [][]string{
		strings.Split(header, ","),
		{"1", strings.Repeat("b", 20), "done", "owner/model", "1", "plain", "007", "a parameter that is called as a column is",
			"2221", "1", "0.00351", "reported", "6", "2", "4", "1", "7.000", "0.150", "9.000", "2026-03-01T22:00:01.000Z", "2026-03-01T22:00:09.000Z", "3",
			"images/a.png;images/a-1.txt", "10;20", "16;", "9;", "aa;bb", ""},
		{"2", strings.Repeat("c", 20), "failed", "owner/model", "1", "a \"quoted\", <b>bold</b>\nsecond line", "007", "a parameter that is called as a column is",
			"", "1", "0", "none", "", "", "", "", "", "", "", "", "", "", "", "", "", "", "", "Request parameter [x] required"},
		{"3", strings.Repeat("d", 20), "pending", "owner/model", "1", "ünïcode ✓", "007", "a parameter that is called as a column is",
			"2224", "1", "0.002", "computed", "", "", "", "", "", "", "", "", "", "", "", "", "", "", "", "404"},
		{"4", strings.Repeat("e", 20), "pending", "owner/model", "1", "=cmd()", "007", "a parameter that is called as a column is",
			"", "0", "", "none", "", "", "", "", "", "", "", "", "", "", "", "", "", "", "", ""},
	}
	if !reflect.DeepEqual(rows, want) {
		for i := range want {
			if i >= len(rows) || !reflect.DeepEqual(rows[i], want[i]) {
				t.Errorf("line %d:\n%q, want\n%q", i+1, rows[i], want[i])
			}
		}
	}
	if s.Cells.Done != 1 || s.Cells.Undelivered != 1 || !s.Money.Spent.Equal(decimal.RequireFromString("0.00551")) {
		t.Errorf("%+v", s)
	}
	golden(t, filepath.Join(out, report.SummaryFile), "testdata/summary.json")
	golden(t, filepath.Join(out, report.JSONLFile), "testdata/results.jsonl")
}

func TestLinesAreWholeJSON(t *testing.T) {
	out, j, ends := folder(t)
	ends(2, done)
	if _, err := report.Write(t.Context(), j, out); err != nil {
		t.Fatal(err)
	}
	f, err := os.Open(filepath.Join(out, report.JSONLFile))
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	n := 0
	for s := bufio.NewScanner(f); s.Scan(); n++ {
		var line struct {
			Params map[string]string `json:"params"`
		}
		if err := json.Unmarshal(s.Bytes(), &line); err != nil || line.Params["seed"] != "007" {
			t.Errorf("%v: %s", err, s.Text())
		}
	}
	if n != 4 {
		t.Errorf("%d lines of 4 cells", n)
	}
}

func TestLiveCSVGrowsAsCellsEnd(t *testing.T) {
	out, j, ends := folder(t)
	ends(3, done)
	live, err := report.Begin(t.Context(), j, out)
	if err != nil {
		t.Fatal(err)
	}
	if rows := readCSV(t, out); len(rows) != 2 || rows[1][0] != "3" {
		t.Errorf("at the start: %q", rows)
	}
	over, followed := make(chan struct{}), make(chan error)
	outcomes := j.Outcomes()
	go func() { followed <- live.Follow(outcomes, over) }()
	ends(4, done)
	ends(1, done)
	close(over)
	if err := <-followed; err != nil {
		t.Fatal(err)
	}
	rows := readCSV(t, out)
	if len(rows) != 4 || rows[2][0] != "4" || rows[3][0] != "1" {
		t.Errorf("as they ended: %q", rows)
	}
	if _, err := report.Write(context.Background(), j, out); err != nil {
		t.Fatal(err)
	}
	for i, row := range readCSV(t, out)[1:] {
		if row[0] != string(rune('1'+i)) {
			t.Errorf("row %d is cell %s", i+1, row[0])
		}
	}
}

// Reports that are made while a run goes on leave it the CSV that it writes to.
func TestReportsDuringARun(t *testing.T) {
	out, j, ends := folder(t)
	ends(3, done)
	live, err := report.Begin(t.Context(), j, out)
	if err != nil {
		t.Fatal(err)
	}
	reader, err := journal.OpenReadOnly(t.Context(), filepath.Join(out, ".wirobatch"))
	if err != nil {
		t.Fatal(err)
	}
	defer reader.Close()
	if _, err := report.Write(t.Context(), reader, out); !errors.Is(err, report.ErrLive) {
		t.Errorf("%v", err)
	}
	if got := read(t, filepath.Join(out, report.JSONLFile)); strings.Count(got, "\n") != 4 {
		t.Errorf("the others are made: %q", got)
	}
	if got := read(t, filepath.Join(out, report.SummaryFile)); !strings.Contains(got, `"done": 1`) {
		t.Errorf("the summary is %s", got)
	}
	over, followed := make(chan struct{}), make(chan error)
	outcomes := j.Outcomes()
	go func() { followed <- live.Follow(outcomes, over) }()
	ends(4, done)
	close(over)
	if err := <-followed; err != nil {
		t.Fatal(err)
	}
	if rows := readCSV(t, out); len(rows) != 3 || rows[1][0] != "3" || rows[2][0] != "4" {
		t.Errorf("the CSV does not go on: %q", rows)
	}
	if left, err := filepath.Glob(filepath.Join(out, ".wirobatch", "tmp", "*")); err != nil || len(left) != 0 {
		t.Errorf("left over: %q, %v", left, err)
	}
	// The end of the run gives the CSV free.
	j.Close()
	if _, err := report.Write(t.Context(), reader, out); err != nil || len(readCSV(t, out)) != 5 {
		t.Errorf("after the run: %v, %q", err, readCSV(t, out))
	}
}

func TestReportsAreMadeAgainWithoutTheRun(t *testing.T) {
	out, j, ends := folder(t)
	ends(1, done)
	if _, err := report.Write(t.Context(), j, out); err != nil {
		t.Fatal(err)
	}
	before := read(t, filepath.Join(out, report.CSVFile))
	os.Remove(filepath.Join(out, report.CSVFile))
	j.Close()
	reader, err := journal.OpenReadOnly(t.Context(), filepath.Join(out, ".wirobatch"))
	if err != nil {
		t.Fatal(err)
	}
	defer reader.Close()
	if _, err := report.Write(t.Context(), reader, out); err != nil {
		t.Fatal(err)
	}
	if after := read(t, filepath.Join(out, report.CSVFile)); after != before {
		t.Errorf("made again it is\n%s\nbefore it was\n%s", after, before)
	}
}

func read(t *testing.T, name string) string {
	t.Helper()
	data, err := os.ReadFile(name)
	if err != nil {
		t.Fatal(err)
	}
	return string(data)
}

// golden compares a file with one that is kept; UPDATE=1 keeps it anew.
func golden(t *testing.T, name, kept string) {
	t.Helper()
	if os.Getenv("UPDATE") != "" {
		if err := os.WriteFile(kept, []byte(read(t, name)), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	if got, want := read(t, name), read(t, kept); got != want {
		t.Errorf("%s is\n%s\nwant\n%s", filepath.Base(name), got, want)
	}
}
