package manifest

import (
	"slices"
	"strings"
	"testing"
)

func TestRange(t *testing.T) {
	for _, row := range []struct{ why, text, want string }{
		{"both ends are in", "1..4", "1 2 3 4"},
		{"the end is in only if the steps reach it", "1..10 step 4", "1 5 9"},
		{"one value", "7..7", "7"},
		{"it counts down by itself", "3..1", "3 2 1"},
		{"a step down may be written without its sign", "10..1 step 3", "10 7 4 1"},
		{"or with it", "10..1 step -3", "10 7 4 1"},
		{"decimals are exact, and spelled as the finest operand", "2.0..4 step 0.5", "2.0 2.5 3.0 3.5 4.0"},
		{"the step may be the finest", "1..2 step 0.25", "1.00 1.25 1.50 1.75 2.00"},
		{"through zero, with its sign only where there is one", "-0.1..0.1 step 0.1", "-0.1 0.0 0.1"},
		{"zeros after the point are kept", "0.01..0.03 step 0.01", "0.01 0.02 0.03"},
		{"0.1 + 0.2 is 0.3", "0.1..0.3 step 0.1", "0.1 0.2 0.3"},
		{"negative", "-2..1", "-2 -1 0 1"},
		{"more spaces", "1..5  step  2", "1 3 5"},
		{"as large as a seed gets", "2147483646..2147483647", "2147483646 2147483647"},
	} {
		p, ok, err := parseRange(row.text)
		if !ok || err != nil {
			t.Errorf("%s: %s is no range: %v", row.why, row.text, err)
			continue
		}
		var got []string
		for i := range p.n {
			got = append(got, p.at(i))
			if at, ok := p.position(p.at(i)); !ok || at != i {
				t.Errorf("%s: %s is said to stand at %d, not %d", row.text, p.at(i), at, i)
			}
		}
		if strings.Join(got, " ") != row.want {
			t.Errorf("%s: %s is %v, want %s", row.why, row.text, got, row.want)
		}
		for _, other := range []string{"", "x", "1.", "+1", "01", "1.000000", "-0", "99999", "0.15", " 1", "1e0"} {
			if _, ok := p.position(other); ok && !slices.Contains(got, other) {
				t.Errorf("%s is said to have %q", row.text, other)
			}
		}
	}
}

// What is no range stays the text that it is.
func TestNoRange(t *testing.T) {
	for _, text := range []string{"", "1", "1.5", "..", "1..", "..4", "1...4", "1.. 4", "a..b", "1..4 steps", "1..4step 2", "1e3..2e3", "0x1..0x4", " 1..4", "1..4 ", "1..4\n"} {
		if p, ok, err := parseRange(text); ok || err != nil {
			t.Errorf("%q is taken for the range %v, %v", text, p, err)
		}
	}
}

func TestEvenly(t *testing.T) {
	for _, row := range []struct {
		from, to string
		n        int
		want     string
	}{
		{"2", "6", 5, "2 3 4 5 6"},
		{"2", "4", 5, "2.0 2.5 3.0 3.5 4.0"},
		{"1.0", "0", 3, "1.0 0.5 0.0"},
		{"5", "5", 1, "5"},
		{"5", "5", 2, "5 5"},
		{"0", "1", 9, "0.000 0.125 0.250 0.375 0.500 0.625 0.750 0.875 1.000"},
	} {
		p, err := evenly(row.from, row.to, row.n)
		if err != nil {
			t.Errorf("%s to %s: %v", row.from, row.to, err)
			continue
		}
		var got []string
		for i := range p.n {
			got = append(got, p.at(i))
		}
		if strings.Join(got, " ") != row.want {
			t.Errorf("%d from %s to %s are %v, want %s", row.n, row.from, row.to, got, row.want)
		}
	}
	if p, err := evenly("0", "1", 4); err == nil {
		t.Errorf("thirds came out as %v", p)
	}
}

// The draw is a promise: these values are the same on every machine and with
// every release.
func TestDrawGolden(t *testing.T) {
	want := []int32{1841565113, 2063120022, 292688517, 190071041, 398200209, 2075319694, 1994495941, 780976260}
	if got := draw(len(want), 42); !slices.Equal(got, want) {
		t.Errorf("draw(42) is %v, want %v", got, want)
	}
	long := draw(100_000, 7)
	if !slices.Equal(long[:1000], draw(1000, 7)) {
		t.Error("a longer draw does not begin with the shorter one")
	}
	if slices.Equal(long[:8], draw(8, 8)) {
		t.Error("another seed draws the same")
	}
	slices.Sort(long)
	if long[0] < 1 || len(slices.Compact(long)) != 100_000 {
		t.Error("a value is less than 1, or drawn twice")
	}
}

func TestAxisPositions(t *testing.T) {
	steps, _, _ := parseRange("1..3")
	a := &axis{name: "a"}
	a.pushText("x")
	a.pushText("2")
	a.push(segment{steps: &steps})
	a.pushText("x")
	a.push(segment{draws: draw(3, 1), seed: 1})
	if a.len() != 9 {
		t.Fatalf("%d values", a.len())
	}
	for value, want := range map[string][]int{"x": {0, 5}, "2": {1, 3}, "3": {4}, "4": nil, a.at(7): {7}} {
		if got := a.positions(value); !slices.Equal(got, want) {
			t.Errorf("%s stands at %v, want %v", value, got, want)
		}
	}
}
