package watch

import (
	"sync"
	"time"

	"wirobatch/wiro"
)

// echoesMost is how often an end that was told is looked for again, where the answers do not know of it yet.
const echoesMost = 6

// ear keeps what the websocket says of a task until a look has left that can confirm it.
type ear struct {
	woken chan struct{}

	mu      sync.Mutex
	joined  time.Time // registered, and nothing was heard since: the end may have been missed
	ended   time.Time
	echoes  int       // looks that showed the task running after its end was told
	told    time.Time // that it has ended
	percent float64   // the furthest that was told of its progress
	phase   phase     // likewise
}

// phase is where a task is that has not ended.
type phase int

const (
	unseen phase = iota
	waits        // for what it needs on the service
	runs
)

func phaseOf(s wiro.Status) phase {
	switch s {
	case "":
		return unseen
	case wiro.StatusQueue, wiro.StatusAccept, wiro.StatusPreprocessStart, wiro.StatusPreprocessEnd, wiro.StatusAssign:
		return waits
	}
	return runs
}

// shown notes what a look shows, or a frame tells.
func (e *ear) shown(s wiro.Status) {
	e.mu.Lock()
	defer e.mu.Unlock()
	e.phase = max(e.phase, phaseOf(s))
}

func (e *ear) at() phase {
	e.mu.Lock()
	defer e.mu.Unlock()
	return e.phase
}

// hear takes a hint. It does not wait for anybody.
func (e *ear) hear(h hint) {
	e.mu.Lock()
	defer e.mu.Unlock()
	e.percent = max(e.percent, h.percent)
	e.phase = max(e.phase, phaseOf(h.status))
	switch {
	case h.ended && e.told.IsZero():
		e.told = time.Now()
		e.ended = e.told
	case h.registered && e.told.IsZero():
		e.joined = time.Now()
	case !h.ended && !h.registered && !e.joined.IsZero(): // it runs, and its end will be told
		e.joined = time.Time{}
	default:
		return
	}
	select {
	case e.woken <- struct{}{}:
	default: // woken already
	}
}

// progress is how much of the task is done, from 0 to 1, as far as it was told.
func (e *ear) progress() float64 {
	e.mu.Lock()
	defer e.mu.Unlock()
	return max(0, min(e.percent/100, 1))
}

// pending are the times of what no look has confirmed yet.
func (e *ear) pending() (joined, ended time.Time, echoes int) {
	e.mu.Lock()
	defer e.mu.Unlock()
	return e.joined, e.ended, e.echoes
}

// looked notes a look that was answered, by the time when it left, and tells when the end was told, zero for not yet.
func (e *ear) looked(left time.Time) (told time.Time) {
	e.mu.Lock()
	defer e.mu.Unlock()
	if !e.joined.After(left) {
		e.joined = time.Time{}
	}
	if !e.ended.IsZero() && !e.ended.After(left) {
		e.ended = time.Time{}
		if e.echoes++; e.echoes <= echoesMost { // what was asked may be behind what told
			e.ended = time.Now()
		}
	}
	return e.told
}
