package stats

import (
	"fmt"
	"strings"

	"github.com/dustin/go-humanize/english"
)

// notes say what was left out and why, whether pictures repeat, and how the figures are meant.
func (r *Report) notes() []string {
	lines := append(r.excluded(), r.Repeats.sentences()...)
	unseen := 0
	for _, t := range r.Tables {
		of := 0
		for _, g := range t.Groups {
			if g.Looks != nil {
				of += g.Looks.Unknown
			}
		}
		unseen = max(unseen, of)
	}
	if unseen > 0 {
		lines = append(lines, fmt.Sprintf("How far %s from those of a first value is not known: nobody has looked at them (wirobatch report DIR does that), or one has nothing to compare: one colour, video, text.",
			english.PluralWord(unseen, "one picture is", fmt.Sprintf("%d pictures are", unseen))))
	}
	for _, a := range r.Skipped {
		lines = append(lines, fmt.Sprintf("%s has %d values, which is too many for a table unasked: --by %s makes it.", clean(a.Name), len(a.Values), clean(a.Name)))
	}
	return lines
}

// excluded names what is not in the figures.
func (r *Report) excluded() (lines []string) {
	g := r.All
	var out []string
	add := func(n int, what string) {
		if n > 0 {
			out = append(out, fmt.Sprintf("%d %s", n, what))
		}
	}
	add(g.Failed, "failed")
	add(g.NotDone, "not done")
	add(g.Cold, "cold (the model had not been used for ten minutes; --keep-cold counts them)")
	for _, m := range g.Times {
		add(m.Unknown, "without "+m.Name)
	}
	if len(out) > 0 {
		lines = append(lines, "Left out of the times: "+strings.Join(out, ", ")+".")
	} else {
		lines = append(lines, "Nothing is left out of the times.")
	}
	if n := g.Cost.Unknown; n > 0 {
		lines = append(lines, fmt.Sprintf("Left out of the cost: %d whose cost is not known.", n))
	}
	if g.Cost.Failed != nil && !g.Cost.Failed.IsZero() {
		lines = append(lines, fmt.Sprintf("Failed cells cost $%s on top, which is in no other figure.", usd(g.Cost.Failed)))
	}
	if g.Cost.NotDone != nil && !g.Cost.NotDone.IsZero() {
		lines = append(lines, fmt.Sprintf("Cells that are not done cost $%s on top, which is in no other figure.", usd(g.Cost.NotDone)))
	}
	if r.Unselected > 0 {
		lines = append(lines, fmt.Sprintf("--where leaves out %s.", english.Plural(r.Unselected, "cell", "")))
	}
	if r.Unlisted > 0 {
		lines = append(lines, fmt.Sprintf("%s no longer in the manifest: left out.", english.PluralWord(r.Unlisted, "One cell is", fmt.Sprintf("%d cells are", r.Unlisted))))
	}
	return lines
}

// legend explains the columns that are there.
func (r *Report) legend(used []shown) (lines []string) {
	if len(used) == 0 {
		return nil
	}
	sure := percent(r.Confidence)
	lines = append(lines, fmt.Sprintf("Times are medians in seconds; in parentheses is the %s interval.", sure))
	few, same := false, false
	for _, t := range r.Tables {
		for _, g := range t.Groups {
			for _, m := range g.Times {
				few, same = few || m.N > 0 && m.TooFew, same || m.N > 1 && m.SameValue
			}
		}
	}
	if n := enough(r.Confidence); few && n > 0 {
		lines = append(lines, fmt.Sprintf("A median of fewer than %d cells has no interval of %s.", n, sure))
	}
	if same {
		lines = append(lines, "Where all times are equal there is no interval either: how much they vary is not known.")
	}
	said := map[string]bool{}
	for _, c := range used {
		if c.about != "" && !said[c.name] {
			said[c.name] = true
			lines = append(lines, c.name+": "+c.about+".")
		}
	}
	return lines
}

// sentences say whether the same inputs give the same pictures.
func (r Repeats) sentences() (lines []string) {
	if r.Groups == 0 {
		return []string{"Reproducibility is not known: no inputs with a seed were made twice (repeat: 2 in the manifest does that)."}
	}
	line := fmt.Sprintf("Reproducibility: of %s made more than once, %d gave the same bytes, %d look alike, %d differ", english.Plural(r.Groups, "inputs with a seed", "inputs with a seed"), r.Same, r.Alike, r.Differ)
	if r.Unseen > 0 {
		line += fmt.Sprintf(", %d have other bytes and were not all looked at (wirobatch report DIR does that)", r.Unseen)
	}
	if r.N > 0 && r.Same < r.Groups {
		line += fmt.Sprintf("; %.1f of 64 bits apart in the mean, at most %d", r.Mean, r.Most)
	}
	lines = append(lines, line+".")
	if r.Between.Pairs > 0 {
		line := fmt.Sprintf("of %d made again in a later start %d have other bytes", r.Between.Pairs, r.Between.Changed)
		if r.Between.Seen > 0 && r.Between.Changed > 0 {
			line += fmt.Sprintf(" (%.1f bits in the mean)", r.Between.Mean)
		}
		line += fmt.Sprintf(", of %d made again in the same start %d.", r.Within.Pairs, r.Within.Changed)
		if r.Drifted() {
			lines = append(lines, "Drift between starts: "+line)
		} else {
			lines = append(lines, "No drift between starts: "+line)
		}
	}
	return lines
}
