package watch

import (
	"slices"
	"time"

	"wirobatch/wiro"
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
	var alone []*watched
	listed := k.listed[:0]
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
		along := ready && (q.rides || q.soon || by == byList && !q.due.After(now.Add(q.apart)))
		if due || along || by == byList {
			listed = append(listed, standing{v, k.row(v, k.entered), due, due || along})
		}
	}
	slices.SortFunc(listed, func(a, b standing) int { return a.row - b.row })
	spare := k.spare()
	for rest := listed; ; {
		var looks []standing
		var shown int
		c := &call{}
		if c.start, c.rows, looks, shown, rest = nextPage(rest, spare); len(looks) == 0 {
			break
		}
		for _, s := range looks {
			if s.looks {
				c.tasks = append(c.tasks, s.v)
			}
		}
		if shown < 2 && !trouble { // else Detail would only wait
			alone = append(alone, c.tasks...)
			continue
		}
		calls = append(calls, k.begin(c, now))
	}
	if len(calls) > 0 {
		k.paged, k.part = now, min(float64(len(calls))*pageStep/max(float64(len(k.watched))*k.crowd, 1), 1)
	}
	clear(listed)
	k.listed = listed
	for _, v := range alone {
		calls = append(calls, k.begin(&call{tasks: []*watched{v}}, now))
	}
	return calls
}

// page asks for a page, and gives each task what it shows of it. An end that it shows is one for all who watch.
func (k *looks) page(c *call, done func()) {
	var page wiro.TaskPage
	asked := time.Now()
	err := k.lists.settle(c.ctx, done, func() (err error) {
		page, err = k.client.List(c.ctx, wiro.ListQuery{Start: c.start, Limit: c.rows, Wanted: k.watches})
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

// watches reports whether a task is watched.
func (k *looks) watches(id string) bool {
	k.mu.Lock()
	defer k.mu.Unlock()
	return k.watched[id] != nil
}
