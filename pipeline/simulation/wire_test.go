package simulation

import (
	"bytes"
	"context"
	"errors"
	"net"
	"strings"

	"wirobatch/wiro/sandbox"
)

// network is what lies between the service and all lives that a run has: it outlives each of them.
type network struct {
	conns  chan net.Conn
	closed chan struct{}
}

func newNetwork() *network {
	return &network{conns: make(chan net.Conn), closed: make(chan struct{})}
}

func (n *network) Accept() (net.Conn, error) {
	select {
	case c := <-n.conns:
		return c, nil
	case <-n.closed:
		return nil, net.ErrClosed
	}
}

func (n *network) Close() error   { close(n.closed); return nil }
func (n *network) Addr() net.Addr { return &net.TCPAddr{IP: net.IPv4(127, 0, 0, 1), Port: 1} }

var errDead = errors.New("the process is dead")

// dial connects a life to the service.
func (l *life) dial(ctx context.Context, _, _ string) (net.Conn, error) {
	if l.gone() {
		return nil, l.wait()
	}
	near, far := net.Pipe()
	select {
	case l.network.conns <- far:
		return &line{Conn: near, life: l}, nil
	case <-l.network.closed:
		return nil, net.ErrClosed
	case <-ctx.Done():
		return nil, ctx.Err()
	}
}

// line is a connection that dies with its process. What has reached the service by then goes on there.
type line struct {
	net.Conn
	life     *life
	endpoint string // of the request under way
	fresh    bool   // nothing of its answer was read yet
}

func (c *line) Write(p []byte) (int, error) {
	if c.life.gone() {
		return 0, c.life.wait()
	}
	if e := endpoint(p); e != "" {
		c.endpoint, c.fresh = e, true
		c.life.asks(e)
		switch kind := c.life.reached(e, requestUnsent, requestTorn, requestSent); kind {
		case requestTorn, requestSent:
			part := p
			if kind == requestTorn {
				part = p[:c.life.tear(len(p))]
			}
			c.Conn.Write(part)
			fallthrough
		case requestUnsent:
			c.life.die()
			return 0, c.life.wait()
		}
	}
	n, err := c.Conn.Write(p)
	if c.life.gone() {
		return 0, c.life.wait()
	}
	return n, err
}

func (c *line) Read(p []byte) (int, error) {
	n, err := c.Conn.Read(p)
	if n > 0 && (c.fresh || c.endpoint == download) { // of a download each piece counts
		c.fresh = false
		if c.life.reached(c.endpoint, answerUnread) != "" {
			c.life.die()
		}
	}
	if c.life.gone() {
		return 0, c.life.wait()
	}
	return n, err
}

const download = "download"

// endpoint tells what a request is for; "" for what is not the beginning of one.
func endpoint(p []byte) string {
	first, _, _ := bytes.Cut(p, []byte("\r\n"))
	path, ok := strings.CutPrefix(string(first), "POST /v1/")
	switch {
	case strings.HasPrefix(string(first), "GET "+sandbox.SocketPath):
		return "socket"
	case strings.HasPrefix(string(first), "GET /"):
		return download
	case !ok:
		return ""
	case strings.HasPrefix(path, "Run/"):
		return "Run"
	}
	path, _, _ = strings.Cut(path, " ")
	return path
}
