package wiro

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"os"
	"os/exec"
	"strings"
	"testing"

	"gopkg.in/yaml.v3"
)

const (
	hiddenKey    = "key-4f2a9c"
	hiddenSecret = "secret-b81d07"
)

func hiddenOptions() Options {
	return Options{Key: NewSecret(hiddenKey), Secret: NewSecret(hiddenSecret)}
}

// holdsSecret looks for the secrets as text, and as the %x and %d of their bytes.
func holdsSecret(s string) bool {
	for _, hidden := range []string{hiddenKey, hiddenSecret} {
		for _, form := range []string{hidden, fmt.Sprintf("%x", hidden), fmt.Sprintf("%X", hidden), strings.Trim(fmt.Sprint([]byte(hidden)), "[]"), strings.Trim(fmt.Sprintf("%#v", []byte(hidden)), "[]byte{}")} {
			if strings.Contains(s, form) {
				return true
			}
		}
	}
	return false
}

func TestSecretNeverShows(t *testing.T) {
	o := hiddenOptions()
	c, err := New(o)
	if err != nil {
		t.Fatal(err)
	}
	type holder struct {
		Options Options
		private Secret // fmt does not call methods of unexported fields
		pointer *Secret
	}
	values := map[string]any{
		"Secret": o.Key, "*Secret": &o.Key, "Options": o, "*Options": &o, "Client": c,
		"struct": holder{o, o.Key, &o.Secret},
		"slice":  []Secret{o.Key, o.Secret}, "map": map[string]Secret{"k": o.Secret},
		"client's fields": struct{ a, b Secret }{c.key, c.secret},
	}
	for name, v := range values {
		for _, verb := range []string{"%v", "%+v", "%#v", "%s", "%q", "%d", "%x", "%X", "% x", "%c", "%t", "%08.3f", "%p", "%T"} {
			if got := fmt.Sprintf(verb, v); holdsSecret(got) {
				t.Errorf("%s with %s shows a secret: %s", name, verb, got)
			}
		}
		var b bytes.Buffer
		slog.New(slog.NewTextHandler(&b, nil)).Info("x", "v", v, slog.Group("g", "v", v))
		slog.New(slog.NewJSONHandler(&b, nil)).Info("x", "v", v, slog.Group("g", "v", v))
		if holdsSecret(b.String()) {
			t.Errorf("slog of %s shows a secret: %s", name, b.String())
		}
		if j, err := json.Marshal(v); err == nil && holdsSecret(string(j)) {
			t.Errorf("JSON of %s shows a secret: %s", name, j)
		}
	}
	if y, err := yaml.Marshal(o.Key); err != nil || holdsSecret(string(y)) {
		t.Errorf("YAML of a Secret: %s, %v", y, err)
	}
	if err := fmt.Errorf("with %w and %v", errors.New("x"), o); holdsSecret(err.Error()) {
		t.Errorf("an error shows a secret: %v", err)
	}
}

func TestSecretValue(t *testing.T) {
	if s := NewSecret("a"); s.Reveal() != "a" || s.IsZero() || s.String() != "[secret]" {
		t.Errorf("NewSecret: %q %v %q", s.Reveal(), s.IsZero(), s.String())
	}
	if s := NewSecret(""); s.Reveal() != "" || !s.IsZero() {
		t.Error("a secret of nothing is no secret")
	}
}

// TestPanicShowsNoSecret looks at what the runtime itself prints.
func TestPanicShowsNoSecret(t *testing.T) {
	if what := os.Getenv("WIRO_TEST_PANIC"); what != "" {
		o := hiddenOptions()
		c, _ := New(o)
		switch what {
		case "secret":
			panic(o.Key)
		case "options":
			panic(o)
		case "client":
			panic(c)
		case "error":
			panic(&Error{Op: opRun, Message: c.scrub("you sent "+hiddenKey, "")})
		}
	}
	for _, what := range []string{"secret", "options", "client", "error"} {
		cmd := exec.Command(os.Args[0], "-test.run=^TestPanicShowsNoSecret$")
		cmd.Env = append(os.Environ(), "WIRO_TEST_PANIC="+what)
		out, err := cmd.CombinedOutput()
		if err == nil || !bytes.Contains(out, []byte("panic: ")) {
			t.Fatalf("%s: no panic: %v\n%s", what, err, out)
		}
		if holdsSecret(string(out)) {
			t.Errorf("the panic of %s shows a secret:\n%s", what, out)
		}
	}
}

// A model can print what it was called with, and a file server have it in its addresses.
func TestTasksAndAddressesShowNoSecret(t *testing.T) {
	c, s := serve(t, func(w http.ResponseWriter, r *http.Request) {
		if !strings.HasPrefix(r.URL.Path, "/v1/Task/") {
			http.NotFound(w, r)
			return
		}
		fmt.Fprintf(w, `{"result":true,"tasklist":[{"id":"1","status":"task_postprocess_end","pexit":"1","debugerror":"called with %s and test-secret"}]}`, r.Header.Get("X-Api-Key"))
	})
	page, err := c.List(t.Context(), ListQuery{})
	if err != nil || len(page.Tasks) != 1 {
		t.Fatal(page, err)
	}
	task, err := c.Detail(t.Context(), "1")
	if err != nil {
		t.Fatal(err)
	}
	for _, got := range []string{page.Tasks[0].DebugError, task.DebugError} {
		if got != "called with [secret] and [secret]" {
			t.Errorf("a task shows %q", got)
		}
	}
	_, err = c.Fetch(t.Context(), s.URL+"/test-key/0.png")
	if e := failure(t, err); e.Status != http.StatusNotFound {
		t.Error(e)
	}
	_, err = c.Fetch(t.Context(), "https://elsewhere.example/test-key/0.png")
	if e := failure(t, err); !errors.Is(e, ErrForbidden) {
		t.Error(e)
	}
}
