package watch

import (
	"cmp"
	"slices"
	"time"

	"wirobatch/wiro"
)

// opened begins a connection, on which every task is to be registered again: the newest first, as the pages have them
// that the looks after it share.
func (f *feed) opened() {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.link++
	f.hearing.open(time.Now())
	f.left = nil
	f.todo = make([]*followed, 0, len(f.byToken))
	for _, m := range f.byToken {
		f.todo = append(f.todo, m)
	}
	slices.SortFunc(f.todo, func(a, b *followed) int {
		return cmp.Or(a.submitted.Compare(b.submitted), cmp.Compare(a.token, b.token))
	})
}

func (f *feed) closed() {
	f.mu.Lock()
	f.hearing.on, f.todo = false, nil
	f.mu.Unlock()
	f.check()
}

// batch takes up to n tasks that are to be registered, the newest first.
func (f *feed) batch(n int) (batch []*followed) {
	f.mu.Lock()
	defer f.mu.Unlock()
	for len(f.todo) > 0 && len(batch) < n {
		last := len(f.todo) - 1
		m := f.todo[last]
		f.todo[last] = nil
		f.todo = f.todo[:last]
		if !m.gone {
			m.asked = f.link // from here on: its first frame can be faster than we are
			batch = append(batch, m)
		}
	}
	return batch
}

// registered says so to the tasks of a batch, all together, so that their looks can share a page. One of which a frame has
// come already needs no look.
func (f *feed) registered(batch []*followed) {
	f.mu.Lock()
	untold := slices.DeleteFunc(batch, func(m *followed) bool { return m.gone || m.told == f.link })
	f.mu.Unlock()
	for _, m := range untold {
		m.say(hint{registered: true, percent: -1})
	}
}

// hear takes a frame, of ours or of others.
func (f *feed) hear(frame wiro.Frame) {
	f.mu.Lock()
	m := f.byToken[frame.Token]
	if frame.Token == "" {
		m = f.byID[frame.TaskID]
	}
	if m != nil {
		m.told, m.ended = f.link, m.ended || frame.Last
	}
	if m != nil || f.late(frame) {
		f.hearing.frame(time.Now(), frame.Last)
		if frame.Last {
			f.left = nil
		}
	}
	f.mu.Unlock()
	if m != nil {
		f.check()
		m.say(hint{ended: frame.Last, percent: frame.Percent, status: frame.Status})
	}
}

// late reports whether a frame is of a task whose end others saw first: what is slow is not silent.
func (f *feed) late(frame wiro.Frame) bool {
	return slices.ContainsFunc(f.left, func(m *followed) bool {
		return frame.Token == m.token || frame.Token == "" && frame.TaskID == m.id
	})
}
