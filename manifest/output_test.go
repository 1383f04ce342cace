package manifest

import "testing"

func TestCSVSafe(t *testing.T) {
	for _, row := range []struct {
		text       string
		safe, fine bool
		why        string
	}{
		{"output: {csv_safe: true}", true, true, "on"},
		{"output: {csv_safe: True}", true, true, "as YAML spells it too"},
		{"output: {csv_safe: false}", false, true, "off"},
		{"output: {}", false, true, "off by default"},
		{`output: {csv_safe: "true"}`, false, false, "a text is no yes"},
		{"output: {csv_safe: yes}", false, false, "nor is a word"},
		{"output: {csv_safe: ~}", false, false, "nor is nothing"},
		{"output: {csv_safe: [true]}", false, false, "nor is a list"},
	} {
		m, err := Parse("x.yaml", []byte("version: 1\nmodel: a/b\nparams: {prompt: x}\n"+row.text))
		if (err == nil) != row.fine || m != nil && m.Output.CSVSafe != row.safe {
			t.Errorf("%s: %s: %v", row.why, row.text, err)
		}
	}
}
