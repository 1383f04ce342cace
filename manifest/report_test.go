package manifest

import "testing"

func TestReport(t *testing.T) {
	const head = "version: 1\nmodel: a/b\nparams: {prompt: x, size: 3}\n"
	plain, err := Parse("x.yaml", []byte(head+"matrix: {seed: 1..3, scale: [1, 2]}\nrepeat: 2\ninclude: [{style: oil}, {size: 4, seed: 1}]\n"))
	if err != nil {
		t.Fatal(err)
	}
	for _, row := range []struct {
		text, x, y string
		fine       bool
		why        string
	}{
		{"{x: seed, y: scale}", "seed", "scale", true, "two axes"},
		{"{y: seed}", "", "seed", true, "one is chosen"},
		{"{}", "", "", true, "both are"},
		{"{x: repeat, y: seed}", "repeat", "seed", true, "the pass, where there are several"},
		{"{x: style, y: size}", "style", "size", true, "what include sets"},
		{"{x: prompt}", "", "", false, "the same for every cell"},
		{"{x: Seed}", "", "", false, "spelled otherwise"},
		{"{x: ~}", "", "", false, "nothing"},
		{"[seed, scale]", "", "", false, "a list"},
		{"seed", "", "", false, "a word"},
	} {
		m, err := Parse("x.yaml", []byte(string(plain.Source)+"report: "+row.text))
		if (err == nil) != row.fine {
			t.Errorf("%s: %s: %v", row.why, row.text, err)
		}
		if m == nil {
			continue
		}
		if m.Report != (Report{row.x, row.y}) {
			t.Errorf("%s: %+v", row.why, m.Report)
		}
		if m.Grid().Digest() != plain.Grid().Digest() || m.Grid().At(3).ID != plain.Grid().At(3).ID {
			t.Errorf("%s: the cells are others", row.why)
		}
	}
}
