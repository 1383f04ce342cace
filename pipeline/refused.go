package pipeline

import (
	"sync"
	"time"

	"wirobatch/wiro"
)

const (
	// refusals is how often a cell may be refused for a reason that looks passing, while as many of the others are taken as refused,
	// before that is the verdict.
	refusals = 6
	// alone is for how long nothing may be taken, where all that is left was refused, or much was in a row, before that is the verdict
	// on a cell which was refused twice: nothing else can show whether it is the service. For each such verdict since a submit was
	// taken it takes aloneEach longer: an outage that looks so ends before many.
	alone     = 10 * time.Minute
	aloneEach = 20 * time.Second
	// Such are few beside those that are done: one for each two of them, and so many at least. More may be an outage.
	aloneShare = 0.5
	aloneLeast = 8
	// behindFirst is how long others go before a cell that was refused once; each time that is doubled, behindFreely times where nothing
	// tells that it is the cell, and more for many that are refused, so that these are not most of what is submitted.
	behindFirst  = 15 * time.Second
	behindFreely = 3
	behindEach   = 400 * time.Millisecond
	behindMost   = 10 * time.Minute
)

// tally counts refusals of cells.
type tally struct {
	mu    sync.Mutex
	cells map[string]refusal
	all   int64 // refusals
	given int   // verdicts on cells that stood alone
	row   int   // of them, since a submit was taken
}

type refusal struct {
	times int   // with as many of the others taken as refused since the one before
	taken int64 // submits that the service had taken by then
	all   int64 // refusals of all cells by then
	ever  int   // that may be the cell's own fault
}

// while notes one more refusal, and gives how many there were with as many of the others taken as refused in between. own tells that it
// may be the cell's own fault.
func (t *tally) while(cell string, taken int64, own bool) int {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.all++
	last, again := t.cells[cell]
	if !again || taken-last.taken >= t.all-last.all {
		last.times++
	}
	if t.cells == nil {
		t.cells = map[string]refusal{}
	}
	last.taken, last.all = taken, t.all
	if own {
		last.ever++
	}
	t.cells[cell] = last
	return last.times
}

// behind is how long others go before a cell that was refused: as many as there are slots would let nobody else pass.
func (t *tally) behind(cell string) time.Duration {
	t.mu.Lock()
	defer t.mu.Unlock()
	r := t.cells[cell]
	doubled := max(r.times, min(r.ever, 1+behindFreely)) - 1
	return min(max(behindFirst<<max(doubled, 0), time.Duration(len(t.cells))*behindEach), behindMost)
}

// alone reports whether a refusal is the verdict on a cell although nothing was taken for so long: of cells that are left each was
// refused, or tried tells that much was in a row; and done is how many have their pictures.
func (t *tally) alone(cell string, left, done int, tried bool, long time.Duration) bool {
	t.mu.Lock()
	defer t.mu.Unlock()
	refused := 0
	for _, r := range t.cells {
		if r.ever > 0 {
			refused++
		}
	}
	few := t.given+refused <= max(int(float64(done)*aloneShare), aloneLeast)
	long -= time.Duration(t.row) * aloneEach
	if t.cells[cell].ever < 2 || long < alone || !few || t.row == 0 && !tried && refused < left {
		return false
	}
	t.given++
	t.row++
	return true
}

// taken notes that the service took a cell.
func (t *tally) taken(cell string) {
	t.settled(cell)
	t.mu.Lock()
	defer t.mu.Unlock()
	t.row = 0
}

// settled forgets a cell that was taken, or will not be tried again.
func (t *tally) settled(cell string) {
	t.mu.Lock()
	defer t.mu.Unlock()
	delete(t.cells, cell)
}

// itsOwn reports whether the API has refused for what may be the cell's own fault: it does not say that the trouble is its own.
func itsOwn(e *wiro.Error) bool { return e.Refused && e.Disposition() == wiro.Retry && !e.Passing() }
