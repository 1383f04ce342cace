package wiro

import (
	"context"
	"encoding/json"
	"net/http"
	"strconv"

	"github.com/shopspring/decimal"
)

// Tool is a model: what it takes and what it costs.
type Tool struct {
	ID          string
	Owner, Name string // the two halves of "owner/name"
	Title       string
	Description string
	Image       string // URL of its cover
	Categories  []string
	Parameters  []ToolParameter
	// Prices are its price list (dynamicprice). Without one a run costs its
	// seconds × CPS.
	Prices []Price
	// CPS is in USD a second. ApproximateCost is the average run's in USD.
	CPS, ApproximateCost decimal.NullDecimal
}

// Model is "owner/name", as Run takes it.
func (t Tool) Model() string { return t.Owner + "/" + t.Name }

// ToolParameter is one input of a model.
type ToolParameter struct {
	ID, Label, Help string
	// Type is text, textarea, select, float, range, fileinput, multifileinput
	// or combinefileinput (documentation); others may come.
	Type           string
	Required       bool
	Default        string // "" for none
	Min, Max, Step decimal.NullDecimal
	Options        []Option // of a select
}

// Option is one choice of a select.
type Option struct{ Value, Label string }

// ToolQuery chooses a page of models.
type ToolQuery struct {
	Start, Limit  int // Limit 1 to 100; 0 is 20
	Search        string
	Categories    []string
	Summary       bool // fewer fields
	HideWorkflows bool
}

// ToolPage is a part of the models.
type ToolPage struct {
	Tools []Tool
	Total int // of all pages, −1 unknown
}

// Tool describes a model, written "owner/name". One that does not exist is an
// error with NotFound.
func (c *Client) Tool(ctx context.Context, model string) (Tool, error) {
	owner, name, err := splitModel(model)
	if err != nil {
		return Tool{}, &Error{Op: opTool, Err: err}
	}
	answer, failure := c.read(ctx, opTool, map[string]any{"slugowner": owner, "slugproject": name})
	if failure != nil {
		return Tool{}, failure
	}
	if len(answer.Tools) == 0 {
		return Tool{}, &Error{Op: opTool, Status: http.StatusOK, Sent: true, Code: "1", Refused: true,
			Message: "there is no model " + clean(model, 100)}
	}
	t := answer.Tools[0].tool()
	if t.Owner == "" || t.Name == "" {
		t.Owner, t.Name = owner, name
	}
	return t, nil
}

// Tools lists models.
func (c *Client) Tools(ctx context.Context, q ToolQuery) (ToolPage, error) {
	fields := map[string]any{"start": strconv.Itoa(max(q.Start, 0)), "limit": strconv.Itoa(pageLimit(q.Limit))}
	if q.Search != "" {
		fields["search"] = q.Search
	}
	if len(q.Categories) > 0 {
		fields["categories"] = q.Categories
	}
	if q.Summary {
		fields["summary"] = true
	}
	if q.HideWorkflows {
		fields["hideworkflows"] = true
	}
	answer, failure := c.read(ctx, opTools, fields)
	if failure != nil {
		return ToolPage{}, failure
	}
	page := ToolPage{Total: int(answer.Total.count())}
	for _, w := range answer.Tools {
		page.Tools = append(page.Tools, w.tool())
	}
	return page, nil
}

// wireTool is a model as the API writes it (documentation, clients).
type wireTool struct {
	ID              text            `json:"id"`
	Owner           text            `json:"slugowner"`
	Name            text            `json:"slugproject"`
	Title           text            `json:"title"`
	Description     text            `json:"description"`
	Image           text            `json:"image"`
	Categories      words           `json:"categories"`
	Parameters      list[wireGroup] `json:"parameters"`
	DynamicPrice    list[wirePrice] `json:"dynamicprice"`
	CPS             text            `json:"cps"`
	ApproximateCost text            `json:"approximatelycost"`
}

// wireGroup is a group of parameters, or one parameter that stands alone.
type wireGroup struct {
	Items list[wireParameter] `json:"items"`
	wireParameter
}

// wireParameter knows both sets of names that are in use for the same things.
type wireParameter struct {
	ID           text             `json:"id"`
	Label        text             `json:"label"`
	Help         text             `json:"help"`
	Note         text             `json:"note"`
	Type         text             `json:"type"`
	Required     flag             `json:"required"`
	Default      text             `json:"default"`
	DefaultValue text             `json:"defaultvalue"`
	Min          text             `json:"min"`
	MinValue     text             `json:"minvalue"`
	Max          text             `json:"max"`
	MaxValue     text             `json:"maxvalue"`
	Step         text             `json:"step"`
	IncrementBy  text             `json:"incrementby"`
	Options      list[wireOption] `json:"options"`
}

// wireOption is {value,label}, {value,text} or the value alone.
type wireOption struct{ value, label string }

func (o *wireOption) UnmarshalJSON(data []byte) error {
	if data[0] != '{' {
		var t text
		err := t.UnmarshalJSON(data)
		o.value, o.label = string(t), string(t)
		return err
	}
	var w struct{ Value, Label, Text text }
	if err := json.Unmarshal(data, &w); err != nil {
		return err
	}
	o.value, o.label = string(w.Value), string(first(w.Label, w.Text, w.Value))
	return nil
}

// first is the first text that is not empty.
func first(texts ...text) text {
	for _, t := range texts {
		if t != "" {
			return t
		}
	}
	return ""
}

func (w wireTool) tool() Tool {
	t := Tool{
		ID: ident(string(w.ID)), Owner: ident(string(w.Owner)), Name: ident(string(w.Name)),
		Title: clean(string(w.Title), 200), Description: clean(string(w.Description), 4000),
		Image: ident(string(w.Image)), Categories: w.Categories,
		CPS: w.CPS.amount(), ApproximateCost: w.ApproximateCost.amount(),
	}
	for _, g := range w.Parameters {
		if g.ID != "" {
			t.Parameters = append(t.Parameters, g.parameter())
		}
		for _, p := range g.Items {
			if p.ID != "" {
				t.Parameters = append(t.Parameters, p.parameter())
			}
		}
	}
	for _, p := range w.DynamicPrice {
		if usd := p.Price.amount(); usd.Valid {
			t.Prices = append(t.Prices, Price{
				Inputs: p.Inputs, USD: usd.Decimal, Method: word(string(p.Method)),
				Extra: p.Extra.amount(), PerInput: p.PerInput.amount(),
			})
		}
	}
	return t
}

func (w wireParameter) parameter() ToolParameter {
	p := ToolParameter{
		ID: word(string(w.ID)), Label: word(string(w.Label)), Help: clean(string(first(w.Help, w.Note)), 500),
		Type: word(string(w.Type)), Required: w.Required == yes, Default: string(first(w.Default, w.DefaultValue)),
		Min: first(w.Min, w.MinValue).number(), Max: first(w.Max, w.MaxValue).number(), Step: first(w.Step, w.IncrementBy).number(),
	}
	for _, o := range w.Options {
		p.Options = append(p.Options, Option{Value: o.value, Label: clean(o.label, 200)})
	}
	return p
}
