package cli

import (
	"errors"
	"fmt"
	"net"
	"net/http"

	"github.com/shopspring/decimal"

	"wirobatch/wiro"
	"wirobatch/wiro/sandbox"
)

// The sandbox of run --sandbox: an account with room for 20 tasks at once, whose clock runs ten times as fast as ours.
const (
	localKey     = "sandbox"
	localBalance = 200
	localSpeed   = 10

	sandboxService = "sandbox" // what a folder of it is bound to
)

// localPictures is the longest side of its pictures. Tests take smaller ones: there they are drawn and looked at by the thousand.
var localPictures = 512

// local is a sandbox within this process, on a loopback port of its own.
type local struct {
	client  *wiro.Client
	server  *http.Server
	sandbox *sandbox.Sandbox
}

func startSandbox() (*local, error) {
	s := sandbox.New(sandbox.Options{Key: localKey, Balance: decimal.NewFromInt(localBalance), Speed: localSpeed, PictureSize: localPictures})
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return nil, fmt.Errorf("the sandbox needs a loopback port: %w", err)
	}
	server := &http.Server{Handler: s}
	go server.Serve(l) // ends with close
	c, err := wiro.New(wiro.Options{
		BaseURL: "http://" + l.Addr().String() + "/v1", SocketURL: "ws://" + l.Addr().String() + sandbox.SocketPath,
		Key: wiro.NewSecret(localKey), UserAgent: userAgent(),
	})
	if err != nil {
		return nil, errors.Join(err, server.Close())
	}
	return &local{client: c, server: server, sandbox: s}, nil
}

func (l *local) close() {
	l.server.Close()
	l.sandbox.Close()
}
