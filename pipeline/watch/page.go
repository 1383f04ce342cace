package watch

import (
	"time"

	"wirobatch/wiro"
)

const (
	pageRows = 100 // at most (Wiro's own clients)
	// pageStep is how far apart pages begin: their overlap is for what is submitted while they are asked for.
	pageStep = 80
	// pageSpare are rows beyond those that a short page is asked for.
	pageSpare = 20
)

// plan gives the calls that show what is due now, with what is glad to come along: a page for those that it is likely to
// show, where it shows two or more, and Detail for each of the others. Between pages nothing is asked for twice.
func (k *looks) plan(now time.Time) (calls []*call) {
	by := k.mode.way()
	trouble := k.api.Row() > 0
	pages := k.mode.pages() && (k.lists.Open() || trouble) // in a trouble of all, a page goes ahead for many
	k.mu.Lock()
	defer k.mu.Unlock()
	k.rested = now.Add(time.Duration(len(k.watched)) * restEach)
	type group struct {
		tasks          []*watched
		due, all, last int // looks that are due, tasks that it shows, and the last row of those
	}
	groups := map[int]*group{}
	var alone []*watched
	for _, v := range k.watched {
		q := v.wish
		ready := v.call == nil && !q.due.IsZero()
		due := ready && !k.leaves(v, by).After(now)
		if !pages || v.off || q.sure {
			if due {
				alone = append(alone, v)
			}
			continue
		}
		row := k.row(v, k.entered)
		g := groups[row/pageStep]
		if g == nil {
			g = &group{}
			groups[row/pageStep] = g
		}
		along := ready && (q.rides || q.soon || by == byList && !q.due.After(now.Add(q.apart)))
		if due || along {
			g.tasks = append(g.tasks, v)
		}
		if due {
			g.due++
		}
		if due || along || by == byList {
			g.all, g.last = g.all+1, max(g.last, row)
		}
	}
	for n, g := range groups {
		if g.due == 0 {
			continue
		}
		if g.all < 2 && !trouble { // else Detail would only wait
			alone = append(alone, g.tasks...)
			continue
		}
		first := n * pageStep
		rows := min(pageRows, g.last-first+(g.last-first)/2+pageSpare)
		calls = append(calls, k.begin(&call{start: first, rows: rows, tasks: g.tasks}, now))
		k.paged = now
	}
	for _, v := range alone {
		calls = append(calls, k.begin(&call{tasks: []*watched{v}}, now))
	}
	return calls
}

// newestMost is how far from its place by its id a task may enter: as many are submitted at once, answered in any order.
const newestMost = 2048

// enrol gives a task its place among all that have entered: that of its id, which is its place in the list. The caller
// holds the lock.
func (k *looks) enrol(v *watched) {
	if len(k.newest) == 2*newestMost {
		k.newest = append(k.newest[:0], k.newest[newestMost:]...)
	}
	k.entered++
	v.place = k.entered
	k.newest = append(k.newest, v)
	for i := len(k.newest) - 1; i > 0 && older(v.ID, k.newest[i-1].ID); i-- {
		k.newest[i-1], k.newest[i] = v, k.newest[i-1]
		k.newest[i].place, v.place = v.place, k.newest[i].place
	}
}

// row is where the list is likely to show a task when so many have come: each that came after it stands before it, and
// with it those of others on the account.
func (k *looks) row(v *watched, entered int) int {
	return int(float64(entered-v.place) * k.crowd)
}

// page asks for a page, and gives each task what it shows of it. An end that it shows is one for all who watch.
func (k *looks) page(c *call, done func()) {
	var page wiro.TaskPage
	asked := time.Now()
	err := k.lists.settle(c.ctx, done, func() (err error) {
		page, err = k.client.List(c.ctx, wiro.ListQuery{Start: c.start, Limit: c.rows})
		return err
	})
	if err != nil {
		k.unlisted(c, err)
		return
	}
	again := k.show(c, page.Tasks)
	k.mu.Lock()
	k.took += (time.Since(asked) - k.took) / 4
	k.mu.Unlock()
	for _, one := range again {
		k.under.Go(func() { _ = k.make(one, nil) })
	}
}

// show hands out what a page shows, and gives the calls for what only Detail decides: tasks that the page does not show
// although their look it was, and ends that lack something.
func (k *looks) show(c *call, page []wiro.Task) (again []*call) {
	k.mu.Lock()
	defer k.mu.Unlock()
	furthest, row, seen := 0, 0, 0
	for i, t := range page {
		v := k.watched[t.ID]
		if v == nil || !k.is(v.Target, t) { // of another, Detail has the last word
			continue
		}
		v.off = false
		seen++
		if before := c.entered - v.place; before > furthest {
			furthest, row = before, c.start+i
		}
		running := t.Outcome() == wiro.Running
		if running {
			v.runs = c.left
			v.ear.shown(t.Status)
		}
		switch {
		case v.call != c && (v.call != nil || running): // its own look will tell, or comes in its time
		case running, k.whole(t):
			shown := t // apart from the page, which it would keep
			k.hand(c, v, sight{task: &shown, looks: 1})
		default:
			again = append(again, k.alone(c, v, t))
		}
	}
	for _, v := range c.tasks {
		if v.call == c {
			v.off = true
			if n := len(page); n > 0 && older(v.ID, page[n-1].ID) && c.entered-v.place > furthest {
				furthest, row = c.entered-v.place, c.start+n+pageSpare // at least
			}
			again = append(again, k.alone(c, v, wiro.Task{}))
		}
	}
	if furthest > 0 { // those that came together need not stand in the order in which we know of them: the oldest tells most
		k.crowd += (max(1, min(float64(row+1)/float64(furthest+1), 50)) - k.crowd) / 4
	}
	if c.start == 0 {
		k.mode.listed(seen > 0)
	}
	return again
}

// older reports whether a task was made before another: their ids count upward.
func older(id, than string) bool {
	if len(id) != len(than) {
		return len(id) < len(than)
	}
	return id < than
}

// alone makes a call of its own for a task of which a page has shown too little. The caller holds the lock.
func (k *looks) alone(page *call, v *watched, shown wiro.Task) *call {
	if v.call == page {
		page.wanted--
	}
	return k.begin(&call{tasks: []*watched{v}, shown: shown, before: 1}, time.Now())
}

// unlisted is for a page that did not come. One of its tasks is asked after: if that fails as well, it is the trouble of
// all, and has cost one call for all of them; else it is the list's, and each is asked after. While only Detail is in
// trouble, the next page will tell.
func (k *looks) unlisted(c *call, err error) {
	if k.api.Row() > 0 && k.lists.Row() == 0 {
		k.give(c, sight{err: err, looks: 1})
		return
	}
	var all []*call
	k.mu.Lock()
	for _, v := range c.tasks {
		if v.call == c && len(all) == 0 {
			all = append(all, k.alone(c, v, wiro.Task{}))
		}
	}
	k.mu.Unlock()
	if len(all) == 0 {
		return
	}
	if k.make(all[0], nil) != nil {
		k.give(c, sight{err: err, looks: 1})
		return
	}
	k.mode.listed(false)
	k.mu.Lock()
	for _, v := range c.tasks {
		if v.call == c {
			all = append(all, k.alone(c, v, wiro.Task{}))
		}
	}
	k.mu.Unlock()
	for _, one := range all[1:] {
		k.under.Go(func() { _ = k.make(one, nil) })
	}
}

// whole reports whether the row of an ended task is as good as Detail. One that did not succeed is rare, and may lack its
// outputs alone; one without its cost or its times is asked after, until Detail has been found to know no more.
func (k *looks) whole(t wiro.Task) bool {
	switch t.Outcome() {
	case wiro.Canceled:
		return true
	case wiro.Failed:
		return false
	}
	for _, o := range t.Outputs {
		if o.URL == "" && o.Content == "" {
			return false
		}
	}
	return len(t.Outputs) > 0 && (k.alike || accounted(t))
}

// accounted reports whether a task says what it cost, and when.
func accounted(t wiro.Task) bool {
	_, _, cost := t.Cost()
	return cost && t.Elapsed.Valid && !t.Created.IsZero() && !t.Started.IsZero() && !t.Ended.IsZero()
}
