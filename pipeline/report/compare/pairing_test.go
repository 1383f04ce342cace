package compare

import (
	"slices"
	"strconv"
	"strings"
	"testing"

	"wirobatch/pipeline/journal"
)

func TestPairing(t *testing.T) {
	p := func(model string, repeat int, params ...string) journal.Row { return asks(model, repeat, params...) }
	for name, c := range map[string]struct {
		a, b    []journal.Row
		want    Pairing
		partner []int // of each cell of a, -1: none
	}{
		"the same grid, in another order": {
			[]journal.Row{p("m", 1, "seed", "1"), p("m", 1, "seed", "2")}, []journal.Row{p("m", 1, "seed", "2"), p("m", 1, "seed", "1")},
			Pairing{Cell: 2}, []int{1, 0},
		},
		"another seed": {
			[]journal.Row{p("m", 1, "seed", "1")}, []journal.Row{p("m", 1, "seed", "2")}, Pairing{OnlyA: 1, OnlyB: 1}, []int{-1},
		},
		"another model, replicates apart, parameters in another order": {
			[]journal.Row{p("m", 1, "seed", "1", "scale", "2"), p("m", 2, "seed", "1", "scale", "2")}, []journal.Row{p("n", 2, "scale", "2", "seed", "1"), p("n", 1, "scale", "2", "seed", "1")},
			Pairing{Inputs: 2}, []int{1, 0},
		},
		"one model of A is in B too, and the other has one partner more than it can have": {
			[]journal.Row{p("m", 1, "seed", "1"), p("n", 1, "seed", "1")}, []journal.Row{p("m", 1, "seed", "1"), p("o", 1, "seed", "1")},
			Pairing{Cell: 1, OnlyA: 1, OnlyB: 1}, []int{0, -1},
		},
		"two models of A for one of B": {
			[]journal.Row{p("m", 1, "seed", "1"), p("n", 1, "seed", "1")}, []journal.Row{p("o", 1, "seed", "1")}, Pairing{OnlyA: 2, OnlyB: 1}, []int{-1, -1},
		},
		"a parameter that one model alone has": {
			[]journal.Row{p("m", 1, "prompt", "x", "seed", "1"), p("m", 1, "prompt", "x", "seed", "2")},
			[]journal.Row{p("n", 1, "prompt", "x", "seed", "2", "steps", "20"), p("n", 1, "prompt", "x", "seed", "1", "steps", "20")},
			Pairing{Shared: 2, Ignored: []string{"steps"}}, []int{1, 0},
		},
		"an axis that one alone has makes it ambiguous": {
			[]journal.Row{p("m", 1, "prompt", "x")}, []journal.Row{p("n", 1, "prompt", "x", "steps", "20"), p("n", 1, "prompt", "x", "steps", "30")},
			Pairing{OnlyA: 1, OnlyB: 2}, []int{-1},
		},
		"a parameter fixed at another value in each": {
			[]journal.Row{p("m", 1, "scale", "4", "seed", "1"), p("m", 1, "scale", "4", "seed", "2")}, []journal.Row{p("m", 1, "scale", "5", "seed", "2"), p("m", 1, "scale", "5", "seed", "3")},
			Pairing{Shared: 1, OnlyA: 1, OnlyB: 1, Fixed: []Fixed{{"scale", "4", "5"}}}, []int{-1, 0},
		},
		"one that has several values in one of them": {
			[]journal.Row{p("m", 1, "scale", "4", "seed", "1"), p("m", 1, "scale", "4.5", "seed", "1")}, []journal.Row{p("m", 1, "scale", "5", "seed", "1")},
			Pairing{OnlyA: 2, OnlyB: 1}, []int{-1, -1},
		},
		"one that some cells do without": {
			[]journal.Row{p("m", 1, "scale", "4", "seed", "1"), p("m", 1, "seed", "2")}, []journal.Row{p("m", 1, "scale", "5", "seed", "1"), p("m", 1, "scale", "5", "seed", "2")},
			Pairing{OnlyA: 2, OnlyB: 2}, []int{-1, -1},
		},
		"nothing in common": {
			[]journal.Row{p("m", 1, "prompt", "x")}, []journal.Row{p("n", 1, "text", "x")}, Pairing{OnlyA: 1, OnlyB: 1}, []int{-1},
		},
		"no values that run into each other": {
			[]journal.Row{p("m", 1, "a", "1\"b", "c", "2")}, []journal.Row{p("n", 1, "a", "1", "bc", "2")}, Pairing{OnlyA: 1, OnlyB: 1}, []int{-1},
		},
		"an empty folder": {nil, []journal.Row{p("m", 1, "seed", "1")}, Pairing{OnlyB: 1}, nil},
	} {
		t.Run(name, func(t *testing.T) {
			pairs, ignored, fixed := pairUp(c.a, c.b)
			kept, got := meant(pairs, nil)
			if got.Cell != c.want.Cell || got.Inputs != c.want.Inputs || got.Shared != c.want.Shared || got.OnlyA != c.want.OnlyA || got.OnlyB != c.want.OnlyB {
				t.Errorf("%+v, not %+v", got, c.want)
			}
			if len(kept) != got.Paired()+got.OnlyA+got.OnlyB {
				t.Errorf("%d pairs", len(kept))
			}
			for i, at := range c.partner {
				switch b := pairs[i].b; {
				case at < 0 && b != nil:
					t.Errorf("cell %d has the partner %v", i, b.Params)
				case at >= 0 && b != &c.b[at]:
					t.Errorf("cell %d has not the partner %d", i, at)
				}
			}
			if !slices.Equal(ignored, c.want.Ignored) || !slices.Equal(fixed, c.want.Fixed) {
				t.Errorf("left out: %q and %v", ignored, fixed)
			}
		})
	}
}

// A condition that holds for one of the two takes both: a partner is never called missing because it is not meant.
func TestMeantPairsStayPairs(t *testing.T) {
	a, b := nights(t)
	r := compared(t, a.in(t, t.TempDir()), b.in(t, t.TempDir()), Options{Where: func(row journal.Row) bool { return row.State == journal.Failed }})
	if r.Pairs.Cell != 2 || r.Pairs.OnlyA+r.Pairs.OnlyB != 0 || r.Failures.A != 1 || r.Failures.B != 1 || r.Failures.Broken != 1 {
		t.Errorf("%+v %+v", r.Pairs, r.Failures)
	}
}

// A condition that holds nowhere is no comparison, let alone one that passes every threshold.
func TestNoCellIsMeant(t *testing.T) {
	a, b := nights(t)
	none := func(journal.Row) bool { return false }
	if _, err := Compare(t.Context(), a.in(t, t.TempDir()), b.in(t, t.TempDir()), Options{Where: none, Confidence: 0.95}); err != ErrNothing {
		t.Errorf("%v", err)
	}
}

// A night that was interrupted is compared by what it has, not by which cells it happened to make.
func TestWhatHasNotEndedInBoth(t *testing.T) {
	a, b := &run{name: "x", service: "https://api.example.test/v1"}, &run{name: "x", service: "https://api.example.test/v1"}
	for n := range 20 {
		row := asks("owner/model", 1, "seed", strconv.Itoa(n))
		took := strconv.Itoa(3 + 2*n) // the later the longer
		one, files := gave(t, row, took, "0.00"+strconv.Itoa(1+n%9), scene(t, n, 96, 96))
		b.add(one, files)
		if n < 6 {
			a.add(one, files)
		} else {
			a.add(row, nil)
		}
	}
	r := compared(t, a.in(t, t.TempDir()), b.in(t, t.TempDir()), Options{KeepCold: true})
	if r.Pairs.Cell != 20 || r.Pairs.NotEnded != 14 {
		t.Errorf("%+v", r.Pairs)
	}
	for _, f := range r.Figures[0].Figures {
		if f.A.N != f.B.N || !f.Difference.Decimal.IsZero() || f.Significant {
			t.Errorf("the same rows differ: %+v", f)
		}
	}
	if about := r.about(); !strings.Contains(about, "of the 6 pairs, without 14 more that are not done or failed in both") {
		t.Error(about)
	}
}
