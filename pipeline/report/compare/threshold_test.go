package compare

import (
	"regexp"
	"strings"
	"testing"

	"wirobatch/pipeline/journal"
)

func TestThresholds(t *testing.T) {
	a, b := nights(t)
	r := compared(t, a.in(t, t.TempDir()), b.in(t, t.TempDir()), Options{})
	for text, want := range map[string]string{
		"cost>+10%": "yes A $0.004, B $0.005: +25.00%", "cost>+25%": "no", "cost>=+25%": "yes", "cost<+0%": "no", "cost>0.005": "no", "cost>=0.005": "yes",
		"cost > +0.0005": "yes", "COST>+0.001": "no", "spent<=0.05": "yes A $0.04, B $0.05",
		"run>+1.9": "yes", "run_s>+2": "no", "total>+40%": "no", "total>+28.5%": "yes", "queue>+0": "no", "elapsed<=+40%": "yes",
		"success<91%": "yes", "success<90%": "no", "success<-0.1%": "no", "success<-0.1": "no",
		"failed>1": "no", "failed>0": "yes A 1, B 1", "failed>+0": "no", "failed>+0%": "no", "failed>9%": "yes", "failed>10%": "no", "broken>0": "yes 1", "broken>=10%": "no",
		"changed>2": "yes 3", "changed>3": "no", "changed>33%": "yes 3 of 9: 33.33%", "bytes>=4": "yes", "bytes>4": "no", "distance>33": "yes 34 bits", "distance>34": "no",
		"drift>=3": "yes", "drift>3": "no", "missing>=2": "yes", "missing>2": "no", "added>0": "yes", "unpaired>0": "yes 1", "rate<-15%": "yes", "rate<40": "no",
	} {
		all, err := ParseThresholds(text)
		if err != nil {
			t.Error(err)
			continue
		}
		r.Thresholds = nil
		passed := r.Judge(all)
		said, figure, _ := strings.Cut(want, " ")
		if passed != (said == "yes") || r.Thresholds[0].Unknown || !strings.HasPrefix(r.Thresholds[0].Figure, figure) {
			t.Errorf("%s: want %s, got %s", text, want, r.Thresholds[0])
		}
	}
}

// A script is not told that all is well when nobody can know.
func TestWhatIsUnknownPasses(t *testing.T) {
	a, b := &run{name: "a", service: "s"}, &run{name: "b", service: "s"}
	a.add(asks("m", 1, "seed", "1"), nil)
	b.add(asks("m", 1, "seed", "1"), nil)
	r := compared(t, a.in(t, t.TempDir()), b.in(t, t.TempDir()), Options{})
	for _, m := range metrics {
		if m.name == "unpaired" {
			continue
		}
		for _, text := range []string{m.name + ">999999", m.name + "<0"} {
			all, err := ParseThresholds(text)
			if err != nil {
				t.Error(err)
				continue
			}
			r.Thresholds = nil
			if passed := r.Judge(all); !passed || !r.Thresholds[0].Unknown || !strings.Contains(r.Thresholds[0].String(), "counts as yes, for the figure is unknown: ") {
				t.Errorf("%s", r.Thresholds[0])
			}
		}
	}
	// What A has nothing of cannot have risen by a share, but it has risen.
	row, files := gave(t, asks("m", 1, "seed", "2"), "3", "0", scene(t, 1, 64, 64))
	free := &run{name: "a", service: "s"}
	free.add(row, files)
	row, files = gave(t, asks("m", 1, "seed", "2"), "3", "0.01", scene(t, 1, 64, 64))
	paid := &run{name: "b", service: "s"}
	paid.add(row, files)
	r = compared(t, free.in(t, t.TempDir()), paid.in(t, t.TempDir()), Options{})
	if all, err := ParseThresholds("cost>+1000000%"); err != nil || !r.Judge(all) || r.Thresholds[0].Unknown {
		t.Errorf("%v: %v", err, r.Thresholds)
	}
}

func TestThresholdMistakes(t *testing.T) {
	for text, want := range map[string]string{
		"":              `"" is no threshold: write METRIC>NUMBER`,
		"cost":          `"cost" is no threshold`,
		"cost>":         `no threshold`,
		"cost=1":        `no threshold`,
		"cost>ten":      `no threshold`,
		"cost>1e9":      `no threshold`,
		"cost>1,":       `"" is no threshold`,
		"cots>+1%":      `"cots" in "cots>+1%" is no metric (did you mean cost?); the metrics are cost, spent, total`,
		"changed>+1":    `changed tells of B against A already: write changed>1, without a sign`,
		"run>10%":       `% without a sign is a share, which run has none of: write run>+10%`,
		"distance>5%":   `distance has no share: write distance>5, without a sign and %`,
		"cost>٣":        `no threshold`,
		"cost>+1%%":     `no threshold`,
		"cost>--1":      `no threshold`,
		"cost>0x10":     `no threshold`,
		"cost>+10% foo": `no threshold`,
	} {
		if _, err := ParseThresholds(text); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%q: %v", text, err)
		}
	}
	for _, m := range metrics { // each can be written, and the help names it
		if _, err := ParseThresholds(m.name + ">1"); err != nil {
			t.Error(err)
		}
		if !regexp.MustCompile(`(?m)^  ` + m.name + ` +\S`).MatchString(Metrics()) {
			t.Errorf("the help lacks %s", m.name)
		}
	}
}

// Whatever is written, it is read or refused, and what is read is judged.
func FuzzThresholds(f *testing.F) {
	for _, seed := range []string{"cost>+10%,changed>0", "success<95%", "run<=-0.5", "missing>5%, failed >= +1", "drift>1e5", "a>b", ">,<"} {
		f.Add(seed)
	}
	r := &Result{Figures: []Group{{Figures: figures(half{}, half{}, 0.95)}}}
	r.Failures = Failures{A: 1, B: 2, EndedA: 3, EndedB: 3, Alone: []Failure{}}
	r.Pictures = Looks{Same: 1, Changed: 2}
	f.Fuzz(func(t *testing.T, text string) {
		all, err := ParseThresholds(text)
		if err != nil {
			if len(all) > 0 || !strings.Contains(err.Error(), "\"") {
				t.Errorf("%q: %v", text, err)
			}
			return
		}
		if len(all) != strings.Count(text, ",")+1 {
			t.Errorf("%q: %d thresholds", text, len(all))
		}
		r.Thresholds = nil
		r.Judge(all)
		for i, v := range r.Thresholds {
			if v.Figure == "" || v.Unknown && !v.Passed || all[i].String() != v.Threshold {
				t.Errorf("%q: %+v", text, v)
			}
			again, err := ParseThresholds(v.Threshold)
			if err != nil || !again[0].number.Equal(all[i].number) {
				t.Errorf("%q: %v", v.Threshold, err)
			}
		}
	})
}

// A partner that has nothing yet is no failure.
func TestPendingIsNoFailure(t *testing.T) {
	a, b := &run{name: "a", service: "s"}, &run{name: "b", service: "s"}
	for _, seed := range []string{"1", "2"} {
		row, files := gave(t, asks("m", 1, "seed", seed), "3", "0.01", scene(t, 1, 64, 64))
		a.add(row, files)
		if seed == "1" {
			b.add(row, files)
		} else {
			b.add(journal.Row{Cell: row.Cell}, nil)
		}
	}
	r := compared(t, a.in(t, t.TempDir()), b.in(t, t.TempDir()), Options{})
	if r.Failures.B != 0 || r.Failures.EndedB != 1 || r.Pictures.OnlyA != 1 || r.Pictures.Same != 1 || r.B.Cells.Pending != 1 {
		t.Errorf("%+v %+v %+v", r.Failures, r.Pictures, r.B.Cells)
	}
}
