package watch

import (
	"math"
	"slices"
)

const (
	sharp    = 0.003 // of a duration: no law is sharper
	lawCells = 400
	kernels  = 2000 // pieces of them, all together
	groups   = 1.6  // of a root of as many tasks, are what a point is spread over
	rift     = 0.25 // of the range of a sample, without a point in it: the sides are different kinds of tasks
	side     = 5    // tasks at least on either
	below    = 0.25 // tasks, beside those that ended, that take less time than any of them
	beyond   = 0.5  // and more
	tailFall = 1.5  // the tail of those thins out as t to the power of −tailFall
	tailEnds = 0.02 // of the tail is left where the law ends
)

// smoothed gives the law of a sample in which every task has that many points. Each point is spread as far as the
// tightest group of points around it reaches, so that a law can be sharp in one place and wide in another, and what a
// sample does not show is added: shorter and, above all, longer durations than any in it.
func smoothed(points []float64, perTask int) law {
	slices.Sort(points)
	n := len(points)
	tasks := float64(n) / float64(perTask)
	var width []float64
	for _, c := range clusters(points, perTask) {
		near := groups * math.Sqrt(float64(len(c)*perTask))
		width = append(width, tightest(c, min(len(c)-1, int(near)))...)
	}
	pieces := max(3, min(kernels/n, 11))
	kernel := make([]float64, 0, n*pieces)
	for i, x := range points {
		w := max(width[i], sharp*x/2)
		if n == perTask { // one task says nothing of the spread
			w = max(w, x/3)
		}
		for k := range pieces {
			u := (float64(k)+0.5)/float64(pieces)*2 - 1
			kernel = append(kernel, math.Abs(x+w*u*math.Sqrt(math.Abs(u))))
		}
	}
	slices.Sort(kernel)

	l := newLaw(lawCells + 80)
	all := tasks + below + beyond
	const lowCells, tailCells = 8, 40
	for k := 1.0; k <= lowCells; k++ {
		l.add(max(kernel[0], 1e-6)*k/lowCells, below/lowCells/all)
	}
	top := l.edge[lowCells]
	for i, done, step := 0, 0, max(1, len(kernel)/lawCells); i < len(kernel); i++ {
		last := i == len(kernel)-1
		if !last && (i+1-done < step || kernel[i] <= top) {
			continue
		}
		top = max(kernel[i], top*(1+1e-9))
		l.add(top, float64(i+1-done)/float64(len(kernel))*tasks/all)
		done = i + 1
	}
	// The tail goes on as the upper quarter of the sample suggests.
	from, excess := points[n*3/4], 0.0
	for _, x := range points[n*3/4:] {
		excess += (x - from) / float64(n-n*3/4)
	}
	scale := max(excess, 0.05*top) * tailFall
	left := 1.0
	for k := 1; k <= tailCells; k++ {
		now := math.Pow(tailEnds, float64(k)/tailCells)
		edge := top + scale*(math.Pow(now, -1/tailFall)-1)
		if k == tailCells {
			now = 0
		}
		l.add(edge, (left-now)*beyond/all)
		left = now
	}
	return l
}

// clusters cuts sorted points at their rifts.
func clusters(points []float64, perTask int) [][]float64 {
	n := len(points)
	cut, most := 0, rift*(points[n-1]-points[0])
	for i := side * perTask; i <= n-side*perTask; i++ {
		if gap := points[i] - points[i-1]; gap > most {
			cut, most = i, gap
		}
	}
	if cut == 0 {
		return [][]float64{points}
	}
	return append(clusters(points[:cut], perTask), clusters(points[cut:], perTask)...)
}

// tightest gives, for every point, how far the tightest group of so many more points reaches that it belongs to.
func tightest(points []float64, others int) []float64 {
	width := make([]float64, len(points))
	for i := range width {
		width[i] = math.Inf(1)
	}
	// The least of a sliding window: candidates are kept in a queue, by rising width.
	var queue []int
	for i := range points {
		if i+others < len(points) {
			w := points[i+others] - points[i]
			for len(queue) > 0 {
				if j := queue[len(queue)-1]; points[j+others]-points[j] < w {
					break
				}
				queue = queue[:len(queue)-1]
			}
			queue = append(queue, i)
		}
		if queue[0]+others < i {
			queue = queue[1:]
		}
		width[i] = points[queue[0]+others] - points[queue[0]]
	}
	return width
}
