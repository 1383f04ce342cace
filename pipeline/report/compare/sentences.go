package compare

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"github.com/dustin/go-humanize/english"

	"wirobatch/pipeline/report/pictures"
)

// String is what a person has to know of a run before its figures.
func (s Side) String() string {
	return strings.Join(append([]string{plain(s.Dir)}, s.facts()...), " · ")
}

func (s Side) facts() (parts []string) {
	if s.Name != "" {
		parts = append(parts, plain(s.Name))
	}
	switch len(s.Models) {
	case 0:
	case 1:
		parts = append(parts, plain(s.Models[0]))
	default:
		parts = append(parts, english.Plural(len(s.Models), "model", ""))
	}
	if s.Sandbox {
		parts = append(parts, "sandbox")
	} else if s.Service != "" {
		parts = append(parts, plain(s.Service))
	}
	if s.Began != nil {
		parts = append(parts, s.Began.Format("2006-01-02 15:04")+" UTC")
	}
	return append(parts, s.Cells.String())
}

func (c Cells) String() string {
	var parts []string
	for _, one := range []struct {
		n    int
		what string
	}{{c.Done, "done"}, {c.Failed, "failed"}, {c.Cancelled, "cancelled"}, {c.Held, "held"}, {c.Pending, "pending"}} {
		if one.n > 0 {
			parts = append(parts, fmt.Sprintf("%d %s", one.n, one.what))
		}
	}
	if len(parts) == 0 {
		return "no cells"
	}
	return cells(c.Total) + ": " + strings.Join(parts, ", ")
}

// Notes are what is to be known before the figures are read.
func (r *Result) Notes() (all []string) {
	switch {
	case r.A.Sandbox && r.B.Sandbox:
		all = append(all, "both are rehearsals in the sandbox: times, costs and pictures are play")
	case r.A.Sandbox, r.B.Sandbox:
		which := "A"
		if r.B.Sandbox {
			which = "B"
		}
		all = append(all, which+" is a rehearsal in the sandbox: its times, costs and pictures are play, and tell nothing about the service")
	case r.A.Service != r.B.Service:
		all = append(all, "the two ran on different services")
	}
	for i, s := range []Side{r.A, r.B} {
		if s.AtWork {
			all = append(all, "a run is at work in "+string("AB"[i])+": it is compared as it stands")
		}
	}
	if !slices.Equal(slices.Sorted(slices.Values(r.A.Models)), slices.Sorted(slices.Values(r.B.Models))) {
		all = append(all, fmt.Sprintf("the models differ: %s against %s", models(r.A), models(r.B)))
	}
	return all
}

func models(s Side) string {
	if len(s.Models) == 0 {
		return "none"
	}
	return plain(english.WordSeries(s.Models, "and"))
}

func (r *Result) pairing() string {
	p := r.Pairs
	var parts []string
	add := func(n int, format string, args ...any) {
		if n > 0 {
			parts = append(parts, fmt.Sprintf("%d ", n)+fmt.Sprintf(format, args...))
		}
	}
	add(p.Cell, "of the same cell")
	add(p.Inputs, "of the same parameters, with another model")
	add(p.Shared, "of the same parameters but for %s", plain(p.apart()))
	if p.Paired() == 0 {
		parts = append(parts, "no cell of A has a partner in B")
	}
	add(p.OnlyA, "in A alone")
	add(p.OnlyB, "in B alone")
	return strings.Join(parts, " · ")
}

// apart is by what else than a cell's own parameters the two folders differ.
func (p Pairing) apart() string {
	var parts []string
	if len(p.Ignored) > 0 {
		parts = append(parts, english.WordSeries(p.Ignored, "and")+", which one folder alone has")
	}
	for _, f := range p.Fixed {
		parts = append(parts, fmt.Sprintf("%s, %s in A and %s in B", f.Name, shorten(f.A, 40), shorten(f.B, 40)))
	}
	return strings.Join(parts, "; ")
}

func (r *Result) about() string {
	of := fmt.Sprintf("of the %s", english.Plural(r.Pairs.Paired()-r.Pairs.NotEnded, "pair", ""))
	if r.Pairs.Paired() == 0 {
		of = "of all cells of each, for no two are a pair"
	} else if lone := r.Pairs.OnlyA + r.Pairs.OnlyB; lone > 0 {
		of += ", without what is in one folder alone"
	}
	if n := r.Pairs.NotEnded; n > 0 {
		of += fmt.Sprintf(", without %s that %s not done or failed in both", english.Plural(n, "more", "more"), english.PluralWord(n, "is", "are"))
	}
	level := fmt.Sprintf("%g%%", 100*r.Confidence)
	of += fmt.Sprintf("; times are medians ± their %s interval, costs means; p by the %s, ~ where it is above %.2g", level, Test, 1-r.Confidence)
	if r.Cold[0]+r.Cold[1] > 0 {
		of += fmt.Sprintf("; times leave out the first task of a cold start: %d of A, %d of B", r.Cold[0], r.Cold[1])
	}
	return of
}

func (r *Result) failed() string {
	f := r.Failures
	if f.A+f.B == 0 {
		return "none in either"
	}
	return fmt.Sprintf("%d of %d in A, %d of %d in B · %d in both", f.A, f.EndedA, f.B, f.EndedB, f.Both)
}

func (r *Result) failedCells() (all []string) {
	for _, f := range r.Failures.Alone[:min(shownCells, len(r.Failures.Alone))] {
		other := "B"
		if f.In == "b" {
			other = "A"
		}
		text := fmt.Sprintf("in %s alone: %s", strings.ToUpper(f.In), named(f.Cell, f.ID, f.label))
		if f.Other != "" && f.Other != "done" {
			text += fmt.Sprintf(" (%s in %s)", f.Other, other)
		}
		all = append(all, text+": "+shorten(plain(f.Error), 120))
	}
	return all
}

func named(number int, id, label string) string {
	text := "cell " + id
	if number > 0 {
		text = fmt.Sprintf("cell %d (%s)", number, id)
	}
	if label != "" {
		text += " " + label
	}
	return text
}

func (r *Result) looked() string {
	l := r.Pictures
	var parts []string
	add := func(n int, format string, args ...any) {
		if n > 0 {
			parts = append(parts, fmt.Sprintf("%d ", n)+fmt.Sprintf(format, args...))
		}
	}
	add(l.Same, "with the same bytes")
	add(l.Alike, "that look alike (at most %d of 64 bits apart, in the same colours)", pictures.NearBits)
	add(l.Changed, "changed")
	add(l.Resized, "of another size")
	add(l.Other, "with other bytes and nothing to measure (no picture, unreadable, or one colour)")
	add(l.OnlyA, "in A alone")
	add(l.OnlyB, "in B alone")
	text := fmt.Sprintf("%d in both", l.Both())
	if len(parts) > 0 {
		text += ": " + strings.Join(parts, " · ")
	}
	if l.Greatest != nil {
		text += fmt.Sprintf("; of those with other bytes the greatest distance is %d bits, the mean %g", *l.Greatest, *l.Mean)
	}
	return text
}

// furthest gives the pictures of some looks, those that are furthest apart first; what has no distance follows.
func (r *Result) furthest(is func(Look) bool) (all []shown) {
	for _, s := range r.shown {
		if is(s.look) {
			all = append(all, s)
		}
	}
	slices.SortStableFunc(all, func(s, t shown) int { return cmp.Compare(t.distance, s.distance) })
	return all
}

func (r *Result) changedCells() (all []string) {
	worst := r.furthest(func(l Look) bool { return l == Changed || l == Resized || l == Other })
	for _, s := range worst[:min(shownCells, len(worst))] {
		how := map[Look]string{Changed: "changed", Resized: "another size", Other: "other bytes"}[s.look]
		if s.recolour {
			how = "other colours"
		}
		if s.look == Resized {
			how = fmt.Sprintf("%d × %d, in A %d × %d", s.b.seen.Width, s.b.seen.Height, s.a.seen.Width, s.a.seen.Height)
		}
		if s.distance != unmeasured {
			how += fmt.Sprintf(", %d bits", s.distance)
		}
		if s.n > 0 {
			how += fmt.Sprintf(", output %d", s.n)
		}
		all = append(all, named(s.pair.a.Number, s.pair.a.ID, r.naming.label(*s.pair.a))+": "+how)
	}
	return all
}

// drifted says in one sentence whether the same inputs still bring the same pictures.
func (r *Result) drifted() string {
	d := r.Drift
	chance := ""
	if d.Unseeded > 0 {
		chance = "; " + unseeded(d.Unseeded)
	}
	switch {
	case d.Checked == 0 && d.Unseeded == 0:
		return ""
	case d.Checked == 0:
		return "not to be seen: no picture of the same cell has a seed"
	case d.Differ == 0:
		return fmt.Sprintf("none: the same model, parameters and seed gave the same bytes for all of %s", english.Plural(d.Checked, "picture", "")) + chance
	}
	return fmt.Sprintf("the same model, parameters and seed gave other bytes for %d of %s", d.Differ, english.Plural(d.Checked, "picture", "")) + chance
}

func unseeded(n int) string {
	if n == 1 {
		return "1 picture without a seed is left to chance, and not counted"
	}
	return fmt.Sprintf("%d pictures without a seed are left to chance, and not counted", n)
}

// String is a line for a person: whether it is so, and by which figure.
func (v Verdict) String() string {
	switch {
	case v.Unknown:
		return v.Threshold + ": counts as yes, for the figure is " + v.Figure
	case v.Passed:
		return v.Threshold + ": yes: " + v.Figure
	}
	return v.Threshold + ": no: " + v.Figure
}
