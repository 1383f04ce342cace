package sandbox

import (
	"bytes"
	"encoding/json"
	"io"
	"mime"
	"mime/multipart"
	"net/http"
	"net/url"
	"sort"
	"strings"
)

// form is the body of a request, however it was encoded.
type form struct {
	params []param // in the order sent; a name may come more than once
	files  []file
}

// file is an uploaded file.
type file struct {
	field, name, contentType string
	data                     []byte
}

// maxBody bounds bodies without files.
const maxBody = 8 << 20

// get is the last value of a name.
func (f *form) get(names ...string) string {
	for _, name := range names {
		for i := len(f.params) - 1; i >= 0; i-- {
			if f.params[i].name == name && f.params[i].value != "" {
				return f.params[i].value
			}
		}
	}
	return ""
}

// all is every value of a name; PHP's spelling name[] counts too.
func (f *form) all(name string) []string {
	var values []string
	for _, p := range f.params {
		if p.name == name || p.name == name+"[]" {
			values = append(values, p.value)
		}
	}
	return values
}

// decode reads a body as JSON, multipart or urlencoded. What looks like a JSON object is taken for
// one under any header: the curl lines of the model page send JSON under a multipart header that
// has no boundary.
func decode(r *http.Request, fileLimit int64) (*form, *refusal) {
	kind, attrs, _ := mime.ParseMediaType(r.Header.Get("Content-Type"))
	if kind == "multipart/form-data" && attrs["boundary"] != "" {
		return decodeMultipart(multipart.NewReader(r.Body, attrs["boundary"]), fileLimit)
	}
	body, err := io.ReadAll(io.LimitReader(r.Body, maxBody+1))
	if err != nil || len(body) > maxBody {
		return nil, errInvalid
	}
	return decodeText(kind, body)
}

func decodeText(kind string, body []byte) (*form, *refusal) {
	body = bytes.TrimSpace(body)
	switch {
	case len(body) == 0:
		return &form{}, nil
	case body[0] == '{':
		return decodeJSON(body)
	case kind == "application/x-www-form-urlencoded":
		values, err := url.ParseQuery(string(body))
		if err != nil {
			return nil, errInvalid
		}
		return &form{params: flatten(values)}, nil
	}
	return nil, errInvalid
}

func flatten(values map[string][]string) []param {
	var params []param
	for name, list := range values {
		for _, v := range list {
			params = append(params, param{name, v})
		}
	}
	sort.SliceStable(params, func(i, j int) bool { return params[i].name < params[j].name })
	return params
}

// decodeJSON keeps the order of the keys and the spelling of numbers.
func decodeJSON(body []byte) (*form, *refusal) {
	d := json.NewDecoder(bytes.NewReader(body))
	if _, err := d.Token(); err != nil {
		return nil, errInvalid
	}
	f := &form{}
	for d.More() {
		key, err := d.Token()
		if err != nil {
			return nil, errInvalid
		}
		var raw json.RawMessage
		if err := d.Decode(&raw); err != nil {
			return nil, errInvalid
		}
		name, _ := key.(string) // keys of an object are strings
		f.add(name, raw)
	}
	if _, err := d.Token(); err != nil {
		return nil, errInvalid
	}
	if _, err := d.Token(); err != io.EOF {
		return nil, errInvalid // something follows the object
	}
	return f, nil
}

// add takes one JSON value: a list as several values, null as an empty one, objects as their text.
func (f *form) add(name string, raw json.RawMessage) {
	switch raw[0] {
	case '"':
		var text string
		if json.Unmarshal(raw, &text) == nil {
			f.params = append(f.params, param{name, text})
		}
	case '[':
		var list []json.RawMessage
		if json.Unmarshal(raw, &list) != nil {
			return
		}
		for _, item := range list {
			if item[0] == '[' { // deeper lists stay text, so that depth cannot be used against us
				f.params = append(f.params, param{name, string(item)})
				continue
			}
			f.add(name, item)
		}
	case 'n':
		f.params = append(f.params, param{name, ""})
	default:
		f.params = append(f.params, param{name, string(raw)})
	}
}

func decodeMultipart(r *multipart.Reader, fileLimit int64) (*form, *refusal) {
	f := &form{}
	for {
		part, err := r.NextRawPart()
		if err == io.EOF {
			return f, nil
		}
		if err != nil {
			return nil, errInvalid
		}
		limit := int64(maxBody)
		if part.FileName() != "" {
			limit = fileLimit
		}
		data, err := io.ReadAll(io.LimitReader(part, limit+1))
		switch {
		case err != nil:
			return nil, errInvalid
		case int64(len(data)) > limit:
			return nil, errTooBig
		case part.FileName() != "":
			f.files = append(f.files, file{part.FormName(), part.FileName(), contentType(part, data), data})
		default:
			f.params = append(f.params, param{part.FormName(), string(data)})
		}
	}
}

func contentType(part *multipart.Part, data []byte) string {
	kind, _, err := mime.ParseMediaType(part.Header.Get("Content-Type"))
	if err != nil || kind == "application/octet-stream" {
		kind, _, _ = strings.Cut(http.DetectContentType(data), ";")
	}
	return kind
}
