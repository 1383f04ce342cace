package compare

import (
	"strings"

	"github.com/shopspring/decimal"
)

// metric is what a threshold can be about.
type metric struct {
	name, about string
	unit        string // s, USD, %, bits, or "" for a count
	alone       bool   // it tells of B against A already
	of          bool   // it is a count of which a share can be said
	figure      func(*Result) measured
}

// measured is a metric of both folders.
type measured struct {
	a, b decimal.NullDecimal
	of   int    // what a share is a part of
	why  string // what is not known is not
	test string // what the test says of the difference
}

// metrics are what --fail-on knows.
var metrics = []metric{
	{name: "cost", about: "USD a picture, the mean", unit: "USD", figure: figureOf(Cost)},
	{name: "spent", about: "USD, all of it", unit: "USD", figure: figureOf(Spent)},
	{name: "total", about: "median seconds from the submit to the file on disk", unit: "s", figure: figureOf("total_s")},
	{name: "elapsed", about: "median seconds that are billed", unit: "s", figure: figureOf("elapsed_s")},
	{name: "queue", about: "median seconds in the queue", unit: "s", figure: figureOf("queue_s")},
	{name: "run", about: "median seconds of the model", unit: "s", figure: figureOf("run_s")},
	{name: "postprocess", about: "median seconds after the model", unit: "s", figure: figureOf("postprocess_s")},
	{name: "download", about: "median seconds of the download", unit: "s", figure: figureOf("download_s")},
	{name: "success", about: "percent of the cells with a verdict that are done", unit: "%", figure: figureOf(Success)},
	{name: "rate", about: "pictures a minute", figure: figureOf(Rate)},
	{name: "failed", about: "cells that failed", of: true, figure: func(r *Result) measured {
		return measured{a: whole(r.Failures.A), b: whole(r.Failures.B), of: r.Failures.EndedB, why: unless(r.Failures.EndedB > 0, "no cell of B has ended")}.unlessNothing()
	}},
	{name: "broken", about: "cells that are done in A and failed in B", alone: true, of: true, figure: func(r *Result) measured {
		return count(r.Failures.Broken, r.Failures.Judged, "no cell has ended in both")
	}},
	{name: "changed", about: "pictures that look different, have other sides, or can't be seen to look alike", alone: true, of: true, figure: func(r *Result) measured {
		return count(r.Pictures.Differ(), r.Pictures.Both(), noPairs)
	}},
	{name: "bytes", about: "pictures with other bytes, also where they look alike", alone: true, of: true, figure: func(r *Result) measured {
		return count(r.Pictures.Both()-r.Pictures.Same, r.Pictures.Both(), noPairs)
	}},
	{name: "distance", about: "greatest distance of two pictures, in bits of 64", unit: "bits", alone: true, figure: func(r *Result) measured {
		m := count(valueOr(r.Pictures.Greatest, 0), r.Pictures.Both(), noPairs)
		if r.Pictures.Same+r.Pictures.measured == 0 {
			return measured{why: "no picture of both folders can be measured"}
		}
		return m
	}},
	{name: "drift", about: "pictures of the same inputs and seed with other bytes", alone: true, of: true, figure: func(r *Result) measured {
		return count(r.Drift.Differ, r.Drift.Checked, "no picture with a seed is in both folders")
	}},
	{name: "missing", about: "pictures that A has and B has not", alone: true, of: true, figure: func(r *Result) measured {
		return count(r.Pictures.OnlyA, r.Pictures.Both()+r.Pictures.OnlyA, "A has no picture")
	}},
	{name: "added", about: "pictures that B has and A has not", alone: true, of: true, figure: func(r *Result) measured {
		return count(r.Pictures.OnlyB, r.Pictures.Both()+r.Pictures.OnlyB, "B has no picture")
	}},
	{name: "unpaired", about: "cells of either folder without a partner", alone: true, of: true, figure: func(r *Result) measured {
		lone := r.Pairs.OnlyA + r.Pairs.OnlyB
		return count(lone, lone+2*r.Pairs.Paired(), "there is no cell")
	}},
}

const noPairs = "no picture is in both folders"

func count(n, of int, why string) measured {
	return measured{b: whole(n), of: of, why: unless(of > 0, why)}.unlessNothing()
}

// unlessNothing takes a count of nothing for unknown: that there was nothing to count is no good news.
func (m measured) unlessNothing() measured {
	if m.why != "" {
		m.a, m.b = decimal.NullDecimal{}, decimal.NullDecimal{}
	}
	return m
}

func unless(fine bool, why string) string {
	if fine {
		return ""
	}
	return why
}

func whole(n int) decimal.NullDecimal {
	return decimal.NewNullDecimal(decimal.NewFromInt(int64(n)))
}

// figureOf gives what the whole says of a metric.
func figureOf(name string) func(*Result) measured {
	return func(r *Result) measured {
		for _, f := range r.Figures[0].Figures {
			if f.Metric == name {
				return measured{a: f.A.Value, b: f.B.Value, why: f.unknown(), test: f.verdict()}
			}
		}
		return measured{why: "nothing is known of it"}
	}
}

// Metrics lists what --fail-on knows, a line each, for the help.
func Metrics() string {
	var b strings.Builder
	for _, m := range metrics {
		b.WriteString("  " + m.name + strings.Repeat(" ", 13-len(m.name)) + m.about + "\n")
	}
	return strings.TrimRight(b.String(), "\n")
}
