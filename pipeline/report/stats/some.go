package stats

import "wirobatch/pipeline/journal"

// GroupOf gives the figures of some cells. Which of them are cold the whole folder tells, by Cold. Cells count also when the manifest no longer
// has them: they were asked for by name.
func GroupOf(rows []*journal.Row, cold map[string]bool, confidence float64) Group {
	c := newCells(nil, Options{Confidence: confidence})
	for _, row := range rows {
		one := *row
		one.Number = max(one.Number, 1)
		c.add(one)
		c.cold = append(c.cold, cold[row.ID])
	}
	return c.group(nil, c.every())
}
