package watch

import (
	"context"
	"sync"
	"time"

	"golang.org/x/time/rate"

	"wirobatch/wiro"
)

// looks makes the looks that the watches wish for, as few calls as will do: what is due together shares a page of the
// list where that shows it, else it is asked after by Detail. One goroutine decides while tasks are watched.
type looks struct {
	client   *wiro.Client
	api      *Line
	lists    *Line
	mode     *mode
	whose    Whose
	pollRate float64
	bound    *rate.Limiter

	ctx   context.Context // ends with close
	stop  context.CancelFunc
	under sync.WaitGroup // the leader, and calls
	kick  chan struct{}  // what is due may have changed

	mu      sync.Mutex
	watched map[string]*watched
	leads   bool
	alarm   time.Time     // when the leader wakes
	rested  time.Time     // it does not before
	paged   time.Time     // when the last page was asked for
	part    float64       // those that were asked for then, of all that would show the list
	took    time.Duration // about, from asking for a page to having read it
	entered int           // tasks so far
	newest  []*watched    // of them, by id
	ahead   float64       // rows of the list before those: what was submitted and has not entered yet
	crowd   float64       // rows of the list for each of them
	stray   float64       // how many rows tasks were elsewhere than where they should be
	listed  []standing    // of the last plan, to be used again
	alike   bool          // Detail knows no more of an ended task than its row
}

// never is later than any look.
var never = time.Unix(1<<40, 0)

func newLooks(o Options, m *mode) *looks {
	k := &looks{
		client: o.Client, api: o.Line, lists: o.Lists, mode: m, whose: o.Whose, pollRate: o.PollRate, bound: rate.NewLimiter(rate.Inf, 1),
		kick: make(chan struct{}, 1), watched: map[string]*watched{}, crowd: 1,
	}
	if o.PollRate > 0 {
		k.bound = rate.NewLimiter(rate.Limit(o.PollRate), max(1, int(o.PollRate/10)))
	}
	k.ctx, k.stop = context.WithCancel(context.Background())
	return k
}

func (k *looks) close() {
	k.stop()
	k.under.Wait()
}

func (k *looks) number() int {
	k.mu.Lock()
	defer k.mu.Unlock()
	return len(k.watched)
}

func (k *looks) enter(v *watched) {
	k.mu.Lock()
	defer k.mu.Unlock()
	k.enrol(v)
	for v.key = v.ID; k.watched[v.key] != nil; { // a service that was started anew can have another by that id
		v.key += "'"
	}
	k.watched[v.key] = v
	if !k.leads && k.ctx.Err() == nil {
		k.leads, k.alarm = true, never
		k.under.Go(k.lead)
	}
}

func (k *looks) leave(v *watched) {
	k.mu.Lock()
	defer k.mu.Unlock()
	if k.watched[v.key] == v {
		delete(k.watched, v.key)
	}
	if v.call != nil {
		v.call.part()
		v.call = nil
	}
	if len(k.watched) == 0 {
		k.nudge()
	}
}

// want says when the next look at a task is to be made. It changes nothing about one that is under way.
func (k *looks) want(v *watched, w wish) {
	by := k.mode.way()
	k.mu.Lock()
	defer k.mu.Unlock()
	v.wish = w
	if v.call == nil && later(k.leaves(v, by), k.rested).Before(k.alarm) {
		k.nudge()
	}
}

func (k *looks) nudge() {
	select {
	case k.kick <- struct{}{}:
	default: // it will look anyhow
	}
}

// call is a request under way: a page of the list, or with no rows Detail of its one task.
type call struct {
	start, rows int
	tasks       []*watched // whose looks it is
	left        time.Time
	until       time.Time // when it does not wait for the end of any trouble
	entered     int       // tasks by then
	late        bool      // it was due long before
	shown       wiro.Task // of which a page has shown too little
	before      int       // looks that led to this one
	bound       bool      // the rate of looks has let it go already

	ctx    context.Context // ends when nobody waits for it any more
	cancel context.CancelFunc
	wanted int
}

// part takes a task out that is not watched any more. The caller holds the lock.
func (c *call) part() {
	if c.wanted--; c.wanted == 0 {
		c.cancel()
	}
}

// begin notes that the looks at tasks are under way. The caller holds the lock.
func (k *looks) begin(c *call, now time.Time) *call {
	c.left, c.entered, c.wanted, c.until = now, k.entered, len(c.tasks), never
	c.ctx, c.cancel = context.WithCancel(k.ctx)
	for _, v := range c.tasks {
		c.late = c.late || !v.wish.due.IsZero() && now.Sub(v.wish.due) > max(time.Second, v.wish.apart)
		if v.wish.until.Before(c.until) {
			c.until = v.wish.until
		}
		v.call, v.wish = c, wish{until: v.wish.until}
	}
	return c
}

// make makes a call when its turn has come, unless it has one already, and gives what it shows to those who wait. The
// error is that of a Detail.
func (k *looks) make(c *call, done func()) error {
	defer c.cancel()
	if done == nil {
		var err error
		if done, err = k.turn(c.ctx, c.until, c.rows > 0); err != nil {
			k.give(c, sight{err: err})
			return err
		}
		if !c.bound {
			err = k.bound.Wait(c.ctx)
		}
		if err != nil {
			done()
			k.give(c, sight{err: err})
			return err
		}
	}
	if c.rows > 0 {
		k.page(c, done)
		return nil
	}
	var task wiro.Task
	ours := false
	err := k.api.settle(c.ctx, done, func() (err error) {
		if task, err = k.client.Detail(c.ctx, c.tasks[0].ID); err == nil {
			ours, err = k.surely(c.ctx, c.tasks[0].Target, task)
		}
		return err
	})
	if err == nil && !ours {
		err = ErrAnother
	}
	if err == nil && c.shown.Outcome() == wiro.Succeeded && task.Outcome() == wiro.Succeeded && !accounted(task) {
		k.mu.Lock()
		k.alike = true
		k.mu.Unlock()
	}
	k.give(c, sight{task: &task, err: err, looks: 1 + c.before, sure: true})
	return err
}

// give hands what came of a call to the watches that wait for it.
func (k *looks) give(c *call, s sight) {
	k.mu.Lock()
	defer k.mu.Unlock()
	for _, v := range c.tasks {
		if v.call == c {
			k.hand(c, v, s)
		}
	}
}

// hand gives one watch what a call has shown. The caller holds the lock.
func (k *looks) hand(c *call, v *watched, s sight) {
	s.left, s.punctual = c.left, !c.late
	if s.running, s.ended = v.runs, time.Now(); s.running.IsZero() {
		s.running = v.Submitted
	}
	if s.err == nil && s.task.Outcome() == wiro.Running {
		v.runs = c.left
		v.ear.shown(s.task.Status)
	}
	if v.call == c {
		v.call = nil
		c.wanted--
	}
	v.wish = wish{until: v.wish.until} // until it is known what to do with this
	select {
	case v.sights <- s:
	default: // it knows more already
	}
}
