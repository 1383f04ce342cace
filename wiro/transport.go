package wiro

import (
	"context"
	"crypto/tls"
	"net"
	"net/http"
	"net/url"
	"strings"
	"sync"
	"time"
)

const (
	connectTimeout = 10 * time.Second // TCP, and then TLS again
	headerTimeout  = 60 * time.Second // from the request's last byte to the answer's first
	bodyTimeout    = 30 * time.Second // for the whole body of an API answer

	// stallTimeout covers all that comes before an answer's header. It starts
	// again whenever a piece of the request's body is taken, so that a long
	// upload is not cut off and a peer that has died is noticed.
	stallTimeout = 2*connectTimeout + headerTimeout + 10*time.Second

	// Shorter than any usual server's (5 s and more): a Run on a connection
	// that the server is just closing ends as unknown, and that costs more than
	// a new connection.
	idleTimeout = 4 * time.Second

	defaultConnections = 16
)

// newTransport is tuned for many small calls to one host at once: without
// MaxIdleConnsPerHost all but two connections would be closed after each call.
func newTransport(connections int) *http.Transport {
	if connections <= 0 {
		connections = defaultConnections
	}
	dialer := &net.Dialer{Timeout: connectTimeout, KeepAlive: 15 * time.Second}
	return &http.Transport{
		Proxy:                  http.ProxyFromEnvironment,
		DialContext:            dialer.DialContext,
		ForceAttemptHTTP2:      true,
		MaxIdleConns:           2 * connections,
		MaxIdleConnsPerHost:    connections,
		IdleConnTimeout:        idleTimeout,
		TLSHandshakeTimeout:    connectTimeout,
		ResponseHeaderTimeout:  headerTimeout,
		ExpectContinueTimeout:  time.Second,
		MaxResponseHeaderBytes: 64 << 10,
		TLSClientConfig:        &tls.Config{MinVersion: tls.VersionTLS12},
		// Finds a dead HTTP/2 connection, on which all calls would wait.
		HTTP2: &http.HTTP2Config{SendPingTimeout: 15 * time.Second, PingTimeout: 15 * time.Second},
	}
}

// newDownloadTransport checks each address as it is dialled, after the name
// was resolved, so that a name that points into a private network (or that
// changes between a check and its use) reaches nothing there. The base's own
// host and port are exempt, and a proxy that the user has set: behind one, the
// names are checked here and the addresses are the proxy's to check.
func newDownloadTransport(connections int, base *url.URL) *http.Transport {
	t := newTransport(connections)
	var exempt sync.Map
	exempt.Store(hostPort(base), true)
	t.Proxy = func(r *http.Request) (*url.URL, error) {
		proxy, err := http.ProxyFromEnvironment(r)
		if proxy != nil {
			exempt.Store(hostPort(proxy), true)
		}
		return proxy, err
	}
	open := &net.Dialer{Timeout: connectTimeout, KeepAlive: 15 * time.Second}
	guarded := &net.Dialer{Timeout: connectTimeout, KeepAlive: 15 * time.Second, ControlContext: refusePrivate}
	t.DialContext = func(ctx context.Context, network, addr string) (net.Conn, error) {
		if _, ok := exempt.Load(strings.ToLower(addr)); ok {
			return open.DialContext(ctx, network, addr)
		}
		return guarded.DialContext(ctx, network, addr)
	}
	return t
}

// hostPort is the address that net/http dials for u, in lower case.
func hostPort(u *url.URL) string {
	port := u.Port()
	switch {
	case port != "":
	case u.Scheme == "https":
		port = "443"
	case u.Scheme == "socks5" || u.Scheme == "socks5h":
		port = "1080"
	default:
		port = "80"
	}
	return net.JoinHostPort(strings.ToLower(u.Hostname()), port)
}
