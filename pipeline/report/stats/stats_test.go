package stats

import (
	"bytes"
	"encoding/csv"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"maps"
	"math/rand/v2"
	"os"
	"reflect"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/mattn/go-runewidth"

	"wirobatch/pipeline/journal"
	"wirobatch/pipeline/report/pictures"
)

// sweep has all that can be in the way: a cold start, a failure, a cell to come, a time and a cost that are not known, two files of a cell.
var sweep = []made{
	{params: "scale=4.5;seed=1", at: 0, took: 30, cost: "0.01", files: "a"},
	{params: "scale=4.5;seed=2", at: 1, took: 4, cost: "0.01", files: "b c"},
	{params: "scale=4.5;seed=3", at: 2, took: 6, files: "d"},
	{params: "scale=4.5;seed=4", at: 3, cost: "0.02", files: "e"},
	{params: "scale=4.50;seed=1", at: 4, took: 5, cost: "0.01", files: "f"},
	{params: "scale=10;seed=1", at: 5, state: journal.Failed, took: 9, cost: "0.003"},
	{params: "scale=10;seed=2", at: 6, took: 2, cost: "0.01", files: "g"},
	{params: "scale=10;seed=3", state: journal.Pending},
	{params: "seed=9", at: 8, took: 7, cost: "0.01", files: "h"},
}

func TestWhatIsNotKnownIsLeftOutAndCounted(t *testing.T) {
	r := of(t, folder(t, []int{-5}, sweep...), Options{By: []string{"scale"}})
	g := r.group(t, "4.5")
	total := g.Of("total_s")
	if g.N != 4 || g.Done != 4 || g.Cold != 1 || total.N != 2 || total.Unknown != 1 || total.Mean != 5 || g.Pictures != 5 {
		t.Errorf("%+v", g)
	}
	// $0.04 of three cells with four files: that of the fourth is not known, and no 0.
	if c := g.Cost; c.Unknown != 1 || c.N != 3 || c.Sum.String() != "0.04" || c.Mean.String() != "0.013333333333" || c.PerPicture.String() != "0.01" {
		t.Errorf("cost %+v", c)
	}
	if *g.Pace.Slot != 60*3/10. || *g.Pace.UnderWay != 30 || *g.Pace.Overall != 60*4/30. {
		t.Errorf("pace %v %v %v", *g.Pace.Slot, *g.Pace.UnderWay, *g.Pace.Overall)
	}
	g = r.group(t, "10")
	if g.N != 3 || g.Done != 1 || g.Failed != 1 || g.NotDone != 1 || g.Success.Ended != 2 || g.Of("total_s").N != 1 || g.Cost.Failed.String() != "0.003" {
		t.Errorf("%+v", g)
	}
	if all := of(t, folder(t, []int{-5}, sweep...), Options{By: []string{"scale"}, KeepCold: true}).group(t, "4.5"); all.Cold != 0 || all.Of("total_s").N != 3 {
		t.Errorf("with cold starts: %+v", all)
	}
	values := []string{}
	for _, g := range r.Tables[0].Groups {
		values = append(values, g.Values[0])
	}
	if want := []string{"4.5", "4.50", "10", ""}; !slices.Equal(values, want) {
		t.Errorf("values %q, want %q: numbers in order, as they are spelled, and last what has none", values, want)
	}
}

// A picture that was paid for and is not on disk: its money is no picture's, and said all the same.
func TestMoneyOfWhatIsNotDoneIsSaid(t *testing.T) {
	r := of(t, folder(t, []int{-5}, append(slices.Clone(sweep), made{params: "scale=10;seed=4", at: 9, state: journal.Submitted, cost: "0.007"})...), Options{By: []string{"scale"}})
	for _, c := range []Cost{r.All.Cost, r.group(t, "10").Cost} {
		if c.NotDone == nil || c.NotDone.String() != "0.007" || c.Failed.String() != "0.003" {
			t.Errorf("%+v", c)
		}
	}
	if c := r.group(t, "4.5").Cost; c.NotDone != nil {
		t.Errorf("%v where all is done", c.NotDone)
	}
	if said := strings.Join(r.excluded(), "\n"); !strings.Contains(said, "Cells that are not done cost $0.007 on top") {
		t.Error(said)
	}
}

func TestWhereAndTwoAxes(t *testing.T) {
	j := folder(t, []int{-5}, sweep...)
	where := func(r journal.Row) bool { return pictures.SeedOf(r.Params) != "1" }
	r := of(t, j, Options{By: []string{"seed", "scale"}, Where: where})
	if r.Unselected != 3 || r.All.N != 6 || len(r.Tables[0].Groups) != 6 || r.group(t, "2", "10").N != 1 {
		t.Errorf("%d left out, %d cells, %d groups", r.Unselected, r.All.N, len(r.Tables[0].Groups))
	}
	if r.group(t, "2", "4.5").Cold != 0 { // the first of the folder was cold, though it was not asked for
		t.Error("a cold start is one of the folder, not of what is asked for")
	}
	_, err := Of(t.Context(), j, Options{By: []string{"scal"}, Confidence: 0.95})
	unknown := (*UnknownAxisError)(nil)
	if !errors.As(err, &unknown) || !slices.Equal(unknown.Has, []string{"model", "scale", "seed", "repeat"}) {
		t.Errorf("%v", err)
	}
}

func TestAxesThatVary(t *testing.T) {
	var cells []made
	for i := range MostValues + 1 {
		cells = append(cells, made{params: fmt.Sprintf("scale=%d;seed=%d;prompt=x", i%2, i), at: i, took: 1})
	}
	r := of(t, folder(t, []int{-5}, cells...), Options{})
	if len(r.Tables) != 1 || r.Tables[0].By[0].Name != "scale" || len(r.Skipped) != 1 || r.Skipped[0].Name != "seed" {
		t.Errorf("%d tables, left out: %v", len(r.Tables), r.Skipped)
	}
	if r = of(t, folder(t, []int{-5}, cells...), Options{By: []string{"seed"}}); len(r.Tables[0].Groups) != MostValues+1 {
		t.Errorf("asked for: %d groups", len(r.Tables[0].Groups))
	}
}

// The order in which rows come changes no figure, not in the last digit.
func TestOrderOfRowsDoesNotMatter(t *testing.T) {
	chance := rand.New(rand.NewPCG(1, 2))
	var rows []journal.Row
	for i := range 200 {
		m := made{params: fmt.Sprintf("scale=%d;seed=%d", i%7, i%3), repeat: 1 + i/21, at: i * 40 % 3000, took: chance.ExpFloat64() * 5, cost: fmt.Sprintf("0.00%d", 1+i%9), files: fmt.Sprint("f", i%50)}
		if i%11 == 0 {
			m.state = journal.Failed
		}
		r := m.record()
		rows = append(rows, journal.Row{Cell: m.cell(i + 1), Record: r, Cost: r.Cost})
	}
	figuresOf := func() map[string]any {
		c := newCells([]string{"scale", "seed"}, Options{Confidence: 0.9})
		for _, row := range rows {
			c.add(row)
		}
		c.settle([]journal.Run{{Number: 1, StartedAt: noon}, {Number: 2, StartedAt: noon.Add(1000e9)}})
		all := map[string]any{"repeats": c.repeats()}
		for _, by := range [][]string{{"scale"}, {"seed", "repeat"}} {
			table := c.table(by)
			for _, g := range table.Groups {
				all[fmt.Sprint(by, g.Values)] = g.figures()
			}
			for _, c := range table.Ends {
				all[fmt.Sprint(by, c.Stage.Name)] = c.figures()
			}
		}
		return all
	}
	want := figuresOf()
	for range 5 {
		chance.Shuffle(len(rows), func(i, k int) { rows[i], rows[k] = rows[k], rows[i] })
		got := figuresOf()
		for name := range maps.Keys(want) {
			if !reflect.DeepEqual(got[name], want[name]) {
				t.Fatalf("%s: %v\nwas %v", name, got[name], want[name])
			}
		}
	}
}

func TestFewAndEqualValuesHaveNoInterval(t *testing.T) {
	for _, row := range []struct {
		values       []float64
		mean, median bool
		why          string
	}{
		{nil, false, false, "none"},
		{[]float64{3}, false, false, "one"},
		{[]float64{3, 4}, false, false, "two"},
		{[]float64{3, 4, 5}, true, false, "three tell a mean, but no median"},
		{[]float64{3, 4, 5, 6, 7}, true, false, "nor do five"},
		{[]float64{3, 4, 5, 6, 7, 8}, true, true, "six do"},
		{slices.Repeat([]float64{0.1}, 10), false, false, "all are equal"},
	} {
		s := Sample{Values: row.values}.Summarise(0.95)
		if (s.MeanIn != nil) != row.mean || (s.MedianIn != nil) != row.median {
			t.Errorf("%s: %v %v", row.why, s.MeanIn, s.MedianIn)
		}
	}
	if s := (Sample{Values: slices.Repeat([]float64{0.1}, 10)}).Summarise(0.95); s.Mean != 0.1 || s.SD != 0 {
		t.Errorf("ten of 0.1: %+v", s)
	}
	r := of(t, folder(t, []int{-5}, sweep...), Options{})
	for name, write := range map[string]func(*bytes.Buffer) error{
		"text": func(b *bytes.Buffer) error { return r.Text(b, 80) }, "markdown": func(b *bytes.Buffer) error { return r.Markdown(b) },
		"csv": func(b *bytes.Buffer) error { return r.CSV(b, false) }, "json": func(b *bytes.Buffer) error { return r.JSON(b) },
	} {
		var b bytes.Buffer
		if err := write(&b); err != nil {
			t.Fatal(err)
		}
		for _, bad := range []string{"NaN", "Inf", "±", "∞"} {
			if strings.Contains(b.String(), bad) {
				t.Errorf("%s has %s:\n%s", name, bad, b.String())
			}
		}
	}
}

func TestCSVAndJSONSayTheSame(t *testing.T) {
	r := of(t, folder(t, []int{-5}, sweep...), Options{By: []string{"scale"}})
	var b bytes.Buffer
	if err := r.CSV(&b, false); err != nil {
		t.Fatal(err)
	}
	lines, err := csv.NewReader(&b).ReadAll()
	if err != nil || len(lines) != 2+4 {
		t.Fatalf("%d lines: %v", len(lines), err)
	}
	b.Reset()
	if err := r.JSON(&b); err != nil {
		t.Fatal(err)
	}
	var out struct {
		All    map[string]any
		Tables []struct {
			Groups []struct {
				Values  []string
				Figures map[string]any
			}
		}
	}
	d := json.NewDecoder(&b)
	d.UseNumber()
	if err := d.Decode(&out); err != nil {
		t.Fatal(err)
	}
	groups := []map[string]any{out.All}
	for _, g := range out.Tables[0].Groups {
		groups = append(groups, g.Figures)
	}
	for i, g := range groups {
		for k, name := range lines[0][4:] {
			want := fmt.Sprint(g[name])
			if g[name] == nil {
				want = ""
			}
			if got := lines[1+i][4+k]; got != want {
				t.Errorf("line %d: %s is %q in CSV, %q in JSON", i, name, got, want)
			}
		}
		if len(g) != len(lines[0])-4 {
			t.Errorf("%d keys, %d columns", len(g), len(lines[0])-4)
		}
	}
}

var update = flag.Bool("update", false, "write what people see anew")

// What people see of a small folder, at three widths and as Markdown.
func TestWhatPeopleSee(t *testing.T) {
	cells := slices.Clone(sweep)
	for i := range 24 {
		cells = append(cells, made{params: fmt.Sprintf("scale=7;seed=%d;prompt=%s", i, strings.Repeat("a dragon of fire ", 4)), at: 10 + i, took: 100 + float64(i*i), cost: "0.5", files: fmt.Sprint("z", i)})
	}
	j := folder(t, []int{-5}, cells...)
	var b bytes.Buffer
	for _, width := range []int{60, 80, 140} {
		fmt.Fprintf(&b, "==== %d\n", width)
		if err := of(t, j, Options{}).Text(&b, width); err != nil {
			t.Fatal(err)
		}
	}
	b.WriteString("==== markdown\n")
	if err := of(t, j, Options{By: []string{"scale"}, Confidence: 0.9, KeepCold: true}).Markdown(&b); err != nil {
		t.Fatal(err)
	}
	const name = "testdata/sweep.txt"
	if *update {
		if err := os.WriteFile(name, b.Bytes(), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(name)
	if err != nil {
		t.Fatal(err)
	}
	if b.String() != string(want) {
		t.Errorf("%s is otherwise (-update writes it anew):\n%s", name, b.String())
	}
	widest := 0
	for line := range strings.Lines(b.String()) {
		if strings.HasPrefix(line, "==== ") {
			widest, _ = strconv.Atoi(strings.TrimSpace(line[5:]))
		}
		if n := runewidth.StringWidth(strings.TrimRight(line, "\n")); widest > 0 && n > widest {
			t.Errorf("%d columns of %d: %s", n, widest, line)
		}
	}
}
