package journal

import (
	"context"
	"fmt"

	"github.com/shopspring/decimal"
)

// costsSize is how many costs one write of TellCosts records.
const costsSize = 4000

// Paid is an attempt that was paid for without its cost becoming known.
type Paid struct {
	Cell    Cell
	Elapsed decimal.NullDecimal // seconds, by the server's clock
	Outputs int                 // 0: not known
}

// A task that has ended and whose cell goes on was paid for: of the others it is known that they cost nothing. A cost source
// tells those apart whose cost nobody could tell.
const wherePaid = ` FROM attempts a JOIN cells c ON c.key = a.cell
	WHERE a.cost_usd IS NULL AND a.cost_source IS NULL AND (a.state = 'done' OR a.state = 'submitted' AND a.task_status IS NOT NULL)`

// CostsMissing gives the models of all paid attempts whose cost is not known, and how many each has.
func (j *Journal) CostsMissing(ctx context.Context) (map[string]int, error) {
	rows, err := j.reader.QueryContext(ctx, "SELECT c.model, count(*)"+wherePaid+" GROUP BY 1")
	if err != nil {
		return nil, fmt.Errorf("reading %s: %w", j.path, err)
	}
	defer rows.Close()
	missing := map[string]int{}
	for rows.Next() {
		var model string
		var n int
		if err := rows.Scan(&model, &n); err != nil {
			return nil, fmt.Errorf("reading %s: %w", j.path, err)
		}
		missing[model] = n
	}
	return missing, rows.Err()
}

// TellCosts asks tell for the cost of each paid attempt of a model whose cost is not known, and records it: what was reserved
// for it is spent. Without a cost, a source says that nobody can tell it, and it is not asked for again. Call it while no
// lease is out.
func (j *Journal) TellCosts(ctx context.Context, model string, tell func(Paid) (usd decimal.NullDecimal, source string)) error {
	rows, err := j.reader.QueryContext(ctx, `SELECT c.key, a.attempt, a.reserved_usd, c.id, c.params, a.elapsed_s,
		(SELECT count(*) FROM files f WHERE f.cell = a.cell AND f.attempt = a.attempt)`+wherePaid+" AND c.model = ?", model)
	if err != nil {
		return fmt.Errorf("reading %s: %w", j.path, err)
	}
	defer rows.Close()
	var told []toldCost
	for rows.Next() {
		one, p := toldCost{}, Paid{Cell: Cell{Model: model}}
		var params []byte
		err := rows.Scan(&one.key, &one.attempt, &one.reserved, &p.Cell.ID, &params, &p.Elapsed, &p.Outputs)
		if err == nil {
			p.Cell.Params, err = decodeParams(params)
		}
		if err != nil {
			return fmt.Errorf("reading %s: %w", j.path, err)
		}
		if one.usd, one.source = tell(p); one.source == "" {
			continue
		}
		if told = append(told, one); len(told) == costsSize {
			if err := j.setCosts(told); err != nil {
				return err
			}
			told = told[:0]
		}
	}
	if err := rows.Err(); err != nil {
		return fmt.Errorf("reading %s: %w", j.path, err)
	}
	return j.setCosts(told)
}

type toldCost struct {
	key      int64
	attempt  int
	reserved decimal.NullDecimal
	usd      decimal.NullDecimal
	source   string
}

// setCosts records costs, and keeps the money in step.
func (j *Journal) setCosts(told []toldCost) error {
	if len(told) == 0 {
		return nil
	}
	return j.write(func(w *writer) (func(), error) {
		var m money
		for _, c := range told {
			n, err := w.exec("UPDATE attempts SET cost_usd = ?, cost_source = ? WHERE cell = ? AND attempt = ? AND cost_usd IS NULL",
				exact(c.usd), c.source, c.key, c.attempt)
			if err != nil {
				return nil, err
			}
			if n == 0 || !c.usd.Valid {
				continue
			}
			m.spent, m.reserved = m.spent.Add(c.usd.Decimal), m.reserved.Add(c.reserved.Decimal)
			if !c.reserved.Valid {
				m.unpriced++
			}
		}
		return func() {
			j.gate.spent, j.gate.reserved = j.gate.spent.Add(m.spent), j.gate.reserved.Sub(m.reserved)
			j.gate.unpriced -= m.unpriced
		}, nil
	})
}

// Spending is what the attempts of one model have cost that cost anything.
type Spending struct {
	USD      decimal.Decimal
	Attempts int
}

// Spending gives it for each model.
func (j *Journal) Spending(ctx context.Context) (map[string]Spending, error) {
	rows, err := j.reader.QueryContext(ctx, `SELECT c.model, a.cost_usd, count(*) FROM attempts a JOIN cells c ON c.key = a.cell
		WHERE a.cost_usd GLOB '*[1-9]*' GROUP BY 1, 2`)
	if err != nil {
		return nil, fmt.Errorf("reading %s: %w", j.path, err)
	}
	defer rows.Close()
	spending := map[string]Spending{}
	for rows.Next() {
		var model string
		var usd decimal.Decimal
		var n int
		if err := rows.Scan(&model, &usd, &n); err != nil {
			return nil, fmt.Errorf("reading %s: %w", j.path, err)
		}
		s := spending[model]
		spending[model] = Spending{s.USD.Add(times(usd, n)), s.Attempts + n}
	}
	return spending, rows.Err()
}
