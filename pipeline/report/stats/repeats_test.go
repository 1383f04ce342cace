package stats

import (
	"fmt"
	"iter"
	"strings"
	"testing"

	"wirobatch/pipeline/journal"
)

func TestRepeats(t *testing.T) {
	again := func(seed string, sums ...string) (all []made) { // a pass every 100 s
		for i, sum := range sums {
			all = append(all, made{params: "seed=" + seed, repeat: i + 1, at: 100 * i, took: 5, files: sum})
		}
		return all
	}
	for _, row := range []struct {
		starts []int
		cells  [][]made
		want   string
		drift  string
		why    string
	}{
		{[]int{-1}, [][]made{again("1", "a"), again("2", "b")}, "Reproducibility is not known", "", "nothing was made twice"},
		{[]int{-1}, [][]made{again("1", "a", "a", "a"), again("2", "b", "b")}, "of 2 inputs with a seed made more than once, 2 gave the same bytes", "", "all the same"},
		{[]int{-1}, [][]made{again("-1", "a", "b")}, "Reproducibility is not known", "", "without a seed they are meant to differ"},
		{[]int{-1}, [][]made{again("1", "a", "b"), again("2", "c", "c")}, "1 gave the same bytes, 0 look alike, 0 differ, 1 have other bytes and were not all looked at", "", "nobody has looked"},
		{[]int{-1, 150}, [][]made{again("1", "a", "a", "a"), again("2", "c", "c", "c")}, "2 gave the same bytes", "No drift between starts: of 2 made again in a later start 0 have other bytes, of 2 made again in the same start 0.", "two starts alike"},
		{[]int{-1, 150}, [][]made{again("1", "a", "a", "b"), again("2", "c", "c", "d")}, "0 gave the same bytes", "Drift between starts: of 2 made again in a later start 2 have other bytes, of 2 made again in the same start 0.", "the second start changed them"},
		{[]int{-1, 150}, [][]made{again("1", "a", "x", "b"), again("2", "c", "y", "d")}, "0 gave the same bytes", "No drift between starts: of 2 made again in a later start 2 have other bytes, of 2 made again in the same start 2.", "they never repeat"},
		{[]int{-1, 50}, [][]made{again("1", "a", "b")}, "0 gave the same bytes", "Drift between starts: of 1 made again in a later start 1 have other bytes, of 0 made again in the same start 0.", "nothing within a start"},
	} {
		var cells []made
		for _, c := range row.cells {
			cells = append(cells, c...)
		}
		text := strings.Join(of(t, folder(t, row.starts, cells...), Options{}).Repeats.sentences(), "\n")
		if !strings.Contains(text, row.want) || !strings.Contains(text, row.drift) || row.drift == "" && strings.Contains(text, "rift") {
			t.Errorf("%s: %s", row.why, text)
		}
	}
}

// Of looks the distance counts: to the picture of the first value where values are compared, to the first that was made where replicates are.
func TestLooks(t *testing.T) {
	c := newCells([]string{"scale", "seed"}, Options{Confidence: 0.95})
	hashes := []uint64{0, 0b111, 0xff, 0, 0b1, 0xffff}
	for i, params := range []string{"scale=2;seed=1", "scale=4;seed=1", "scale=10;seed=1"} {
		for repeat := range 2 {
			m := made{params: params, repeat: repeat + 1, at: 2*i + repeat, took: 1, files: fmt.Sprint("f", i, repeat)}
			c.add(journal.Row{Cell: m.cell(1 + 10*i + repeat), Record: m.record()})
			c.looks[len(c.looks)-1].hash, c.looks[len(c.looks)-1].hashed = hashes[i+3*repeat], true
		}
	}
	c.settle(nil)
	var got []string
	for _, g := range c.table([]string{"scale"}).Groups {
		got = append(got, fmt.Sprintf("%s: %d at %.1f, at most %d", g.Values[0], g.Looks.N, g.Looks.Mean, g.Looks.Most))
	}
	// Of scale 4 the bits are 3 and 1, of scale 10 they are 8 and 16.
	if want := "2: 2 at 0.0, at most 0|4: 2 at 2.0, at most 3|10: 2 at 12.0, at most 16"; strings.Join(got, "|") != want {
		t.Errorf("%s\nwant %s", strings.Join(got, "|"), want)
	}
	if c.table([]string{"scale", "seed"}).Groups[0].Looks != nil {
		t.Error("over two axes there is no first value")
	}
	// The replicates differ by 0, 2 and 8 bits, all in their bytes.
	r := c.repeats()
	if r.Groups != 3 || r.Same != 0 || r.Alike != 2 || r.Differ != 1 || r.N != 3 || r.Most != 8 || r.Mean != 10/3. {
		t.Errorf("%+v", r)
	}
	if text := r.sentences()[0]; !strings.HasSuffix(text, "0 gave the same bytes, 2 look alike, 1 differ; 3.3 of 64 bits apart in the mean, at most 8.") {
		t.Error(text)
	}
}

func TestCold(t *testing.T) {
	for _, row := range []struct {
		at   []int // submitted; each takes 60 s
		want string
		why  string
	}{
		{[]int{0, 1, 2}, "0", "the first of a model"},
		{[]int{2, 1, 0}, "2", "by time, not by place"},
		{[]int{0, 659}, "0", "just within ten minutes of its end"},
		{[]int{0, 661}, "0 1", "after ten minutes"},
		{[]int{0, 661, 662}, "0 1", "but only the first of those"},
		{[]int{0, 600, 1200, 1800}, "0", "one after another"},
		{[]int{0, 0}, "0", "of two at once one is first"},
	} {
		var rows []journal.Row
		for i, at := range row.at {
			m := made{at: at, took: 60}
			rows = append(rows, journal.Row{Cell: m.cell(i), Record: m.record()})
		}
		cold, err := Cold(seq(rows))
		if err != nil {
			t.Fatal(err)
		}
		var got []string
		for i, r := range rows {
			if cold[r.ID] {
				got = append(got, string(rune('0'+i)))
			}
		}
		if strings.Join(got, " ") != row.want {
			t.Errorf("%s: cold are %v, not %s", row.why, got, row.want)
		}
	}
}

func seq(rows []journal.Row) iter.Seq2[journal.Row, error] {
	return func(yield func(journal.Row, error) bool) {
		for _, r := range rows {
			if !yield(r, nil) {
				return
			}
		}
	}
}
