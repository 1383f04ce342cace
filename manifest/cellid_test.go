package manifest

import (
	"crypto/sha256"
	"encoding/hex"
	"slices"
	"testing"
)

var sample = []Param{{"prompt", "A cat"}, {"aspectRatio", "16:9"}, {"seed", "42"}, {"scale", "4.50"}}

// Ids are a promise: results that were paid for are found again by them.
func TestCellIDGolden(t *testing.T) {
	const form = "wirobatch cell 1\n" + "20:Qwen/Qwen-Image-Fast" + "1:1" +
		"11:aspectRatio4:16:9" + "6:prompt5:A cat" + "5:scale4:4.50" + "4:seed2:42"
	sum := sha256.Sum256([]byte(form))
	if got, want := CellID("Qwen/Qwen-Image-Fast", sample, 1), hex.EncodeToString(sum[:10]); got != want {
		t.Errorf("the id is %s, and its documented form gives %s", got, want)
	}
	for _, row := range []struct {
		why, model string
		params     []Param
		repeat     int
		want       string
	}{
		{"the sample", "Qwen/Qwen-Image-Fast", sample, 1, "92d9cf65fab5eecdf528"},
		{"its second pass", "Qwen/Qwen-Image-Fast", sample, 2, "5705808f80d9456d65be"},
		{"no parameters", "a/b", nil, 1, "daeb2adf5e7674ceeac0"},
		{"not only ASCII", "a/b", []Param{{"prompt", "Übergrößenträger 🐉"}}, 1, "663377a0e55f4c464f0d"},
		{"an empty value", "a/b", []Param{{"prompt", ""}}, 1, "7f7c73bffdb3d8f5714b"},
	} {
		if got := CellID(row.model, row.params, row.repeat); got != row.want {
			t.Errorf("%s: %s, want %s", row.why, got, row.want)
		}
	}
}

func TestCellIDTellsApart(t *testing.T) {
	id := func(ps ...Param) string { return CellID("a/b", ps, 1) }
	seen := map[string]string{}
	for name, got := range map[string]string{
		"none":                id(),
		"ab":                  id(Param{"a", "b"}),
		"a longer value":      id(Param{"a", "b1:c1:d"}),
		"two parameters":      id(Param{"a", "b"}, Param{"c", "d"}),
		"name and value swap": id(Param{"b", "a"}),
		"another spelling":    id(Param{"a", "1.0"}),
		"and another":         id(Param{"a", "1"}),
		"another model":       CellID("a/c", nil, 1),
		"another pass":        CellID("a/b", nil, 2),
	} {
		if other, twice := seen[got]; twice {
			t.Errorf("%s and %s have one id", name, other)
		}
		seen[got] = name
	}
}

func TestCellIDIgnores(t *testing.T) {
	want := CellID("a/b", sample, 1)
	turned := slices.Clone(sample)
	slices.Reverse(turned)
	if CellID("a/b", turned, 1) != want {
		t.Error("the order of parameters changes the id")
	}
	if CellID("a/b", append(slices.Clone(sample), Param{"callbackUrl", "https://x"}, Param{"projectid", "7"}), 1) != want {
		t.Error("where the answer goes changes the id")
	}
	if !slices.Equal(sample, []Param{{"prompt", "A cat"}, {"aspectRatio", "16:9"}, {"seed", "42"}, {"scale", "4.50"}}) {
		t.Error("the caller's parameters were put in another order")
	}
	one := parse(t, "version: 1\nmodel: a/b\nparams: {callbackUrl: x, projectid: 1}\nmatrix: {s: [1]}").Grid().At(0)
	two := parse(t, "version: 1\nmodel: a/b\nparams: {callbackUrl: y}\nmatrix: {s: [1, 2]}").Grid().At(0)
	if one.ID != two.ID {
		t.Error("a grid's ids have callbackUrl in them")
	}
}

// A seed more in a manifest makes new cells only.
func TestCellIDStable(t *testing.T) {
	ids := func(text string) (out []string) {
		for c := range parse(t, "version: 1\nmodel: a/b\n"+text).Grid().All() {
			out = append(out, c.ID)
		}
		return out
	}
	before := ids("params: {k: v}\nmatrix: {a: [x, y], seed: 1..3}")
	after := ids("matrix: {seed: [0..3], k: [v], a: [x, y]}\nrepeat: 2")
	for _, id := range before {
		if !slices.Contains(after, id) {
			t.Errorf("%s is gone", id)
		}
	}
}
