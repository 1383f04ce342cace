package manifest

import (
	"errors"
	"fmt"
	"io"
	"runtime"
	"strings"
	"testing"

	"gopkg.in/yaml.v3"
)

const head = "version: 1\nmodel: a/b\n"

// hostile files are refused, each for what it is.
func hostile() map[string]struct{ text, want string } {
	list := func(n int, format string) string {
		var b strings.Builder
		for i := range n {
			b.WriteString(strings.ReplaceAll(format, "#", fmt.Sprint(i)))
		}
		return b.String()
	}
	laughs, merges := "a0: &a0 [x, x, x, x, x, x, x, x, x]\n", "  m0: &m0 {k0: 1}\n"
	for i := 1; i < 30; i++ {
		laughs += fmt.Sprintf("a%d: &a%d [%s*a%d]\n", i, i, strings.Repeat(fmt.Sprintf("*a%d, ", i-1), 8), i-1)
		merges += fmt.Sprintf("  m%d: &m%d {<<: [*m%d, *m%d, *m%d], k%d: 1}\n", i, i, i-1, i-1, i-1, i)
	}
	chain := ""
	for i := 1; i < 9_000; i++ {
		chain += fmt.Sprintf("x%d: &a%d [*a%d]\n", i, i, i-1)
	}
	deep := "x: "
	return map[string]struct{ text, want string }{
		"brackets":         {strings.Repeat("[", 200<<10), "values"},
		"few brackets":     {deep + strings.Repeat("[", 20_000), "nested without end"},
		"closed brackets":  {deep + strings.Repeat("[", 9_000) + strings.Repeat("]", 9_000), "unknown key"},
		"block lists":      {strings.Repeat("- ", 20_000), "nested without end"},
		"block mappings":   {strings.Repeat("? ", 20_000), "nested without end"},
		"flow mappings":    {strings.Repeat("{a: ", 20_000), "nested without end"},
		"many values":      {head + "matrix: {a: [" + strings.Repeat("x,", 1<<19) + "]}", "values"},
		"just few enough":  {head + "matrix: {" + strings.Repeat("x,", maxMarks-100) + "}", "twice"},
		"many lines":       {head + "matrix:\n  a:\n" + strings.Repeat("  - a\n", 1<<18), "values"},
		"too long":         {head + "#" + strings.Repeat(" ", maxBytes), "MiB"},
		"laughs":           {head + laughs, "unknown key"},
		"merged laughs":    {head + "matrix:\n" + merges + "params: {<<: *m29}\n", "circles or too deep"},
		"wide merges":      {head + "params:\n  <<: &m {" + list(5_000, "k#: 1, ") + "}\n" + list(1, "  <<: ["+strings.Repeat("*m, ", 5_000)+"*m]\n"), "bring in more"},
		"alias chain":      {head + "x0: &a0 x\n" + chain, "unknown"},
		"circle":           {head + "matrix: {a: &a [*a]}", "list"},
		"many long axes":   {head + "matrix:\n  a: &a [" + strings.Repeat("x,", 40_000) + "]\n" + list(60, "  b#: *a\n"), ""},
		"10^15 cells":      {head + "matrix: {a: 1..100000, b: 1..100000, c: 1..100000}", "more than 100000000 cells"},
		"2^64 cells":       {head + "matrix: {" + list(64, "a#: [1, 2], ") + "}", "more than 100000000 cells"},
		"2^64 with zeros":  {head + "repeat: 99999999\nmatrix: {a: 1..99999999, b: 1..99999999, c: 1..99999999}", "more than 100000000 cells"},
		"endless range":    {head + "matrix: {a: -999999999999999999..999999999999999999}", "values"},
		"many draws":       {head + "matrix: {a: {random: 2000000, from: 1}}", "1000000"},
		"many decimals":    {head + "matrix: {a: 0.00000000000000001..9999999}", "digits"},
		"long count":       {head + "matrix: {a: {from: 0, to: 1, count: 99999999}}", "no end"},
		"entangled":        {head + "matrix: {" + list(20, "a#: [1, 2], ") + "z: 1..2}\nexclude: [" + list(20, "{a#: 1, z: 1}, ") + "]", "overlap"},
		"same values":      {head + "matrix: {a: [" + strings.Repeat("1,", 20_000) + "]}\nexclude: [" + strings.Repeat("{a: 1},", 10_000) + "]", "overlap"},
		"blank lines":      {strings.Repeat("\n", maxBytes-10) + "a: b: c", "mapping values"},
		"open quote":       {"a: \"" + strings.Repeat("\n", maxBytes-10), "not closed"},
		"long literal":     {"a: |\n" + strings.Repeat("\n", maxBytes-20) + " b\n", "unknown key"},
		"comments":         {strings.Repeat("#\n", maxBytes/2-10) + "a: 1\n", "unknown key"},
		"directives":       {strings.Repeat("%TAG !a! x\n", 20_000), "directive"},
		"control bytes":    {head + "name: \x00", "control character"},
		"not UTF-8":        {head + "name: \xff", "UTF-8"},
		"many mistakes":    {head + list(20_000, "key#: 1\n"), "and more mistakes"},
		"long words":       {head + "params: [" + strings.Repeat("x", 1<<19) + "]\n" + strings.Repeat("y", 1<<19) + ": 1", ""},
		"many big anchors": {head + list(9_000, "k#: &k# {a: *k#}\n"), ""},
	}
}

// Memory is bounded whatever the file: all that is ever allocated is counted,
// which is more than is held at once.
func TestHostile(t *testing.T) {
	if testing.Short() {
		t.Skip("its many cases take long under the race detector; others of the same code are short")
	}
	const most = 64 << 20
	for name, row := range hostile() {
		t.Run(name, func(t *testing.T) {
			data := []byte(row.text)
			var before, after runtime.MemStats
			runtime.ReadMemStats(&before)
			_, err := Parse("hostile.yaml", data)
			runtime.ReadMemStats(&after)
			var ms Mistakes
			if !errors.As(err, &ms) {
				t.Fatalf("not refused, but %v", err)
			}
			if text := err.Error(); !strings.Contains(text, row.want) || len(text) > 40_000 {
				t.Errorf("got %.300s, want it to say %q", text, row.want)
			}
			if took := after.TotalAlloc - before.TotalAlloc; took > most {
				t.Errorf("took %d MB", took>>20)
			}
		})
	}
}

func BenchmarkHostile(b *testing.B) {
	for name, row := range hostile() {
		b.Run(name, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				Parse("hostile.yaml", []byte(row.text))
			}
		})
	}
}

func nodes(n *yaml.Node) int {
	sum := 1
	for _, c := range n.Content {
		sum += nodes(c)
	}
	return sum
}

// checkMarks holds the estimate against the nodes that the parser makes.
func checkMarks(t *testing.T, data []byte) {
	t.Helper()
	var n yaml.Node
	if yaml.Unmarshal(data, &n) == nil && len(n.Content) > 0 {
		if have, most := nodes(n.Content[0]), 3*marks(data)+1; have > most {
			t.Errorf("%d nodes, estimated as %d at most, in\n%.500s", have, most, data)
		}
	}
}

func TestMarks(t *testing.T) {
	for _, row := range []struct {
		why, text string
		most      int
	}{
		{"commas of prose are free", strings.Repeat("- a cat, a dog, a bird\n", 10), 10},
		{"also after a closed bracket", "a: [\"16:9\", '1:1']\nb:\n- x, y, z\n", 7},
		{"also with a bracket inside of prose", "a: x [soft light], y\n- x, y, z\n", 4},
		{"nested and closed", "a: [{b: 1, c: 'd, e'}]\n- x, y\n", 9},
	} {
		if got := marks([]byte(row.text)); got > row.most {
			t.Errorf("%s: %d, want %d at most", row.why, got, row.most)
		}
		checkMarks(t, []byte(row.text))
	}
	for _, text := range []string{ // what would hide an open bracket
		"a: [x', [y', z]\n, p, q, r, s, t, u, v]",
		"a: ['x'\n, p, q, r, s, t, u, v]",
		"? [x\n, p, q, r, s, t, u, v]\n",
		"&a [x\n, p, q, r, s, t, u, v]",
		"!!seq [x\n, p, q, r, s, t, u, v]",
		"--- [x\n, p, q, r, s, t, u, v]",
		"\"k\": [x\n, p, q, r, s, t, u, v]",
		"\"k\":\n [\n p, q, r, s, t, u, v]",
		"a: [\"\\\"]\", b\n, p, q, r, s, t, u, v]",
		"a: [ # ]\n p, q, r, s, t, u, v]",
		"a: \"\n\": [x\n, p, q, r, s, t, u, v]",
		"- &a !!seq [\n p, q, r, s, t, u, v]",
		"a: b\r? [x\n, p, q, r, s, t, u, v]",
		"a: b\u2028? [x\n, p, q, r, s, t, u, v]",
		"a: [it's, [that's]\n, p, q, r, s, t, u, v]",
	} {
		checkMarks(t, []byte(text))
	}
}

// What is wrong with a path is no mistake in a manifest.
func TestLoadErrors(t *testing.T) {
	var ms Mistakes
	if _, err := Load(t.TempDir()); err == nil || errors.As(err, &ms) {
		t.Errorf("a folder gave %v", err)
	}
	if _, err := Load(t.TempDir() + "/none.yaml"); err == nil || errors.As(err, &ms) || errors.Is(err, io.EOF) {
		t.Errorf("a missing file gave %v", err)
	}
}
