package pipeline

import (
	"net/http"
	"sync"
	"time"

	"wirobatch/wiro"
)

const (
	// refusals is how often a cell may be refused for a reason that looks passing, while others are taken, before that is
	// the verdict.
	refusals = 6
	// alone is for how long nothing may be taken, where each cell that is left was refused eachOfThem times, and nothing else can
	// show whether it is the service.
	alone      = 10 * time.Minute
	eachOfThem = 3
	// behindFirst is how long others go before a cell that was refused once; each time that is doubled.
	behindFirst = 15 * time.Second
)

// tally counts refusals of a cell while other cells were taken.
type tally struct {
	mu    sync.Mutex
	cells map[string]refusal
}

type refusal struct {
	times int
	taken int64 // submits that the service had taken by then
	ever  int   // heard refusals, whatever else was taken
}

// while notes one more refusal, and gives how many there were with others taken in between. heard tells that it may be the cell's
// own fault.
func (t *tally) while(cell string, taken int64, heard bool) int {
	t.mu.Lock()
	defer t.mu.Unlock()
	last, again := t.cells[cell]
	if !again || taken > last.taken {
		last.times++
	}
	if t.cells == nil {
		t.cells = map[string]refusal{}
	}
	last.taken = taken
	if heard {
		last.ever++
	}
	t.cells[cell] = last
	return last.times
}

// behind is how long others go before a cell that was refused: as many as there are slots would let nobody else pass.
func (t *tally) behind(cell string) time.Duration {
	t.mu.Lock()
	defer t.mu.Unlock()
	return min(behindFirst<<min(max(t.cells[cell].ever-1, 0), 6), alone)
}

// all reports whether so many cells were refused often, so that none is left to be tried instead.
func (t *tally) all(cells int) bool {
	t.mu.Lock()
	defer t.mu.Unlock()
	for _, r := range t.cells {
		if r.ever >= eachOfThem {
			cells--
		}
	}
	return cells <= 0
}

// settled forgets a cell that was taken, or will not be tried again.
func (t *tally) settled(cell string) {
	t.mu.Lock()
	defer t.mu.Unlock()
	delete(t.cells, cell)
}

// busy reports whether the API has refused for having too much to do.
func busy(e *wiro.Error) bool {
	return e.Status == http.StatusTooManyRequests || e.Status == http.StatusServiceUnavailable
}

// heard reports whether the API itself has refused, and says neither that it is busy nor that it has failed.
func heard(e *wiro.Error) bool {
	return e.Refused && e.Status < http.StatusInternalServerError && e.Status != http.StatusTooManyRequests
}
