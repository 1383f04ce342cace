package watch

import (
	"testing"
	"time"
)

func TestHearingDoubtsSilence(t *testing.T) {
	at := func(seconds float64) time.Time {
		return time.Unix(0, 0).Add(time.Duration(seconds * float64(time.Second)))
	}
	for _, row := range []struct {
		why    string
		frames []float64
		tasks  int
		asked  float64
		good   bool
	}{
		{"nothing was heard yet", nil, 1, 1, false},
		{"a frame", []float64{1}, 1, 2, true},
		{"a short silence", []float64{1, 2, 3}, 1, 32, true},
		{"a long one", []float64{1, 2, 3}, 1, 34, false},
		{"it is over", []float64{1, 2, 3, 60}, 1, 60, true},
		{"and it was no fault, so that as long a one is usual", []float64{1, 2, 3, 60}, 1, 160, true},
		{"longer than usual", []float64{1, 2, 3, 60}, 1, 180, false},
		{"hours are never usual", []float64{1, 4000}, 1, 4400, false},
		{"nothing to hear of", []float64{1, 2, 3}, 0, 1000, true},
	} {
		var h hearing
		h.open(at(0))
		for _, s := range row.frames {
			h.frame(at(s), false)
		}
		if got := h.good(at(row.asked), row.tasks); got != row.good {
			t.Errorf("%s: %v", row.why, got)
		}
	}
}

func TestHearingIsProvedSilent(t *testing.T) {
	at := func(seconds int) time.Time { return time.Unix(int64(seconds), 0) }
	for _, row := range []struct {
		why    string
		missed []int
		told   int // an end, 0: none
		asked  int
		silent bool
	}{
		{"two were seen before they were told", []int{1, 2}, 0, 9, false},
		{"three at once, and the frames may be under way", []int{7, 7, 7}, 0, 8, false},
		{"they were not", []int{5, 6, 7}, 0, 9, true},
		{"ends are told, with others that are not", []int{1, 2, 3}, 4, 9, false},
		{"and then no more", []int{1, 2, 5, 5, 5}, 3, 9, true},
	} {
		var h hearing
		h.open(at(0))
		for s := range 10 {
			if s == row.told && s > 0 {
				h.frame(at(s), true)
			}
			for _, m := range row.missed {
				if m == s {
					h.miss(at(s))
				}
			}
		}
		if got := h.silent(at(row.asked)); got != row.silent || got && h.good(at(row.asked), 1) {
			t.Errorf("%s: %v", row.why, got)
		}
	}
}
