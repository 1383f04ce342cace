package cli

import (
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	"github.com/shopspring/decimal"

	"wirobatch/pipeline"
	"wirobatch/pipeline/journal"
	"wirobatch/pipeline/report"
)

func TestClosing(t *testing.T) {
	usd := decimal.RequireFromString
	unreachable := []pipeline.Reason{pipeline.Unreachable}
	for _, row := range []struct {
		name      string
		r         pipeline.Result
		has, lack []string
	}{
		{
			"an edit took cells out of the grid",
			pipeline.Result{
				Progress: journal.Progress{Cells: 18, Done: 17, Pending: 1}, Did: true,
				Summary: report.Summary{Cells: report.CellCounts{Total: 30, Done: 28, Failed: 1, Pending: 1, Unlisted: 12}},
			},
			[]string{"Done     17 of 18 cells, 1 pending", "in the folder: 12 cells more, no longer in the manifest"},
			[]string{"Failed", "nothing was"}, // what failed is none of the manifest's cells
		},
		{
			"whatever has not ended is pending",
			pipeline.Result{Progress: journal.Progress{Cells: 12, Done: 2, Failed: 1, Held: 1, Cancelled: 1, Undelivered: 1, Pending: 2, InFlight: 1}, Did: true},
			[]string{"Done     2 of 12 cells, 1 failed, 1 held, 1 cancelled, 1 undelivered, 6 pending"}, nil,
		},
		{
			"all was done at the start",
			pipeline.Result{Progress: journal.Progress{Cells: 1, Done: 1}, Summary: report.Summary{Totals: report.OutputTotals{Files: 1}}},
			[]string{"Done     1 of 1 cell\n", "nothing was left to submit, nothing was submitted", "(1 file, "}, []string{"Took"},
		},
		{
			"what an earlier start left running was taken up",
			pipeline.Result{Progress: journal.Progress{Cells: 2, Done: 2}, Did: true},
			nil, []string{"nothing was"},
		},
		{
			"what failed is left as it is",
			pipeline.Result{Progress: journal.Progress{Cells: 2, Done: 1, Failed: 1}},
			[]string{"nothing was submitted", "Failed   1, "}, []string{"nothing was left"},
		},
		{
			"a cell that is no longer in the manifest is held, and ends the run with 8",
			pipeline.Result{Progress: journal.Progress{Cells: 1, Done: 1}, Summary: report.Summary{Cells: report.CellCounts{Held: 1, Unlisted: 1}}},
			[]string{"in the folder: 1 cell more", "Held     1, "}, nil,
		},
		{
			"one submit",
			pipeline.Result{Progress: journal.Progress{Cells: 3, Done: 1, Pending: 2}, Did: true, Submits: 1},
			[]string{", 1 submit\n"}, nil,
		},
		{
			"a signal came, and all was done in the grace",
			pipeline.Result{Progress: journal.Progress{Cells: 2, Done: 1, Failed: 1}, Did: true, Reasons: []pipeline.Reason{pipeline.Interrupted}},
			[]string{"Stopped  by a signal: what ran has ended, nothing is left to submit\n"}, []string{"to go on"},
		},
		{
			"a signal came, and what ran goes on",
			pipeline.Result{Progress: journal.Progress{Cells: 2, Done: 1, Pending: 1}, Did: true, Reasons: []pipeline.Reason{pipeline.Terminated}},
			[]string{"Stopped  by a signal: run the same command again to go on\n"}, nil,
		},
		{
			"the trouble has a name",
			pipeline.Result{Progress: journal.Progress{Cells: 1, Pending: 1}, Did: true, Reasons: unreachable, Trouble: "Run: connection refused"},
			[]string{"Stopped  the service could not be reached (Run: connection refused): run the same command again later"}, nil,
		},
		{
			"all was refused",
			pipeline.Result{Progress: journal.Progress{Cells: 99, Failed: 20, Pending: 79}, Did: true, Reasons: []pipeline.Reason{pipeline.TooManyFailures}, Refused: "Request parameter [prompt] required"},
			[]string{"Stopped  the service refused every cell of a model so far (Request parameter [prompt] required): mend the manifest"}, []string{"too many"},
		},
		{
			"a word as long as its column",
			pipeline.Result{Progress: journal.Progress{Cells: 2, Done: 1, Cancelled: 1}, Did: true},
			[]string{"Cancelled 1, see"}, nil,
		},
		{
			"the trouble has none",
			pipeline.Result{Progress: journal.Progress{Cells: 1, Pending: 1}, Did: true, Reasons: unreachable},
			[]string{"Stopped  the service could not be reached for long: run the same command again later"}, []string{"()"},
		},
		{
			"much play money",
			pipeline.Result{
				Progress: journal.Progress{Cells: 1, Done: 1}, Did: true, Submits: 1, Spent: usd("123.4567"),
				Summary: report.Summary{Money: report.Money{Spent: usd("199.1234")}},
			},
			[]string{"Cost     $123.4567 in this run, $199.1234 in this folder so far, in play money"}, nil,
		},
	} {
		row.r.Ended = row.r.Started.Add(time.Second)
		lines := closing(row.r, pipeline.Options{Out: "out/grid", Sandbox: true})
		text := strings.Join(lines, "\n") + "\n"
		for _, want := range row.has {
			if !strings.Contains(text, want) {
				t.Errorf("%s: there is no %q in\n%s", row.name, want, text)
			}
		}
		for _, never := range row.lack {
			if strings.Contains(text, never) {
				t.Errorf("%s: there is %q in\n%s", row.name, never, text)
			}
		}
		if i := slices.IndexFunc(lines, regexp.MustCompile(`^Cost `).MatchString); i >= 0 && utf8.RuneCountInString(lines[i]) > 80 {
			t.Errorf("%s: more than 80 columns: %s", row.name, lines[i])
		}
	}
}

// A run that leaves at once names the folder so that the line can be pasted.
func TestDeparture(t *testing.T) {
	text := strings.Join(departure(pipeline.Result{Progress: journal.Progress{Cells: 1}}, pipeline.Options{Out: "out/my grid"}), "\n")
	for _, want := range []string{"0 of 1 cell done", "wirobatch report " + shellWord("out/my grid") + " makes"} {
		if !strings.Contains(text, want) {
			t.Errorf("there is no %q in\n%s", want, text)
		}
	}
	if shellWord("out/my grid") == "out/my grid" {
		t.Error("a space needs quotes")
	}
}
