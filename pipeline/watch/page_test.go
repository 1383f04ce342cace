package watch

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"testing"
)

// A thousand tasks that are submitted at once are answered in any order; the list shows them by their ids.
func TestRowsFollowIds(t *testing.T) {
	const together, waves = 1000, 6
	k := &looks{crowd: 1}
	var all []*watched
	for wave := range waves {
		for _, i := range rand.Perm(together) {
			v := &watched{Target: Target{ID: fmt.Sprint(100 + wave*together + i)}}
			k.enrol(v)
			all = append(all, v)
		}
	}
	slices.SortFunc(all, func(a, b *watched) int {
		if older(a.ID, b.ID) {
			return 1
		}
		return -1
	})
	for want, v := range all {
		if row := k.row(v, k.entered); row != want {
			t.Fatalf("task %s is looked for in row %d, and stands in row %d", v.ID, row, want)
		}
	}
	if n := len(k.newest); n > 2*newestMost {
		t.Errorf("%d are remembered", n)
	}
}
