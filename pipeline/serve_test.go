package pipeline_test

import (
	"bufio"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"strings"
	"testing"
	"time"

	"wirobatch/wiro"
	"wirobatch/wiro/sandbox"
)

// serveFor names, in the environment of a process of this test program, the service that it is to be.
const serveFor = "WIROBATCH_TEST_SERVE"

// serve starts a sandbox in a process of its own, so that its memory and processor time are not the run's. kind is
// "instant", or "task=" and how long each takes.
func serve(t testing.TB, kind string) (base string) {
	t.Helper()
	program, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	child := exec.Command(program, "-test.run=^TestServe$")
	child.Env = append(os.Environ(), serveFor+"="+kind)
	child.Stderr = os.Stderr
	open, err := child.StdinPipe()
	if err != nil {
		t.Fatal(err)
	}
	out, err := child.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := child.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		open.Close() // it ends with this
		child.Wait()
	})
	line, err := bufio.NewReader(out).ReadString('\n')
	if err != nil {
		t.Fatal("the sandbox does not say where it is: ", err)
	}
	return strings.TrimSpace(line)
}

// TestServe is that process.
func TestServe(t *testing.T) {
	kind, asked := os.LookupEnv(serveFor)
	if !asked {
		t.Skip("a part of other tests")
	}
	o := sandbox.Options{PictureSize: 16, Instant: kind == "instant"}
	if !o.Instant {
		d, err := time.ParseDuration(strings.TrimPrefix(kind, "task="))
		if err != nil {
			t.Fatal(err)
		}
		o.Timing = sandbox.Timing{Run: sandbox.Exactly(d.Seconds())}
	}
	s := sandbox.New(o)
	defer s.Close()
	server := httptest.NewUnstartedServer(http.Handler(s))
	server.Start()
	defer server.Close()
	fmt.Println(server.URL + "/v1")
	io.Copy(io.Discard, os.Stdin)
}

func dial(t testing.TB, base string, connections int) *wiro.Client {
	t.Helper()
	c, err := wiro.New(wiro.Options{BaseURL: base, Key: wiro.NewSecret("sandbox"), Connections: connections})
	if err != nil {
		t.Fatal(err)
	}
	return c
}
