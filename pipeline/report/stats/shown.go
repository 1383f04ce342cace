package stats

import (
	"fmt"

	"wirobatch/pipeline/report/pictures"
)

// shown is a column for people, after those of the values.
type shown struct {
	name  string
	of    func(Group) string
	usual bool   // long values make room for it
	about string // what it means, where the name does not say it
}

// columns are those of a table, in the order in which they are left out when there is no room, the last one first.
func (t Table) columns() []shown {
	median := func(stage string) func(Group) string {
		return func(g Group) string { return g.Of(stage).median() }
	}
	all := []shown{
		{name: "done", of: func(g Group) string { return g.Success.text(g.N) }, usual: true, about: "of all cells, with the interval of the rate of success"},
		{name: "total_s", of: median("total_s"), usual: true},
		{name: "run_s", of: median("run_s"), usual: true},
		{name: "$ each", of: func(g Group) string { return usd(g.Cost.PerPicture) }, usual: true},
	}
	if t.looked() {
		all = append(all, shown{name: "bits", of: func(g Group) string { return g.Looks.text() }, usual: true, about: fmt.Sprintf(
			"how far pictures are in the mean from those of the first value with all else equal, of 64: up to %d look alike, about 32 have nothing in common", pictures.NearBits)})
	}
	return append(all, []shown{
		{name: "/min", of: func(g Group) string { return shortIf(g.Pace.Slot) }, usual: true,
			about: "pictures a minute of one slot that is never idle: 60 × pictures / sum of total_s"},
		{name: "p95", of: func(g Group) string { return shortIf(g.Of("total_s").P95) }, about: "of total_s; it takes 20 cells"},
		{name: "p99", of: func(g Group) string { return shortIf(g.Of("total_s").P99) }, about: "of total_s; it takes 100 cells"},
		{name: "queue_s", of: median("queue_s")},
		{name: "postprocess_s", of: median("postprocess_s")},
		{name: "download_s", of: median("download_s")},
		{name: "mean", of: func(g Group) string { return g.Of("total_s").mean() }, about: "of total_s"},
	}...)
}

// looked tells whether there are pictures to compare with those of the first value.
func (t Table) looked() bool {
	for _, g := range t.Groups[min(1, len(t.Groups)):] {
		if g.Looks != nil && g.Looks.N > 0 {
			return true
		}
	}
	return false
}
