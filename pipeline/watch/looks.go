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
	took    time.Duration // about, from asking for a page to having read it
	entered int           // tasks so far
	newest  []*watched    // of them, by id
	crowd   float64       // rows of the list for each of them
	alike   bool          // Detail knows no more of an ended task than its row
}

// never is later than any look.
var never = time.Unix(1<<40, 0)

func newLooks(o Options, m *mode) *looks {
	k := &looks{
		client: o.Client, api: o.Line, lists: o.Lists, mode: m, pollRate: o.PollRate, bound: rate.NewLimiter(rate.Inf, 1),
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
	k.watched[v.ID] = v
	if !k.leads && k.ctx.Err() == nil {
		k.leads, k.alarm = true, never
		k.under.Go(k.lead)
	}
}

func (k *looks) leave(v *watched) {
	k.mu.Lock()
	defer k.mu.Unlock()
	if k.watched[v.ID] == v {
		delete(k.watched, v.ID)
	}
	if v.call != nil {
		v.call.part()
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

// leaves is when the look at a task has to leave. By list, pages keep their distance: each shows what has ended since the
// one before. The caller holds the lock.
func (k *looks) leaves(v *watched, by way) time.Time {
	next := k.paged.Add(max(v.wish.apart, k.took))
	if by != byList || v.wish.soon || v.wish.sure || !next.After(v.wish.due) {
		return v.wish.due
	}
	return next
}

// lead wakes when a look is due, waits for the turn of what leaves, and lets go what is due by then.
func (k *looks) lead() {
	timer := time.NewTimer(time.Hour)
	defer timer.Stop()
	for {
		at, until, any := k.soonest()
		if !any {
			return
		}
		if wait := time.Until(at); wait > 0 {
			timer.Reset(wait)
			select {
			case <-timer.C:
			case <-k.kick:
			case <-k.ctx.Done():
			}
			continue
		}
		pages := k.mode.pages()
		done, err := k.turn(k.ctx, until, pages)
		if err != nil {
			continue
		}
		if k.bound.Wait(k.ctx) != nil {
			done()
			continue
		}
		calls := k.plan(time.Now())
		if len(calls) > 0 && pages && calls[0].rows == 0 { // the turn of a page is none of a Detail
			done()
			done, calls[0].bound = nil, k.api.Row() == 0 // else it leaves later, when it is its turn
		}
		for i, c := range calls {
			turn := done // of the first; the others wait for their own
			if i > 0 {
				turn = nil
			}
			k.under.Go(func() { _ = k.make(c, turn) })
		}
		if len(calls) == 0 {
			done()
		}
	}
}

// restEach is how long the leader rests after it has gone through the watched tasks, for each of them: some fifty times what
// that takes.
const restEach = 10 * time.Microsecond

// turn waits for that of a page, which trouble of Detail alone does not hold up, or of a Detail.
func (k *looks) turn(ctx context.Context, by time.Time, page bool) (done func(), err error) {
	if page {
		return k.lists.host(ctx, by)
	}
	return k.api.Turn(ctx, by)
}

// judgeEvery is how often the way of watching is judged while nothing is due.
const judgeEvery = 5 * time.Second

// soonest is when the leader has something to do, and until when that may wait for the end of a trouble; any is false when
// it is of no more use.
func (k *looks) soonest() (at, until time.Time, any bool) {
	by := k.mode.way()
	k.mu.Lock()
	defer k.mu.Unlock()
	if len(k.watched) == 0 || k.ctx.Err() != nil {
		k.leads = false
		return at, until, false
	}
	at, until = time.Now().Add(judgeEvery), never
	for _, v := range k.watched {
		if v.call != nil || v.wish.due.IsZero() {
			continue
		}
		if leaves := k.leaves(v, by); leaves.Before(at) {
			at = leaves
		}
		if v.wish.until.Before(until) {
			until = v.wish.until
		}
	}
	at = later(at, k.rested)
	k.alarm = at
	return at, until, true
}

func later(a, b time.Time) time.Time {
	if a.Before(b) {
		return b
	}
	return a
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
	err := k.api.settle(c.ctx, done, func() (err error) {
		task, err = k.client.Detail(c.ctx, c.tasks[0].ID)
		return err
	})
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
	}
	if v.call == c {
		v.call = nil
		c.wanted--
	}
	select {
	case v.sights <- s:
	default: // it knows more already
	}
}
