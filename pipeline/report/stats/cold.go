package stats

import (
	"cmp"
	"iter"
	"slices"
	"time"

	"wirobatch/pipeline/journal"
)

// staysWarm is for how long after its last task a model counts as loaded.
const staysWarm = 10 * time.Minute

// Cold gives the ids of the cells whose task found its model unused: no other task of the model was under way when it was submitted, nor
// had one ended in the ten minutes before. Such a task may have waited for the model to be loaded.
func Cold(rows iter.Seq2[journal.Row, error]) (map[string]bool, error) {
	u := uses{}
	for row, err := range rows {
		if err != nil {
			return nil, err
		}
		u.add(row)
	}
	return u.cold(), nil
}

// use is when a task kept its model in use.
type use struct {
	from, to int64 // in ms
	cell     string
}

// uses are those of each model.
type uses map[string][]use

func (u uses) add(row journal.Row) {
	if row.SubmittedAt.IsZero() {
		return
	}
	one := use{row.SubmittedAt.UnixMilli(), row.SubmittedAt.UnixMilli(), row.ID}
	if !row.FinishedAt.IsZero() {
		one.to = max(one.to, row.FinishedAt.UnixMilli())
	}
	u[row.Model] = append(u[row.Model], one)
}

func (u uses) cold() map[string]bool {
	cold := map[string]bool{}
	for _, all := range u {
		slices.SortFunc(all, func(a, b use) int { return cmp.Or(cmp.Compare(a.from, b.from), cmp.Compare(a.cell, b.cell)) })
		warm := int64(0)
		for i, one := range all {
			if i == 0 || one.from > warm {
				cold[one.cell] = true
			}
			warm = max(warm, one.to+staysWarm.Milliseconds())
		}
	}
	return cold
}
