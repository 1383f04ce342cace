package watch

import (
	"context"
	"fmt"
	"math/rand/v2"
	"slices"
	"testing"
	"time"

	"golang.org/x/time/rate"

	"wirobatch/wiro"
)

// Each look that is due is on one page, with as many rows on both sides as it may be elsewhere; no page is in vain.
func TestNextPage(t *testing.T) {
	c := rand.New(rand.NewPCG(1, 2))
	pages, short := 0, 0
	for range 2000 {
		spare := spareLeast + c.IntN(spareMost-spareLeast+1)
		var all []standing
		for n, row := 1+c.IntN(300), 0; len(all) < n; row += c.IntN(1 + c.IntN(12)) {
			s := standing{v: &watched{}, row: row, due: c.IntN(6) == 0}
			s.looks = s.due || c.IntN(3) == 0
			all = append(all, s)
		}
		seen := map[*watched]bool{}
		for rest := all; ; pages++ {
			start, rows, looks, shown, left := nextPage(rest, spare)
			if len(looks) == 0 {
				break
			}
			if start < 0 || rows < 1 || rows > pageRows || len(left) >= len(rest) {
				t.Fatalf("%d rows from %d on, %d of %d are left", rows, start, len(left), len(rest))
			}
			if rows < pageRows {
				short++
			}
			due := 0
			for _, s := range looks {
				if !s.looks {
					continue
				}
				if seen[s.v] {
					t.Fatalf("row %d is looked at twice", s.row)
				}
				seen[s.v] = true
				if s.due {
					due++
				}
				if s.row < start || start > 0 && s.row < start+spare || s.row+spare > start+rows {
					t.Fatalf("row %d ± %d is not on the page of %d rows from %d on", s.row, spare, rows, start)
				}
			}
			if due == 0 || shown < due {
				t.Fatalf("%d looks are due of %d tasks on the page", due, shown)
			}
			rest = left
		}
		if slices.ContainsFunc(all, func(s standing) bool { return s.due && !seen[s.v] }) {
			t.Fatal("a look that is due is on no page")
		}
	}
	if pages < 4000 || short < 200 {
		t.Errorf("%d pages, %d of them short", pages, short)
	}
}

// Before ours stand those that are submitted and not known yet, and between them those of others.
func TestWhereTasksStandIsLearned(t *testing.T) {
	for _, row := range []struct{ ahead, crowd float64 }{{0, 1}, {30, 1}, {0, 1.6}, {50, 2.5}, {10, 8}} {
		t.Run(fmt.Sprint(row), func(t *testing.T) {
			c := rand.New(rand.NewPCG(3, 4))
			k := &looks{crowd: 1}
			for id := range 400 {
				k.enrol(&watched{Target: Target{ID: fmt.Sprint(1000 + id)}})
			}
			stands := func(v *watched) int {
				return int(row.ahead+float64(k.entered-v.place)*row.crowd) + c.IntN(5)
			}
			var wrong int
			for range 60 {
				s := sightings{entered: k.entered, guess: k.row}
				start := c.IntN(40)
				for i := start; float64(i-start)*row.crowd < pageStep; i++ {
					v := k.newest[len(k.newest)-1-i]
					s.add(v, stands(v))
				}
				k.stood(s)
				wrong = s.stray
			}
			if wrong > spareMost || k.spare() > spareMost {
				t.Errorf("tasks stand up to %d rows elsewhere: %.1f ahead, crowd %.2f, spare %d", wrong, k.ahead, k.crowd, k.spare())
			}
		})
	}
}

// A page that misses a task by one row moves no guess by many, however deep.
func TestAPageThatMissesByARow(t *testing.T) {
	line := NewLine(Reserve, nil, nil)
	k := &looks{
		api: line, lists: line.Branch(), mode: &mode{asked: List, changed: make(chan struct{})}, bound: rate.NewLimiter(rate.Inf, 1),
		kick: make(chan struct{}, 1), watched: map[string]*watched{}, crowd: 1, ctx: context.Background(),
	}
	const tasks = 5000
	for id := range tasks {
		v := &watched{Target: Target{ID: fmt.Sprint(100000 + id)}, sights: make(chan sight, 1)}
		v.ear.woken = make(chan struct{}, 1)
		k.enrol(v)
		k.watched[v.ID] = v
	}
	at := func(row int) *watched { return k.watched[fmt.Sprint(100000+tasks-1-row)] }
	for _, missed := range []int{3100, 2999} { // rows 3000 to 3099 come
		c := k.begin(&call{start: 3000, rows: pageRows, tasks: []*watched{at(3050), at(missed)}}, never)
		var page []wiro.Task
		for row := range pageRows {
			page = append(page, wiro.Task{ID: at(3000 + row).ID, Status: wiro.StatusStart})
		}
		if again := k.show(c, page); len(again) != 1 || at(missed).call != again[0] {
			t.Errorf("%d calls for the one that was missed", len(again))
		}
		for _, row := range []int{0, 3000, 4900} {
			if wrong := k.row(at(row), k.entered) - row; wrong > spareMost || -wrong > spareMost {
				t.Errorf("after that row %d is guessed at %d", row, row+wrong)
			}
		}
	}
}

// Pages keep their distance, but a look that is due is not put off for as long as there are some for others.
func TestPagesForOthersPutNothingOff(t *testing.T) {
	now := time.Now()
	v := &watched{wish: wish{due: now, apart: 2 * time.Second}}
	k := &looks{part: 1}
	for after := range 10 {
		k.paged = now.Add(time.Duration(after) * time.Second)
		if leaves := k.leaves(v, byList); leaves.Sub(now) != 2*time.Second {
			t.Errorf("it leaves after %v", leaves.Sub(now))
		}
	}
}
