package report_test

import (
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"wirobatch/pipeline/journal"
	"wirobatch/pipeline/report"
)

// Prompts as people paste them: none of their bytes is the CSV's to change.
var breaks = []string{"a prompt\nof two lines", "one\r\nfrom Windows", "an old Mac's\rown", "ends in one\n", "\r\n", "a \"quoted\" word,\r\nand more\n\n"}

func TestLineBreaksInAPromptStayAsTheyAre(t *testing.T) {
	out, j := journalOf(t, []string{"prompt"})
	cells := make([]journal.Cell, len(breaks))
	for i, prompt := range breaks {
		cells[i] = journal.Cell{ID: fmt.Sprintf("%020d", i), Number: i + 1, Model: "m", Repeat: 1, Params: []journal.Param{{Name: "prompt", Value: prompt}}}
	}
	if err := j.Enqueue(t.Context(), slices.Values(cells)); err != nil {
		t.Fatal(err)
	}
	check := func(name string) {
		t.Helper()
		rows := readCSV(t, out) // lines that do not end in CRLF are an error of it
		if len(rows) != len(breaks)+1 {
			t.Fatalf("%s: %d lines", name, len(rows))
		}
		for i, row := range rows[1:] {
			if row[5] != breaks[i] {
				t.Errorf("%s: %q was written as %q", name, breaks[i], row[5])
			}
		}
	}
	live, err := report.Begin(t.Context(), j, out)
	if err != nil {
		t.Fatal(err)
	}
	if rows := readCSV(t, out); len(rows) != 1 {
		t.Errorf("before any cell has ended: %q", rows)
	}
	over, followed := make(chan struct{}), make(chan error)
	outcomes := j.Outcomes()
	go func() { followed <- live.Follow(outcomes, over) }()
	for range cells {
		l, err := j.Lease(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		if err := l.Finish(t.Context(), done); err != nil {
			t.Fatal(err)
		}
	}
	close(over)
	if err := <-followed; err != nil {
		t.Fatal(err)
	}
	check("live")
	if live, err = report.Begin(t.Context(), j, out); err != nil {
		t.Fatal(err)
	}
	if err := live.Follow(nil, over); err != nil {
		t.Fatal(err)
	}
	check("live, at the next start")
	if _, err := report.Write(t.Context(), j, out); err != nil {
		t.Fatal(err)
	}
	check("whole")
}

func TestColumnNamesAreUnique(t *testing.T) {
	for _, row := range []struct {
		params, want string
		why          string
	}{
		{"prompt,seed", "prompt,seed", "nothing collides"},
		{"prompt,file,error", "prompt,param_file,param_error", "fixed columns have these names"},
		{"file,param_file", "param_param_file,param_file", "the parameter that is called param_file keeps its name"},
		{"param_file,file", "param_file,param_param_file", "in either order"},
		{"param_param_file,file,param_file", "param_param_file,param_param_param_file,param_file", "until it is free"},
		{"cell,param_cell,id,param_param_id", "param_param_cell,param_cell,param_id,param_param_id", "each by itself"},
	} {
		out, j := journalOf(t, strings.Split(row.params, ","))
		if _, err := report.Write(t.Context(), j, out); err != nil {
			t.Fatal(err)
		}
		columns := readCSV(t, out)[0]
		if got := strings.Join(columns[5:len(columns)-20], ","); got != row.want {
			t.Errorf("%s: %s, want %s: %s", row.params, got, row.want, row.why)
		}
		slices.Sort(columns)
		if n := len(slices.Compact(slices.Clone(columns))); n != len(columns) {
			t.Errorf("%s: a name stands for two columns of %q", row.params, columns)
		}
	}
}

// journalOf is a journal whose grid has these parameters.
func journalOf(t *testing.T, params []string) (out string, j *journal.Journal) {
	t.Helper()
	out = t.TempDir()
	j, err := journal.Open(t.Context(), filepath.Join(out, ".wirobatch"), journal.Options{Service: "https://example.test/v1", Slots: 10})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { j.Close() })
	if _, err := j.SetGrid(t.Context(), journal.Grid{Digest: "d", Columns: params}); err != nil {
		t.Fatal(err)
	}
	if err := j.StartRun(t.Context(), journal.Run{StartedAt: start}); err != nil {
		t.Fatal(err)
	}
	return out, j
}

func readCSV(t *testing.T, out string) [][]string {
	t.Helper()
	data, err := os.ReadFile(filepath.Join(out, report.CSVFile))
	if err != nil {
		t.Fatal(err)
	}
	rows, err := parseRFC4180(string(data))
	if err != nil {
		t.Fatal(err)
	}
	return rows
}

// parseRFC4180 reads by the letter of section 2. encoding/csv would not do: it takes lines that end in LF too, and turns the
// CRLF within a field into LF.
func parseRFC4180(text string) (rows [][]string, err error) {
	for at := 0; at < len(text); {
		var row []string
		for more := true; more; {
			var field strings.Builder
			if text[at:] != "" && text[at] == '"' {
				for at++; ; at++ {
					part, _, closed := strings.Cut(text[at:], `"`)
					if !closed {
						return nil, fmt.Errorf("the quotes of %.40q are not closed", text[at:])
					}
					field.WriteString(part)
					if at += len(part) + 1; !strings.HasPrefix(text[at:], `"`) {
						break
					}
					field.WriteByte('"')
				}
			} else {
				end := strings.IndexAny(text[at:], "\",\r\n")
				if end < 0 {
					return nil, fmt.Errorf("the last line does not end: %.40q", text[at:])
				}
				field.WriteString(text[at : at+end])
				at += end
			}
			row = append(row, field.String())
			switch {
			case strings.HasPrefix(text[at:], ","):
				at++
			case strings.HasPrefix(text[at:], "\r\n"):
				at, more = at+2, false
			default:
				return nil, fmt.Errorf("line %d: neither a comma nor CRLF after %q: %.10q", len(rows)+1, field.String(), text[at:])
			}
		}
		if len(rows) > 0 && len(row) != len(rows[0]) {
			return nil, fmt.Errorf("line %d has %d fields, the header %d", len(rows)+1, len(row), len(rows[0]))
		}
		rows = append(rows, row)
	}
	return rows, nil
}
