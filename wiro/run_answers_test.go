package wiro

import (
	"bytes"
	"io"
	"net/http"
	"strings"
	"sync/atomic"
	"testing"
)

// Each answer to a Run, over a real connection, and what is to be done then.
func TestRunAnswers(t *testing.T) {
	hangUp := func(w http.ResponseWriter, r *http.Request) {
		io.Copy(io.Discard, r.Body)
		conn, _, _ := w.(http.Hijacker).Hijack()
		conn.Close()
	}
	for _, tt := range []struct {
		why    string
		answer http.HandlerFunc
		want   Disposition
		text   string
	}{
		{"the connection is lost after the request", hangUp, Unknown, "EOF"},
		{"a body that is cut off", func(w http.ResponseWriter, r *http.Request) {
			w.Header().Set("Content-Length", "500")
			io.WriteString(w, `{"result":true,"taskid":"1`)
		}, Unknown, "unexpected EOF"},
		{"a body without an end", func(w http.ResponseWriter, r *http.Request) {
			chunk := bytes.Repeat([]byte(" "), 1<<20)
			for range maxBody>>20 + 2 {
				w.Write(chunk)
			}
		}, Unknown, "larger than 8 MiB"},
		{"a gateway's page", says(502, "<html>\x1b[31m<h1>502 Bad\n Gateway</h1>"), Unknown, "<h1>502 Bad Gateway</h1>"},
		{"a page with status 200", says(200, "<html>maintenance"), Unknown, "not JSON"},
		{"an empty body", says(200, ""), Unknown, "empty"},
		{"JSON of another kind", says(200, "[1]"), Unknown, "not JSON"},
		{"nothing in it", says(200, "{}"), Unknown, "does not say"},
		{"it worked, without a task", says(200, `{"result":true}`), Unknown, "names no task"},
		{"it worked, with task 0", says(200, `{"result":true,"taskid":"0"}`), Unknown, "names no task"},
		{"it worked, with no id in its place", says(200, `{"result":true,"taskid":[]}`), Unknown, "names no task"},
		{"an object", says(200, `{"result":true,"taskid":{}}`), Unknown, "names no task"},
		{"a truth", says(200, `{"result":true,"taskid":true}`), Unknown, "names no task"},
		{"a word for nothing", says(200, `{"result":true,"taskid":"null"}`), Unknown, "names no task"},
		{"another", says(200, `{"result":true,"taskid":"undefined"}`), Unknown, "names no task"},
		{"a negative number", says(200, `{"result":true,"taskid":-1}`), Unknown, "names no task"},
		{"the same as a string", says(200, `{"result":true,"taskid":"-1"}`), Unknown, "names no task"},
		{"a fraction", says(200, `{"result":true,"taskid":12.5}`), Unknown, "names no task"},
		{"blanks", says(200, `{"result":true,"taskid":"   "}`), Unknown, "names no task"},
		{"a sentence", says(200, `{"result":true,"taskid":"not yet"}`), Unknown, "names no task"},
		{"it failed, with a task", says(200, `{"result":false,"taskid":"5","errors":[{"code":0,"message":"odd"}]}`), Unknown, "odd"},
		{"server error in the API's form", says(500, `{"result":false,"errors":[{"code":0,"message":"boom"}]}`), Retry, "boom"},
		{"a redirect", func(w http.ResponseWriter, r *http.Request) {
			http.Redirect(w, r, "/v1/elsewhere?sig=abc", http.StatusTemporaryRedirect)
		}, Unknown, "HTTP 307"},
		{"no slot", says(200, `{"result":false,"errors":[{"code":96,"message":"You have reached your concurrent task limit."}]}`), WaitSlot, "code 96"},
		{"no slot, with a status", says(429, `{"result":false,"errors":[{"code":96}]}`), WaitSlot, "Too Many"},
		{"too many requests, and no more", says(429, "slow down"), Retry, "Too Many"},
		{"no money", says(200, `{"result":false,"errors":[{"code":"97","message":"Insufficient"}]}`), StopRun, "code 97"},
		{"not signed in", says(200, `{"result":false,"errors":[{"code":98}]}`), StopRun, "code 98"},
		{"wrong key", says(401, `{"result":false,"errors":[{"code":0,"message":"Project authorization is not valid."}]}`), StopRun, "not valid"},
		{"wrong key with status 200", says(200, `{"result":false,"errors":[{"code":0,"message":"Project authorization is not founded."}]}`), StopRun, "not founded"},
		{"validation", says(200, `{"result":false,"errors":[{"code":0,"message":"Request parameter [prompt] required"}]}`), FailCell, "[prompt]"},
		{"no such model", says(200, `{"result":false,"errors":[{"code":1,"message":"tool-not-accessible"}]}`), FailCell, "tool-not-accessible"},
		{"some passing trouble", says(200, `{"result":false,"errors":[{"code":0,"message":"try later"}]}`), Retry, "try later"},
		{"refused without a word", says(200, `{"result":false}`), Retry, "HTTP 200"},
		{"it repeats the key", says(200, `{"result":false,"errors":[{"code":0,"message":"key test-key, secret test-secret at https://x.wiro.ai/a?sig=1"}]}`), Retry, "key [secret], secret [secret] at https://x.wiro.ai/a"},
	} {
		var calls atomic.Int32
		c, _ := serve(t, func(w http.ResponseWriter, r *http.Request) { calls.Add(1); tt.answer(w, r) })
		_, err := c.Run(t.Context(), "a/b", Input{Params: map[string]string{"p": "x"}})
		e := failure(t, err)
		if e.Disposition() != tt.want || !e.Sent {
			t.Errorf("%s: %s, want %s (%v)", tt.why, e.Disposition(), tt.want, e)
		}
		if text := e.Error(); !strings.Contains(text, tt.text) || strings.ContainsAny(text, "\n\x1b") || strings.Contains(text, "sig=") || len(text) > 1000 {
			t.Errorf("%s: %q, want %q in it", tt.why, text, tt.text)
		}
		if n := calls.Load(); n != 1 {
			t.Errorf("%s: sent %d times", tt.why, n)
		}
	}
}

// The id is worth more than the status or the flag beside it.
func TestRunAnswersThatAreTasks(t *testing.T) {
	for _, answer := range []http.HandlerFunc{
		says(200, `{"result":true,"taskid":2221,"errors":[]}`),
		says(201, `{"result":"true","taskid":"2221","errors":[{"code":0,"message":"slow today"}]}`),
		says(200, `{"taskid":"2221"}`),
		says(500, `{"result":true,"taskid":"2221"}`),
		says(200, `{"result":true,"taskid":" 2221 "}`),
	} {
		c, _ := serve(t, answer)
		if s, err := c.Run(t.Context(), "a/b", Input{}); err != nil || s.TaskID != "2221" {
			t.Errorf("%+v, %v", s, err)
		}
	}
}
