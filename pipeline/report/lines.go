package report

import (
	"bytes"
	"encoding/json"
	"io"

	"wirobatch/pipeline/journal"
)

// lines is results.jsonl: one JSON object a cell, without loss. Numbers that must stay exact are strings of digits in
// JSON numbers' own spelling; what is unknown is null.
type lines struct{ e *json.Encoder }

func newLines(w io.Writer) lines {
	e := json.NewEncoder(w)
	e.SetEscapeHTML(false)
	return lines{e}
}

// A Line is a cell as results.jsonl has it, to be encoded as JSON.
type Line struct {
	Cell        *int    `json:"cell"`
	ID          string  `json:"id"`
	Status      string  `json:"status"`
	Model       string  `json:"model"`
	Repeat      int     `json:"repeat"`
	Params      ordered `json:"params"`
	TaskID      *string `json:"task_id"`
	Attempts    int     `json:"attempts"`
	Cost        *string `json:"cost_usd"`
	CostSource  string  `json:"cost_source"`
	Elapsed     number  `json:"elapsed_s"`
	Queue       number  `json:"queue_s"`
	Run         number  `json:"run_s"`
	Postprocess number  `json:"postprocess_s"`
	Wait        number  `json:"wait_s"`
	Download    number  `json:"download_s"`
	Total       number  `json:"total_s"`
	Submitted   *string `json:"submitted_at"`
	Finished    *string `json:"finished_at"`
	Polls       int     `json:"polls"`
	Files       []file  `json:"files"`
	Error       *string `json:"error"`
}

type file struct {
	File        string  `json:"file"`
	Bytes       int64   `json:"bytes"`
	Width       *int    `json:"width"`
	Height      *int    `json:"height"`
	SHA256      string  `json:"sha256"`
	ContentType string  `json:"content_type"`
	Name        string  `json:"name"` // the server's; ours is File
	URL         *string `json:"url"`
}

func (l lines) add(row journal.Row) error { return l.e.Encode(LineOf(row)) }

// LineOf gives the line of a cell.
func LineOf(row journal.Row) Line {
	out := Line{
		Cell: whole(row.Number), ID: row.ID, Status: row.Status(), Model: row.Model, Repeat: row.Repeat, Params: row.Params,
		TaskID: text(row.TaskID), Attempts: row.Attempts, Cost: text(money(row.Cost)), CostSource: source(row),
		Elapsed: number(money(row.Elapsed)), Queue: number(money(row.Queue)), Run: number(money(row.Record.Run)),
		Postprocess: number(money(row.Postprocess)),
		Wait:        number(row.Wait.String()), Download: number(row.Download.String()), Total: number(row.Total.String()),
		Submitted: text(moment(row.SubmittedAt)), Finished: text(moment(row.FinishedAt)), Polls: row.Polls,
		Files: make([]file, 0, len(row.Files)), Error: text(row.Error),
	}
	for _, f := range row.Files {
		out.Files = append(out.Files, file{
			File: f.Path, Bytes: f.Bytes, Width: whole(f.Width), Height: whole(f.Height), SHA256: f.SHA256,
			ContentType: f.ContentType, Name: f.Name, URL: text(f.URL),
		})
	}
	return out
}

func text(s string) *string {
	if s == "" {
		return nil
	}
	return &s
}

func whole(n int) *int {
	if n == 0 {
		return nil
	}
	return &n
}

// number is a decimal that is written digit for digit, null when unknown.
type number string

func (n number) MarshalJSON() ([]byte, error) {
	if n == "" {
		return []byte("null"), nil
	}
	return []byte(n), nil
}

// ordered is an object whose keys keep the order of the columns.
type ordered []journal.Param

func (o ordered) MarshalJSON() ([]byte, error) {
	var b bytes.Buffer
	e := json.NewEncoder(&b)
	e.SetEscapeHTML(false)
	b.WriteByte('{')
	for i, p := range o {
		if i > 0 {
			b.WriteByte(',')
		}
		// Strings always encode; the line feed that follows each is white space.
		_ = e.Encode(p.Name)
		b.WriteByte(':')
		_ = e.Encode(p.Value)
	}
	b.WriteByte('}')
	return b.Bytes(), nil
}
