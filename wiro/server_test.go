package wiro

import (
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
)

// serve is a client of a server that answers as h says.
func serve(t *testing.T, h http.HandlerFunc) (*Client, *httptest.Server) {
	t.Helper()
	s := httptest.NewServer(h)
	t.Cleanup(s.Close)
	return clientOf(t, Options{BaseURL: s.URL + "/v1", Key: NewSecret("test-key"), Secret: NewSecret("test-secret")}), s
}

func clientOf(t *testing.T, o Options) *Client {
	t.Helper()
	c, err := New(o)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(c.CloseIdleConnections)
	return c
}

// says is a handler with one answer.
func says(status int, body string) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		io.Copy(io.Discard, r.Body)
		w.WriteHeader(status)
		io.WriteString(w, body)
	}
}

// failure is the *Error that every failed call returns.
func failure(t *testing.T, err error) *Error {
	t.Helper()
	var e *Error
	if !errors.As(err, &e) {
		t.Fatalf("error %v (%T), want an *Error", err, err)
	}
	for _, hidden := range []string{"test-key", "test-secret"} {
		if strings.Contains(e.Error(), hidden) {
			t.Errorf("the error shows %s: %s", hidden, e)
		}
	}
	return e
}
