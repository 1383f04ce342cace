package wiro

import (
	"sync"
	"testing"
	"testing/synctest"
)

func TestSignature(t *testing.T) {
	// printf %s test-secret1734513807 | openssl dgst -sha256 -hmac test-key
	const want = "e843f5e4ef86b64976d1e75eb4164d4f145813524596c9daa0c83c70668a9f98"
	if got := signature("test-key", "test-secret", "1734513807"); got != want {
		t.Errorf("signature = %s, openssl says %s", got, want)
	}
}

func TestNoncesAreFreshWithinOneInstant(t *testing.T) {
	synctest.Test(t, func(t *testing.T) { // the clock stands still
		var n nonces
		var mu sync.Mutex
		seen := map[string]bool{}
		var wg sync.WaitGroup
		for range 8 {
			wg.Go(func() {
				for range 200 {
					s := n.next()
					mu.Lock()
					if seen[s] {
						t.Errorf("nonce %s twice", s)
					}
					seen[s] = true
					mu.Unlock()
				}
			})
		}
		wg.Wait()
		for s := range seen {
			if len(s) > 16 {
				t.Errorf("nonce %s has more digits than a float64 holds", s)
			}
		}
	})
}
