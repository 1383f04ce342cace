package manifest

import (
	"regexp"
	"slices"
	"strconv"
	"strings"
)

// How a model takes a parameter.
type parameterKind int

const (
	textParameter   parameterKind = iota // any text
	proseParameter                       // text that people write: never read as a range
	numberParameter                      // a decimal number
	choiceParameter                      // one of its choices
)

type parameter struct {
	name     string
	kind     parameterKind
	required bool
	choices  []string
}

// models are the models whose parameters are known. Source: the model page of
// Qwen/Qwen-Image-Fast; that only the prompt is required is Wiro's own use of
// its sister model.
var models = map[string][]parameter{
	"qwen/qwen-image-fast": {
		{name: "prompt", kind: proseParameter, required: true},
		{name: "scale", kind: numberParameter},
		{name: "aspectRatio", kind: choiceParameter, choices: []string{"16:9", "9:16", "1:1", "4:3", "3:4", "2:3", "3:2"}},
		{name: "seed", kind: textParameter},
	},
}

// addressed are the parameters that say where an answer goes and who pays, not
// what is made. Every model takes them, and no cell id has them.
var addressed = []string{"callbackUrl", "projectid"}

// Addressed reports whether a parameter only says where an answer goes or who pays: two cells that differ in nothing
// else are the same cell.
func Addressed(name string) bool { return slices.Contains(addressed, name) }

var modelName = regexp.MustCompile(`^[A-Za-z0-9][A-Za-z0-9._-]*/[A-Za-z0-9][A-Za-z0-9._-]*$`)

// parametersOf gives nil for a model whose parameters are not known.
func parametersOf(model string) []parameter {
	return models[strings.ToLower(model)]
}

func parameterNames(ps []parameter) []string {
	var names []string
	for _, p := range ps {
		names = append(names, p.name)
	}
	return names
}

// find gives the parameter of a name; known is false when the model takes none
// such. For a model that is not known every name is an unchecked text.
func find(ps []parameter, name string) (p parameter, known bool) {
	if ps == nil || slices.Contains(addressed, name) {
		return parameter{name: name}, true
	}
	i := slices.IndexFunc(ps, func(p parameter) bool { return p.name == name })
	if i < 0 {
		return parameter{name: name}, false
	}
	return ps[i], true
}

var decimalNumber = regexp.MustCompile(`^[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d{1,3})?$`)

// refuse says why the parameter does not take a value, or "".
func (p parameter) refuse(value string) string {
	switch {
	case p.required && strings.TrimSpace(value) == "":
		return p.name + " is empty; write the text to make an image of"
	case p.kind == numberParameter:
		if _, err := strconv.ParseFloat(value, 64); err != nil || !decimalNumber.MatchString(value) {
			return p.name + " must be a number such as 4.5, not " + quote(value)
		}
	case p.kind == choiceParameter && !slices.Contains(p.choices, value):
		return p.name + " does not have " + quote(value) + "; it takes " + strings.Join(p.choices, ", ")
	}
	return ""
}
