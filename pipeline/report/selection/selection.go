// Package selection says which cells are meant: by a condition on the columns of results.csv, or by lists of ids.
package selection

import (
	"errors"
	"fmt"
	"slices"
	"strings"

	"wirobatch/pipeline/journal"
	"wirobatch/pipeline/report"
)

// A Where is a condition on cells. The zero one holds for all.
type Where struct {
	text string
	cond *anyOf
}

// String is the condition as it was written.
func (w Where) String() string { return w.text }

// Names tells whether the condition is about a column.
func (w Where) Names(column string) bool { return w.cond != nil && w.cond.names(column) }

func (a *anyOf) names(column string) bool {
	return slices.ContainsFunc(a.All, func(all *allOf) bool {
		return slices.ContainsFunc(all.Parts, func(p *part) bool { return p.names(column) })
	})
}

func (p *part) names(column string) bool {
	return p.Not != nil && p.Not.names(column) || p.Inner != nil && p.Inner.names(column) || p.Comparison != nil && p.Comparison.Column == column
}

// Bind gives the condition for cells with these parameters, once each of its columns is known to be there. Of a cell with several
// files, a condition on file, bytes, width, height or sha256 holds when it holds for one of them.
func (w Where) Bind(params []string) (func(journal.Row) bool, error) {
	if w.cond == nil {
		return func(journal.Row) bool { return true }, nil
	}
	b := binding{header: report.Header(params)}
	holds := b.anyOf(w.cond)
	if len(b.mistakes) > 0 {
		return nil, errors.Join(b.mistakes...)
	}
	return func(row journal.Row) bool { return holds(report.Record(params, row)) }, nil
}

// joined are the columns that have a value for each file.
var joined = []string{"file", "bytes", "width", "height", "sha256"}

// binding makes a function of a condition.
type binding struct {
	header   []string
	mistakes []error
}

type holds func(line []string) bool

func (b *binding) anyOf(a *anyOf) holds {
	var all []holds
	for _, one := range a.All {
		all = append(all, b.allOf(one))
	}
	return func(line []string) bool {
		return slices.ContainsFunc(all, func(h holds) bool { return h(line) })
	}
}

func (b *binding) allOf(a *allOf) holds {
	var all []holds
	for _, one := range a.Parts {
		all = append(all, b.part(one))
	}
	return func(line []string) bool {
		return !slices.ContainsFunc(all, func(h holds) bool { return !h(line) })
	}
}

func (b *binding) part(p *part) holds {
	switch {
	case p.Not != nil:
		inner := b.part(p.Not)
		return func(line []string) bool { return !inner(line) }
	case p.Inner != nil:
		return b.anyOf(p.Inner)
	}
	at, err := Column(p.Comparison.Column, b.header)
	if err != nil {
		b.mistakes = append(b.mistakes, fmt.Errorf("character %d: %w", p.Comparison.Pos.Column, err))
	}
	if c := p.Comparison; c.In == nil && strings.ContainsAny(c.Op, "<>") {
		if v := valueOf(c.Value); !v.isNum && !v.isTime {
			b.mistakes = append(b.mistakes, fmt.Errorf("character %d: %s compares numbers and times, and %s is neither: use =, !=, ~ or in for text", c.Pos.Column, c.Op, quote(c.Value)))
		}
	}
	t := &test{comparison: p.Comparison, at: at, joined: slices.Contains(joined, p.Comparison.Column)}
	for _, text := range append(p.Comparison.In, p.Comparison.Value) {
		t.values = append(t.values, valueOf(text))
	}
	if p.Comparison.In != nil {
		t.values = t.values[:len(p.Comparison.In)]
	}
	return t.holds
}
