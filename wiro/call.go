package wiro

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptrace"
	"net/url"
	"strings"
	"sync"
	"sync/atomic"
	"time"
)

// maxBody is the largest API answer that is read.
const maxBody = 8 << 20

// Names of the calls, as Error.Op has them.
const (
	opRun    = "Run"
	opDetail = "Task/Detail"
	opList   = "Task/List"
	opKill   = "Task/Kill"
	opCancel = "Task/Cancel"
	opDelete = "Task/InputOutputDelete"
	opTool   = "Tool/Detail"
	opTools  = "Tool/List"
	opUpload = "File/Upload"
	opFetch  = "Fetch"
	opSocket = "websocket"
)

// timeout is the error of this client's own time limits. It is no error of the
// caller's context, which a caller would take for its own decision.
type timeout string

func (t timeout) Error() string { return string(t) }

// Timeout implements [net.Error]'s idea of one.
func (t timeout) Timeout() bool { return true }

// payload is a request's body; length −1 is unknown.
type payload struct {
	contentType string
	content     io.Reader
	length      int64
	again       func() io.Reader // nil where net/http must not be able to replay
}

func jsonPayload(v any) payload {
	var b bytes.Buffer
	enc := json.NewEncoder(&b)
	enc.SetEscapeHTML(false)
	if err := enc.Encode(v); err != nil {
		panic(err) // strings, numbers and booleans only
	}
	body := bytes.TrimSuffix(b.Bytes(), []byte("\n"))
	return payload{
		contentType: "application/json",
		content:     bytes.NewReader(body),
		length:      int64(len(body)),
		again:       func() io.Reader { return bytes.NewReader(body) },
	}
}

// read makes a call whose body is a JSON object, and may be sent again.
func (c *Client) read(ctx context.Context, op string, fields map[string]any) (*envelope, *Error) {
	return c.call(ctx, op, op, jsonPayload(fields))
}

// call makes one call and returns an answer that the API gave with success.
func (c *Client) call(ctx context.Context, op, path string, body payload) (*envelope, *Error) {
	if op != opRun { // who submits decides whether it is still wanted when its turn has come
		select {
		case c.reads <- struct{}{}:
			defer func() { <-c.reads }()
		case <-ctx.Done():
		}
	}
	if ctx.Err() != nil {
		return nil, &Error{Op: op, Err: context.Cause(ctx)}
	}
	ctx, guard := newGuard(ctx)
	defer guard.stop()
	req, sign, err := c.request(ctx, path, body, guard)
	if err != nil {
		return nil, &Error{Op: op, Err: fmt.Errorf("%w: %w", ErrInvalid, err)}
	}
	resp, failure := c.send(op, c.api, req, guard)
	if failure != nil {
		return nil, failure
	}
	defer resp.Body.Close()
	guard.body()
	buffer := bodies.Get().(*bytes.Buffer)
	defer shelve(buffer)
	_, err = buffer.ReadFrom(io.LimitReader(resp.Body, maxBody+1))
	raw := buffer.Bytes()
	if err == nil && len(raw) > maxBody {
		err = fmt.Errorf("the answer is larger than %d MiB", maxBody>>20)
	}
	if err != nil {
		return nil, c.fail(op, resp, "", guard.cause(err))
	}
	answer, err := decode(raw)
	if err != nil {
		message := err.Error()
		if resp.StatusCode >= 300 {
			message += ": " + clean(string(raw[:min(len(raw), 400)]), 100)
		}
		return nil, c.fail(op, resp, c.scrub(message, sign), nil)
	}
	return c.judge(op, resp, answer, sign)
}

// bodies are buffers for answers. What was read of them is a copy.
var bodies = sync.Pool{New: func() any { return new(bytes.Buffer) }}

// shelve keeps a buffer for the next answer, unless a rare one has made it large.
func shelve(b *bytes.Buffer) {
	const most = 1 << 20
	if b.Cap() <= most {
		b.Reset()
		bodies.Put(b)
	}
}

// judge takes the status and the result apart (documentation: one page says
// that errors come with HTTP 200, another lists statuses).
func (c *Client) judge(op string, resp *http.Response, answer *envelope, sign string) (*envelope, *Error) {
	code, message := answer.fault()
	made := op == opRun && taskID(answer) != "" // an id is worth more than a status
	switch {
	case answer.Result == yes && (resp.StatusCode < 300 || made):
		return answer, nil
	case answer.Result == absent && len(answer.Errors) == 0 && (made || op != opRun && resp.StatusCode < 300):
		return answer, nil
	}
	e := c.fail(op, resp, c.scrub(message, sign), nil)
	e.Code = code
	e.Refused = answer.Result == no && !made
	if e.Message == "" && answer.Result != no {
		e.Message = "the answer does not say whether it worked"
	}
	return nil, e
}

func (c *Client) fail(op string, resp *http.Response, message string, err error) *Error {
	return &Error{
		Op: op, Status: resp.StatusCode, Message: message, Sent: true, Err: err,
		RetryAfter: parseRetryAfter(resp.Header.Get("Retry-After"), time.Now()),
	}
}

// scrub makes a server's text printable, and takes out what a server may have
// echoed of the credentials.
func (c *Client) scrub(message, sign string) string {
	return clean(withoutQueries(c.hide(message, sign)), maxMessage)
}

// hide takes out of a text what it has of the credentials.
func (c *Client) hide(s, sign string) string {
	for _, secret := range []string{c.key.Reveal(), c.secret.Reveal(), sign} {
		if secret != "" {
			s = strings.ReplaceAll(s, secret, redacted)
		}
	}
	return s
}

// request makes and signs a request; sign is the signature, "" for none.
func (c *Client) request(ctx context.Context, path string, body payload, g *guard) (req *http.Request, sign string, err error) {
	// A reader of our own type: net/http gives GetBody only to those it knows.
	req, err = http.NewRequestWithContext(ctx, http.MethodPost, c.base.JoinPath(path).String(), progress{body.content, g})
	if err != nil {
		return nil, "", err
	}
	req.ContentLength = body.length
	if body.again != nil {
		req.GetBody = func() (io.ReadCloser, error) { return io.NopCloser(progress{body.again(), g}), nil }
	}
	req.Header.Set("Content-Type", body.contentType)
	req.Header.Set("Accept", "application/json")
	req.Header.Set("User-Agent", c.agent)
	req.Header.Set("X-Api-Key", c.key.Reveal())
	if !c.secret.IsZero() {
		nonce := c.nonces.next()
		sign = signature(c.key.Reveal(), c.secret.Reveal(), nonce)
		req.Header.Set("X-Nonce", nonce)
		req.Header.Set("X-Signature", sign)
	}
	return req, sign, nil
}

// send gets as far as an answer's header, and knows of a request without one
// whether anything of it can have left.
func (c *Client) send(op string, via *http.Client, req *http.Request, g *guard) (*http.Response, *Error) {
	var asked, got atomic.Bool
	trace := &httptrace.ClientTrace{
		GetConn: func(string) { asked.Store(true) },
		GotConn: func(httptrace.GotConnInfo) { got.Store(true) },
	}
	resp, err := via.Do(req.WithContext(httptrace.WithClientTrace(req.Context(), trace)))
	if err == nil {
		return resp, nil
	}
	if resp != nil { // a redirect that was not followed comes with both
		resp.Body.Close()
	}
	// The text of a url.Error repeats the whole URL.
	var wrapped *url.Error
	if errors.As(err, &wrapped) {
		err = wrapped.Err
	}
	if strings.Contains(err.Error(), "Location header") { // that text repeats it, query and all
		err = errors.New("redirected to something that is no URL")
	}
	e := &Error{Op: op, Err: g.cause(err)}
	// A transport that was set from outside may not report its connections:
	// then only one that asked for a connection and got none has sent nothing.
	e.Sent = got.Load() || !c.ownTrace && !asked.Load()
	return nil, e
}
