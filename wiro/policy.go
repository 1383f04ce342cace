package wiro

import (
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"strings"
)

// outputHost is where the documentation's and the seed's outputs are.
const outputHost = "wiro.ai"

const maxRedirects = 5

// outputPolicy says which URLs an output may come from.
type outputPolicy struct {
	base  *url.URL
	hosts []string // each allows itself and its subdomains
}

func newOutputPolicy(base *url.URL, allow []string) (outputPolicy, error) {
	p := outputPolicy{base: base, hosts: []string{outputHost}}
	for _, h := range allow {
		h = strings.ToLower(strings.Trim(strings.TrimPrefix(strings.TrimSpace(h), "*"), "."))
		if !isHostName(h) {
			return p, fmt.Errorf("wiro: allowed host %q is no host name; write one like cdn.example.com", clean(h, 100))
		}
		p.hosts = append(p.hosts, h)
	}
	return p, nil
}

// check explains why u may not be fetched, or is nil.
func (p outputPolicy) check(u *url.URL) error {
	host := strings.ToLower(u.Hostname())
	switch {
	case u.User != nil:
		return fmt.Errorf("%w: it holds a user name", ErrForbidden)
	case u.Scheme == p.base.Scheme && hostPort(u) == hostPort(p.base) && (u.Scheme == "https" || isLoopbackHost(host)):
		return nil
	case u.Scheme != "https":
		return fmt.Errorf("%w: only https is, not %q", ErrForbidden, clean(u.Scheme, 20))
	case host == strings.ToLower(p.base.Hostname()) && !isLoopbackHost(host):
		return nil
	case !isHostName(host):
		return fmt.Errorf("%w: its host %q is no host name", ErrForbidden, clean(host, 100))
	}
	for _, h := range p.hosts {
		if host == h || strings.HasSuffix(host, "."+h) {
			return nil
		}
	}
	return fmt.Errorf("%w: outputs come from %s only; if %s is right, allow that host",
		ErrForbidden, strings.Join(p.hosts, ", "), clean(host, 100))
}

// redirect holds each hop against the same rules.
func (p outputPolicy) redirect(req *http.Request, via []*http.Request) error {
	if len(via) > maxRedirects {
		return fmt.Errorf("stopped after %d redirects", maxRedirects)
	}
	req.Header.Del("Referer") // the URL before may be a signed one
	return p.check(req.URL)
}

// isHostName: letters, digits, dashes and dots alone, and no IP address in any
// of its spellings (127.1, 0x7f.1, 2130706433), which resolvers take too.
func isHostName(s string) bool {
	if s == "" || len(s) > 253 || strings.Trim(s, "abcdefghijklmnopqrstuvwxyz0123456789-.") != "" {
		return false
	}
	last := s[strings.LastIndexByte(s, '.')+1:]
	return strings.Trim(last, "0123456789") != "" && !strings.HasPrefix(last, "0x")
}

// place is u for an error: without query, fragment and user.
func place(u *url.URL) string {
	return clean((&url.URL{Scheme: u.Scheme, Host: u.Host, Path: u.Path}).String(), 200)
}

func parseOutput(raw string) (*url.URL, error) {
	u, err := url.Parse(raw)
	if err != nil || u.Host == "" || u.Opaque != "" {
		return nil, errors.New("the output's address is no URL")
	}
	return u, nil
}
