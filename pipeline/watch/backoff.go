package watch

import (
	"context"
	"errors"
	"math/rand/v2"
	"time"

	"wirobatch/wiro"
)

const (
	pauseFirst = time.Second
	pauseMost  = time.Minute
	// longest is how long a service may make us wait by its Retry-After.
	longest = 10 * time.Minute
)

// Pause is how long all stay back after n troubles in a row: doubling from a second to a minute, jittered over its upper
// quarter.
func Pause(n int) time.Duration {
	d := doubled(n, pauseMost)
	return d - rand.N(d/4+1)
}

// Backoff is how long one call stays back after n failures of its own: up to as long, with full jitter, so that calls
// that failed together do not come back together.
func Backoff(n int) time.Duration { return rand.N(doubled(n, pauseMost) + 1) }

func doubled(n int, most time.Duration) time.Duration { return min(pauseFirst<<min(n-1, 10), most) }

// asked is the wait that the service has asked for with an error, 0 for none.
func asked(err error) time.Duration {
	if e, ok := errors.AsType[*wiro.Error](err); ok {
		return min(e.RetryAfter, longest)
	}
	return 0
}

// Sleep waits for d, or for the end of ctx, whose error it gives.
func Sleep(ctx context.Context, d time.Duration) error {
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case <-ctx.Done():
		return ctx.Err()
	case <-t.C:
		return nil
	}
}
