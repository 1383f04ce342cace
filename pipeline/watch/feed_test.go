package watch

import (
	"context"
	"fmt"
	"runtime"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/coder/websocket"

	"wirobatch/wiro"
	"wirobatch/wiro/sandbox"
)

func TestFeedTellsEnds(t *testing.T) {
	for _, shape := range []sandbox.Shape{sandbox.ShapeSeed, sandbox.ShapeDocumentation, sandbox.ShapeMixed} {
		onStage(t, sandbox.Options{Shape: shape}, func(st *stage) {
			begun := time.Now()
			if st.feed.delivers() {
				t.Error("it delivers before it is connected")
			}
			var all []*told
			for range 20 {
				all = append(all, st.follow(st.submit()))
			}
			killed := st.submit()
			kill := st.follow(killed)
			time.Sleep(5 * time.Second)
			st.client.Kill(context.Background(), killed.ID)
			synctest.Wait()
			if !st.feed.delivers() || time.Since(kill.last()) != 0 {
				t.Errorf("%v: delivers %v, the kill was told at %v", shape, st.feed.delivers(), kill.last())
			}
			time.Sleep(20 * time.Second)
			for i, l := range all {
				registered, frames, ended, percent := l.sum()
				if registered > 1 || frames < 15 || ended != 1 || percent != 100 || l.last().Sub(begun) != 7*time.Second {
					t.Errorf("%v: task %d: %d registrations, %d frames, %d ends, %v %%, at %v", shape, i, registered, frames, ended, percent, l.last().Sub(begun))
				}
			}
			if n := st.sandbox.Requests()["socket"]; n != 1 || len(st.warnings()) != 0 {
				t.Errorf("%v: %d connections, warned %q", shape, n, st.warnings())
			}
		})
	}
}

// What happened before the registration may not be told: then the hint of the registration is all there is.
func TestFeedAsksForALookAfterALateRegistration(t *testing.T) {
	onStage(t, sandbox.Options{Faults: sandbox.Faults{"ws_late_silent": 1}}, func(st *stage) {
		var tasks []Target
		for range 10 {
			tasks = append(tasks, st.submit())
		}
		time.Sleep(7500 * time.Millisecond)
		var all []*told
		for _, task := range tasks {
			all = append(all, st.follow(task))
		}
		synctest.Wait()
		for i, l := range all {
			if registered, frames, _, _ := l.sum(); registered != 1 || frames != 0 || !l.last().Equal(time.Now()) {
				t.Errorf("task %d: %d registrations, %d frames", i, registered, frames)
			}
		}
		if n := st.sandbox.FaultCounts()["ws_late_silent"]; n != len(all) {
			t.Errorf("the fault has struck %d times", n)
		}
	})
}

// watchTo follows a task as a watcher does: hints say when to look, and behind them a poll, a slow one while the feed
// delivers. It returns how late the end was seen.
func (st *stage) watchTo(task Target, looks *int) time.Duration {
	woken := make(chan struct{}, 1)
	unfollow := st.feed.follow(task, func(h hint) {
		if h.registered || h.ended {
			select {
			case woken <- struct{}{}:
			default:
			}
		}
	})
	defer unfollow()
	for {
		poll := 2 * time.Second
		if st.feed.delivers() {
			poll = 20 * time.Second
		}
		select {
		case <-woken:
		case <-time.After(poll):
		}
		st.mu.Lock()
		*looks++
		st.mu.Unlock()
		seen, err := st.client.Detail(context.Background(), task.ID)
		if err != nil {
			st.t.Error(err)
			return 0
		}
		if seen.Outcome() != wiro.Running {
			return time.Since(task.Submitted) - 7*time.Second
		}
	}
}

// With everything that a connection can do wrong no end is lost, and few are seen late.
func TestFeedUnderFaults(t *testing.T) {
	faults := sandbox.Faults{"ws_refuse": 0.3, "ws_silent": 0.4, "ws_drop": 0.5, "ws_no_token": 0.5, "ws_late_silent": 0.5}
	struck := map[string]int{}
	for seed := range uint64(6) {
		onStage(t, sandbox.Options{Faults: faults, Seed: seed}, func(st *stage) {
			var (
				slots sync.WaitGroup
				mu    sync.Mutex
				looks int
				late  []time.Duration
			)
			for range 10 {
				slots.Go(func() {
					for range 20 {
						d := st.watchTo(st.submit(), &looks)
						mu.Lock()
						late = append(late, d)
						mu.Unlock()
					}
				})
			}
			slots.Wait()
			slices.Sort(late)
			n := len(late)
			if n != 200 || late[n-1] > 20*time.Second || late[n/2] > 2*time.Second {
				t.Errorf("%d ends, half of them at least %v late, the last %v", n, late[n/2], late[n-1])
			}
			for name, times := range st.sandbox.FaultCounts() {
				struck[name] += times
			}
			t.Logf("%d looks for %d tasks, half of the ends at most %v late, the last %v; %d connections", looks, n, late[n/2], late[n-1], st.sandbox.Requests()["socket"])
		})
	}
	t.Log("faults:", struck)
	for name := range faults {
		if struck[name] == 0 {
			t.Errorf("%s has never struck", name)
		}
	}
}

func TestFeedOfASilentWebsocket(t *testing.T) {
	onStage(t, sandbox.Options{Faults: sandbox.Faults{"ws_silent": 1}}, func(st *stage) {
		looks := 0
		var turns atomic.Int32
		st.feed.onTurn(func() { turns.Add(1) })
		for begun := time.Now(); time.Since(begun) < 10*time.Minute; {
			st.watchTo(st.submit(), &looks)
			if st.feed.delivers() {
				t.Fatal("a silent one delivers")
			}
		}
		sockets, struck := st.sandbox.Requests()["socket"], st.sandbox.FaultCounts()["ws_silent"]
		if sockets < 4 || sockets > 15 || sockets != struck || len(st.warnings()) != 1 || turns.Load() != 0 {
			t.Errorf("%d connections, %d silent, %d turns, warned %q", sockets, struck, turns.Load(), st.warnings())
		}
		st.sandbox.SetFaults(nil)
		for begun := time.Now(); !st.feed.delivers(); {
			if time.Since(begun) > 3*time.Minute {
				t.Fatal("it does not find out that the websocket is well again")
			}
			st.watchTo(st.submit(), &looks)
		}
		if turns.Load() != 1 {
			t.Errorf("%d turns", turns.Load())
		}
	})
}

func TestFeedOfARefusedWebsocket(t *testing.T) {
	onStage(t, sandbox.Options{Faults: sandbox.Faults{"ws_refuse": 1, "task_stuck": 1}}, func(st *stage) {
		l := st.follow(st.submit())
		time.Sleep(10 * time.Minute)
		if n := st.sandbox.FaultCounts()["ws_refuse"]; n < 10 || n > 18 || st.feed.delivers() || !l.last().IsZero() {
			t.Errorf("tried %d times, delivers %v", n, st.feed.delivers())
		}
		if w := st.warnings(); len(w) != 1 || !strings.Contains(w[0], "503") {
			t.Errorf("warned %q", w)
		}
		st.sandbox.SetFaults(nil)
		time.Sleep(time.Minute)
		if _, frames, _, _ := l.sum(); frames == 0 {
			t.Error("it does not find out that the websocket is well again")
		}
	})
}

// A connection that breaks is made again, at once at first, and whoever is followed is registered again.
func TestFeedOfABreakingWebsocket(t *testing.T) {
	onStage(t, sandbox.Options{Faults: sandbox.Faults{"ws_drop": 1, "task_stuck": 1}}, func(st *stage) {
		task := st.submit()
		l := st.follow(task)
		other := st.follow(st.submit())
		time.Sleep(5 * time.Second)
		if n := st.sandbox.FaultCounts()["ws_drop"]; n < 2 {
			t.Errorf("it was dropped %d times", n)
		}
		st.sandbox.SetFaults(sandbox.Faults{"task_stuck": 1})
		time.Sleep(time.Minute)
		st.client.Kill(context.Background(), task.ID)
		synctest.Wait()
		_, _, ended, _ := l.sum()
		_, frames, others, _ := other.sum()
		if ended != 1 || others != 0 || frames == 0 || !l.last().Equal(time.Now()) || !st.feed.delivers() {
			t.Errorf("%d ends; of the other %d, with %d frames; delivers %v", ended, others, frames, st.feed.delivers())
		}
	})
}

// A connection that falls silent in the middle is doubted soon, by the clock alone, and left when ends were not told.
func TestFeedThatFallsSilent(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := &script{play: func(s *script, link int, conn *websocket.Conn) {
			s.tell(conn, `{"type":"connected"}`)
			for range 10 {
				token, ok := s.token(conn)
				if !ok {
					return
				}
				s.tell(conn, `{"type":"task_start","tasktoken":%q}`, token)
				s.tell(conn, `{"type":"task_cancel","tasktoken":"of somebody else","id":%q}`, "1000")
				s.tell(conn, `{"type":"task_cancel","id":"of somebody else"}`)
			}
			conn.Read(context.Background())
		}}
		play(t, s, func(st *stage) {
			var turned []time.Duration
			begun := time.Now()
			st.feed.onTurn(func() { turned = append(turned, time.Since(begun)) })
			var all []*told
			for _, task := range targets(10) {
				all = append(all, st.follow(task))
			}
			time.Sleep(40 * time.Second)
			synctest.Wait()
			if st.feed.delivers() || len(turned) != 2 || turned[1] > quietLeast+2*pulse {
				t.Errorf("delivers %v, turned %v", st.feed.delivers(), turned)
			}
			for _, l := range all {
				if _, frames, ended, _ := l.sum(); ended != 0 || frames != 1 {
					t.Errorf("%d frames, %d ends of another's task", frames, ended)
				}
			}
			if links, _, _ := s.seen(); links != 1 {
				t.Errorf("silence alone ended %d connections", links-1)
			}
			registered := func() (sum int) {
				for _, l := range all {
					n, _, _, _ := l.sum()
					sum += n
				}
				return sum
			}
			before := registered()
			for _, l := range all[:3] { // others saw them end
				l.unfollow()
			}
			time.Sleep(10 * time.Second)
			synctest.Wait()
			if n := registered() - before; n > 2 {
				t.Errorf("%d of 7 are to be looked at, although frames have come since their registration", n)
			}
			if links, tokens, _ := s.seen(); links != 2 || len(tokens) != 17 || !st.feed.delivers() || len(turned) != 3 || len(st.warnings()) != 1 {
				t.Errorf("%d connections, %d registrations, turned %v, warned %q", links, len(tokens), turned, st.warnings())
			}
		})
	})
}

// A websocket that is slower than the looks is slow, not silent.
func TestFeedOfASlowWebsocket(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := &script{play: func(s *script, _ int, conn *websocket.Conn) {
			for {
				token, ok := s.token(conn)
				if !ok {
					return
				}
				id := strings.TrimLeft(token, "t") // the newer shape
				s.tell(conn, `{"type":"task_start","id":%q}`, id)
				time.AfterFunc(1500*time.Millisecond, func() { s.tell(conn, `{"type":"task_postprocess_end","id":%q}`, id) })
			}
		}}
		play(t, s, func(st *stage) {
			for i := range 100 {
				l := st.follow(Target{ID: fmt.Sprint(i), Token: fmt.Sprint("t", i), Submitted: time.Now()})
				time.AfterFunc(time.Second, l.unfollow)
				time.Sleep(200 * time.Millisecond)
			}
			if links, _, _ := s.seen(); links != 1 || !st.feed.delivers() || len(st.warnings()) != 0 {
				t.Errorf("%d connections, delivers %v, warned %q", links, st.feed.delivers(), st.warnings())
			}
			time.Sleep(5 * time.Second)
		})
	})
}

// Thousands are registered in bursts, newest first, and each burst's hints come together.
func TestFeedOfThousands(t *testing.T) {
	const n = 5000
	synctest.Test(t, func(t *testing.T) {
		s := &script{play: func(s *script, link int, conn *websocket.Conn) {
			for range n {
				s.token(conn)
			}
			if link == 1 {
				time.Sleep(time.Second)
				return // breaks
			}
			conn.Read(context.Background())
		}}
		play(t, s, func(st *stage) {
			runtime.GC()
			var before, after runtime.MemStats
			runtime.ReadMemStats(&before)
			tasks := targets(n)
			var mu sync.Mutex
			came := map[time.Time]int{}
			var unfollow []func()
			for _, task := range tasks {
				unfollow = append(unfollow, st.feed.follow(task, func(h hint) {
					mu.Lock()
					defer mu.Unlock()
					if h.registered {
						came[time.Now()]++
					}
				}))
			}
			time.Sleep(time.Minute)
			synctest.Wait()
			runtime.GC()
			runtime.ReadMemStats(&after)
			links, tokens, at := s.seen()
			if links != 2 || len(tokens) != 2*n {
				t.Fatalf("%d connections, %d registrations", links, len(tokens))
			}
			for i, token := range tokens[n:] {
				if want := tasks[n-1-i].Token; token != want {
					t.Fatalf("registration %d is of %s, want %s", i, token, want)
				}
			}
			again := at[n:]
			for i := range again[:n-burst] {
				if again[i+burst].Sub(again[i]) < breath {
					t.Fatalf("more than %d registrations within %v", burst, breath)
				}
			}
			if took := again[n-1].Sub(again[0]); took > 6*time.Second {
				t.Errorf("the registrations took %v", took)
			}
			hints := 0
			for _, together := range came {
				hints += together
			}
			if hints != 2*n || len(came) > 2*(n/burst+1) {
				t.Errorf("%d hints at %d moments", hints, len(came))
			}
			used := int(after.HeapAlloc) - int(before.HeapAlloc)
			t.Logf("%d tasks on one connection, with the test's own service: %d KiB, %d bytes each", n, used>>10, used/n)
			if used > n*2048 {
				t.Errorf("%d bytes a task", used/n)
			}
			for _, f := range unfollow {
				f()
			}
		})
	})
}

// A peer that takes nothing holds up nobody, and what is left meanwhile is not kept.
func TestFeedOfAStuckWebsocket(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := &script{play: func(_ *script, _ int, conn *websocket.Conn) { time.Sleep(time.Hour) }}
		play(t, s, func(st *stage) {
			begun := time.Now()
			kept := st.follow(targets(1)[0])
			synctest.Wait()
			for i := range 20_000 {
				st.feed.follow(Target{ID: fmt.Sprint(i), Token: fmt.Sprint("x", i)}, func(hint) {})()
			}
			st.feed.mu.Lock()
			n := len(st.feed.todo)
			st.feed.mu.Unlock()
			if took := time.Since(begun); took != 0 || n > 200 {
				t.Errorf("%d are kept, after %v", n, took)
			}
			time.Sleep(5 * time.Minute)
			if links, _, _ := s.seen(); links < 3 || links > 10 || !kept.last().IsZero() || st.feed.delivers() {
				t.Errorf("%d connections, a hint at %v", links, kept.last())
			}
			st.feed.close()
			time.Sleep(2 * time.Hour) // for the service
		})
	})
}

func TestFeedWithoutAWebsocket(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c, err := wiro.New(wiro.Options{Key: wiro.NewSecret("k")})
		if err != nil {
			t.Fatal(err)
		}
		f := newFeed(c, func(text string) { t.Error(text) })
		f.follow(targets(1)[0], func(hint) { t.Error("a hint") })()
		time.Sleep(time.Hour)
		if f.delivers() {
			t.Error("it delivers")
		}
		f.close()
		f.close()
	})
}
