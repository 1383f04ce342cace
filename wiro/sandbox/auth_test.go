package sandbox

import (
	"net/http"
	"testing"
)

func TestAuthorization(t *testing.T) {
	const nonce = "1734513807"
	good := sign("key", "secret", nonce)
	const (
		unknown  = "0 Project authorization is not founded."
		invalid  = "0 Project authorization is not valid."
		unsigned = "0 Project requires signature authentication. x-signature and x-nonce headers are required."
	)
	tests := []struct {
		why, secret string
		header      fields
		want        string
	}{
		{"key-only project", "", fields{"x-api-key": "key"}, ""},
		{"key-only project ignores a signature", "", fields{"x-api-key": "key", "x-nonce": "1", "x-signature": "no"}, ""},
		{"no key", "", fields{}, unknown},
		{"another key", "", fields{"x-api-key": "Key"}, unknown},
		{"signed", "secret", fields{"x-api-key": "key", "x-nonce": nonce, "x-signature": good}, ""},
		{"no signature", "secret", fields{"x-api-key": "key", "x-nonce": nonce}, unsigned},
		{"no nonce", "secret", fields{"x-api-key": "key", "x-signature": good}, unsigned},
		{"another nonce", "secret", fields{"x-api-key": "key", "x-nonce": "2", "x-signature": good}, invalid},
		{"another secret", "secret", fields{"x-api-key": "key", "x-nonce": nonce, "x-signature": sign("key", "other", nonce)}, invalid},
		{"key and secret swapped", "secret", fields{"x-api-key": "key", "x-nonce": nonce, "x-signature": sign("secret", "key", nonce)}, invalid},
		{"openssl's prefix", "secret", fields{"x-api-key": "key", "x-nonce": nonce, "x-signature": "SHA2-256(stdin)= " + good}, invalid},
	}
	for _, test := range tests {
		r := serve(t, Options{Key: "key", Secret: test.secret})
		r.header = http.Header{"Content-Type": {"application/json"}}
		for name, value := range test.header {
			r.header.Set(name, value)
		}
		for _, endpoint := range []string{"Task/List", fast} {
			status, _, text, err := r.raw("/v1/"+endpoint, `{"prompt":"x"}`)
			if err != nil {
				t.Fatal(err)
			}
			if got := message(parse(t, text)); got != test.want {
				t.Errorf("%s: %s answers %q, want %q", test.why, endpoint, got, test.want)
			}
			if refused := test.want != ""; refused != (status == http.StatusUnauthorized) {
				t.Errorf("%s: %s has status %d", test.why, endpoint, status)
			}
		}
		if test.want != "" && r.Accepted() != 0 {
			t.Errorf("%s: a task was made", test.why)
		}
	}
}

// The value was worked out with: printf 'secret1' | openssl dgst -sha256 -hmac key
func TestSignIsHMAC(t *testing.T) {
	if got := sign("key", "secret", "1"); got != goldenSignature {
		t.Errorf("signature %s, want %s", got, goldenSignature)
	}
}

const goldenSignature = "97e26fe366584d35fbd525732fd8a87a46cd49d3e7ece1585a42328ece100650"
