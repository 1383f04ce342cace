package wiro

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"strconv"
	"sync/atomic"
	"time"
)

// signature is the x-signature of a request (seed): lower-case hex of
// HMAC-SHA256 with the API key as key and secret + nonce as message. Hex
// alone: the prefix that the seed's openssl line prints must not be sent.
func signature(key, secret, nonce string) string {
	mac := hmac.New(sha256.New, []byte(key))
	mac.Write([]byte(secret))
	mac.Write([]byte(nonce))
	return hex.EncodeToString(mac.Sum(nil))
}

// nonces gives each request a nonce of its own: the microsecond of the clock,
// or one more than the last where that is taken. Sixteen digits, so that a
// server that reads it as a floating-point integer still reads it exactly.
type nonces struct{ last atomic.Int64 }

func (n *nonces) next() string {
	for {
		last := n.last.Load()
		next := max(last+1, time.Now().UnixMicro())
		if n.last.CompareAndSwap(last, next) {
			return strconv.FormatInt(next, 10)
		}
	}
}
