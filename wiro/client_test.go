package wiro

import (
	"net/http"
	"strings"
	"testing"
)

func TestNewChecksItsOptions(t *testing.T) {
	for _, tt := range []struct {
		why, base, key, agent string
		hosts                 []string
		want                  string // part of the error; "" for none
	}{
		{why: "the public API is the default", key: "k"},
		{why: "a key is needed", want: "no API key"},
		{why: "keys are copied with their line break", key: "k\n", want: "line break"},
		{why: "or with a space", key: "a b", want: "space"},
		{why: "another https host", key: "k", base: "https://wiro.example.com/v1/"},
		{why: "a local sandbox", key: "k", base: "http://127.0.0.1:8080/v1"},
		{why: "by name", key: "k", base: "http://localhost:8080"},
		{why: "over IPv6", key: "k", base: "http://[::1]:8080/v1"},
		{why: "the whole of 127/8 is this machine", key: "k", base: "http://127.9.9.9"},
		{why: "plain http elsewhere shows the key", key: "k", base: "http://wiro.example.com", want: "use https"},
		{why: "a name that only begins like a loopback address", key: "k", base: "http://127.0.0.1.example.com", want: "use https"},
		{why: "no scheme", key: "k", base: "api.wiro.ai/v1", want: "no host"},
		{why: "another scheme", key: "k", base: "ftp://api.wiro.ai", want: "use https"},
		{why: "a password in the URL is not repeated", key: "k", base: "https://me:hunter2@api.wiro.ai", want: "password"},
		{why: "nor when it does not parse", key: "k", base: "https://me:hunter2@[", want: "no URL"},
		{why: "a query would be lost", key: "k", base: "https://api.wiro.ai/v1?x=1", want: "query"},
		{why: "a user agent is a header", key: "k", agent: "a\r\nX: y", want: "user agent"},
		{why: "allowed hosts", key: "k", hosts: []string{"example.com", ".cdn.example.org", "*.example.net"}},
		{why: "a URL is no host", key: "k", hosts: []string{"https://example.com"}, want: "no host name"},
		{why: "an address is no host name", key: "k", hosts: []string{"10.0.0.1"}, want: "no host name"},
		{why: "everything is no host name", key: "k", hosts: []string{"*"}, want: "no host name"},
	} {
		_, err := New(Options{BaseURL: tt.base, Key: NewSecret(tt.key), UserAgent: tt.agent, AllowHosts: tt.hosts})
		if tt.want == "" && err != nil || tt.want != "" && (err == nil || !strings.Contains(err.Error(), tt.want)) {
			t.Errorf("%s: error %v, want %q", tt.why, err, tt.want)
		}
		if err != nil && strings.Contains(err.Error(), "hunter2") {
			t.Errorf("%s: the error shows the password: %v", tt.why, err)
		}
	}
}

func TestNewChecksTheSocketURL(t *testing.T) {
	for _, tt := range []struct{ why, url, want string }{
		{"none", "", ""},
		{"the public one", DefaultSocketURL, ""},
		{"a local sandbox", "ws://127.0.0.1:8080/v1/socket", ""},
		{"by name", "ws://localhost/v1", ""},
		{"plain ws elsewhere shows tokens", "ws://socket.wiro.ai/v1", "use wss"},
		{"a name that only begins like a loopback address", "ws://127.0.0.1.example.com", "use wss"},
		{"no scheme", "socket.wiro.ai/v1", "no host"},
		{"another scheme", "https://socket.wiro.ai/v1", "use wss"},
		{"a password in the URL is not repeated", "wss://me:hunter2@socket.wiro.ai", "password"},
		{"nor when it does not parse", "wss://me:hunter2@[", "no URL"},
		{"a query would show in logs", "wss://socket.wiro.ai/v1?key=hunter2", "query"},
	} {
		c, err := New(Options{SocketURL: tt.url, Key: NewSecret("k")})
		if tt.want == "" && (err != nil || c.HasSocket() != (tt.url != "")) || tt.want != "" && (err == nil || !strings.Contains(err.Error(), tt.want)) {
			t.Errorf("%s: error %v, want %q", tt.why, err, tt.want)
		}
		if err != nil && strings.Contains(err.Error(), "hunter2") {
			t.Errorf("%s: the error shows the password: %v", tt.why, err)
		}
	}
}

func TestConnectionsAreKeptForTheConcurrency(t *testing.T) {
	for _, tt := range []struct{ connections, want int }{{64, 64}, {0, defaultConnections}, {-1, defaultConnections}} {
		c, err := New(Options{Key: NewSecret("k"), Connections: tt.connections})
		if err != nil {
			t.Fatal(err)
		}
		for name, client := range map[string]*http.Client{"API": c.api, "downloads": c.downloads} {
			tr := client.Transport.(*http.Transport)
			if tr.MaxIdleConnsPerHost != tt.want || tr.MaxIdleConns < tt.want {
				t.Errorf("%s with %d connections keeps %d of %d", name, tt.connections, tr.MaxIdleConnsPerHost, tr.MaxIdleConns)
			}
		}
	}
}

func TestClientNames(t *testing.T) {
	c, _ := New(Options{BaseURL: "https://wiro.example.com/v1//", Key: NewSecret("k")})
	if got := c.BaseURL(); got != "https://wiro.example.com/v1" {
		t.Errorf("BaseURL() = %s", got)
	}
	if got := c.String(); got != "wiro.Client(https://wiro.example.com/v1)" {
		t.Errorf("String() = %s", got)
	}
}
