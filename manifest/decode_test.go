package manifest

import "testing"

// Anchors and merge keys work as YAML has them.
func TestMerge(t *testing.T) {
	for _, row := range []struct{ why, text, want string }{
		{"an alias is the value", "params: {a: &x 1.0, b: *x}", "a=1.0 b=1.0\n"},
		{"a list by alias", "matrix: {a: &x [1, 2], b: *x}\nzip: [[a, b]]", "a=1 b=1\na=2 b=2\n"},
		{"what is merged comes after what is there", "matrix: {a: [1]}\ninclude: [&x {k: v}, {a: 2, <<: *x}]", "a=1 k=v\na=2 k=v\n"},
		{"the mapping itself wins, wherever the merge key stands", "matrix: {a: [1]}\ninclude: [&x {k: v}, {<<: *x, a: 2, k: w}]", "a=1 k=v\na=2 k=w\n"},
		{"the earlier source wins", "matrix: {a: [1]}\ninclude: [&x {k: v}, &y {k: w}, {<<: [*y, *x], a: 2}]", "a=1 k=w\na=2 k=w\n"},
		{"a source wins over what it merges itself", "matrix: {a: [1]}\ninclude: [&x {k: v}, &y {<<: *x, k: w}, {<<: *y, a: 2}]", "a=1 k=w\na=2 k=w\n"},
		{"an alias may be a name", "params: {? &x a : 1}\nmatrix: {b: [*x]}", "b=a a=1\n"},
		{"core tags are quotes", "matrix: {a: [!!str 1..4, !!int 7]}", "a=1..4\na=7\n"},
	} {
		if got := show(parse(t, "version: 1\nmodel: a/b\n"+row.text).Grid()); got != row.want {
			t.Errorf("%s:\n%s\ngot\n%swant\n%s", row.why, row.text, got, row.want)
		}
	}
}
