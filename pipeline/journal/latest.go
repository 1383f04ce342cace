package journal

import (
	"context"

	"github.com/shopspring/decimal"
)

// Known is what a task has cost that made something.
type Known struct {
	Cell Cell // of it Model, ID and Params
	USD  decimal.Decimal
}

// LatestCosts gives the latest that are known, up to so many.
func (j *Journal) LatestCosts(ctx context.Context, most int) (all []Known, err error) {
	rows, err := j.reader.QueryContext(ctx, `SELECT c.model, c.id, c.params, a.cost_usd FROM attempts a JOIN cells c ON c.key = a.cell
		WHERE a.state = 'done' AND a.cost_usd IS NOT NULL ORDER BY a.submitted_at DESC LIMIT ?`, most)
	if err != nil {
		return nil, unread(j.path, err)
	}
	defer rows.Close()
	for rows.Next() {
		var k Known
		var params []byte
		if err := rows.Scan(&k.Cell.Model, &k.Cell.ID, &params, &k.USD); err != nil {
			return nil, unread(j.path, err)
		}
		if k.Cell.Params, err = decodeParams(params); err != nil {
			return nil, unread(j.path, err)
		}
		all = append(all, k)
	}
	return all, unread(j.path, rows.Err())
}
