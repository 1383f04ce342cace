package compare

import "wirobatch/pipeline/journal"

// Failures counts the cells that failed, of those that figures are of, and names those that failed in one folder alone.
type Failures struct {
	A      int       `json:"a"`
	B      int       `json:"b"`
	EndedA int       `json:"verdicts_a"` // done or failed
	EndedB int       `json:"verdicts_b"`
	Both   int       `json:"both"`
	Judged int       `json:"verdicts_both"`
	Broken int       `json:"broken"` // done in A, failed in B
	Mended int       `json:"mended"` // failed in A, done in B
	Alone  []Failure `json:"alone"`
}

// Failure is a cell that failed in one folder alone.
type Failure struct {
	In     string          `json:"failed_in"` // a or b
	ID     string          `json:"id"`
	Cell   int             `json:"cell"` // its number there, 0: the manifest no longer has it
	Params []journal.Param `json:"-"`
	Model  string          `json:"model"`
	Other  string          `json:"other"` // its status in the other folder
	Error  string          `json:"error"`
	label  string
}

// fail goes through the pairs; a cell without a partner failed in one folder alone whatever it is, so that it counts where nothing else does.
func (r *Result) fail() {
	f := &r.Failures
	f.Alone = []Failure{}
	for _, p := range r.compared() {
		a, b := state(p.a), state(p.b)
		failed := [2]bool{a == journal.Failed, b == journal.Failed}
		ended := [2]bool{failed[0] || a == journal.Done, failed[1] || b == journal.Done}
		f.A, f.B = f.A+tally(failed[0]), f.B+tally(failed[1])
		f.EndedA, f.EndedB = f.EndedA+tally(ended[0]), f.EndedB+tally(ended[1])
		f.Both += tally(failed[0] && failed[1])
		f.Judged += tally(ended[0] && ended[1])
		f.Broken += tally(a == journal.Done && failed[1])
		f.Mended += tally(failed[0] && b == journal.Done)
		switch {
		case failed[0] && !failed[1]:
			f.Alone = append(f.Alone, r.failure("a", p.a, p.b))
		case failed[1] && !failed[0]:
			f.Alone = append(f.Alone, r.failure("b", p.b, p.a))
		}
	}
}

func (r *Result) failure(in string, row, other *journal.Row) Failure {
	f := Failure{In: in, ID: row.ID, Cell: row.Number, Params: r.naming.of(*row), Model: row.Model, Error: row.Error, label: r.naming.label(*row)}
	if other != nil {
		f.Other = other.Status()
	}
	return f
}

func state(row *journal.Row) journal.State {
	if row == nil {
		return ""
	}
	return row.State
}

func tally(is bool) int {
	if is {
		return 1
	}
	return 0
}
