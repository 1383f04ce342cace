package export

import (
	"encoding/json"
	"regexp"
	"strconv"
	"strings"

	"github.com/shopspring/decimal"

	"wirobatch/pipeline/journal"
)

// types are those of the columns of a Parquet file that the values decide: it names them before its first row. All rows of all
// folders are seen before, so that they do not depend on the selection.
type types struct {
	params map[string]*spellings // of each parameter
	places int                   // decimal places of the most exact cost
}

// spellings are what the values of a parameter are not.
type spellings struct {
	notInteger, notNumber bool
}

// see takes the row in.
func (t *types) see(row journal.Row) {
	if t.params == nil {
		t.params = map[string]*spellings{}
	}
	for _, p := range row.Params {
		v := t.params[p.Name]
		if v == nil {
			v = &spellings{}
			t.params[p.Name] = v
		}
		v.notInteger = v.notInteger || !isInteger(p.Value)
		v.notNumber = v.notNumber || !isNumber(p.Value)
	}
	if row.Cost.Valid {
		_, after, _ := strings.Cut(row.Cost.Decimal.String(), ".") // without zeros at the end
		t.places = max(t.places, len(after))
	}
}

// of is the type of a parameter: a number only where every value is one, and is that number there, too.
func (t *types) of(param string) kind {
	switch v := t.params[param]; {
	case v == nil || v.notInteger && v.notNumber:
		return asWord
	case v.notInteger:
		return asNumber
	}
	return asInteger
}

var integers = regexp.MustCompile(`^(0|-?[1-9][0-9]*)$`)

func isInteger(spelled string) bool {
	_, err := strconv.ParseInt(spelled, 10, 64)
	return err == nil && integers.MatchString(spelled)
}

// isNumber tells whether it is a number, as JSON spells them, that a float holds exactly as far as its spelling goes: 4.50, 1e-5.
func isNumber(spelled string) bool {
	if len(spelled) > 40 || strings.Trim(spelled, "+-.0123456789eE") != "" || !json.Valid([]byte(spelled)) {
		return false
	}
	f, err := strconv.ParseFloat(spelled, 64)
	if err != nil || f == 0 {
		return err == nil && strings.Trim(spelled, "-0.") == ""
	}
	exact, err := decimal.NewFromString(spelled)
	return err == nil && exact.Equal(decimal.NewFromFloat(f))
}
