package watch_test

import (
	"context"
	"errors"
	"slices"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"wirobatch/pipeline/watch"
	"wirobatch/wiro"
)

var errPassing = &wiro.Error{Op: "Task/Detail", Status: 502, Sent: true}

func TestALineInAnOutage(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		const callers = 64
		line := watch.NewLine(watch.Reserve, nil, nil)
		end := time.Now().Add(time.Hour)
		var (
			mu      sync.Mutex
			at      []time.Time
			at1     []time.Time // after the outage
			all     sync.WaitGroup
			between = 100 * time.Millisecond
		)
		for range callers {
			all.Go(func() {
				for try := 1; ; try++ {
					err := line.Try(t.Context(), time.Time{}, func() error {
						time.Sleep(between)
						mu.Lock()
						defer mu.Unlock()
						if time.Now().After(end) {
							at1 = append(at1, time.Now())
							return nil
						}
						at = append(at, time.Now())
						return errPassing
					})
					if err == nil {
						return
					}
					time.Sleep(watch.Backoff(try))
				}
			})
		}
		all.Wait()
		if n := len(at); n < 60 || n > callers+watch.Reserve+80 {
			t.Errorf("%d calls in an hour of outage", n)
		}
		if len(at1) != callers || at1[callers-1].Sub(at1[0]) > time.Minute {
			t.Fatalf("%d calls after it, in %v", len(at1), at1[callers-1].Sub(at1[0]))
		}
		for i := range at1 { // none of the seconds after it has most of them
			j, _ := slices.BinarySearchFunc(at1, at1[i].Add(time.Second), time.Time.Compare)
			if n := j - i; n > callers*3/4 {
				t.Errorf("%d calls in one second", n)
			}
		}
	})
}

func TestTenAnswersPayForAFailure(t *testing.T) {
	for _, row := range []struct {
		every int
		waits bool
	}{{11, false}, {4, true}} {
		line := watch.NewLine(watch.Reserve, nil, nil)
		waited := false
		for n := range 2000 {
			if n%row.every == 0 {
				line.Failed(0)
			} else if line.Row() == 0 {
				line.Answered()
			}
			waited = waited || line.Row() > 0
		}
		if waited != row.waits {
			t.Errorf("one failure in %d: waited %v", row.every, waited)
		}
	}
}

func TestALineHonoursRetryAfter(t *testing.T) {
	for _, row := range []struct {
		why         string
		asked       []time.Duration
		least, most time.Duration
	}{
		{"nothing asked for", []time.Duration{0}, 500 * time.Millisecond, 2 * time.Second},
		{"more than the pause", []time.Duration{30 * time.Second}, 30 * time.Second, 34 * time.Second},
		{"asked for by the second of two", []time.Duration{0, 30 * time.Second}, 30 * time.Second, 34 * time.Second},
		{"a day", []time.Duration{24 * time.Hour}, 10 * time.Minute, 12 * time.Minute},
	} {
		synctest.Test(t, func(t *testing.T) {
			line, begun := watch.NewLine(0, nil, nil), time.Now()
			for _, d := range row.asked {
				line.Failed(d)
			}
			done, err := line.Turn(t.Context(), time.Time{})
			if took := time.Since(begun); err != nil || took < row.least || took > row.most {
				t.Errorf("%s: %v after %v", row.why, err, took)
			}
			done()
		})
	}
}

func TestATurnHasItsEnds(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		line, begun := watch.NewLine(0, nil, nil), time.Now()
		line.Failed(time.Minute)
		if _, err := line.Turn(t.Context(), begun.Add(10*time.Second)); err != nil || time.Since(begun) != 10*time.Second {
			t.Errorf("%v after %v", err, time.Since(begun))
		}
		ctx, cancel := context.WithTimeout(t.Context(), 5*time.Second)
		defer cancel()
		if _, err := line.Turn(ctx, time.Time{}); !errors.Is(err, context.DeadlineExceeded) || time.Since(begun) != 15*time.Second {
			t.Errorf("%v after %v", err, time.Since(begun))
		}
		line.Answered() // by what had left before the pause
		time.Sleep(45 * time.Second)
		if line.Row() != 1 {
			t.Error("the pause has ended before its time")
		}
		line.Answered()
		if _, err := line.Turn(t.Context(), time.Time{}); err != nil || time.Since(begun) != time.Minute {
			t.Errorf("%v after %v", err, time.Since(begun))
		}
	})
}

func TestReadTriesAgain(t *testing.T) {
	for _, row := range []struct {
		why   string
		err   *wiro.Error
		calls int
		least time.Duration
		told  bool
	}{
		{"passing", errPassing, watch.Tries, 0, false},
		{"passing, and it says when", &wiro.Error{Op: "Task/List", Status: 503, Sent: true, RetryAfter: 20 * time.Second}, watch.Tries, 80 * time.Second, false},
		{"96 is passing in a read", &wiro.Error{Op: "Task/List", Status: 200, Sent: true, Refused: true, Code: "96"}, watch.Tries, 0, false},
		{"a verdict", &wiro.Error{Op: "Task/List", Status: 200, Sent: true, Refused: true, Code: "1"}, 1, 0, false},
		{"the key", &wiro.Error{Op: "Task/List", Status: 401, Sent: true}, 1, 0, true},
		{"the balance", &wiro.Error{Op: "Task/List", Status: 200, Sent: true, Refused: true, Code: "97"}, 1, 0, true},
	} {
		synctest.Test(t, func(t *testing.T) {
			told, calls, begun := false, 0, time.Now()
			line := watch.NewLine(watch.Reserve, nil, func(*wiro.Error) { told = true })
			err := line.Read(t.Context(), func() error { calls++; return row.err })
			if !errors.Is(err, row.err) || calls != row.calls || told != row.told || time.Since(begun) < row.least || time.Since(begun) > 5*time.Minute {
				t.Errorf("%s: %v, %d calls in %v, told %v", row.why, err, calls, time.Since(begun), told)
			}
		})
	}
}

func TestABranchHasTroubleOfItsOwn(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		line := watch.NewLine(watch.Reserve, nil, nil)
		branch := line.Branch()
		ctx, stop := context.WithCancel(t.Context())
		var asking sync.WaitGroup
		defer asking.Wait()
		defer stop()
		var broken atomic.Bool
		broken.Store(true)
		var failed atomic.Int64
		asking.Go(func() {
			for ctx.Err() == nil {
				_ = branch.Try(ctx, time.Time{}, func() error {
					if !broken.Load() {
						return nil
					}
					failed.Add(1)
					return errPassing
				})
				_ = watch.Sleep(ctx, 100*time.Millisecond)
			}
		})
		time.Sleep(10 * time.Minute)
		if n := failed.Load(); branch.Row() < 5 || n < watch.Reserve+10 || n > watch.Reserve+25 {
			t.Errorf("%d failures in ten minutes, %d troubles in a row", n, branch.Row())
		}
		begun := time.Now()
		for range 100 {
			if err := line.Try(ctx, time.Time{}, func() error { return nil }); err != nil {
				t.Error(err)
			}
		}
		if took := time.Since(begun); took > 0 || line.Row() > 0 || branch.Row() == 0 {
			t.Errorf("100 calls took %v beside a branch in trouble; %d, %d troubles in a row", took, line.Row(), branch.Row())
		}
		broken.Store(false)
		time.Sleep(2 * time.Minute)
		if branch.Row() > 0 {
			t.Error("the branch is answered, and still in trouble")
		}
	})
}

func TestATroubleOfAllIsOneWithThatOfABranch(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		line := watch.NewLine(watch.Reserve, nil, nil)
		lines := []*watch.Line{line, line.Branch()}
		end := time.Now().Add(time.Hour)
		var mu sync.Mutex
		var all sync.WaitGroup
		calls := make([]int, len(lines))
		for i := range 40 {
			all.Go(func() {
				for {
					err := lines[i%2].Try(t.Context(), time.Time{}, func() error {
						if time.Now().After(end) {
							return nil
						}
						mu.Lock()
						defer mu.Unlock()
						calls[i%2]++
						return errPassing
					})
					if err == nil {
						return
					}
					time.Sleep(time.Second)
				}
			})
		}
		all.Wait()
		if n := calls[0] + calls[1]; n < 60 || n > 40+2*watch.Reserve+80 {
			t.Errorf("%v calls in an hour of outage", calls)
		}
		if late := time.Since(end); late > 4*time.Minute || lines[0].Row()+lines[1].Row() > 0 {
			t.Errorf("the last was answered %v after it; %d, %d troubles in a row", late, lines[0].Row(), lines[1].Row())
		}
	})
}

// two is calls of both kinds for hours, of which each kind is answered at some times only.
type two struct {
	line, branch *watch.Line
	mu           sync.Mutex
	at           [2][]time.Time // when a call of the line, and of the branch, was made
	well         [2][]time.Time // and when answered
	longest      time.Duration  // that a call of the branch waited for its turn, once it has been answered again
}

func (w *two) count(kind int, from, to time.Time) (n int) {
	for _, at := range w.at[kind] {
		if !at.Before(from) && at.Before(to) {
			n++
		}
	}
	return n
}

// first is when the first call of a kind was answered from a time on.
func (w *two) first(kind int, from time.Time) time.Time {
	for _, at := range w.well[kind] {
		if !at.Before(from) {
			return at
		}
	}
	return never
}

var never = time.Unix(1<<40, 0)

// play has callers of the line make one call each until it is answered, as looks at ended tasks are, and one of the branch
// make a call each second until the end.
func (w *two) play(ctx context.Context, callers int, end time.Time, down func(kind int) bool) {
	w.line = watch.NewLine(watch.Reserve, nil, nil)
	w.branch = w.line.Branch()
	call := func(kind int) func() error {
		return func() error {
			w.mu.Lock()
			defer w.mu.Unlock()
			w.at[kind] = append(w.at[kind], time.Now())
			if down(kind) {
				return errPassing
			}
			w.well[kind] = append(w.well[kind], time.Now())
			return nil
		}
	}
	var all sync.WaitGroup
	defer all.Wait()
	for i := range callers {
		all.Go(func() {
			time.Sleep(time.Duration(i) * 100 * time.Millisecond)
			for try := 1; w.line.Try(ctx, time.Time{}, call(0)) != nil; try++ {
				time.Sleep(watch.Backoff(try))
			}
		})
	}
	all.Go(func() {
		for time.Now().Before(end) {
			asked, well := time.Now(), !down(1)
			if w.branch.Try(ctx, time.Time{}, call(1)) == nil && well && len(w.well[1]) > 1 {
				w.longest = max(w.longest, w.at[1][len(w.at[1])-1].Sub(asked))
			}
			time.Sleep(time.Second)
		}
	})
}

func TestTroubleOfOneKindCostsOneCallAMinuteBesideABranch(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		begun := time.Now()
		end := begun.Add(time.Hour)
		var w two
		w.play(t.Context(), 40, end.Add(10*time.Minute), func(kind int) bool { return kind == 0 && time.Now().Before(end) })
		if n := w.count(0, begun, end); n < 40 || n > 80+watch.Reserve { // a minute is jittered over its last quarter
			t.Errorf("%d calls in an hour of outage", n)
		}
		if n := w.count(1, begun, end); n != 3600 {
			t.Errorf("%d calls of the branch in an hour", n)
		}
		if n := len(w.well[0]); n != 40 || w.well[0][0].Sub(end) > 2*time.Minute || w.well[0][n-1].Sub(end) > 4*time.Minute {
			t.Errorf("then %d calls are answered, from %v to %v after it", n, w.well[0][0].Sub(end), w.well[0][n-1].Sub(end))
		}
	})
}

func TestABranchIsAnsweredAgainBeforeTheOthers(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		begun := time.Now()
		first, end := begun.Add(time.Hour), begun.Add(2*time.Hour)
		var w two
		w.play(t.Context(), 40, end, func(kind int) bool { return time.Now().Before([]time.Time{end, first}[kind]) })
		if n := w.count(0, begun, first) + w.count(1, begun, first); n < 50 || n > 2*watch.Reserve+90 {
			t.Errorf("%d calls in an hour of outage", n)
		}
		again := w.first(1, first)
		if late := again.Sub(first); late > 4*time.Minute {
			t.Errorf("the branch is answered after %v", late)
		}
		if n := w.count(0, again, again.Add(2*time.Second)); n != 1 {
			t.Errorf("then %d of the others leave at once", n)
		}
		if n := w.count(1, again, end); w.longest > 3*time.Minute || n < int(end.Sub(again)/time.Second)-1 {
			t.Errorf("then %d calls of the branch in %v", n, end.Sub(again))
		}
		if n := w.count(0, again, end); n < 35 || n > 75 {
			t.Errorf("%d calls in the hour in which the branch is answered", n)
		}
		if len(w.well[0]) != 40 || w.well[0][39].Sub(end) > 4*time.Minute {
			t.Errorf("then %d calls are answered", len(w.well[0]))
		}
	})
}

func TestABranchThatComesAndGoesHurriesNobody(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		begun := time.Now()
		end := begun.Add(time.Hour)
		var w two
		w.play(t.Context(), 40, end, func(kind int) bool { // the branch is away for 20 s, and there for 20 s
			return time.Now().Before(end) && (kind == 0 || int(time.Since(begun)/time.Second)/20%2 == 0)
		})
		if n := w.count(0, begun, end); n > 75 {
			t.Errorf("%d calls in an hour of outage", n)
		}
		if n := len(w.well[1]); n < 40 {
			t.Errorf("%d calls of the branch are answered in half an hour", n)
		}
	})
}

func TestATroubleThatNobodyMeetsIsForgotten(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		begun := time.Now()
		end := begun.Add(time.Hour)
		line := watch.NewLine(watch.Reserve, nil, nil)
		branch := line.Branch()
		down := func() error {
			if time.Now().Before(end) {
				return errPassing
			}
			return nil
		}
		for time.Now().Before(end) {
			_ = line.Try(t.Context(), time.Time{}, down)
			_ = branch.Try(t.Context(), time.Time{}, down)
		}
		for branch.Try(t.Context(), time.Time{}, down) != nil || branch.Row() > 0 {
		}
		if late := time.Since(end); late > 4*time.Minute {
			t.Errorf("the branch is answered after %v", late)
		}
		for range 100 { // none of the line is made for long
			if at := time.Now(); branch.Try(t.Context(), time.Time{}, down) != nil || time.Since(at) > 0 {
				t.Errorf("then a call of the branch took %v", time.Since(at))
			}
			time.Sleep(4 * time.Second)
		}
		if line.Row() > 0 || !branch.Hopeless().IsZero() {
			t.Errorf("the line is in trouble after %v", time.Since(end))
		}
	})
}
