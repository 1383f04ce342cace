package watch

import (
	"context"
	"time"

	"wirobatch/wiro"
)

// watched is a task while it is watched. What stands first is its watch's own.
type watched struct {
	Target
	polls   int
	seenAt  time.Time // it was last seen then
	back    time.Time // no look before, after one that failed
	erring  bool      // it shows task_error
	doubted bool      // what a page shows of it is to be confirmed by Detail
	due     time.Time // of the next look, by the schedule
	dueWay  way       // for which that was worked out
	ear     ear
	deafen  func()     // ends the hints
	sights  chan sight // holds one

	// Guarded by looks.mu.
	key   string // in watched: its id, but for a second one by that id
	place int    // among all that were watched, in the order in which they came
	wish  wish   // for the next look
	call  *call
	off   bool      // the list does not show it where it should be
	runs  time.Time // it was last seen running, by a look that left then
}

// wish is for a look.
type wish struct {
	due   time.Time     // zero: none
	until time.Time     // from when the look does not wait for the end of any trouble
	apart time.Duration // between the pages that such looks share
	soon  bool          // a hint: it does not wait for the next page's time
	rides bool          // any page before it is due does as well
	sure  bool          // only Detail does
}

// sight is what came of a look.
type sight struct {
	task     *wiro.Task // nil with an error
	err      error
	looks    int  // made for the task
	sure     bool // by Detail
	left     time.Time
	punctual bool // it was not held up, so that the end was seen when it should have been

	running, ended time.Time // between which it has ended
}

func (w *Watcher) enter(t Target) *watched {
	v := &watched{Target: t, seenAt: time.Now(), sights: make(chan sight, 1)}
	v.ear.woken = make(chan struct{}, 1)
	w.looks.enter(v)
	w.mode.listen(v)
	w.load()
	return v
}

func (w *Watcher) leave(v *watched) {
	w.mode.unlisten(v)
	w.looks.leave(v)
	w.load()
}

// Progress is how much of all the tasks that are watched is done, in tasks, as far as the websocket has told.
func (w *Watcher) Progress() (sum float64) {
	w.looks.mu.Lock()
	defer w.looks.mu.Unlock()
	for _, v := range w.looks.watched {
		sum += v.ear.progress()
	}
	return sum
}

// Stages is how many of the tasks that are watched wait on the service, and how many run there, as far as it was told.
func (w *Watcher) Stages() (waiting, running int) {
	w.looks.mu.Lock()
	defer w.looks.mu.Unlock()
	for _, v := range w.looks.watched {
		switch v.ear.at() {
		case waits:
			waiting++
		case runs:
			running++
		}
	}
	return waiting, running
}

// load tells the schedule how many tasks its polls are for. Where pages are shared, their number is bounded by what they
// share, and the looks leave at the rate's pace in any case.
func (w *Watcher) load() {
	bound := 0.0
	if w.mode.way() == byDetail {
		bound = w.looks.pollRate
	}
	w.schedule.load(w.looks.number(), bound)
}

// sight asks for a look at the task when it is due, by the schedule or by what the websocket says, and returns what came
// of it. Another's page may show the end before.
func (w *Watcher) sight(ctx context.Context, v *watched) (sight, error) {
	v.due = time.Time{}
	for {
		way, changed := w.mode.now()
		w.looks.want(v, w.wish(v, way))
		select {
		case <-ctx.Done():
			return sight{}, ctx.Err()
		case s := <-v.sights:
			if s.err != nil {
				return s, nil
			}
			if told := v.ear.looked(s.left); !told.IsZero() {
				s.running, s.ended = told, told
			} else if way == bySocket && s.task.Outcome() != wiro.Running { // found by the slow poll, or by chance
				s.punctual = false
			}
			return s, nil
		case <-v.ear.woken:
		case <-changed:
		}
	}
}

const (
	gatherMost = 30 * time.Millisecond // how long a hint waits for others to share its look with
	apartMost  = 10 * time.Second      // between the pages of tasks that take long
	lazyMost   = time.Second           // for a page that shows a task which has just been registered
	slowMost   = 5 * time.Minute       // between the looks behind the websocket
	slowLeast  = time.Second
)

// wish works out when the next look at a task is due.
func (w *Watcher) wish(v *watched, by way) wish {
	now, usual := time.Now(), w.schedule.usual(v.Target)
	waited := now.Sub(v.Submitted)
	if v.due.IsZero() || v.dueWay != by {
		next := w.schedule.next(v.Target, waited, v.polls)
		if by == bySocket {
			next = clamp(max(3*next, 3*usual-waited), slowLeast, slowMost) // when hardly any still runs whose end was told
		}
		if v.erring {
			next = min(next, blind)
		}
		if left := w.timeout - waited; w.timeout > 0 && left >= 0 {
			next = min(next, left+time.Millisecond)
		}
		v.due, v.dueWay = now.Add(next), by
	}
	gather := clamp(usual/100, 2*time.Millisecond, gatherMost)
	if usual == 0 {
		gather = gatherMost / 3
	}
	q := wish{
		due: v.due, until: v.seenAt.Add(max(patience, w.timeout)), sure: v.doubted,
		apart: clamp(max(usual, waited/4)/25, gather, apartMost),
	}
	sooner := func(at time.Time) bool {
		if at.Before(q.due) {
			q.due = at
			return true
		}
		return false
	}
	switch joined, ended, echoes := v.ear.pending(); {
	case v.doubted:
		q.due = now
	case !ended.IsZero():
		q.soon = sooner(ended.Add(gather << echoes))
	case joined.IsZero() || by != bySocket: // else the polls do not rely on being told
	case waited < usual/4: // it has hardly ended already
		q.rides = sooner(joined.Add(clamp(usual/4, gather, lazyMost)))
	default:
		q.soon = sooner(joined.Add(gather))
	}
	if q.due.Before(v.back) {
		q.due, q.rides = v.back, false
	}
	return q
}
