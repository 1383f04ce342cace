package journal

import (
	"container/heap"
	"slices"
	"strings"
	"time"
)

// readAhead is how many pending cells are held in memory before they are leased.
const readAhead = 256

// queue decides what is leased next. It is guarded by Journal.mu and knows nothing of the database: steps says what must be read.
type queue struct {
	whole    bool // the grid is enqueued whole: no cells will come
	stopped  bool // no more pending cells
	noNew    bool // of the pending cells, only those that this start has leased before
	newFirst bool // pending cells that did not come back go before those that did

	listed bool    // open is filled
	open   []int64 // cells with a task or an intent that earlier starts left, in the order to lease them

	returned returned // pending again, by this start
	ahead    []stored // pending, in order of their ranks
	far      []stored // pending, from somewhere beyond the cursor: of newFirst
	jumps    int      // to there
	noFar    bool     // there is none
	cursor   int      // the rank up to which ahead was read
	dry      bool     // nothing pending is beyond the cursor

	taken  map[int64]struct{} // cells that reading ahead must pass over: leased, returned, abandoned, or in far
	leases map[int64]*Lease

	newest string // newest task id known
}

func (q *queue) init() {
	q.taken = map[int64]struct{}{}
	q.leases = map[int64]*Lease{}
}

// step is what the caller of Lease has to do next.
type step int

const (
	listOpen  step = iota // read which cells earlier starts left under way
	leaseOpen             // lease the first of open
	readPage              // read pending cells beyond the cursor
	readFar               // read some from further on
	leaseNext             // lease the first of returned or ahead
	wait                  // until something changes, or until a time
	finished              // there is nothing to lease, now or later
)

// next looks at the queue: cells with a task come first, then those to be looked up, then those that came back, then the others by rank, or
// these two the other way round.
func (q *queue) next(now time.Time, slotFree bool) (s step, until time.Time) {
	s, until = q.candidate(now)
	if !slotFree && (s == leaseOpen || s == leaseNext) {
		return wait, time.Time{}
	}
	return s, until
}

func (q *queue) candidate(now time.Time) (step, time.Time) {
	switch {
	case !q.listed:
		return listOpen, time.Time{}
	case len(q.open) > 0:
		return leaseOpen, time.Time{}
	case q.stopped:
		return finished, time.Time{}
	case q.newFirst && !q.noNew && len(q.far) == 0 && !q.noFar:
		return readFar, time.Time{}
	case q.fresh(), q.returned.due(now) && (!q.newFirst || q.dry || q.noNew):
		return leaseNext, time.Time{}
	case !q.dry && !q.noNew:
		return readPage, time.Time{}
	case len(q.returned) > 0:
		return wait, q.returned[0].notBefore
	case (q.whole || q.noNew) && len(q.leases) == 0:
		return finished, time.Time{}
	}
	return wait, time.Time{}
}

// fresh reports whether a cell that did not come back is at hand.
func (q *queue) fresh() bool { return len(q.ahead)+len(q.far) > 0 && !q.noNew }

// pop takes the cell that leaseNext speaks of, and tells whether it came back to this start.
func (q *queue) pop(now time.Time) (c stored, again bool) {
	if q.returned.due(now) && !(q.newFirst && q.fresh()) {
		return heap.Pop(&q.returned).(back).stored, true
	}
	from := &q.ahead
	if len(q.far) > 0 && (q.newFirst || len(q.ahead) == 0) {
		from = &q.far
	}
	at := 0
	if q.newFirst {
		at = len(*from) - 1
	}
	c = (*from)[at]
	*from = slices.Delete(*from, at, at+1)
	return c, false
}

// jumped takes pending cells from further on.
func (q *queue) jumped(page []stored) {
	q.jumps++
	for _, c := range page {
		if _, ok := q.taken[c.key]; !ok {
			q.far = append(q.far, c)
			q.taken[c.key] = struct{}{}
		}
	}
	q.noFar = len(q.far) == 0
}

// filled takes a page of pending cells that was read in the order of writes.
func (q *queue) filled(page []stored) {
	q.dry = len(page) < readAhead
	for _, c := range page {
		q.cursor = c.rank
		if _, ok := q.taken[c.key]; !ok {
			q.ahead = append(q.ahead, c)
		}
	}
}

// reread makes pending cells from that rank on be looked at (again), in order with those read ahead.
func (q *queue) reread(rank int) {
	q.dry, q.noFar = false, false
	if rank > q.cursor {
		return
	}
	if len(q.ahead) > 0 {
		rank = min(rank, q.ahead[0].rank)
	}
	q.ahead, q.cursor = nil, rank-1
}

// ended decides what becomes of a cell whose lease has ended with the record.
func (q *queue) ended(l *Lease, r Record, notBefore time.Time) {
	if r.State != Pending || l.number == 0 {
		delete(q.taken, l.key)
		return
	}
	s := stored{Row: Row{Cell: l.Cell, Record: Record{State: Pending, Attempt: r.attempts()}}, key: l.key, rank: l.rank, at: l.at, earlier: l.earlier.and(r)}
	s.Number = l.number
	if !r.begun() {
		s.Record.Attempt, s.earlier = l.Record.Attempt, l.earlier
	}
	heap.Push(&q.returned, back{s, notBefore})
}

// note keeps the newest task id.
func (q *queue) note(id string) {
	if Newer(id, q.newest) {
		q.newest = id
	}
}

// Newer tells whether task id a was given out after b: ids count upward. What is no number is never newer.
func Newer(a, b string) bool {
	if a == "" || strings.Trim(a, "0123456789") != "" {
		return false
	}
	a, b = strings.TrimLeft(a, "0"), strings.TrimLeft(b, "0")
	return len(a) > len(b) || len(a) == len(b) && a > b
}

// returned is a heap by time, then by rank.
type returned []back

type back struct {
	stored
	notBefore time.Time
}

func (r returned) due(now time.Time) bool { return len(r) > 0 && !r[0].notBefore.After(now) }

func (r returned) Len() int { return len(r) }
func (r returned) Less(i, k int) bool {
	if !r[i].notBefore.Equal(r[k].notBefore) {
		return r[i].notBefore.Before(r[k].notBefore)
	}
	return r[i].rank < r[k].rank
}
func (r returned) Swap(i, k int) { r[i], r[k] = r[k], r[i] }
func (r *returned) Push(x any)   { *r = append(*r, x.(back)) }
func (r *returned) Pop() any {
	last := len(*r) - 1
	x := (*r)[last]
	(*r)[last] = back{}
	*r = (*r)[:last]
	return x
}
