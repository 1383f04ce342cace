package watch

import (
	"time"

	"wirobatch/wiro"
)

// show hands out what a page shows, and gives the calls for what only Detail decides: tasks that the page does not show
// although their look it was, and ends that lack something.
func (k *looks) show(c *call, page []wiro.Task) (again []*call) {
	k.mu.Lock()
	defer k.mu.Unlock()
	seen := 0
	stood := sightings{entered: c.entered, guess: k.row}
	for i, t := range page {
		v := k.watched[t.ID]
		if v == nil || !k.is(v.Target, t) { // of another, Detail has the last word
			continue
		}
		v.off = false
		seen++
		stood.add(v, c.start+i)
		running := t.Outcome() == wiro.Running
		if running {
			v.runs = c.left
			v.ear.shown(t.Status)
		}
		switch {
		case v.call != c && (v.call != nil || running): // its own look will tell, or comes in its time
		case running, k.whole(t):
			shown := t // apart from the page, which it would keep
			k.hand(c, v, sight{task: &shown, looks: 1 + c.before})
		default:
			again = append(again, k.alone(c, v, t))
		}
	}
	before, after, none := c.unseen(page)
	end := c.start + len(page)
	until := c.start + spareMost
	again = append(again, k.beside(c, before, max(c.start-stood.width(before, k.crowd)-spareMost, until-pageRows), until)...)
	again = append(again, k.beside(c, after, end, end+stood.width(after, k.crowd)+spareMost)...)
	again = append(again, k.beside(c, none, 0, 0)...)
	// Where a page has shown nothing, it tells at least on which side of it they stand.
	if len(before) > 0 && !stood.any {
		stood.add(before[0], max(0, c.start-spareMost))
	}
	if len(after) > 0 && !stood.any {
		stood.add(after[0], end+spareMost)
	}
	k.stood(stood)
	// A page of all rows from the first on, or one that shows others where ours should stand, tells that the list is of no use.
	if seen > 0 || len(none) > 0 || c.start == 0 && (len(after) == 0 || c.rows == pageRows) {
		k.mode.listed(seen > 0)
	}
	return again
}

// unseen are the tasks whose look the page was and which it does not show: those that stand before its first row, those that stand
// after its last, and those that it should show.
func (c *call) unseen(page []wiro.Task) (before, after, none []*watched) {
	for _, v := range c.tasks {
		switch n := len(page); {
		case v.call != c:
		case n > 0 && older(page[0].ID, v.ID), n == 0 && c.start > 0: // the list has ended before
			before = append(before, v)
		case n > 0 && older(v.ID, page[n-1].ID):
			after = append(after, v)
		default:
			none = append(none, v)
		}
	}
	return before, after, none
}

// beside gives the calls for tasks that a page does not show: one more page for those that stand beside it, and Detail where that is
// not known, or would be asked for one task. The caller holds the lock.
func (k *looks) beside(page *call, unseen []*watched, start, end int) (again []*call) {
	start = max(0, start)
	if rows := min(end-start, pageRows); rows > 0 && len(unseen) > 1 && page.before == 0 {
		for range unseen {
			page.wanted--
		}
		return append(again, k.begin(&call{start: start, rows: rows, tasks: unseen, before: 1}, time.Now()))
	}
	for _, v := range unseen {
		v.off = true
		again = append(again, k.alone(page, v, wiro.Task{}))
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
