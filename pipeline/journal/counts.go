package journal

import (
	"context"
	"database/sql"

	"github.com/shopspring/decimal"
)

// tally counts the cells of the grid by state. It is guarded by Journal.mu.
type tally struct {
	states      map[State]int
	undelivered int // of the submitted
	attempts    int // of all cells, whatever their grid
	expected    int // cells that a grid in parts will have
}

func (t *tally) init() { t.states = map[State]int{} }

func (t *tally) count(at position, n int) {
	t.states[at.state] += n
	if at.undelivered {
		t.undelivered += n
	}
}

func (t *tally) move(from, to position) {
	t.count(from, -1)
	t.count(to, 1)
}

func (t *tally) load(ctx context.Context, q querier) error {
	c := Counts{States: t.states, Former: map[State]int{}}
	if err := c.load(ctx, q); err != nil {
		return err
	}
	t.undelivered = c.Undelivered
	return nil
}

// Progress is where a run stands. Done to Downloading are apart from each other, and make up Cells when the grid is whole; only LookedUp
// to Downloading also have cells that the manifest no longer has.
type Progress struct {
	Cells       int // of the grid, also while it is being enqueued
	Done        int
	Failed      int
	Cancelled   int
	Held        int // or unknown, and not being looked up
	Undelivered int // paid, not on disk, and not being fetched
	Pending     int // or under way at an earlier start, and not taken up yet
	LookedUp    int // leased, with a submit whose answer never came
	InFlight    int // leased, with a submit under way or a task
	Downloading int // leased, with a task that has given its slot back
	Spent       decimal.Decimal
	Reserved    decimal.Decimal // for what may cost something, and for what did without saying how much
	Unpriced    int             // attempts of that kind for which nothing is reserved: their price was not known
	Attempts    int             // submits in this folder
}

// Ended counts the cells that this start will not touch any more, as far as they stand.
func (p Progress) Ended() int { return p.Done + p.Failed + p.Cancelled + p.Held + p.Undelivered }

// Progress costs next to nothing: nothing is read.
func (j *Journal) Progress() Progress {
	j.mu.Lock()
	defer j.mu.Unlock()
	s := j.tally.states
	p := Progress{
		Done: s[Done], Failed: s[Failed], Cancelled: s[Cancelled], Held: s[Held] + s[Unknown], Undelivered: j.tally.undelivered,
		Pending: s[Pending] + s[Intended] + s[Submitted] - j.tally.undelivered,
		Spent:   j.gate.spent, Reserved: j.gate.reserved, Unpriced: j.gate.unpriced, Attempts: j.tally.attempts,
	}
	for _, n := range s {
		p.Cells += n
	}
	p.Cells = max(p.Cells, j.tally.expected)
	for _, l := range j.queue.leases {
		if !l.at.state.open() {
			continue
		}
		if l.number > 0 {
			switch {
			case l.at.undelivered:
				p.Undelivered--
			case l.at.state == Held || l.at.state == Unknown:
				p.Held--
			default:
				p.Pending--
			}
		}
		switch {
		case l.at.state == Held, l.at.state == Unknown, l.at.state == Intended && !l.slot:
			p.LookedUp++
		case l.at.state == Submitted && !l.slot:
			p.Downloading++
		default:
			p.InFlight++
		}
	}
	return p
}

// Counts is what the database says.
type Counts struct {
	States      map[State]int // cells of the grid
	Former      map[State]int // cells that the manifest no longer has
	Undelivered int           // of States[Submitted]
	Attempts    int           // submits
	Spent       decimal.Decimal
	Reserved    decimal.Decimal
	Unpriced    int // as in Progress
}

// Counts reads the numbers of cells by state and the sums of money, both exact.
func (j *Journal) Counts(ctx context.Context) (Counts, error) {
	c := Counts{States: map[State]int{}, Former: map[State]int{}}
	tx, err := j.reader.BeginTx(ctx, &sql.TxOptions{ReadOnly: true})
	if err == nil {
		defer tx.Rollback()
		if err = c.load(ctx, tx); err == nil {
			var m money
			m, err = sumMoney(ctx, tx)
			c.Spent, c.Reserved, c.Unpriced, c.Attempts = m.spent, m.reserved, m.unpriced, m.attempts
		}
	}
	if err != nil {
		return c, unread(j.path, err)
	}
	return c, nil
}

func (c *Counts) load(ctx context.Context, q querier) error {
	rows, err := q.QueryContext(ctx, "SELECT state, number IS NOT NULL, count(*) FROM cells GROUP BY 1, 2")
	if err != nil {
		return err
	}
	defer rows.Close()
	for rows.Next() {
		var s State
		var in bool
		var n int
		if err := rows.Scan(&s, &in, &n); err != nil {
			return err
		}
		if in {
			c.States[s] = n
		} else {
			c.Former[s] = n
		}
	}
	if err := rows.Err(); err != nil {
		return err
	}
	return q.QueryRowContext(ctx, "SELECT count(*) FROM cells WHERE state = 'submitted' AND number IS NOT NULL AND undelivered").Scan(&c.Undelivered)
}

// Unclear is how many cells of the grid have a task that was seen to end, but not how: as Record.Unclear tells.
func (j *Journal) Unclear(ctx context.Context) (n int, err error) {
	err = j.reader.QueryRowContext(ctx, `SELECT count(*) FROM cells c JOIN attempts a ON a.cell = c.key AND a.attempt = c.attempt
		WHERE c.state = 'submitted' AND c.number IS NOT NULL AND c.undelivered AND a.task_status IS NULL AND a.wait_ms IS NOT NULL`).Scan(&n)
	return n, unread(j.path, err)
}
