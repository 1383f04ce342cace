package wiro

import (
	"context"
	"errors"
	"io"
	"net/http"
	"testing"
	"testing/synctest"
	"time"
)

// silent answers nothing, as a peer whose machine was switched off.
var silent = roundTripper(func(r *http.Request) (*http.Response, error) {
	if r.Body != nil {
		io.Copy(io.Discard, r.Body)
	}
	<-r.Context().Done()
	return nil, context.Cause(r.Context())
})

// stuck begins an answer and never goes on.
var stuck = roundTripper(func(r *http.Request) (*http.Response, error) {
	return &http.Response{StatusCode: 200, Header: http.Header{}, Body: io.NopCloser(untilDone{r.Context()}), Request: r}, nil
})

type untilDone struct{ ctx context.Context }

func (u untilDone) Read([]byte) (int, error) {
	<-u.ctx.Done()
	return 0, u.ctx.Err()
}

// dripping sends a byte of its answer each second, for ever.
var dripping = roundTripper(func(r *http.Request) (*http.Response, error) {
	return &http.Response{StatusCode: 200, Header: http.Header{}, Body: io.NopCloser(drip{r.Context()}), Request: r}, nil
})

type drip struct{ ctx context.Context }

func (d drip) Read(p []byte) (int, error) {
	select {
	case <-d.ctx.Done():
		return 0, d.ctx.Err()
	case <-time.After(time.Second):
		return copy(p, " "), nil
	}
}

func TestADeadPeerDoesNotHoldACall(t *testing.T) {
	for _, tt := range []struct {
		why   string
		via   http.RoundTripper
		limit time.Duration
	}{
		{"no header", silent, stallTimeout},
		{"no body", stuck, bodyTimeout},
		{"a body that drips", dripping, bodyTimeout},
	} {
		synctest.Test(t, func(t *testing.T) {
			c := clientOf(t, Options{Key: NewSecret("k"), Transport: tt.via})
			began := time.Now()
			_, err := c.Run(t.Context(), "a/b", Input{})
			e := failure(t, err)
			if took := time.Since(began); took != tt.limit {
				t.Errorf("%s: gave up after %s, want %s", tt.why, took, tt.limit)
			}
			var limit interface{ Timeout() bool }
			if !errors.As(err, &limit) || !limit.Timeout() || errors.Is(err, context.DeadlineExceeded) || errors.Is(err, context.Canceled) {
				t.Errorf("%s: %v must be a timeout, and not one of the caller's context", tt.why, err)
			}
			if e.Disposition() != Unknown {
				t.Errorf("%s: %s", tt.why, e.Disposition())
			}
		})
	}
}

func TestTheCallersContextEndsACall(t *testing.T) {
	for why, via := range map[string]http.RoundTripper{"no header": silent, "no body": stuck} {
		synctest.Test(t, func(t *testing.T) {
			c := clientOf(t, Options{Key: NewSecret("k"), Transport: via})
			ctx, cancel := context.WithTimeout(t.Context(), 5*time.Second)
			defer cancel()
			if _, err := c.Detail(ctx, "1"); !errors.Is(err, context.DeadlineExceeded) {
				t.Errorf("%s: %v", why, err)
			}
		})
	}
}

// slow is an upload whose pieces come a minute apart.
type slow struct{ pieces int }

func (s *slow) Read(b []byte) (int, error) {
	if s.pieces == 0 {
		return 0, io.EOF
	}
	s.pieces--
	time.Sleep(time.Minute)
	return copy(b, "x"), nil
}

func TestALongUploadIsNotCutOff(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c := clientOf(t, Options{Key: NewSecret("k"), Transport: silent})
		began := time.Now()
		_, err := c.Upload(t.Context(), "x", &slow{pieces: 10})
		failure(t, err)
		if took := time.Since(began); took != 10*time.Minute+stallTimeout {
			t.Errorf("gave up after %s", took)
		}
	})
}

func TestADownloadsBodyIsTheCallersToLimit(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c := clientOf(t, Options{Key: NewSecret("k"), Transport: stuck})
		ctx, cancel := context.WithTimeout(t.Context(), time.Hour)
		defer cancel()
		resp, err := c.Fetch(ctx, "https://cdn1.wiro.ai/0.png")
		if err != nil {
			t.Fatal(err)
		}
		began := time.Now()
		if _, err := io.ReadAll(resp.Body); !errors.Is(err, context.DeadlineExceeded) || time.Since(began) != time.Hour {
			t.Errorf("%v after %s", err, time.Since(began))
		}
		resp.Body.Close()
	})
	synctest.Test(t, func(t *testing.T) { // but not the time until it begins
		c := clientOf(t, Options{Key: NewSecret("k"), Transport: silent})
		began := time.Now()
		_, err := c.Fetch(t.Context(), "https://cdn1.wiro.ai/0.png")
		if e := failure(t, err); e.Disposition() != Retry || time.Since(began) != stallTimeout {
			t.Errorf("%v after %s", e, time.Since(began))
		}
	})
}
