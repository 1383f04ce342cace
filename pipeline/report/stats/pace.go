package stats

import (
	"cmp"
	"math"
	"slices"
)

// Pace is how fast pictures came. A figure is nil where the times are not known.
type Pace struct {
	// Of one slot that is never idle: pictures by the sum of their cells' total_s. It does not depend on how many ran at once.
	Slot *float64
	// Of the whole group, as it was run: pictures by the time in which at least one of its tasks was under way.
	Overall  *float64
	UnderWay *float64 // that time, in seconds
}

func (c *cells) pace(members []int32) (p Pace) {
	total := slices.IndexFunc(c.stages, func(s Stage) bool { return s.Name == "total_s" })
	var alone []float64
	made, timed := 0, 0
	var spans [][2]int64
	for _, i := range members {
		if v := c.measured[total][i]; !math.IsNaN(v) && !c.cold[i] {
			alone = append(alone, v)
			made += int(c.files[i])
		}
		if c.from[i] > 0 {
			spans = append(spans, [2]int64{c.from[i], c.to[i]})
			timed += int(c.files[i])
		}
	}
	slices.Sort(alone) // the sum does not depend on the order of the cells
	sum := 0.0
	for _, v := range alone {
		sum += v
	}
	p.Slot = perMinute(made, sum)
	if len(spans) > 0 {
		seconds := float64(union(spans)) / 1000
		p.UnderWay, p.Overall = &seconds, perMinute(timed, seconds)
	}
	return p
}

func perMinute(n int, seconds float64) *float64 {
	if n == 0 || seconds <= 0 {
		return nil
	}
	v := 60 * float64(n) / seconds
	return &v
}

// union is how long at least one of the spans lasted.
func union(spans [][2]int64) (sum int64) {
	slices.SortFunc(spans, func(a, b [2]int64) int { return cmp.Compare(a[0], b[0]) })
	end := int64(0)
	for _, s := range spans {
		if s[1] > end {
			sum += s[1] - max(s[0], end)
			end = s[1]
		}
	}
	return sum
}
