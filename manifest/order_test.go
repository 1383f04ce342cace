package manifest

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
)

// numbers are those of the cells in the order in which they run.
func numbers(g *Grid) (all []int) {
	for c := range g.InOrder() {
		all = append(all, c.Number)
	}
	return all
}

// grids are texts without an order, of many shapes.
func grids() []string {
	all := []string{
		"",
		"matrix: {a: [1]}\n",
		"matrix: {a: 1..7}\n",
		"matrix: {a: 1..4, b: 1..4, c: 1..4}\n",
		"matrix: {a: 1..3, b: 1..5}\nrepeat: 3\n",
		"matrix: {a: 1..40, b: 1..3, c: 1..40}\nzip: [[a, c]]\n",
		"matrix: {a: 1..9, b: 1..6, c: 1..4}\nexclude: [{a: 3}, {a: 4, b: 2}, {b: 1, c: 1}, {c: 4}]\n",
		"matrix: {a: 1..9, b: 1..6}\nexclude: [{a: 3, b: 2}]\ninclude: [{a: 30}, {b: 2, c: 1}, {a: 31}, {a: 32, b: 7}]\nrepeat: 2\n",
		"matrix: {a: 1..3}\nexclude: [{a: 1}, {a: 2}, {a: 3}]\ninclude: [{a: 30}, {a: 31}]\n",
		"matrix: {a: [1, 1, 2], b: 1..5}\n",
	}
	chance := rand.New(rand.NewPCG(1, 2))
	for range 60 {
		var axes []string
		for k := range 1 + chance.IntN(5) {
			axes = append(axes, fmt.Sprintf("a%d: 1..%d", k, 1+chance.IntN(8)))
		}
		text := "matrix: {" + strings.Join(axes, ", ") + "}\n"
		var out []string
		for range chance.IntN(4) {
			out = append(out, fmt.Sprintf("{a0: 1, a%d: 1}", 1+chance.IntN(max(len(axes)-1, 1))))
		}
		if len(axes) > 1 && !strings.Contains(text, "a0: 1..1,") && len(out) > 0 {
			text += "exclude: [" + strings.Join(out, ", ") + "]\n"
		}
		all = append(all, text)
	}
	return all
}

func TestEveryOrderHasEveryCellOnce(t *testing.T) {
	for _, text := range grids() {
		for _, order := range []Order{InGrid, Shuffled, Stratified} {
			m, err := Parse("x.yaml", []byte("version: 1\nmodel: a/b\norder: "+string(order)+"\n"+text))
			if err != nil {
				t.Fatalf("%s: %v", text, err)
			}
			g := m.Grid()
			got := numbers(g)
			if order == InGrid && !slices.IsSorted(got) {
				t.Errorf("%s: in the order of the grid, yet %v", text, got)
			}
			if !slices.Equal(got, numbers(g)) {
				t.Errorf("%s%s: differs the second time", text, order)
			}
			for pass := range slices.Chunk(got, max(g.pass(), 1)) {
				if least, most := slices.Min(pass), slices.Max(pass); most-least+1 != len(pass) {
					t.Errorf("%s%s: a pass goes from %d to %d", text, order, least, most)
				}
			}
			slices.Sort(got)
			for i, n := range got {
				if n != i+1 {
					t.Fatalf("%s%s: cell %d is there twice, or not at all", text, order, i+1)
				}
			}
			if len(got) != g.Len() {
				t.Errorf("%s%s: %d of %d cells", text, order, len(got), g.Len())
			}
		}
	}
}

// Without excludes the first cells, as many as the longest axis has values, have every value of every axis; and as many
// as two axes have pairs, a few times over, have every pair of theirs.
func TestStratifiedCoversEarly(t *testing.T) {
	chance := rand.New(rand.NewPCG(3, 4))
	shapes := [][]int{{4, 4, 4}, {2, 2, 2, 2, 2, 2, 2, 2}, {10, 10, 10, 10}, {2000, 4, 2}, {4, 2000, 2}, {6, 6, 6}, {50, 50, 20}, {7, 5, 8}, {9, 3, 3, 27}, {1, 5, 1}}
	for range 60 {
		var shape []int
		for range 2 + chance.IntN(4) {
			shape = append(shape, 1+chance.IntN(9))
		}
		shapes = append(shapes, shape)
	}
	for _, shape := range shapes {
		s := newStrata(shape)
		longest, cells := slices.Max(shape), 1
		for _, n := range shape {
			cells *= n
		}
		at := make([]int, len(shape))
		first := map[[4]int]int{} // when a pair of positions was first seen
		alone := map[[2]int]int{}
		for k := range min(cells, 100_000) {
			s.locate(k, at)
			for a := range shape {
				if k < longest {
					alone[[2]int{a, at[a]}]++
				}
				for b := range a {
					pair := [4]int{a, at[a], b, at[b]}
					if _, seen := first[pair]; !seen {
						first[pair] = k
					}
				}
			}
		}
		for a, n := range shape {
			for p := range n {
				if times := alone[[2]int{a, p}]; times != longest/n && times != (longest+n-1)/n {
					t.Errorf("%v: the first %d cells have value %d of axis %d %d times", shape, longest, p, a, times)
				}
				for b, m := range shape[:a] {
					for q := range m {
						if k, seen := first[[4]int{a, p, b, q}]; !seen || k >= 10*max(n*m, longest) {
							t.Fatalf("%v: the pair %d, %d of axes %d and %d comes at %d (%v)", shape, p, q, a, b, k, seen)
						}
					}
				}
			}
		}
	}
}

// With excludes nothing can be exact; what is left is still spread.
func TestStratifiedAmongExcludes(t *testing.T) {
	var out []string
	for i := 1; i <= 20; i++ {
		out = append(out, fmt.Sprintf("{a: %d, b: %d}", i, i%10+1))
	}
	g := parse(t, "version: 1\nmodel: a/b\norder: stratified\nmatrix: {a: 1..20, b: 1..10, c: 1..5}\nexclude: ["+strings.Join(out, ", ")+"]\ninclude: [{d: 1, a: 30}]\n").Grid()
	seen := map[Param]bool{}
	n := 0
	for c := range g.InOrder() {
		if n++; n > 40 {
			break
		}
		for _, p := range c.Params {
			seen[p] = true
		}
	}
	if want := 20 + 10 + 5 + 2; len(seen) != want {
		t.Errorf("after 40 of %d cells %d values were seen, of %d", g.Len(), len(seen), want)
	}
}

func TestOrdersStayAsTheyAre(t *testing.T) {
	const text = "version: 1\nmodel: a/b\nmatrix: {a: 1..4, b: 1..3, c: [x, y]}\nexclude: [{a: 2, b: 2}]\ninclude: [{a: 9}, {a: 8}]\norder: "
	for order, want := range map[Order]string{
		Shuffled:   "[18 6 9 19 23 24 8 16 12 5 7 21 15 14 1 2 22 11 17 3 13 10 4 20]",
		Stratified: "[23 1 15 18 19 6 11 20 5 8 16 7 24 14 21 2 3 10 17 4 9 12 13 22]",
	} {
		if got := fmt.Sprint(numbers(parse(t, text+string(order)).Grid())); got != want {
			t.Errorf("%s: %s", order, got)
		}
	}
}
