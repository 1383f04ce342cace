package report

import (
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/shopspring/decimal"

	"wirobatch/pipeline/journal"
)

// The fixed columns of results.csv: a contract with whoever reads it. The parameters stand between the two.
var (
	first = []string{"cell", "id", "status", "model", "repeat"}
	last  = []string{
		"task_id", "attempts", "cost_usd", "cost_source", "elapsed_s", "queue_s", "run_s", "postprocess_s",
		"wait_s", "download_s", "total_s", "submitted_at", "finished_at", "polls",
		"file", "bytes", "width", "height", "sha256", "error",
	}
)

// Header names the columns of results.csv for cells with these parameters.
func Header(params []string) []string { return slices.Concat(first, ParamColumns(params), last) }

// ParamColumns names the columns of cells with these parameters. A name stands for one column: a parameter that is called
// as a fixed column is gets the prefix, again and again until no other column has that name. The others keep theirs.
func ParamColumns(params []string) []string {
	taken := map[string]bool{}
	for _, name := range slices.Concat(first, last, params) {
		taken[name] = true
	}
	names := make([]string, 0, len(params))
	for _, p := range params {
		if slices.Contains(first, p) || slices.Contains(last, p) {
			for taken[p] {
				p = "param_" + p
			}
			taken[p] = true
		}
		names = append(names, p)
	}
	return names
}

// Record is the line of one cell under that header. What is unknown is empty, never 0.
func Record(params []string, row journal.Row) []string {
	line := make([]string, 0, len(first)+len(params)+len(last))
	line = append(line, count(row.Number), row.ID, row.Status(), row.Model, strconv.Itoa(row.Repeat))
	for _, p := range params {
		line = append(line, value(row, p))
	}
	return append(line,
		row.TaskID, strconv.Itoa(row.Attempts), money(row.Cost), source(row),
		money(row.Elapsed), money(row.Queue), money(row.Run), money(row.Postprocess),
		row.Wait.String(), row.Download.String(), row.Total.String(), moment(row.SubmittedAt), moment(row.FinishedAt), count(row.Polls),
		files(row, func(f journal.File) string { return f.Path }),
		files(row, func(f journal.File) string { return strconv.FormatInt(f.Bytes, 10) }),
		files(row, func(f journal.File) string { return count(f.Width) }),
		files(row, func(f journal.File) string { return count(f.Height) }),
		files(row, func(f journal.File) string { return f.SHA256 }),
		row.Error,
	)
}

func value(row journal.Row, param string) string {
	for _, p := range row.Params {
		if p.Name == param {
			return p.Value
		}
	}
	return ""
}

func files(row journal.Row, field func(journal.File) string) string {
	fields := make([]string, len(row.Files))
	for i, f := range row.Files {
		fields[i] = field(f)
	}
	return strings.Join(fields, ";")
}

// count is a number whose 0 means that there is none.
func count(n int) string {
	if n == 0 {
		return ""
	}
	return strconv.Itoa(n)
}

func money(d decimal.NullDecimal) string {
	if !d.Valid {
		return ""
	}
	return d.Decimal.String()
}

// source says where a cost is from; none while there is no cost.
func source(row journal.Row) string {
	if row.CostSource == "" {
		return "none"
	}
	return row.CostSource
}

// moment is UTC with milliseconds.
func moment(t time.Time) string {
	if t.IsZero() {
		return ""
	}
	return t.UTC().Format("2006-01-02T15:04:05.000Z")
}
