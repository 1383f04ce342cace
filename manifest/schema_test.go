package manifest

import (
	"bytes"
	"encoding/json"
	"maps"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/santhosh-tekuri/jsonschema/v6"
	"gopkg.in/yaml.v3"
)

func compiled(t *testing.T) *jsonschema.Schema {
	t.Helper()
	doc, err := jsonschema.UnmarshalJSON(bytes.NewReader(Schema()))
	if err != nil {
		t.Fatal(err)
	}
	c := jsonschema.NewCompiler()
	if err := c.AddResource("manifest.json", doc); err != nil {
		t.Fatal(err)
	}
	s, err := c.Compile("manifest.json")
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// asEditor reads YAML as an editor does before it asks the schema.
func asEditor(data []byte) (any, error) {
	var v any
	if err := yaml.Unmarshal(data, &v); err != nil {
		return nil, err
	}
	text, err := json.Marshal(plain(v))
	if err != nil {
		return nil, err
	}
	return jsonschema.UnmarshalJSON(bytes.NewReader(text))
}

func plain(v any) any {
	switch v := v.(type) {
	case map[string]any:
		for k, x := range v {
			v[k] = plain(x)
		}
	case []any:
		for i, x := range v {
			v[i] = plain(x)
		}
	case time.Time:
		return v.Format(time.DateOnly)
	}
	return v
}

func TestSchemaTakesWhatIsGood(t *testing.T) {
	s := compiled(t)
	all := files(t, "testdata/good/*.yaml")
	maps.Copy(all, files(t, "../examples/*.yaml"))
	for path, data := range all {
		v, err := asEditor(data)
		if err == nil {
			err = s.Validate(v)
		}
		if err != nil {
			t.Errorf("%s: %v", path, err)
		}
		if _, err := Load(path); err != nil {
			t.Errorf("%s: %v", path, err)
		}
	}
}

// What a schema cannot see, and why.
var unseen = map[string]string{
	"exclude":                  "what an entry matches depends on the axes",
	"exclude-all":              "needs the cells counted",
	"both":                     "compares the keys of two mappings",
	"huge":                     "needs the cells counted",
	"huge-repeat":              "needs the cells counted",
	"missing-prompt-for-some":  "needs the cells counted",
	"missing-prompt-somewhere": "needs the cells counted",
	"report":                   "axes are known when all is read",
	"report-same":              "compares two values",
	"report-no-axes":           "axes are known when all is read",
	"zip":                      "compares the lengths of axes",
	"output-number":            "fields depend on the axes",
	"two-documents":            "an editor checks each document by itself",
}

func TestSchemaRefusesWhatIsBad(t *testing.T) {
	s := compiled(t)
	for path, data := range files(t, "testdata/bad/*.yaml") {
		name := strings.TrimSuffix(filepath.Base(path), ".yaml")
		v, err := asEditor(data)
		if err != nil {
			continue // no YAML: the editor's own parser says so
		}
		err = s.Validate(v)
		_, excused := unseen[name]
		if err == nil && !excused {
			t.Errorf("%s: the schema takes it; mend the schema or give a reason", name)
		}
		if err != nil && excused {
			t.Errorf("%s: the schema refuses it after all: %v", name, err)
		}
	}
}
