package sandbox

import (
	"slices"
	"strings"

	"github.com/shopspring/decimal"
)

// reserved are parameters of Run that are no parameters of the model.
var reserved = []string{"callbackUrl", "projectid"}

// inputs checks a form against the model with the documented texts. It returns the parameters as
// they were sent, without the reserved ones; what the model does not know is kept and ignored.
func (m *model) inputs(f *form) ([]param, *refusal) {
	var params []param
	for i, p := range f.params {
		later := func(q param) bool { return q.name == p.name }
		if slices.Contains(reserved, p.name) || !m.isCombined(p.name) && slices.ContainsFunc(f.params[i+1:], later) {
			continue // of values with the same name the last one counts
		}
		params = append(params, p)
	}
	for _, in := range m.Inputs {
		if e := in.check(f); e != nil {
			return nil, e
		}
	}
	return params, nil
}

// isCombined says whether a name may hold several values.
func (m *model) isCombined(name string) bool {
	return slices.ContainsFunc(m.Inputs, func(in input) bool {
		return in.ID == name && in.isFile() && in.Type != "fileinput"
	})
}

func (in input) check(f *form) *refusal {
	if in.isFile() {
		given := slices.ContainsFunc(f.files, func(x file) bool { return x.field == in.ID })
		if in.Required && !given && f.get(in.ID, in.ID+"Url") == "" {
			return invalid("Request files [%s] required", in.ID)
		}
		return nil
	}
	value := f.get(in.ID)
	if value == "" {
		if in.Required {
			return invalid("Request parameter [%s] required", in.ID)
		}
		return nil
	}
	switch {
	case in.isNumber():
		return in.checkNumber(value)
	case in.Type == "select" && !slices.Contains(in.Options, value):
		return errInvalid
	}
	return nil
}

func (in input) checkNumber(value string) *refusal {
	// decimal would build numbers of any size out of an exponent
	n, err := decimal.NewFromString(strings.TrimSpace(value))
	if err != nil || strings.ContainsAny(value, "eE") {
		return invalid("Request parameter [%s] must be integer or float", in.ID)
	}
	if in.Min == "" || in.Max == "" {
		return nil
	}
	if n.LessThan(decimal.RequireFromString(in.Min)) || n.GreaterThan(decimal.RequireFromString(in.Max)) {
		return invalid("Request parameter [%s] must be between %s and %s", in.ID, in.Min, in.Max)
	}
	return nil
}
