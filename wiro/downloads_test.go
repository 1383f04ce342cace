package wiro

import (
	"bytes"
	"crypto/x509"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"sync"
	"sync/atomic"
	"testing"
)

// picture is what is downloaded: more than a buffer or two.
var picture = bytes.Repeat([]byte("picture "), 16<<10)

// files is a server of outputs behind TLS, as the CDN is one.
type files struct {
	c      *Client
	url    string
	opened atomic.Int32 // connections
}

func serveFiles(t *testing.T, http2 bool, connections int, h http.HandlerFunc) *files {
	t.Helper()
	f := &files{}
	s := httptest.NewUnstartedServer(h)
	s.EnableHTTP2 = http2
	s.Config.ConnState = func(_ net.Conn, state http.ConnState) {
		if state == http.StateNew {
			f.opened.Add(1)
		}
	}
	s.StartTLS()
	t.Cleanup(s.Close)
	f.url = s.URL + "/cdn/0.png"
	f.c = clientOf(t, Options{BaseURL: s.URL, Key: NewSecret("k"), Connections: connections})
	trusted := x509.NewCertPool()
	trusted.AddCert(s.Certificate())
	f.c.downloads.Transport.(*http.Transport).TLSClientConfig.RootCAs = trusted
	return f
}

func (f *files) download(t *testing.T, protocol int) {
	resp, err := f.c.Fetch(t.Context(), f.url)
	if err != nil {
		t.Error(err)
		return
	}
	defer resp.Body.Close()
	if got, err := io.ReadAll(resp.Body); err != nil || !bytes.Equal(got, picture) || resp.ProtoMajor != protocol {
		t.Errorf("%d of %d bytes over %s: %v", len(got), len(picture), resp.Proto, err)
	}
}

// Where HTTP/2 is offered, one connection carries all downloads.
func TestDownloadsShareAConnectionOverHTTP2(t *testing.T) {
	const together = 50
	var first sync.Once
	var all sync.WaitGroup // are under way at once
	all.Add(together)
	f := serveFiles(t, true, together, func(w http.ResponseWriter, r *http.Request) {
		warm := false
		if first.Do(func() { warm = true }); !warm {
			all.Done()
			all.Wait()
		}
		w.Write(picture)
	})
	f.download(t, 2)
	var callers sync.WaitGroup
	for range together {
		callers.Go(func() { f.download(t, 2) })
	}
	callers.Wait()
	if n := f.opened.Load(); n != 1 {
		t.Errorf("%d connections", n)
	}
}

// Where it is not, there are as many connections as downloads at once.
func TestDownloadsUseConnectionsAgain(t *testing.T) {
	const together, each = 8, 25
	var asked atomic.Int32
	var all sync.WaitGroup // are under way at once
	all.Add(together)
	f := serveFiles(t, false, together, func(w http.ResponseWriter, r *http.Request) {
		if asked.Add(1) <= together { // who asks while others still connect opens one more
			all.Done()
			all.Wait()
		}
		w.Write(picture)
	})
	var callers sync.WaitGroup
	for range together {
		callers.Go(func() {
			for range each {
				f.download(t, 1)
			}
		})
	}
	callers.Wait()
	if n := f.opened.Load(); n > together {
		t.Errorf("%d connections for %d downloads, %d at once", n, together*each, together)
	}
}
