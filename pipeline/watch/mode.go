package watch

import (
	"sync"
	"time"
)

// Mode is how the ends of tasks are noticed, as a person asks for it.
type Mode string

const (
	Auto      Mode = "auto"      // the best of the following that works at the moment
	Websocket Mode = "websocket" // frames say when to look
	List      Mode = "list"      // one page shows up to a hundred tasks
	Detail    Mode = "detail"    // each task is asked after
)

// way is how they are noticed at a moment, the better the higher.
type way int

const (
	byDetail way = iota
	byList
	bySocket
)

const (
	restFirst = 2 * time.Second // for a list that is of no use
	restMost  = 2 * time.Minute
	poorMost  = 3 // pages in a row that did not show our tasks
)

// mode decides the way. It is safe for concurrent use.
type mode struct {
	asked Mode
	feed  *feed // nil: there is no websocket
	warn  func(string)

	mu      sync.Mutex
	was     way
	changed chan struct{} // closed with a change
	said    bool          // that the list is of no use

	poor int // pages
	rest time.Duration
	wake time.Time // the list rests until then
}

func newMode(o Options) *mode {
	m := &mode{asked: o.Mode, warn: o.Warn, changed: make(chan struct{})}
	if m.asked == "" {
		m.asked = Auto
	}
	if (m.asked == Auto || m.asked == Websocket) && o.Client.HasSocket() {
		m.feed = newFeed(o.Client, o.Warn)
		m.feed.onTurn(func() { m.way() })
	}
	m.was = m.judge(time.Now())
	return m
}

func (m *mode) close() {
	if m.feed != nil {
		m.feed.close()
	}
}

func (m *mode) listen(v *watched) {
	if m.feed != nil {
		v.deafen = m.feed.follow(v.Target, v.ear.hear)
	}
}

func (m *mode) unlisten(v *watched) {
	if v.deafen != nil {
		v.deafen()
	}
}

func (m *mode) judge(now time.Time) way {
	switch {
	case m.asked == Detail:
		return byDetail
	case m.asked == Websocket:
		return bySocket
	case m.feed != nil && m.feed.delivers():
		return bySocket
	case now.Before(m.wake):
		return byDetail
	}
	return byList
}

// now gives the way, and what is closed when it changes. That the list is of no use is said once; the feed speaks for
// itself.
func (m *mode) now() (way, <-chan struct{}) {
	m.mu.Lock()
	at := m.judge(time.Now())
	say := m.was == byList && at == byDetail && !m.said
	m.said = m.said || say
	if at != m.was {
		m.was = at
		close(m.changed)
		m.changed = make(chan struct{})
	}
	changed := m.changed
	m.mu.Unlock()
	if say {
		m.warn("Task/List does not show our tasks at the moment: each is asked after by Task/Detail, and the list is tried again later")
	}
	return at, changed
}

func (m *mode) way() way { at, _ := m.now(); return at }

// pages reports whether looks may share pages.
func (m *mode) pages() bool {
	m.mu.Lock()
	defer m.mu.Unlock()
	return m.asked != Detail && !time.Now().Before(m.wake)
}

// listed notes a page: whether it came, and whether it showed what of ours it should.
func (m *mode) listed(useful bool) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if useful {
		m.poor, m.rest = 0, 0
		return
	}
	if m.poor++; m.poor >= poorMost {
		m.poor = poorMost - 1 // when it is tried again, one more is enough
		m.rest = clamp(2*m.rest, restFirst, restMost)
		m.wake = time.Now().Add(m.rest)
	}
}
