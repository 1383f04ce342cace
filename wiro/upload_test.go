package wiro

import (
	"io"
	"net/http"
	"strings"
	"testing"
)

func TestUpload(t *testing.T) {
	c, _ := serve(t, func(w http.ResponseWriter, r *http.Request) {
		f, header, err := r.FormFile("file")
		if err != nil {
			t.Fatal(err)
		}
		body, _ := io.ReadAll(f)
		if r.URL.Path != "/v1/File/Upload" || string(body) != "data" || header.Filename != "a.csv" || r.Header.Get("X-Signature") == "" {
			t.Errorf("%s %q %v", r.URL.Path, body, header)
		}
		io.WriteString(w, `{"result":true,"list":[{"id":"f1","name":"a.csv","contenttype":"text/csv","size":"4","url":"https://cdn1.wiro.ai/f1/a.csv"}]}`)
	})
	got, err := c.Upload(t.Context(), "a.csv", strings.NewReader("data"))
	if want := (Upload{"f1", "a.csv", "text/csv", "https://cdn1.wiro.ai/f1/a.csv", 4}); err != nil || got != want {
		t.Errorf("%+v, %v", got, err)
	}
	c, _ = serve(t, says(200, `{"result":true,"list":[]}`))
	_, err = c.Upload(t.Context(), "a.csv", strings.NewReader("data"))
	if e := failure(t, err); e.Disposition() != Retry || !strings.Contains(e.Error(), "names no file") {
		t.Errorf("%v", e)
	}
	_, err = c.Upload(t.Context(), "a.csv", nil)
	if e := failure(t, err); e.Sent || e.Disposition() != FailCell {
		t.Errorf("nothing to upload: %v", e)
	}
}
