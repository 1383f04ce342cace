package sandbox

import (
	"crypto/hmac"
	"crypto/sha256"
	"crypto/subtle"
	"encoding/hex"
	"net/http"
)

// Refusals of the project's authorization, all 401 with code 0 (documentation).
var (
	errNoProject = &refusal{0, "Project authorization is not founded.", http.StatusUnauthorized}
	errBadSign   = &refusal{0, "Project authorization is not valid.", http.StatusUnauthorized}
	errNoSign    = &refusal{0, "Project requires signature authentication. x-signature and x-nonce headers are required.", http.StatusUnauthorized}
)

// authorize checks the headers of a request. A nonce may be used again: the documentation asks for
// a unix time or any random integer, and for no more.
func (s *Sandbox) authorize(h http.Header) *refusal {
	if subtle.ConstantTimeCompare([]byte(h.Get("x-api-key")), []byte(s.o.Key)) != 1 {
		return errNoProject
	}
	if s.o.Secret == "" {
		return nil
	}
	nonce, signature := h.Get("x-nonce"), h.Get("x-signature")
	if nonce == "" || signature == "" {
		return errNoSign
	}
	if !hmac.Equal([]byte(signature), []byte(sign(s.o.Key, s.o.Secret, nonce))) {
		return errBadSign
	}
	return nil
}

// sign is the lower-case hex of HMAC-SHA256 with the API key as key, and secret and nonce as message.
func sign(key, secret, nonce string) string {
	mac := hmac.New(sha256.New, []byte(key))
	mac.Write([]byte(secret + nonce))
	return hex.EncodeToString(mac.Sum(nil))
}
