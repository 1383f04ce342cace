package journal

import (
	"context"

	"github.com/shopspring/decimal"
)

// money is what all attempts have cost, and what they may still cost.
type money struct {
	spent, reserved    decimal.Decimal
	unpriced, attempts int
}

// sumMoney is exact: equal amounts are counted by the index and multiplied here, since SQL would sum in floating point.
func sumMoney(ctx context.Context, q querier) (m money, err error) {
	rows, err := q.QueryContext(ctx, "SELECT cost_usd, count(*) FROM attempts GROUP BY cost_usd")
	if err != nil {
		return m, err
	}
	defer rows.Close()
	for rows.Next() {
		var cost decimal.NullDecimal
		var n int
		if err := rows.Scan(&cost, &n); err != nil {
			return m, err
		}
		m.attempts += n
		m.spent = m.spent.Add(times(cost.Decimal, n))
	}
	if err := rows.Err(); err != nil {
		return m, err
	}
	// As exposure has it. An attempt that is done, or whose files never came, is paid for, also when its cell is on its way again.
	open, err := q.QueryContext(ctx, `SELECT a.reserved_usd, count(*) FROM attempts a JOIN cells c ON c.key = a.cell
		WHERE a.cost_usd IS NULL AND (a.state = 'done' OR a.state = 'submitted' AND a.cost_source IS NULL
			OR c.attempt = a.attempt AND c.state IN ('intended', 'submitted', 'unknown', 'held'))
		GROUP BY 1`)
	if err != nil {
		return m, err
	}
	defer open.Close()
	for open.Next() {
		var one decimal.NullDecimal
		var n int
		if err := open.Scan(&one, &n); err != nil {
			return m, err
		}
		m.reserved = m.reserved.Add(times(one.Decimal, n))
		if !one.Valid {
			m.unpriced += n
		}
	}
	return m, open.Err()
}

func times(usd decimal.Decimal, n int) decimal.Decimal { return usd.Mul(decimal.NewFromInt(int64(n))) }
