package watch

import (
	"context"
	"slices"
	"sync"
	"time"

	"wirobatch/wiro"
)

// leftMost is how many ends that were not told are remembered: enough for one of them to be told late.
const leftMost = 64

// hint is what a feed says of a task. It is never the truth.
type hint struct {
	registered bool    // its frames come from now on; what has happened before may not be told
	ended      bool    // its last frame has come
	percent    float64 // of its progress, −1 unknown
	status     wiro.Status
}

// feed hears what the websocket tells of all tasks of a run, on one connection (link.go keeps that up). Nothing here waits
// for the network but its own goroutines. It is safe for concurrent use.
type feed struct {
	client *wiro.Client
	warn   func(string)
	stop   context.CancelFunc
	done   chan struct{}
	wake   chan struct{} // holds one: there is something to register

	mu      sync.Mutex
	byToken map[string]*followed
	byID    map[string]*followed // newer frames have no token
	todo    []*followed          // to be registered on the connection, the last first
	left    []*followed          // whose ends others saw first: some, until an end is told
	link    int                  // the number of the connection
	hearing hearing
	turned  func()
	turn    bool // what delivers was when turned was called last
}

// followed is a task that the feed hears of.
type followed struct {
	token, id string
	submitted time.Time
	say       func(hint)
	gone      bool
	asked     int // the connection on which it was registered
	told      int // the connection on which a frame of it came
	ended     bool
}

// newFeed gives a feed that connects when there is a task to follow. warn is told of trouble once.
func newFeed(client *wiro.Client, warn func(string)) *feed {
	ctx, stop := context.WithCancel(context.Background())
	f := &feed{
		client: client, warn: warn, stop: stop, done: make(chan struct{}), wake: make(chan struct{}, 1),
		byToken: map[string]*followed{}, byID: map[string]*followed{},
	}
	go f.run(ctx)
	return f
}

// close ends the connection. No hint comes afterwards.
func (f *feed) close() {
	f.stop()
	<-f.done
}

// follow has say called with each hint about a task: one after each registration unless a frame was faster, and one for
// each frame. say must not wait, and may have a last hint while unfollow is called. What is not told, because there is no
// connection or no token, is for the looks to find out.
func (f *feed) follow(t Target, say func(h hint)) (unfollow func()) {
	if t.Token == "" || !f.client.HasSocket() {
		return func() {}
	}
	m := &followed{token: t.Token, id: t.ID, submitted: t.Submitted, say: say}
	f.mu.Lock()
	if len(f.byToken) == 0 {
		f.hearing.last = time.Now() // before there was nothing to hear
	}
	f.byToken[m.token] = m
	if m.id != "" {
		f.byID[m.id] = m
	}
	if f.hearing.on {
		f.todo = append(f.todo, m)
	}
	f.mu.Unlock()
	select {
	case f.wake <- struct{}{}:
	default: // woken already
	}
	return func() { f.leave(m) }
}

func (f *feed) leave(m *followed) {
	f.mu.Lock()
	defer f.mu.Unlock()
	if m.gone {
		return
	}
	m.gone = true
	if f.byToken[m.token] == m {
		delete(f.byToken, m.token)
	}
	if f.byID[m.id] == m {
		delete(f.byID, m.id)
	}
	if f.hearing.on && m.asked == f.link && !m.ended {
		f.hearing.miss(time.Now())
		if len(f.left) < leftMost {
			f.left = append(f.left, m)
		}
	}
	if len(f.todo) > 2*len(f.byToken)+64 { // a slow connection, and many tasks that it was too slow for
		f.todo = slices.DeleteFunc(f.todo, func(m *followed) bool { return m.gone })
	}
}

// delivers reports whether the ends of tasks can be expected to be told: connected, frames of ours have come on this
// connection, and the last not longer ago than usual.
func (f *feed) delivers() bool {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.hearing.good(time.Now(), len(f.byToken))
}

// onTurn has fn called when delivers has changed, be it by time alone. It must not wait.
func (f *feed) onTurn(fn func()) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.turned = fn
}

func (f *feed) check() {
	f.mu.Lock()
	good, fn := f.hearing.good(time.Now(), len(f.byToken)), f.turned
	turned := good != f.turn
	f.turn = good
	f.mu.Unlock()
	if turned && fn != nil {
		fn()
	}
}
