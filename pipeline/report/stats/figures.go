package stats

import (
	"strconv"

	"github.com/shopspring/decimal"
)

// figure is a column of the CSV and a key of the JSON: both have the same, under the same names. The names are a contract: they are only ever added.
type figure struct {
	name, value string // "": unknown
	text        bool   // a string in JSON, as money is: it stays exact
}

// figures are all there are of a group.
func (g Group) figures() []figure {
	var share, low, high string
	if r := g.Success; r.Ended > 0 {
		share, low, high = plain(r.Share()), plain(r.In.Low), plain(r.In.High)
	}
	all := []figure{
		count("n", g.N), count("done", g.Done), count("failed", g.Failed), count("not_done", g.NotDone), count("cold", g.Cold),
		{name: "success_rate", value: share}, {name: "success_rate_low", value: low}, {name: "success_rate_high", value: high},
	}
	for _, m := range g.Times {
		all = append(all, m.figures()...)
	}
	all = append(all, count("pictures", g.Pictures), figure{name: "pictures_per_slot_minute", value: known(g.Pace.Slot)},
		figure{name: "pictures_per_minute", value: known(g.Pace.Overall)}, figure{name: "under_way_s", value: known(g.Pace.UnderWay)})
	for _, f := range g.Cost.figures() {
		if f.name == "cost_usd_mean" { // of this one it is exact
			f = exact(f.name, g.Cost.Mean)
		}
		all = append(all, f)
	}
	all = append(all, exact("cost_usd_sum", g.Cost.Sum), exact("cost_per_picture_usd", g.Cost.PerPicture),
		exact("failed_cost_usd", g.Cost.Failed), count("failed_cost_unknown", g.Cost.FailedUnknown))
	return append(append(all, g.Looks.figures()...), exact("not_done_cost_usd", g.Cost.NotDone))
}

// figures of a group that there is nothing to compare with are empty.
func (l *Looks) figures() []figure {
	if l == nil {
		return []figure{{name: "look_n"}, {name: "look_unknown"}, {name: "look_bits_mean"}, {name: "look_bits_max"}}
	}
	mean, most := figure{name: "look_bits_mean"}, figure{name: "look_bits_max"}
	if l.N > 0 {
		mean.value, most.value = plain(l.Mean), strconv.Itoa(l.Most)
	}
	return []figure{count("look_n", l.N), count("look_unknown", l.Unknown), mean, most}
}

func exact(name string, usd *decimal.Decimal) figure {
	f := figure{name: name, text: true}
	if usd != nil {
		f.value = usd.String()
	}
	return f
}

func (m Measure) figures() []figure {
	value := func(name string, v string) figure { return figure{name: m.Name + "_" + name, value: v} }
	ends := func(name string, in *Interval) []figure {
		if in == nil {
			return []figure{value(name+"_low", ""), value(name+"_high", "")}
		}
		return []figure{value(name+"_low", plain(in.Low)), value(name+"_high", plain(in.High))}
	}
	some := func(v float64, least int) string {
		if m.N < least {
			return ""
		}
		return plain(v)
	}
	all := []figure{count(m.Name+"_n", m.N), count(m.Name+"_unknown", m.Unknown), value("mean", some(m.Mean, 1))}
	all = append(all, ends("mean", m.MeanIn)...)
	all = append(all, value("sd", some(m.SD, 2)), value("median", some(m.Median, 1)))
	all = append(all, ends("median", m.MedianIn)...)
	sure := ""
	if m.MedianIn != nil {
		sure = plain(m.MedianConfidence)
	}
	return append(all, value("median_confidence", sure), value("p50", known(m.P50)), value("p95", known(m.P95)), value("p99", known(m.P99)),
		value("min", some(m.Least, 1)), value("max", some(m.Most, 1)))
}

func known(v *float64) string {
	if v == nil {
		return ""
	}
	return plain(*v)
}

// plain is a number that is rounded far below what is measured: times are known to the millisecond.
func plain(v float64) string { return decimal.NewFromFloat(v).Round(9).String() }

func count(name string, n int) figure { return figure{name: name, value: strconv.Itoa(n)} }

func (c Change) figures() []figure {
	return []figure{
		{name: "stage", value: c.Stage.Name, text: true},
		{name: "median_first", value: plain(c.From)}, {name: "median_last", value: plain(c.To)},
		{name: "p", value: plain(c.P)}, {name: "shown", value: strconv.FormatBool(c.Shown)}, {name: "too_few", value: strconv.FormatBool(c.TooFew)},
	}
}

func (r Repeats) figures() []figure {
	mean := func(name string, v float64, n int) figure {
		if n == 0 {
			return figure{name: name}
		}
		return figure{name: name, value: plain(v)}
	}
	most := figure{name: "bits_max"}
	if r.N > 0 {
		most.value = strconv.Itoa(r.Most)
	}
	all := []figure{
		count("groups", r.Groups), count("same_bytes", r.Same), count("look_alike", r.Alike), count("differ", r.Differ), count("not_looked_at", r.Unseen),
		count("pairs", r.N), mean("bits_mean", r.Mean, r.N), most,
	}
	for _, d := range []struct {
		name string
		Drift
	}{{"same_start_", r.Within}, {"next_start_", r.Between}} {
		all = append(all, count(d.name+"pairs", d.Pairs), count(d.name+"changed", d.Changed), mean(d.name+"bits_mean", d.Mean, d.Seen))
	}
	return all
}
