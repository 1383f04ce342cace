package wiro

import (
	"bytes"
	"encoding/json"
	"errors"
	"strings"

	"github.com/tidwall/gjson"
)

// Answers are read in one pass: encoding/json scans the values of each level anew, and a page has a hundred tasks. What is
// read here was found to be valid JSON before, which bounds its depth too.

// surelyShallow is how many objects and arrays there may be for none to lie too deep: encoding/json allows as many.
const surelyShallow = 10_000

// valid reports whether a body is JSON. gjson is faster to tell, but recurses as deep as the body goes.
func valid(body []byte) bool {
	if bytes.Count(body, []byte("{"))+bytes.Count(body, []byte("[")) > surelyShallow {
		return json.Valid(body)
	}
	return gjson.ValidBytes(body)
}

// reader is what reads a value of its own.
type reader interface{ read(value string) error }

// fields reads an object. of gives where a field belongs, nil for one that nobody reads; names count whatever their case.
// null is an object without fields.
func fields(object string, of func(name string) reader) (err error) {
	if object[0] != '{' && object[0] != 'n' {
		return errors.New("not an object")
	}
	gjson.Parse(object).ForEach(func(name, value gjson.Result) bool {
		if to := of(strings.ToLower(name.String())); to != nil {
			err = to.read(value.Raw)
		}
		return err == nil
	})
	return err
}

// elements reads an array.
func elements(array string, each func(value string)) {
	gjson.Parse(array).ForEach(func(_, value gjson.Result) bool {
		each(value.Raw)
		return true
	})
}

// read reads a value of any type.
func read(value string, to any) error {
	if r, is := to.(reader); is {
		return r.read(value)
	}
	return json.Unmarshal([]byte(value), to)
}
