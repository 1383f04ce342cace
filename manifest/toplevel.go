package manifest

import (
	"path/filepath"
	"regexp"
	"strings"

	"gopkg.in/yaml.v3"
)

var topKeys = []string{"version", "name", "model", "params", "matrix", "repeat", "order", "zip", "exclude", "include", "watch", "limits", "output", "report"}

// manifest reads the whole document.
func (d *decoder) manifest(m *Manifest, top *yaml.Node) {
	given := map[string]entry{}
	for _, e := range d.known(top, "a manifest", topKeys) {
		given[e.name] = e
	}
	if top = d.visit(top); top == nil || top.Kind != yaml.MappingNode {
		return
	}
	m.Name = defaultName(m.Path)
	if e, ok := given["version"]; !ok {
		d.mistake(top, "version is missing; write `version: 1`")
	} else if text, _, ok := d.scalar(e.value, "version", "write 1"); ok && text != "1" {
		d.mistake(e.value, "version must be 1, not %s; this program knows no other", quote(text))
	}
	if e, ok := given["name"]; ok {
		m.Name = d.name(e.value)
	}
	if e, ok := given["model"]; !ok {
		d.mistake(top, "model is missing; write, for example, `model: Qwen/Qwen-Image-Fast`")
	} else {
		m.Model = d.model(e.value)
	}
	if e, ok := given["repeat"]; ok {
		if n, ok := d.integer(e.value, "repeat", 1, maxCells); ok {
			m.Repeat = n
		}
	}
	m.Watch = WatchAuto
	if e, ok := given["watch"]; ok {
		m.Watch = d.watch(e.value)
	}
	if e, ok := given["order"]; ok {
		m.Order = d.order(e.value)
	}
	m.Limits = defaultLimits
	if e, ok := given["limits"]; ok {
		d.limits(&m.Limits, e.value)
	}
	m.grid = d.grid(m.Model, m.Repeat, m.Order, given, top)
	if e, ok := given["output"]; ok {
		d.output(&m.Output, e.value, m.grid)
	}
	if e, ok := given["report"]; ok {
		d.report(&m.Report, e.value, m)
	}
	if m.Output.Files == "" && m.grid != nil {
		m.Output.Files = defaultTemplate(m.grid)
	}
}

// known gives the entries of a mapping whose keys are known; others are
// mistakes.
func (d *decoder) known(n *yaml.Node, what string, keys []string) []entry {
	var out []entry
entries:
	for _, e := range d.mapping(n, what) {
		for _, k := range keys {
			if e.name == k {
				out = append(out, e)
				continue entries
			}
		}
		if d.full() {
			break // looking for what was meant takes time
		}
		d.mistake(e.key, "unknown key %s in %s%s", quote(e.name), what, unknown(e.name, keys))
	}
	return out
}

func (d *decoder) model(n *yaml.Node) string {
	text, _, ok := d.scalar(n, "model", "one manifest has one model")
	if !ok {
		return ""
	}
	if !modelName.MatchString(text) || len(text) > 200 {
		d.mistake(n, "model must be owner/name, such as Qwen/Qwen-Image-Fast, not %s", quote(text))
		return ""
	}
	return text
}

var folderName = regexp.MustCompile(`^[A-Za-z0-9]([A-Za-z0-9._-]{0,98}[A-Za-z0-9_-])?$`)

func (d *decoder) name(n *yaml.Node) string {
	text, _, ok := d.scalar(n, "name", "write a word")
	if ok && (!folderName.MatchString(text) || reserved(text)) {
		d.mistake(n, "name must be safe for a folder: letters, digits, dot, dash and underscore, at most 100; write, for example, %s, not %s", safeName(text), quote(text))
	}
	return text
}

// defaultName makes a name from that of the file.
func defaultName(path string) string {
	base := filepath.Base(strings.ReplaceAll(path, `\`, "/"))
	if ext := filepath.Ext(base); ext != base {
		base = strings.TrimSuffix(base, ext)
	}
	return safeName(base)
}

var unsafe = regexp.MustCompile(`[^A-Za-z0-9._-]+`)

func safeName(text string) string {
	text = strings.TrimLeft(unsafe.ReplaceAllString(text[:min(len(text), 200)], "-"), "-._")
	text = strings.TrimRight(text[:min(len(text), 100)], "-.")
	if text == "" {
		return "manifest"
	}
	if reserved(text) {
		return "run-" + text
	}
	return text
}
