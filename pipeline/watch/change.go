package watch

import (
	"cmp"
	"math"
	"slices"
)

const (
	latest  = 256 // ends make a law
	fewest  = 12  // ends on either side of a change
	certain = 2.2 // by the test of Kolmogorov and Smirnov: once in ten thousand by chance
)

// recent gives the ends that speak for those to come: since the last change of speed, and not too many.
func recent(spans []span) []span {
	spans = spans[changed(spans):]
	return spans[max(0, len(spans)-latest):]
}

// changed gives from which of the ends on, in the order in which they came, the durations follow another law than before,
// 0 when they do not.
func changed(spans []span) int {
	order := make([]int, len(spans))
	for i := range order {
		order[i] = i
	}
	slices.SortFunc(order, func(a, b int) int { return cmp.Compare(spans[a].middle(), spans[b].middle()) })
	cut, most := 0, certain
	try := func(at int) {
		before, since := float64(at), float64(len(spans)-at)
		var apart, gap float64
		for k, i := range order {
			if i < at {
				gap += 1 / before
			} else {
				gap -= 1 / since
			}
			if k+1 == len(order) || spans[order[k+1]].middle() != spans[i].middle() {
				apart = max(apart, math.Abs(gap))
			}
		}
		if score := apart * math.Sqrt(before*since/(before+since)); score > most {
			cut, most = at, score
		}
	}
	step := max(1, len(spans)/64)
	for at := fewest; at <= len(spans)-fewest; at += step {
		try(at)
	}
	if about := cut; cut > 0 {
		for at := max(fewest, about-step); at <= min(about+step, len(spans)-fewest); at++ {
			try(at)
		}
	}
	return cut
}
