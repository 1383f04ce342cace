package export

import (
	"bytes"
	"fmt"
	"maps"
	"path"
	"slices"
	"strings"
	"time"

	"github.com/dustin/go-humanize"
	"github.com/dustin/go-humanize/english"
)

// card is the README.md of the dataset: YAML that the Hugging Face hub reads, and what a person wants to know. Its dates are those of
// the data.
func (p *plan) card(r Result) []byte {
	var b bytes.Buffer
	say := func(format string, args ...any) { fmt.Fprintf(&b, format+"\n", args...) }
	say("---\npretty_name: %s", quoted(path.Base(strings.ReplaceAll(r.Path, `\`, "/"))))
	say("size_categories:\n- %s", sizeCategory(r.Samples))
	if tasks := p.facts.tasks(); len(tasks) > 0 && !p.o.table() {
		say("task_categories:\n- %s", strings.Join(tasks, "\n- "))
	}
	say("tags:\n- synthetic\n- wirobatch")
	p.configs(say)
	say("---\n\n# %s\n", plain(path.Base(strings.ReplaceAll(r.Path, `\`, "/"))))
	size := ""
	if !p.o.table() {
		size = ", " + humanize.Bytes(uint64(max(r.Bytes, 0))) + ","
	}
	say("%s%s made by %s through the Wiro API with wirobatch.\n", english.Plural(r.Samples, "sample", ""), size, listed(slices.Sorted(maps.Keys(p.facts.models))))
	if names := p.folders.rehearsed(); len(names) > 0 {
		say("**A rehearsal**: what is from %s was drawn by wirobatch's own sandbox, not by the model. Times and costs are play.\n", listed(names))
	}
	say("**Licence**: none is stated. It is yours to choose, by what the terms of the models allow: write `license: …` between the lines above.\n")

	if len(r.Splits) > 0 {
		say("| split | share asked for | samples | bytes as delivered |\n|---|--:|--:|--:|")
		for i, s := range r.Splits {
			say("| %s | %s | %d | %d |", s.Name, p.o.Splits[i].Part, s.Samples, s.Bytes)
		}
		say("\nThe hash of its prompt decides which split a sample belongs to: a prompt is in one of them alone, and stays there when cells are added.\n")
	}
	say("## Runs\n\n| folder | samples | first submit | last end |\n|---|--:|---|---|")
	for i, f := range p.folders.all {
		c := p.facts.folders[i]
		say("| %s | %d | %s | %s |", code(f.label), c.samples, day(c.first), day(c.last))
	}
	say("\nCost of the cells: $%s%s. Models: %s.\n", p.facts.cost, unpriced(p.facts.unpriced), p.models())
	p.parameters(say)
	say("## How it was made\n")
	for _, line := range p.made() {
		say("- %s", line)
	}
	say("\n## What was left out\n")
	for _, line := range r.LeftOut {
		say("- %s", line)
	}
	if r.Damaged > 0 {
		say("- %s missing or damaged:", english.Plural(r.Damaged, "file that is", "files that are"))
		for _, d := range r.Lost {
			say("  - %s of cell %s in %s: %s", code(d.Path), code(d.Cell), code(d.Folder), d.Why)
		}
		if more := r.Damaged - len(r.Lost); more > 0 {
			say("  - and %d more", more)
		}
	}
	if len(r.LeftOut) == 0 && r.Damaged == 0 {
		say("- nothing")
	}
	for _, n := range r.Notes {
		say("\n%s.", plain(strings.ToUpper(n[:1])+n[1:]))
	}
	return b.Bytes()
}

// configs tell the hub which files are which split.
func (p *plan) configs(say func(string, ...any)) {
	var paths [][2]string
	for _, split := range p.o.splitNames() {
		switch p.o.Format {
		case ImageFolder:
			paths = append(paths, [2]string{split, split + "/**"})
		case WebDataset:
			paths = append(paths, [2]string{split, split + "-*.tar"})
		case Parquet:
			paths = append(paths, [2]string{split, parquetName(split, "*")})
		default:
			paths = append(paths, [2]string{split, split + "." + p.o.Format})
		}
	}
	if len(p.o.Splits) == 0 {
		switch {
		case p.o.Format == ImageFolder: // the loader finds metadata.jsonl by itself
			return
		case p.o.table() && p.o.Format != Parquet:
			paths[0][1] = tableName("", p.o.Format)
		}
	}
	say("configs:\n- config_name: default\n  data_files:")
	for _, one := range paths {
		if p.o.Splits == nil || p.has(one[0]) {
			say("  - split: %s\n    path: %s", one[0], quoted(one[1]))
		}
	}
}

// has tells whether a split has samples: readers want a file for each that is named.
func (p *plan) has(split string) bool { return p.facts.splits[split].samples > 0 }

func (p *plan) models() string {
	var all []string
	for _, m := range slices.Sorted(maps.Keys(p.facts.models)) {
		all = append(all, fmt.Sprintf("%s (%d)", code(m), p.facts.models[m]))
	}
	return strings.Join(all, ", ")
}

// parameters are the values that there are of each.
func (p *plan) parameters(say func(string, ...any)) {
	if len(p.folders.params) == 0 {
		return
	}
	say("## Parameters\n\n| parameter | values, and how many samples have each |\n|---|---|")
	for i, name := range p.folders.params {
		v := p.facts.params[i]
		if len(v.order) == 0 { // of cells that are left out
			continue
		}
		if v.more {
			say("| %s | more than %d, such as %s |", code(name), mostValues, code(v.order[0]))
			continue
		}
		all := make([]string, len(v.order))
		for k, value := range v.order {
			all[k] = fmt.Sprintf("%s (%d)", code(value), v.count[value])
		}
		say("| %s | %s |", code(name), strings.Join(all, ", "))
	}
	say("")
}

// made says what the options did.
func (p *plan) made() (lines []string) {
	add := func(format string, args ...any) { lines = append(lines, fmt.Sprintf(format, args...)) }
	add("Format: %s. The files are the bytes that were delivered, each held against its SHA-256 while it was copied.", p.o.Format)
	if p.o.Embed {
		lines[0] = fmt.Sprintf("Format: %s. The files are those that were delivered, each held against its SHA-256 while it was copied, with text chunks added to PNGs. Bytes are counted as delivered.", p.o.Format)
	}
	if p.o.table() {
		lines[0] = fmt.Sprintf("Format: %s. The column `file` names the delivered files in their folders; they are not part of it.", p.o.Format)
	}
	add("Captions: %s.", code(p.o.Caption))
	if text := p.o.Where.String(); text != "" {
		add("Condition: %s.", code(text))
	}
	if p.o.IDs != nil {
		add("Chosen by a list of %s.", english.Plural(len(p.o.IDs), "id", ""))
	}
	if p.o.Not != nil {
		add("Without those of a list of %s.", english.Plural(len(p.o.Not), "id", ""))
	}
	switch p.o.Dedupe {
	case Exact:
		add("Of files with the same bytes the first in the order of the grid stays.")
	case Near:
		add("Of files with the same bytes, and of pictures that look alike (by a perceptual hash), the first in the order of the grid stays.")
	}
	if p.o.Embed && !p.o.table() {
		add("The generation parameters are in text chunks of each PNG, `parameters` and `wirobatch`. The column `sha256` is that of the file without them.")
	}
	if p.facts.several {
		add("Cost and times are of a cell, and stand beside each of its files: count a cell once (by `folder` and `id`) where they are summed.")
	}
	if p.o.Format == Parquet {
		add("Columns are those of wirobatch's results.csv; what is unknown is null, and money an exact decimal. A parameter is a number where each of its values is one; `params` has all of them as they were sent.")
		return lines
	}
	add("Columns are those of wirobatch's results.csv; what is unknown is null or empty, and money exact text.")
	return lines
}

func unpriced(n int) string {
	if n == 0 {
		return ""
	}
	return fmt.Sprintf(", without %s whose cost is not known", english.Plural(n, "cell", ""))
}

func day(t time.Time) string {
	if t.IsZero() {
		return "unknown"
	}
	return t.UTC().Format("2006-01-02 15:04 UTC")
}

// sizeCategory is one of those of the hub.
func sizeCategory(n int) string {
	before := "n<1K"
	for _, c := range []struct {
		from int
		name string
	}{{1e3, "1K<n<10K"}, {1e4, "10K<n<100K"}, {1e5, "100K<n<1M"}, {1e6, "1M<n<10M"}, {1e7, "10M<n<100M"}} {
		if n >= c.from {
			before = c.name
		}
	}
	return before
}

func listed(all []string) string {
	coded := make([]string, len(all))
	for i, one := range all {
		coded[i] = code(one)
	}
	return english.OxfordWordSeries(coded, "and")
}
