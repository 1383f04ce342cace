package watch

import (
	"testing"
	"time"

	"wirobatch/wiro"
)

// Nobody knows what a task showed while it could not be looked at.
func TestAnOutageIsNoTaskError(t *testing.T) {
	var e erring
	at := time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)
	look := func(after time.Duration, status wiro.Status) time.Duration {
		at = at.Add(after)
		return e.look(status, at)
	}
	look(0, wiro.StatusError)
	if shown := look(10*time.Second, wiro.StatusErrorFull); shown != 10*time.Second {
		t.Errorf("10 s: %v", shown)
	}
	if shown := look(time.Hour, wiro.StatusError); shown != 10*time.Second+blind {
		t.Errorf("an hour without a look: %v", shown)
	}
	if shown := look(time.Second, wiro.StatusStart); shown != 0 {
		t.Errorf("recovered: %v", shown)
	}
	if shown := look(time.Hour, wiro.StatusError); shown != 0 {
		t.Errorf("anew: %v", shown)
	}
}
