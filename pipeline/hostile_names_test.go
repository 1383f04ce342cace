package pipeline_test

import (
	"net"
	"net/http"
	"net/http/httptest"
	"path/filepath"
	"strings"
	"sync/atomic"
	"testing"

	"wirobatch/wiro"
	"wirobatch/wiro/sandbox"
)

// A name can be allowed and stand for this machine all the same: that shows when it is dialled, by the client's own
// transport. Nothing is connected to, neither at once nor by a redirect.
func TestNamesOfThisMachineAreNotConnectedTo(t *testing.T) {
	trap, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer trap.Close()
	var caught atomic.Int32
	go func() {
		for {
			conn, err := trap.Accept()
			if err != nil {
				return
			}
			caught.Add(1)
			conn.Close()
		}
	}()
	_, port, _ := net.SplitHostPort(trap.Addr().String())
	target := "https://localhost:" + port + "/0.png"
	for _, how := range []string{"at once", "by a redirect"} {
		t.Run(how, func(t *testing.T) {
			p := &place{t: t, out: filepath.Join(t.TempDir(), "out"), sandbox: sandbox.New(sandbox.Options{Instant: true, PictureSize: 16})}
			defer p.sandbox.Close()
			var ill atomic.Bool
			ill.Store(true)
			s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
				switch {
				case ill.Load() && how == "at once" && isRead(r):
					retell(w, r, p.sandbox, func(o map[string]any) { o["url"] = target })
				case ill.Load() && how != "at once" && r.Method == http.MethodGet:
					http.Redirect(w, r, target, http.StatusFound)
				default:
					p.sandbox.ServeHTTP(w, r)
				}
			}))
			defer s.Close()
			p.client, err = wiro.New(wiro.Options{BaseURL: s.URL + "/v1", Key: wiro.NewSecret("sandbox"), AllowHosts: []string{"localhost"}})
			if err != nil {
				t.Fatal(err)
			}
			defer p.client.CloseIdleConnections()
			if r := p.run(twoCells); r.ExitCode() != 3 || p.statuses()["pending"] != 2 || caught.Load() != 0 {
				t.Errorf("exit %d, %v, %d connections", r.ExitCode(), p.statuses(), caught.Load())
			}
			for _, row := range p.rows() {
				if !strings.Contains(row["error"], "is not a public address") {
					t.Errorf("the row says %q", row["error"])
				}
			}
			ill.Store(false)
			if r := p.run(twoCells); r.ExitCode() != 0 || r.Submits != 0 {
				t.Errorf("then: exit %d, %d submits", r.ExitCode(), r.Submits)
			}
			p.audit()
		})
	}
}
