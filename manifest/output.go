package manifest

import (
	"regexp"
	"strings"

	"gopkg.in/yaml.v3"
)

// Output says where results go and what may be fetched.
type Output struct {
	Dir        string   // "": the default of the command
	Files      string   // template of file names, see FileName; Parse puts the default in
	AllowHosts []string // host suffixes that outputs may come from too, in lower case
	CSVSafe    bool     // results.csv has no field that a spreadsheet would run as a formula
}

var hostName = regexp.MustCompile(`^([a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?\.)+[a-z][a-z0-9-]{0,61}[a-z0-9]$`)

func (d *decoder) output(o *Output, n *yaml.Node, g *Grid) {
	for _, e := range d.known(n, "output", []string{"dir", "files", "allow_hosts", "csv_safe"}) {
		switch e.name {
		case "dir":
			text, _, ok := d.scalar(e.value, "output.dir", "write one folder")
			if ok && strings.TrimSpace(text) == "" {
				d.mistake(e.value, "output.dir is empty; write a folder, or leave it out")
			}
			o.Dir = text
		case "files":
			d.files(o, e.value, g)
		case "csv_safe":
			switch text, plain, ok := d.scalar(e.value, "output.csv_safe", "write true or false"); {
			case plain && (text == "true" || text == "True" || text == "TRUE"):
				o.CSVSafe = true
			case ok && !(plain && (text == "false" || text == "False" || text == "FALSE")):
				d.mistake(e.value, "output.csv_safe must be true or false, without quotes, not %s", quote(text))
			}
		case "allow_hosts":
			for _, h := range d.list(e.value, "output.allow_hosts") {
				text, _, ok := d.scalar(h, "a host", "write its name")
				if text = strings.ToLower(text); ok && !hostName.MatchString(text) {
					d.mistake(h, "a host is written as its bare name with a dot, such as cdn.example.com, without https://, port, path or *; not %s", quote(text))
				}
				o.AllowHosts = append(o.AllowHosts, text)
			}
		}
	}
}

func (d *decoder) files(o *Output, n *yaml.Node, g *Grid) {
	text, plain, ok := d.scalar(n, "output.files", "write one template")
	if !ok {
		return
	}
	o.Files = text
	t, at, err := parseTemplate(text)
	if err == nil && g != nil {
		for _, p := range t {
			if p.field && !builtin(p.text) && !has(g.columns, p.text) {
				at, err = p.at, unknownField(p.text, g.columns)
				break
			}
		}
	}
	if err != nil {
		// The place within the text is known but for escapes and folded lines.
		line, column := n.Line, n.Column
		if n.Kind == yaml.ScalarNode && n.Style&(yaml.LiteralStyle|yaml.FoldedStyle) == 0 {
			if column += at; !plain {
				column++
			}
		}
		d.add(line, column, "output.files: "+err.Error())
	}
}
