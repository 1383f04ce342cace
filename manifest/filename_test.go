package manifest

import (
	"path"
	"strings"
	"testing"
)

func cell(params ...string) Cell {
	c := Cell{Number: 5, Model: "Qwen/Qwen-Image-Fast", Repeat: 2}
	for i := 0; i < len(params); i += 2 {
		c.Params = append(c.Params, Param{params[i], params[i+1]})
	}
	c.ID = CellID(c.Model, c.Params, c.Repeat)
	return c
}

func TestFileName(t *testing.T) {
	dragon := cell("prompt", "A mystical dragon hovering above a sparkling waterfall.", "aspectRatio", "16:9", "seed", "42", "scale", "4.50")
	id := dragon.ID
	for _, row := range []struct {
		why, template string
		c             Cell
		n             int
		ext, want     string
	}{
		{"the default of a manifest with these axes", "{prompt}_{aspectRatio}_{seed}_{id}", dragon, 0, "png", "a-mystical-dragon-hovering-above-a_16-9_42_" + id + ".png"},
		{"no template: all values", "", dragon, 0, "png", "a-mystical-dragon-hovering-above-a_16-9_42_4.50_" + id + ".png"},
		{"folders come from the template", "{aspectRatio}/s{seed}", dragon, 0, "png", "16-9/s42-" + id + ".png"},
		{"the first output has no number, others do", "{seed}", dragon, 2, "png", "42-" + id + "-2.png"},
		{"a template with {n} has it for all", "{id}/{n}", dragon, 0, "png", id + "/0.png"},
		{"model and repeat", "{model}/{repeat}/{seed}", dragon, 0, ".JPEG", "qwen-qwen-image-fast/2/42-" + id + ".jpeg"},
		{"a parameter that the cell lacks", "{negative}", dragon, 0, "png", "none-" + id + ".png"},
		{"an ending that is none", "x", dragon, 0, "../", "x-" + id + ".bin"},
		{"an ending is short", "x", dragon, 0, "png/../../etc/passwd", "x-" + id + ".pngetcpass.png"[:len(".pngetcpass")]},
	} {
		got, err := FileName(row.template, row.c, row.n, row.ext)
		if err != nil || got != row.want {
			t.Errorf("%s: %s, %v; want %s", row.why, got, err, row.want)
		}
	}
}

func TestFileNameHostile(t *testing.T) {
	for _, row := range []struct{ why, value, want string }{
		{"no way up", "../../etc/passwd", "etc-passwd"},
		{"no way to the root", `\\server\C:\x`, "server-c-x"},
		{"no hidden file", ".bashrc", "bashrc"},
		{"dots alone", "...", "x"},
		{"nothing", "", "x"},
		{"nothing that is left", "🐉 龙", "x"},
		{"a device", "CON", "_con"},
		{"a device with an ending", "aux.png", "_aux.png"},
		{"no device", "console", "console"},
		{"control characters", "a\x00b\nc", "a-b-c"},
		{"an option", "--rf", "rf"},
		{"a template", "{id}", "id"},
		{"cut at a word", strings.Repeat("word ", 20), "word-word-word-word-word-word-word-word"},
		{"one long word is cut", strings.Repeat("x", 100), strings.Repeat("x", 40)},
		{"numbers keep their point", "4.50", "4.50"},
		{"single dots and dashes", "a..b--c.-d", "a.b-c.d"},
	} {
		c := cell("v", row.value)
		got, err := FileName("{v}/x", c, 0, "png")
		if want := row.want + "/x-" + c.ID + ".png"; err != nil || got != want {
			t.Errorf("%s: %s, %v; want %s", row.why, got, err, want)
		}
	}
}

// Long names give up values, never the id.
func TestFileNameLength(t *testing.T) {
	long := strings.Repeat("many words ", 40)
	c := cell("a", long, "b", long, "c", long, "d", long, "e", long, "f", long)
	for _, template := range []string{"{a}_{b}_{c}_{d}_{e}_{f}", "{a}{b}/{c}{d}/{e}{f}{a}{b}{c}{d}{e}{f}", "", strings.Repeat("x", 130) + "{a}"} {
		got, err := FileName(template, c, 999, "png")
		if err != nil || len(got) > maxName || !strings.HasSuffix(got, c.ID+"-999.png") {
			t.Errorf("%s gives %s (%d bytes), %v", template, got, len(got), err)
		}
	}
	if got, _ := FileName("{a}_{b}_{c}", c, 0, "png"); len(got) < 130 {
		t.Errorf("%s is shorter than it need be", got)
	}
}

func TestFileNameErrors(t *testing.T) {
	c := cell("v", "1")
	for _, template := range []string{"/x", "x/", "a//b", "../x", "a/../b", ".x", "a/.b", "a b", "a:b", `a\b`, "{", "{}", "a}", "{v", "{a{b}}", "ü", "{v}*", strings.Repeat("x", 160), strings.Repeat("{v}", 90)} {
		if got, err := FileName(template, c, 0, "png"); err == nil {
			t.Errorf("%s gave %s", template, got)
		}
	}
	for _, id := range []string{"", "../../../../../../..", strings.Repeat("A", 20), "short"} {
		if got, err := FileName("x", Cell{ID: id}, 0, "png"); err == nil {
			t.Errorf("the id %q gave %s", id, got)
		}
	}
	if got, err := FileName("x", c, -1, "png"); err == nil {
		t.Errorf("output -1 gave %s", got)
	}
}

func TestDefaultTemplate(t *testing.T) {
	for _, row := range []struct{ why, text, want string }{
		{"the axes", "params: {k: v}\nmatrix: {b: [1], a: [2]}", "{b}_{a}_{id}"},
		{"without axes, what includes bring", "params: {k: v}\ninclude: [{a: 1}, {b: 2}]", "{a}_{b}_{id}"},
		{"nothing differs", "params: {k: v}", "{id}"},
		{"an axis whose name means something else is left out", "matrix: {id: [1], a: [2]}", "{a}_{id}"},
		{"a given one stays", "matrix: {a: [2]}\noutput: {files: '{a}'}", "{a}"},
	} {
		if m := parse(t, "version: 1\nmodel: a/b\n"+row.text); m.Output.Files != row.want {
			t.Errorf("%s: %s, want %s", row.why, m.Output.Files, row.want)
		}
	}
}

func FuzzFileName(f *testing.F) {
	f.Add("{v}/{n}", "a value", 0, "png")
	f.Add("", "../../x", 3, "/..")
	f.Add("con/{v}.", "nul.", 1, "exe")
	f.Fuzz(func(t *testing.T, template, value string, n int, ext string) {
		c := cell("v", value, "w", ext)
		name, err := FileName(template, c, n, ext)
		if err != nil {
			return
		}
		if len(name) > maxName || !strings.Contains(name, c.ID) || path.IsAbs(name) || path.Clean(name) != name {
			t.Errorf("%q gives %q", template, name)
		}
		for _, s := range strings.Split(name, "/") {
			if s == "" || s[0] == '.' || strings.HasSuffix(s, ".") || reserved(s) || strings.ContainsAny(s, "\\:*?\"<>| ") {
				t.Errorf("%q gives %q", template, name)
			}
		}
		if again, _ := FileName(template, c, n, ext); again != name {
			t.Errorf("%q gives %q, then %q", template, name, again)
		}
	})
}
