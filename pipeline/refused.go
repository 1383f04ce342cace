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
	// alone is for how long nothing may be taken, where each cell that is left was refused, before aloneRefusals of a cell are the
	// verdict: nothing else can show whether it is the service.
	alone         = 10 * time.Minute
	aloneRefusals = 3
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
	ever  int   // heard refusals while all were held back, whatever else was taken
}

// while notes one more refusal, and gives how many there were with others taken in between. ahead tells that it went
// ahead of all others, and that it may be the cell's own fault.
func (t *tally) while(cell string, taken int64, ahead bool) int {
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
	if ahead {
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

// alone reports whether a cell was refused often, and each of so many cells was, so that none is left to be tried instead.
func (t *tally) alone(cell string, cells int) bool {
	t.mu.Lock()
	defer t.mu.Unlock()
	for _, r := range t.cells {
		if r.ever > 0 {
			cells--
		}
	}
	return cells <= 0 && t.cells[cell].ever >= aloneRefusals
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
