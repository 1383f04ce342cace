package sandbox

import (
	"strings"

	"github.com/shopspring/decimal"
)

// model is one model of the sandbox's catalogue.
type model struct {
	ID             string
	Owner, Project string // its slug is Owner/Project
	Description    string
	Categories     []string
	Inputs         []input
	Prices         []price         // dynamicprice; empty: elapsed seconds × CPS
	CPS            decimal.Decimal // USD a second
	Inspire        []string        // sample prompts
	kind           kind
}

// slug is the name by which the model is run.
func (m *model) slug() string { return m.Owner + "/" + m.Project }

// kind is what a model makes.
type kind int

const (
	makesPicture kind = iota
	makesText         // contenttype raw, content in place of a URL
	makesNothing      // always ends with pexit 1
)

// input is a parameter of a model.
type input struct {
	ID, Label, Type string // Type as in Tool/Detail: text, textarea, select, float, range, fileinput, …
	Required        bool
	Default         string
	Min, Max, Step  string // of numbers; empty: unbounded
	Options         []string
}

func (i input) isFile() bool { return strings.HasSuffix(i.Type, "fileinput") }

func (i input) isNumber() bool { return i.Type == "float" || i.Type == "range" }

// fallback is the value of a parameter, or the model's default where it was left out or empty. What
// is no parameter of the model has none, whatever was sent.
func (m *model) fallback(params []param, name string) string {
	for _, in := range m.Inputs {
		if in.ID != name {
			continue
		}
		if v := lookup(params, name); v != "" {
			return v
		}
		return in.Default
	}
	return ""
}

// catalog is the models that there are.
type catalog []*model

// find knows a model by owner and project, in any case and in the clean spelling of its slug.
func (c catalog) find(owner, project string) *model {
	for _, m := range c {
		if strings.EqualFold(m.Owner, owner) && strings.EqualFold(m.Project, project) {
			return m
		}
	}
	return nil
}

func (c catalog) bySlug(slug string) *model {
	owner, project, _ := strings.Cut(slug, "/")
	return c.find(owner, project)
}

// Models lists the slugs of the models that the sandbox knows.
func Models() []string {
	var slugs []string
	for _, m := range models {
		slugs = append(slugs, m.slug())
	}
	return slugs
}
