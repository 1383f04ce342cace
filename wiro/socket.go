package wiro

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"time"

	"github.com/coder/websocket"
)

const (
	maxFrame    = maxBody          // the last frame of a text model carries its answer
	socketDial  = 30 * time.Second // from the name to the end of the handshake
	socketWrite = 10 * time.Second // for one registration
	socketPing  = 25 * time.Second // documentation: every 30 s at least
	socketPong  = 20 * time.Second // a peer that takes longer is gone
)

// Socket is a connection to the websocket that tells what happens to the tasks
// that were registered on it. It pings by itself as long as Next is called.
// Register may be called while Next waits; Next has one caller at a time.
type Socket struct {
	conn *websocket.Conn
	stop context.CancelCauseFunc
	ctx  context.Context // ends with the connection, as far as we know
}

// HasSocket reports whether the client knows a websocket.
func (c *Client) HasSocket() bool { return c.socket != nil }

// Socket connects to the websocket. There is no authentication: neither key nor
// signature is sent to it.
func (c *Client) Socket(ctx context.Context) (*Socket, error) {
	if c.socket == nil {
		return nil, &Error{Op: opSocket, Err: fmt.Errorf("%w: the client was made without an address of the websocket", ErrInvalid)}
	}
	if ctx.Err() != nil {
		return nil, &Error{Op: opSocket, Err: context.Cause(ctx)}
	}
	limited, cancel := context.WithTimeoutCause(ctx, socketDial, timeout("no connection within 30 s"))
	defer cancel()
	conn, resp, err := websocket.Dial(limited, c.socket.String(), &websocket.DialOptions{
		HTTPClient: c.sockets,
		HTTPHeader: http.Header{"User-Agent": {c.agent}},
	})
	switch {
	case err == nil:
	case resp != nil && resp.StatusCode != http.StatusSwitchingProtocols:
		return nil, c.fail(opSocket, resp, "the websocket is refused", nil)
	default:
		var wrapped *url.Error // whose text repeats the whole URL
		if errors.As(err, &wrapped) {
			err = wrapped.Err
		}
		if limited.Err() != nil {
			err = context.Cause(limited)
		}
		return nil, &Error{Op: opSocket, Sent: true, Err: err}
	}
	conn.SetReadLimit(maxFrame)
	s := &Socket{conn: conn}
	s.ctx, s.stop = context.WithCancelCause(context.Background())
	go s.ping()
	return s, nil
}

// Register asks for the frames of a task. What has happened before may not be
// told: ask Detail afterwards. A failure other than ErrInvalid ends the connection.
func (s *Socket) Register(ctx context.Context, token string) error {
	if token == "" || ident(token) != token {
		return &Error{Op: opSocket, Err: fmt.Errorf("%w: the token of the task is none", ErrInvalid)}
	}
	message, err := json.Marshal(struct {
		Type  string `json:"type"`
		Token string `json:"tasktoken"`
	}{"task_info", token})
	if err != nil {
		panic(err) // two strings
	}
	limited, cancel := context.WithTimeoutCause(ctx, socketWrite, timeout("a registration was not taken within 10 s"))
	defer cancel()
	if err := s.conn.Write(limited, websocket.MessageText, message); err != nil {
		return s.fail(limited, err)
	}
	return nil
}

// Next waits for the next frame of a task, and leaves out whatever else comes.
// An error ends the connection, that of ctx included.
func (s *Socket) Next(ctx context.Context) (Frame, error) {
	for {
		_, data, err := s.conn.Read(ctx)
		if err != nil {
			return Frame{}, s.fail(ctx, err)
		}
		if f, ok := parseFrame(data); ok {
			return f, nil
		}
	}
}

// Close ends the connection, and with it Next and Register.
func (s *Socket) Close() {
	s.stop(nil)
	_ = s.conn.CloseNow()
}

// ping keeps the connection, and finds out when the peer has gone.
func (s *Socket) ping() {
	every := time.NewTicker(socketPing)
	defer every.Stop()
	for {
		select {
		case <-s.ctx.Done():
			return
		case <-every.C:
		}
		ctx, cancel := context.WithTimeout(s.ctx, socketPong)
		err := s.conn.Ping(ctx)
		cancel()
		if err != nil {
			s.stop(timeout("no answer to a ping within 20 s"))
			_ = s.conn.CloseNow()
			return
		}
	}
}

// fail says why the connection has ended.
func (s *Socket) fail(ctx context.Context, err error) error {
	e := &Error{Op: opSocket, Sent: true, Err: err}
	var gone websocket.CloseError
	switch {
	case ctx.Err() != nil:
		e.Err = context.Cause(ctx)
	case errors.As(err, &gone):
		e.Err, e.Message = nil, clean(fmt.Sprintf("the server has ended the connection: %d %s", gone.Code, gone.Reason), maxMessage)
	case s.ctx.Err() != nil && context.Cause(s.ctx) != context.Canceled:
		e.Err = context.Cause(s.ctx)
	}
	s.Close()
	return e
}

func parseSocket(raw string) (*url.URL, error) {
	if raw == "" {
		return nil, nil
	}
	u, err := parseAddress("websocket", raw, DefaultSocketURL)
	switch {
	case err != nil:
		return nil, err
	case u.Scheme == "wss", u.Scheme == "ws" && isLoopbackHost(u.Hostname()):
		return u, nil
	case u.Scheme == "ws":
		return nil, fmt.Errorf("wiro: plain ws to %s would show the tokens of the tasks on the way; use wss (ws is for this machine only)", clean(u.Host, 200))
	}
	return nil, fmt.Errorf("wiro: the websocket URL begins with %q; use wss://", clean(u.Scheme, 40))
}
