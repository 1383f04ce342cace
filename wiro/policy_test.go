package wiro

import (
	"errors"
	"net/netip"
	"net/url"
	"testing"
)

func TestWhereOutputsMayComeFrom(t *testing.T) {
	for _, tt := range []struct {
		why, base, url string
		ok             bool
	}{
		{"the seed's CDN", "", "https://cdn1.wiro.ai/6a6a/0.png", true},
		{"the domain itself", "", "https://wiro.ai/0.png", true},
		{"in capitals", "", "https://CDN1.Wiro.AI/0.png", true},
		{"an allowed host", "", "https://files.example.com/0.png", true},
		{"below an allowed host", "", "https://a.b.files.example.com/0.png", true},
		{"beside an allowed host", "", "https://example.com/0.png", false},
		{"plain http", "", "http://cdn1.wiro.ai/0.png", false},
		{"another scheme", "", "file://cdn1.wiro.ai/etc/passwd", false},
		{"a script", "", "javascript://cdn1.wiro.ai/%0aalert(1)", false},
		{"another host", "", "https://evil.test/0.png", false},
		{"a name that ends alike", "", "https://evilwiro.ai/0.png", false},
		{"a name that begins alike", "", "https://cdn1.wiro.ai.evil.test/0.png", false},
		{"a user that looks like the host", "", "https://cdn1.wiro.ai@evil.test/0.png", false},
		{"a user at the right host", "", "https://evil.test@cdn1.wiro.ai/0.png", false},
		{"an empty user", "", "https://@cdn1.wiro.ai/0.png", false},
		{"an address", "", "https://93.184.216.34/0.png", false},
		{"the metadata service", "", "https://169.254.169.254/latest", false},
		{"an IPv6 address", "", "https://[2606:2800:220:1::1]/0.png", false},
		{"an IPv4 address in IPv6 clothes", "", "https://[::ffff:10.0.0.1]/0.png", false},
		{"an address as one number", "", "https://2130706433/0.png", false},
		{"an address in hex", "", "https://0x7f000001/0.png", false},
		{"a short address", "", "https://127.1/0.png", false},
		{"a name with an escaped slash", "", "https://evil.test%2f.wiro.ai/0.png", false},
		{"letters from another alphabet", "", "https://cdn1.wirо.ai/0.png", false},
		{"a local base serves its own outputs", "http://127.0.0.1:8080/v1", "http://127.0.0.1:8080/cdn/0.png", true},
		{"by IPv6 too", "http://[::1]:8080/v1", "http://[::1]:8080/cdn/0.png", true},
		{"in any case of its name", "http://localhost:8080/v1", "http://LocalHost:8080/cdn/0.png", true},
		{"but no other port", "http://127.0.0.1:8080/v1", "http://127.0.0.1:8081/cdn/0.png", false},
		{"nor scheme", "http://127.0.0.1:8080/v1", "https://127.0.0.1:8080/cdn/0.png", false},
		{"nor name", "http://127.0.0.1:8080/v1", "http://localhost:8080/cdn/0.png", false},
		{"nor loopback without a port", "http://127.0.0.1/v1", "https://127.0.0.1/cdn/0.png", false},
		{"a local base does not open plain http elsewhere", "http://127.0.0.1:8080/v1", "http://cdn1.wiro.ai/0.png", false},
		{"a base of another company", "https://gw.example.org/v1", "https://gw.example.org/out/0.png", true},
		{"still takes the CDN's", "https://gw.example.org/v1", "https://cdn1.wiro.ai/0.png", true},
		{"https only", "https://gw.example.org/v1", "http://gw.example.org/out/0.png", false},
		{"not its subdomains", "https://gw.example.org/v1", "https://x.gw.example.org/out/0.png", false},
	} {
		base, err := parseBase(tt.base)
		if err != nil {
			t.Fatal(err)
		}
		p, err := newOutputPolicy(base, []string{"*.Files.Example.com"})
		if err != nil {
			t.Fatal(err)
		}
		u, err := url.Parse(tt.url)
		if err == nil {
			err = p.check(u)
			if err != nil && !errors.Is(err, ErrForbidden) {
				t.Errorf("%s: %v is no ErrForbidden", tt.why, err)
			}
		}
		if (err == nil) != tt.ok {
			t.Errorf("%s: %s: %v, want allowed %v", tt.why, tt.url, err, tt.ok)
		}
	}
}

func TestPublicAddresses(t *testing.T) {
	for addr, want := range map[string]bool{
		"93.184.216.34": true, "8.8.8.8": true, "2606:2800:220:1::1": true,
		"127.0.0.1": false, "::1": false, "10.1.2.3": false, "172.16.0.1": false, "192.168.1.1": false,
		"169.254.169.254": false, "fe80::1": false, "fe80::1%eth0": false, "fc00::1": false, "fd12::1": false,
		"0.0.0.0": false, "::": false, "0.1.2.3": false, "100.64.0.1": false, "198.18.0.1": false, "192.0.0.8": false,
		"224.0.0.1": false, "ff02::1": false, "255.255.255.255": false, "240.0.0.1": false, "192.0.2.1": false,
		"::ffff:10.0.0.1": false, "::ffff:127.0.0.1": false, "::ffff:8.8.8.8": true, "::ffff:100.64.0.1": false, // mapped
		"::127.0.0.1": false, "64:ff9b::a00:1": false, "64:ff9b::808:808": true, // compatible, NAT64
		"2002:a00:1::1": false, "2002:808:808::1": true, "2001:0:1::1": false, "fec0::1": false, // 6to4, Teredo, site-local
	} {
		if got := isPublic(netip.MustParseAddr(addr)); got != want {
			t.Errorf("%s public: %v, want %v", addr, got, want)
		}
	}
	if err := refusePrivate(t.Context(), "tcp", "nonsense", nil); !errors.Is(err, ErrForbidden) {
		t.Errorf("an address that is none: %v", err)
	}
}
