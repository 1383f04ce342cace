package wiro

import (
	"errors"
	"fmt"
	"net/http"
	"net/netip"
	"net/url"
	"runtime/debug"
	"strings"
)

const (
	// DefaultBaseURL is the public API.
	DefaultBaseURL = "https://api.wiro.ai/v1"
	// DefaultSocketURL is the public websocket.
	DefaultSocketURL = "wss://socket.wiro.ai/v1"
)

// Options are what a [Client] is made of. Only Key is needed.
type Options struct {
	// BaseURL is where the API is: https, or plain http to this machine.
	// DefaultBaseURL when empty.
	BaseURL string
	// SocketURL is where the websocket is: wss, or plain ws to this machine,
	// such as DefaultSocketURL. Empty: there is none.
	SocketURL string
	// Key is the project's API key.
	Key Secret
	// Secret is the project's API secret; none for a project that
	// authenticates by its key alone.
	Secret Secret
	// UserAgent is sent with each request. Default "wirobatch/<version>":
	// Wiro blocks the default ones of some HTTP libraries.
	UserAgent string
	// Connections is how many idle connections are kept for the next call;
	// choose the number of calls that are under way at once. Default 16.
	Connections int
	// Transport replaces the client's own transports, for calls, downloads and
	// the websocket alike, and with them their limits on addresses. For tests and
	// simulations.
	Transport http.RoundTripper
	// AllowHosts are further domains that outputs may come from, besides
	// wiro.ai and the host of BaseURL: "example.com" allows itself and
	// whatever ends in ".example.com".
	AllowHosts []string
}

// Client calls the Wiro API. It is safe for concurrent use; make one and
// share it, since it holds the connections.
type Client struct {
	base        *url.URL
	socket      *url.URL // nil: none
	key, secret Secret
	agent       string
	nonces      nonces
	api         *http.Client
	downloads   *http.Client
	sockets     *http.Client
	outputs     outputPolicy
	reads       chan struct{} // calls under way, but for Run: what is asked never keeps a submit waiting
	ownTrace    bool          // our own transport reports each connection that it gets
}

// callsAtOnce bounds the calls that are under way, but for Run; more wait for
// their turn. Thousands of tasks then need no thousands of connections.
const callsAtOnce = 128

// New checks o and makes a client. It makes no connection.
func New(o Options) (*Client, error) {
	base, err := parseBase(o.BaseURL)
	if err != nil {
		return nil, err
	}
	socket, err := parseSocket(o.SocketURL)
	if err != nil {
		return nil, err
	}
	if err := checkKey(o.Key); err != nil {
		return nil, err
	}
	agent := o.UserAgent
	if agent == "" {
		agent = "wirobatch/" + version()
	}
	if !printable(agent) {
		return nil, errors.New("wiro: the user agent has characters that no HTTP header can carry")
	}
	outputs, err := newOutputPolicy(base, o.AllowHosts)
	if err != nil {
		return nil, err
	}
	c := &Client{base: base, socket: socket, key: o.Key, secret: o.Secret, agent: agent, outputs: outputs, reads: make(chan struct{}, callsAtOnce)}
	c.api = &http.Client{Transport: o.Transport, CheckRedirect: neverRedirect}
	c.downloads = &http.Client{Transport: o.Transport, CheckRedirect: outputs.redirect}
	c.sockets = &http.Client{Transport: o.Transport, CheckRedirect: neverRedirect}
	if o.Transport == nil {
		c.ownTrace = true
		c.sockets.Transport = newTransport(1)
		c.api.Transport = newTransport(o.Connections)
		c.downloads.Transport = newDownloadTransport(o.Connections, base)
	}
	return c, nil
}

// BaseURL is the address of the API in use, without a slash at its end.
func (c *Client) BaseURL() string { return c.base.String() }

// CloseIdleConnections closes the connections that no call is using.
func (c *Client) CloseIdleConnections() {
	c.api.CloseIdleConnections()
	c.downloads.CloseIdleConnections()
	c.sockets.CloseIdleConnections()
}

// String names the client by its base URL, and nothing secret.
func (c *Client) String() string { return "wiro.Client(" + c.BaseURL() + ")" }

// GoString is String, so that %#v shows no more.
func (c *Client) GoString() string { return c.String() }

// neverRedirect: an API call that is answered with a redirect has failed. To
// follow one would send a Run twice, or its key to another host.
func neverRedirect(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }

func parseBase(raw string) (*url.URL, error) {
	if raw == "" {
		raw = DefaultBaseURL
	}
	u, err := parseAddress("base", strings.TrimRight(raw, "/"), DefaultBaseURL)
	switch {
	case err != nil:
		return nil, err
	case u.Scheme == "https", u.Scheme == "http" && isLoopbackHost(u.Hostname()):
		return u, nil
	case u.Scheme == "http":
		return nil, fmt.Errorf("wiro: plain http to %s would show the API key on the way; use https (http is for this machine only)", clean(u.Host, 200))
	}
	return nil, fmt.Errorf("wiro: the base URL begins with %q; use https://", clean(u.Scheme, 40))
}

// parseAddress reads the URL of a service, whose scheme is the caller's to judge.
func parseAddress(what, raw, like string) (*url.URL, error) {
	u, err := url.Parse(raw)
	switch {
	case err != nil:
		// The text of a parse error repeats the URL, which may hold a password.
		return nil, fmt.Errorf("wiro: the %s URL is no URL; write one like %s", what, like)
	case u.User != nil:
		return nil, fmt.Errorf("wiro: the %s URL must not hold a user name or password", what)
	case u.Host == "" || u.Hostname() == "":
		return nil, fmt.Errorf("wiro: the %s URL %q has no host; write one like %s", what, clean(raw, 200), like)
	case u.RawQuery != "" || u.Fragment != "":
		return nil, fmt.Errorf("wiro: the %s URL must have neither query nor fragment", what)
	}
	return u, nil
}

func isLoopbackHost(host string) bool {
	if strings.EqualFold(host, "localhost") {
		return true
	}
	addr, err := netip.ParseAddr(host)
	return err == nil && addr.Unmap().IsLoopback()
}

func checkKey(key Secret) error {
	switch k := key.Reveal(); {
	case k == "":
		return errors.New("wiro: no API key")
	case !printable(k) || strings.ContainsRune(k, ' '):
		return errors.New("wiro: the API key has characters that no HTTP header can carry (a line break or a space from copying?)")
	}
	return nil
}

// printable reports whether s is printable ASCII, as a header value must be.
func printable(s string) bool {
	for i := range len(s) {
		if s[i] < ' ' || s[i] > '~' {
			return false
		}
	}
	return true
}

func version() string {
	if info, ok := debug.ReadBuildInfo(); ok && strings.HasPrefix(info.Main.Version, "v") {
		return info.Main.Version
	}
	return "dev"
}
