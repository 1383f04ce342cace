package manifest

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"sync"
	"testing"
)

func parse(t testing.TB, text string) *Manifest {
	t.Helper()
	m, err := Parse("test.yaml", []byte(text))
	if err != nil {
		t.Fatalf("%v\nin\n%s", err, text)
	}
	return m
}

// show writes cells one a line: "fruit=apple animal=cat".
func show(g *Grid) string {
	var b strings.Builder
	for c := range g.All() {
		for i, p := range c.Params {
			if i > 0 {
				b.WriteByte(' ')
			}
			b.WriteString(p.Name + "=" + p.Value)
		}
		b.WriteByte('\n')
	}
	return b.String()
}

func TestGrid(t *testing.T) {
	for _, row := range []struct{ why, text, want string }{
		{
			"without anything there is one cell",
			``, "\n",
		}, {
			"the first axis is the outermost, params come after the axes",
			"params: {k: v}\nmatrix: {a: [1, 2], b: [x, y]}",
			"a=1 b=x k=v\na=1 b=y k=v\na=2 b=x k=v\na=2 b=y k=v\n",
		}, {
			"repeats are whole passes",
			"matrix: {a: [1, 2]}\nrepeat: 2",
			"a=1\na=2\na=1\na=2\n",
		}, {
			"zipped axes move together, in the place of the first named, and keep their columns",
			"matrix: {a: [1, 2], b: [x, y], c: [p, q]}\nzip: [[c, a]]",
			"a=1 b=x c=p\na=2 b=x c=q\na=1 b=y c=p\na=2 b=y c=q\n",
		}, {
			"an exclude matches in part",
			"matrix: {a: [1, 2], b: [x, y]}\nexclude: [{a: 2}]",
			"a=1 b=x\na=1 b=y\n",
		}, {
			"excludes may overlap",
			"matrix: {a: [1, 2], b: [x, y]}\nexclude: [{a: 2}, {b: y}, {a: 1, b: y}]",
			"a=1 b=x\n",
		}, {
			"an exclude of zipped axes",
			"matrix: {a: [1, 2, 2], b: [x, y, z], c: [p, q]}\nzip: [[a, b]]\nexclude: [{a: 2, b: z}, {b: x, c: q}]",
			"a=1 b=x c=p\na=2 b=y c=p\na=2 b=y c=q\n",
		}, {
			"the example of GitHub's documentation: color is added to all, overwritten for cats, apples get a shape; the last two are their own",
			"matrix: {fruit: [apple, pear], animal: [cat, dog]}\n" +
				"include: [{color: green}, {color: pink, animal: cat}, {fruit: apple, shape: circle}, {fruit: banana}, {fruit: banana, animal: cat}]",
			"fruit=apple animal=cat color=pink shape=circle\n" +
				"fruit=apple animal=dog color=green shape=circle\n" +
				"fruit=pear animal=cat color=pink\n" +
				"fruit=pear animal=dog color=green\n" +
				"fruit=banana\nfruit=banana animal=cat\n",
		}, {
			"an include that only an excluded combination would take is its own",
			"matrix: {a: [1, 2], b: [x, y]}\nexclude: [{a: 2, b: y}]\ninclude: [{a: 2, b: y, c: z}, {a: 2, c: w}]",
			"a=1 b=x\na=1 b=y\na=2 b=x c=w\na=2 b=y c=z\n",
		}, {
			"an include overrides params, also in its own combination",
			"params: {k: v, l: w}\nmatrix: {a: [1, 2]}\ninclude: [{a: 2, k: new}, {a: 3, l: new}]",
			"a=1 k=v l=w\na=2 k=new l=w\na=3 k=v l=new\n",
		}, {
			"a later include does not extend an earlier one's own combination",
			"matrix: {a: [1]}\ninclude: [{a: 2}, {a: 2, k: v}, {k: w}]",
			"a=1 k=w\na=2\na=2 k=v\n",
		}, {
			"without a matrix, includes are all there is",
			"params: {k: v}\ninclude: [{a: 1}, {a: 2, k: w}]",
			"k=v a=1\nk=w a=2\n",
		}, {
			"an include matches by spelling, also in a range",
			"matrix: {a: 1.0..2.0 step 0.5}\ninclude: [{a: 1.5, k: hit}, {a: 1.50, k: miss}]",
			"a=1.0\na=1.5 k=hit\na=2.0\na=1.50 k=miss\n",
		}, {
			"when everything is excluded, includes remain",
			"matrix: {a: [1]}\nexclude: [{a: 1}]\ninclude: [{k: v}]",
			"k=v\n",
		}, {
			"a scalar is an axis of one value; a quoted range is a text",
			"matrix: {a: 7, b: '1..3', c: [1..2, \"1..2\", 9]}",
			"a=7 b=1..3 c=1\na=7 b=1..3 c=2\na=7 b=1..3 c=1..2\na=7 b=1..3 c=9\n",
		}, {
			"spelling is kept, whatever YAML would make of it",
			"params: {a: 4.50, b: \"007\", c: 1e3, d: true, e: 16:9, f: 0x1F, g: 2024-01-01, h: yes, i: 1_000, j: ''}",
			"a=4.50 b=007 c=1e3 d=true e=16:9 f=0x1F g=2024-01-01 h=yes i=1_000 j=\n",
		},
	} {
		m := parse(t, "version: 1\nmodel: a/b\n"+row.text)
		if got := show(m.Grid()); got != row.want {
			t.Errorf("%s:\n%s\ngot\n%swant\n%s", row.why, row.text, got, row.want)
		}
		checkGrid(t, m)
	}
}

// reference spans a matrix the plain way, with every combination in memory.
func reference(axes []string, values map[string][]string, exclude, include []map[string]string) []map[string]string {
	all := []map[string]string{{}}
	for _, a := range axes {
		var next []map[string]string
		for _, c := range all {
			for _, v := range values[a] {
				n := map[string]string{a: v}
				for k, x := range c {
					n[k] = x
				}
				next = append(next, n)
			}
		}
		all = next
	}
	all = slices.DeleteFunc(all, func(c map[string]string) bool {
		return slices.ContainsFunc(exclude, func(e map[string]string) bool {
			for k, v := range e {
				if c[k] != v {
					return false
				}
			}
			return true
		})
	})
	base := len(all)
	for _, inc := range include {
		hit := false
		for _, c := range all[:base] {
			fits := true
			for k, v := range inc {
				fits = fits && (!slices.Contains(axes, k) || c[k] == v)
			}
			if fits {
				hit = true
				for k, v := range inc {
					c[k] = v
				}
			}
		}
		if !hit {
			all = append(all, inc)
		}
	}
	return all
}

// Random matrices with random excludes and includes come out as the plain way
// has them.
func TestGridAgainstReference(t *testing.T) {
	rng := rand.New(rand.NewPCG(1, 2))
	entry := func(axes []string, values map[string][]string, extra bool) map[string]string {
		e := map[string]string{}
		for _, a := range axes {
			if rng.IntN(3) == 0 {
				e[a] = values[a][rng.IntN(len(values[a]))]
			}
		}
		if extra && rng.IntN(4) > 0 {
			e[string(rune('x'+rng.IntN(2)))] = fmt.Sprint(rng.IntN(9))
		}
		if extra && rng.IntN(5) == 0 {
			e[axes[0]] = "new"
		}
		return e
	}
	yaml := func(es []map[string]string) string {
		var out []string
		for _, e := range es {
			var kv []string
			for k, v := range e {
				kv = append(kv, k+": "+v)
			}
			slices.Sort(kv)
			out = append(out, "{"+strings.Join(kv, ", ")+"}")
		}
		return "[" + strings.Join(out, ", ") + "]"
	}
	for round := range 400 {
		axes := []string{"a", "b", "c", "d"}[:1+rng.IntN(4)]
		values := map[string][]string{}
		text := "version: 1\nmodel: m/n\nmatrix:\n"
		for _, a := range axes {
			n := 1 + rng.IntN(5)
			for v := range n {
				values[a] = append(values[a], fmt.Sprint(v+1))
			}
			if rng.IntN(2) == 0 {
				text += fmt.Sprintf("  %s: 1..%d\n", a, n)
			} else {
				text += fmt.Sprintf("  %s: [%s]\n", a, strings.Join(values[a], ", "))
			}
		}
		var exclude, include []map[string]string
		for range rng.IntN(5) {
			if e := entry(axes, values, false); len(e) > 0 {
				exclude = append(exclude, e)
			}
		}
		for range rng.IntN(5) {
			if e := entry(axes, values, true); len(e) > 0 {
				include = append(include, e)
			}
		}
		text += "exclude: " + yaml(exclude) + "\ninclude: " + yaml(include) + "\n"
		want := reference(axes, values, exclude, include)
		if len(want) == 0 {
			continue
		}
		g := parse(t, text).Grid()
		if g.Len() != len(want) {
			t.Fatalf("round %d: %d cells, want %d, of\n%s", round, g.Len(), len(want), text)
		}
		for i, w := range want {
			got := map[string]string{}
			for _, p := range g.At(i).Params {
				got[p.Name] = p.Value
			}
			if fmt.Sprint(got) != fmt.Sprint(w) {
				t.Fatalf("round %d: cell %d is %v, want %v, of\n%s", round, i, got, w, text)
			}
		}
	}
}

func TestColumnsAndAxes(t *testing.T) {
	g := parse(t, "version: 1\nmodel: a/b\nparams: {p: 1, z: 2}\nmatrix: {b: 1..3, a: [x, y, z]}\nzip: [[a, b]]\ninclude: [{q: 1, p: 2}, {r: 3, q: 4}]").Grid()
	if got := fmt.Sprint(g.Columns()); got != "[b a p z q r]" {
		t.Errorf("columns are %s", got)
	}
	if got := fmt.Sprint(g.Axes()); got != "[{b 3} {a 3}]" {
		t.Errorf("axes are %s", got)
	}
}

func TestDigest(t *testing.T) {
	const base = "version: 1\nmodel: a/b\nparams: {p: 1}\nmatrix: {b: 1..3, a: [x, y, z]}\n"
	digest := func(text string) string { return parse(t, text).Grid().Digest() }
	want := digest(base)
	for _, row := range []struct{ why, text string }{
		{"limits make no cells", base + "limits: {concurrency: 3}\n"},
		{"a comment says nothing", "# hello\n" + base},
		{"the name is not the model's", base + "name: other\n"},
		{"this order is the default", base + "order: grid\n"},
	} {
		if digest(row.text) != want {
			t.Errorf("%s, but the digest changed", row.why)
		}
	}
	seen := map[string]string{want: base}
	for _, text := range []string{
		strings.Replace(base, "a/b", "a/c", 1),
		strings.Replace(base, "p: 1", "p: 2", 1),
		strings.Replace(base, "1..3", "1..4", 1),
		strings.Replace(base, "1..3", "3..1", 1),
		strings.Replace(base, "[x, y, z]", "[x, z, y]", 1),
		strings.Replace(base, "[x, y, z]", "[x, 'y, z']", 1),
		strings.Replace(base, "1..3", "{random: 3, from: 1}", 1),
		strings.Replace(base, "1..3", "{random: 3, from: 2}", 1),
		base + "repeat: 2\n",
		base + "order: shuffle\n",
		base + "order: stratified\n",
		base + "zip: [[a, b]]\n",
		base + "zip: [[b, a]]\n",
		base + "exclude: [{a: x}]\n",
		base + "include: [{a: x, q: 1}]\n",
		base + "include: [{q: 1}, {q: 2}]\n",
		base + "include: [{q: 1}]\n",
	} {
		d := digest(text)
		if other, twice := seen[d]; twice {
			t.Errorf("one digest for\n%sand\n%s", other, text)
		}
		seen[d] = text
	}
}

func TestAtOutOfRange(t *testing.T) {
	g := parse(t, "version: 1\nmodel: a/b\nmatrix: {b: 1..3}").Grid()
	for _, i := range []int{-1, 3} {
		func() {
			defer func() {
				if recover() == nil {
					t.Errorf("At(%d) gave a cell", i)
				}
			}()
			g.At(i)
		}()
	}
	for range g.All() { // stops when the loop does
		break
	}
}

// Cells are made by many at once.
func TestGridConcurrently(t *testing.T) {
	g := parse(t, "version: 1\nmodel: a/b\nmatrix: {a: 1..50, b: [1..20, x]}\nexclude: [{a: 7}]\ninclude: [{b: x, k: v}]").Grid()
	want := show(g)
	var wg sync.WaitGroup
	for range 4 {
		wg.Go(func() {
			if show(g) != want {
				t.Error("differs when made by several at once")
			}
		})
	}
	wg.Wait()
}

// More axes than the arrays on the stack have room for.
func TestWideGrid(t *testing.T) {
	text := "version: 1\nmodel: a/b\nmatrix:\n"
	for i := range maxAxes {
		text += fmt.Sprintf("  a%d: [%d]\n", i, i)
	}
	if c := parse(t, text).Grid().At(0); len(c.Params) != maxAxes || c.Params[40].Value != "40" {
		t.Errorf("got %v", c.Params)
	}
	if _, err := Parse("x.yaml", []byte(text+"  more: 1\n")); err == nil {
		t.Error("took more axes than allowed")
	}
}
