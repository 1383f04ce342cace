package sandbox

import (
	"fmt"
	"strings"
	"testing"
)

func TestPoolKeepsParametersAsTheyAre(t *testing.T) {
	p := newPool()
	long := strings.Repeat("long ", 100)
	for _, params := range [][]param{
		nil,
		{{"a", ""}},
		{{"prompt", long}, {"seed", "007"}, {"prompt", long}},
		{{"exactly8", "exactly8"}, {"ninebytes", "ninebytes"}, {"", "\x00\xff"}},
	} {
		if got := p.unpack(p.pack(params)); fmt.Sprint(got) != fmt.Sprint(params) {
			t.Errorf("%q comes back as %q", params, got)
		}
	}
	if packed := p.pack([]param{{"prompt", long}}); len(packed) > 10 {
		t.Errorf("a known prompt takes %d bytes", len(packed))
	}
}

func TestUnmixInvertsMix(t *testing.T) {
	for _, n := range []uint64{0, 1, 1 << 63, ^uint64(0), 0x123456789abcdef} {
		if unmix(mix(n)) != n {
			t.Errorf("unmix(mix(%x)) = %x", n, unmix(mix(n)))
		}
	}
}

func TestContentsStayBounded(t *testing.T) {
	c := newContents(100)
	drawn := 0
	get := func(key string) {
		c.get(key, func() []byte { drawn++; return make([]byte, 40) })
	}
	for _, key := range []string{"a", "b", "a", "c", "a", "b"} { // c pushes b out, not a
		get(key)
	}
	if drawn != 4 || len(c.byKey) != 2 || c.recent.Len() != 2 {
		t.Errorf("%d drawn, %d kept; want 4 and 2", drawn, len(c.byKey))
	}
	c.get("huge", func() []byte { return make([]byte, 101) })
	if len(c.byKey) != 2 {
		t.Error("a picture larger than the cache has emptied it")
	}
}

func TestTokensAndPathsCannotBeGuessed(t *testing.T) {
	s := New(Options{Seed: 5})
	s.tasks = make([]task, 1000)
	seen := map[string]bool{}
	for i := range s.tasks {
		token, folder := s.token(i), s.folder(i)
		if got, ok := s.byToken(token); !ok || got != i || seen[token] || len(token) != 30 {
			t.Fatalf("token %d: %q is found as %d, %v", i, token, got, ok)
		}
		if got, ok := s.byFolder(folder); !ok || got != i || seen[folder] {
			t.Fatalf("folder %d: %q is found as %d, %v", i, folder, got, ok)
		}
		seen[token], seen[folder] = true, true
		if _, ok := s.byToken(token[:29] + "#"); ok {
			t.Fatal("a token is taken without its check")
		}
		if _, ok := s.byFolder(folder[:70] + "g"); ok {
			t.Fatal("a folder is taken without its check")
		}
	}
	for _, bad := range []string{"", "x", strings.Repeat("#", 30), strings.Repeat("9", 30), s.token(1000)} {
		if _, ok := s.byToken(bad); ok {
			t.Errorf("token %q is found", bad)
		}
	}
	for _, bad := range []string{"", strings.Repeat("z", 71), s.folder(1000), s.folder(-1)} {
		if _, ok := s.byFolder(bad); ok {
			t.Errorf("folder %q is found", bad)
		}
	}
}

func TestQuoteIsJSON(t *testing.T) {
	for _, text := range []string{"", "plain", `a"b\c`, "\x00\n", "<é&>", "\xff"} {
		j := &jsonText{}
		j.open('{')
		j.str("x", text)
		j.close('}')
		if got := parse(t, string(j.b)).str("x"); got != strings.ToValidUTF8(text, "\ufffd") {
			t.Errorf("%q becomes %q", text, got)
		}
	}
}
