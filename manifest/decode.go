package manifest

import (
	"fmt"
	"strconv"

	"gopkg.in/yaml.v3"
)

// maxVisits bounds the nodes looked at, aliases followed included: with it an
// alias bomb is a mistake, not an hour.
const maxVisits = 600_000

// maxMerged bounds the names that merge keys bring into one mapping.
const maxMerged = 10_000

// A decoder reads YAML nodes and gathers the mistakes it finds in them.
type decoder struct {
	file     string
	mistakes Mistakes
	visits   int
}

func (d *decoder) add(line, column int, what string) {
	d.mistakes = append(d.mistakes, Mistake{d.file, max(line, 1), max(column, 1), what})
}

func (d *decoder) mistake(n *yaml.Node, format string, args ...any) {
	if !d.full() {
		d.add(n.Line, n.Column, fmt.Sprintf(format, args...))
	}
}

// full reports whether there are ten times as many mistakes as are shown:
// enough to be put in order, and bounded.
func (d *decoder) full() bool { return len(d.mistakes) >= 10*maxMistakes }

// stop makes a mistake the last: what follows would only take time.
func (d *decoder) stop(n *yaml.Node, format string, args ...any) {
	d.mistake(n, format, args...)
	d.visits = maxVisits
}

// visit follows aliases and counts. It gives nil once the count is used up.
func (d *decoder) visit(n *yaml.Node) *yaml.Node {
	d.visits++
	if d.visits == maxVisits {
		d.mistake(n, "aliases make the manifest far larger than its text; write the values out")
	}
	if d.visits >= maxVisits {
		return nil
	}
	if n.Kind == yaml.AliasNode {
		n = n.Alias
	}
	return n
}

// An entry is one key of a mapping.
type entry struct {
	name       string
	key, value *yaml.Node
}

// mapping gives the entries of a mapping in order, merge keys ("<<") resolved:
// what stands in the mapping itself wins over what is merged in.
func (d *decoder) mapping(n *yaml.Node, what string) []entry {
	var own, merged []entry
	d.collect(n, what, 0, &own, &merged)
	seen := make(map[string]bool, len(own)+len(merged))
	var out []entry
	for _, e := range own {
		if seen[e.name] {
			d.mistake(e.key, "%s is given twice; keep one", quote(e.name))
			continue
		}
		seen[e.name] = true
		out = append(out, e)
	}
	for _, e := range merged {
		if !seen[e.name] {
			seen[e.name] = true
			out = append(out, e)
		}
	}
	return out
}

func (d *decoder) collect(n *yaml.Node, what string, depth int, own, merged *[]entry) {
	at := n
	if n = d.visit(n); n == nil {
		return
	}
	if depth > 16 {
		d.stop(at, "merge keys go round in circles or too deep; write the values out")
		return
	}
	if n.Kind != yaml.MappingNode {
		d.mistake(at, "%s must be a mapping, one `name: value` a line", what)
		return
	}
	for i := 0; i+1 < len(n.Content); i += 2 {
		k, v := n.Content[i], n.Content[i+1]
		if k = d.visit(k); k == nil {
			return
		}
		switch {
		case k.Tag == "!!merge":
			d.merge(v, what, depth, merged)
		case k.Kind != yaml.ScalarNode:
			d.mistake(k, "a name must be one word, not a list or mapping")
		default:
			*own = append(*own, entry{k.Value, k, v})
		}
	}
}

// merge adds what one merge key brings; as in YAML the earlier source wins.
func (d *decoder) merge(v *yaml.Node, what string, depth int, merged *[]entry) {
	sources := []*yaml.Node{v}
	if t := d.visit(v); t == nil {
		return
	} else if t.Kind == yaml.SequenceNode {
		sources = t.Content
	}
	for _, s := range sources {
		var own, deeper []entry
		d.collect(s, what, depth+1, &own, &deeper)
		if len(*merged)+len(own)+len(deeper) > maxMerged {
			d.stop(v, "merge keys bring in more than %d names; write the values out", maxMerged)
			return
		}
		*merged = append(append(*merged, own...), deeper...)
	}
}

// list gives the items of a list.
func (d *decoder) list(n *yaml.Node, what string) []*yaml.Node {
	at := n
	if n = d.visit(n); n == nil {
		return nil
	}
	if n.Kind != yaml.SequenceNode {
		d.mistake(at, "%s must be a list", what)
		return nil
	}
	return n.Content
}

// scalar gives the one value that n is, as it is spelled in the file. A null,
// a list or a mapping is a mistake; instead is the advice to give then.
func (d *decoder) scalar(n *yaml.Node, what, instead string) (text string, plain, ok bool) {
	at := n
	if n = d.visit(n); n == nil {
		return "", false, false
	}
	switch {
	case n.Kind == yaml.SequenceNode:
		d.mistake(at, "%s must be one value, not a list; %s", what, instead)
	case n.Kind == yaml.MappingNode:
		d.mistake(at, "%s must be one value, not a mapping; %s", what, instead)
	case n.Tag == "!!null":
		d.mistake(at, "%s has no value; write one, or \"\" for an empty text", what)
	case n.Style&yaml.TaggedStyle != 0 && n.Tag != "!!str" && n.Tag != "!!int" && n.Tag != "!!float" && n.Tag != "!!bool":
		d.mistake(at, "%s has the tag %s; take it away, or quote a text that begins with !", what, quote(n.Tag))
	default:
		const quoted = yaml.DoubleQuotedStyle | yaml.SingleQuotedStyle | yaml.LiteralStyle | yaml.FoldedStyle | yaml.TaggedStyle
		return n.Value, n.Style&quoted == 0, true
	}
	return "", false, false
}

// integer gives a whole number from least to most.
func (d *decoder) integer(n *yaml.Node, what string, least, most int) (int, bool) {
	text, _, ok := d.scalar(n, what, "write a number")
	if !ok {
		return 0, false
	}
	v, err := strconv.Atoi(text)
	if err != nil || v < least || v > most {
		d.mistake(n, "%s must be a whole number from %d to %d, not %s", what, least, most, quote(text))
		return 0, false
	}
	return v, true
}
