package watch

import (
	"math"
	"sort"
)

// plan says when to look at tasks whose durations follow a law, so that lateness and looks, at their price, cost least
// together: the inspection problem. Its answer for every price gives the least lateness for every number of looks.
type plan struct {
	law
	then        []int32 // after a look at that edge, the edge of the next
	looks, late float64 // that a task is to be expected to take, late in seconds
}

// inspect works a plan out from the end backwards:
//
//	cost(i) = min over j > i of price·P(X > edge(i)) + waste(i, j) + cost(j).
//
// In j this is the least of straight lines over mass(i), of slope −edge(j): they are added by rising slope and asked at
// falling mass, so that the line in question only moves one way, and all takes as many steps as there are cells.
func inspect(l law, price float64) plan {
	last := len(l.edge) - 1
	p := plan{law: l, then: make([]int32, last+1)}
	base := make([]float64, last+1) // of the lines
	hull := make([]int32, 0, last+1)
	first := 0
	cost := 0.0
	for i := last; i >= 0; i-- {
		if i < last {
			at := func(k int) float64 { j := hull[k]; return base[j] - l.edge[j]*l.mass[i] }
			for first+1 < len(hull) && at(first+1) <= at(first) {
				first++
			}
			p.then[i] = hull[first]
			cost = price*(l.mass[last]-l.mass[i]) + l.part[i] + at(first)
		}
		base[i] = l.edge[i]*l.mass[i] - l.part[i] + cost
		for len(hull) > first+1 {
			a, b := hull[len(hull)-2], hull[len(hull)-1]
			// b lies below a only where i lies below b
			if (base[i]-base[b])*(l.edge[a]-l.edge[b]) > (base[b]-base[a])*(l.edge[b]-l.edge[i]) {
				break
			}
			hull = hull[:len(hull)-1]
		}
		hull = append(hull, int32(i))
	}
	for i := 0; i < last; {
		j := int(p.then[i])
		p.looks += l.mass[last] - l.mass[i]
		p.late += l.waste(i, j)
		i = j
	}
	return p
}

// after gives the time of the look that follows one at that time, and how late, on average, those tasks are that it
// shows to have ended; +Inf when tasks are not known to take so long.
func (p *plan) after(t float64) (next, late float64) {
	i := sort.SearchFloat64s(p.edge, t)
	if i == len(p.edge) || p.edge[i] > t {
		i--
	}
	if i == len(p.edge)-1 {
		return math.Inf(1), 0
	}
	j := int(p.then[i])
	return p.edge[j], p.waste(i, j) / (p.mass[j] - p.mass[i])
}
