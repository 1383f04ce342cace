package wiro

import (
	"context"
	"fmt"
	"io"
	"net/http"
	"sync"
)

// Fetch gets an output by its URL. The answer is a 200, with its body open:
// read it, hold it against Content-Length and Content-Type (a gateway's HTML
// page comes as it is), and close it. The time until the header is limited
// here, the body's is the caller's, by ctx.
//
// Outputs are public (documentation), so nothing of the credentials is sent.
// The URL is a server's word and not trusted: it must be https, of wiro.ai, of
// the base URL's host or of a host in Options.AllowHosts, and resolve to a
// public address; a base on this machine also serves its own outputs over
// plain http. The same holds for each redirect. Anything else is an error that
// wraps ErrForbidden, and no connection is made. Bytes come as they are
// stored, never decompressed.
func (c *Client) Fetch(ctx context.Context, rawURL string) (*http.Response, error) {
	u, err := parseOutput(rawURL)
	if err != nil {
		return nil, &Error{Op: opFetch, Err: fmt.Errorf("%w: %w", ErrInvalid, err)}
	}
	where := c.hide(place(u), "")
	if err := c.outputs.check(u); err != nil {
		return nil, &Error{Op: opFetch, Message: where, Err: err}
	}
	if ctx.Err() != nil {
		return nil, &Error{Op: opFetch, Message: where, Err: context.Cause(ctx)}
	}
	ctx, guard := newGuard(ctx)
	u.Fragment = ""
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, u.String(), nil)
	if err != nil {
		guard.stop()
		return nil, &Error{Op: opFetch, Message: where, Err: fmt.Errorf("%w: the output's address is no URL", ErrInvalid)}
	}
	req.Header.Set("User-Agent", c.agent)
	req.Header.Set("Accept-Encoding", "identity") // also keeps net/http from unpacking
	resp, failure := c.send(opFetch, c.downloads, req, guard)
	if failure != nil {
		guard.stop()
		failure.Message = where
		return nil, failure
	}
	if resp.StatusCode != http.StatusOK {
		defer guard.stop()
		defer resp.Body.Close()
		return nil, c.fail(opFetch, resp, where, nil)
	}
	guard.release()
	resp.Body = &download{ReadCloser: resp.Body, stop: sync.OnceFunc(guard.stop)}
	return resp, nil
}

// download frees its call when it is closed.
type download struct {
	io.ReadCloser
	stop func()
}

func (d *download) Close() error {
	err := d.ReadCloser.Close()
	d.stop()
	return err
}
