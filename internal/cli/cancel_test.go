package cli

import (
	"strings"
	"testing"

	"wirobatch/pipeline"
)

// What cancel says of a cell is what the next run does with it.
func TestWordsOfCancel(t *testing.T) {
	const cell = "857645c61bfaa274a4de"
	for _, row := range []struct {
		c         pipeline.Cancelled
		has, lack []string
	}{
		{pipeline.Cancelled{Fate: pipeline.Killed}, nil, []string{"found in the list"}},
		{pipeline.Cancelled{Fate: pipeline.Killed, Sought: true}, []string{"looks for the cell's own"}, nil},
		{pipeline.Cancelled{Fate: pipeline.EndedSo}, []string{"delivers what it made"}, nil},
		{pipeline.Cancelled{Fate: pipeline.Untold}, []string{"does not say how", "looks at it again"}, []string{"deliver", "redo"}},
		{pipeline.Cancelled{Fate: pipeline.Paid}, []string{"not cancelled", "run --redo " + cell}, nil},
	} {
		row.c.Cell, row.c.Task = cell, "1001"
		text := cancelled(row.c)
		for _, part := range append(row.has, string(row.c.Fate), "task 1001 of cell "+cell) {
			if !strings.Contains(text, part) {
				t.Errorf("%q is not in %q", part, text)
			}
		}
		for _, part := range row.lack {
			if strings.Contains(text, part) {
				t.Errorf("%q is in %q", part, text)
			}
		}
	}
	const want = `Cancelled 3: pending again at the next run, 1 of them held until it has looked for another task of theirs
Ended     3 by themselves: the next run delivers what they made
Untold    2 that ended without saying how, and may be billed: the next run looks at them again`
	sum := cancelSum(map[pipeline.Fate]int{pipeline.OutOfQueue: 1, pipeline.Killed: 2, pipeline.EndedSo: 3, pipeline.Untold: 2}, 1)
	if sum != want {
		t.Errorf("%s", sum)
	}
	if sum = cancelSum(map[pipeline.Fate]int{pipeline.Killed: 1}, 0); sum != "Cancelled 1: pending again at the next run" {
		t.Errorf("%s", sum)
	}
}
