package pipeline

import (
	"context"
	"errors"
	"fmt"
	"io"
	"time"

	"wirobatch/wiro"
)

// What a file server sends is bounded, whatever it says of itself: a body without end must not fill the disk, and one that
// drips must not hold its place for ever.
const (
	// idle is how long a download may bring no byte before the try is given up.
	idle = 60 * time.Second
	// In each span of slowAfter at least slowest bytes must come.
	slowAfter = 2 * time.Minute
	slowest   = 64 << 10
	// mostBytes bounds one output whose size is announced, mostUnsaid one whose size nobody tells.
	mostBytes  = 4 << 30
	mostUnsaid = 1 << 30
	// A task's word for the size of its output is wrong at times: up to twice of it and beyondSize more are taken.
	beyondSize = 64 << 20
)

// errTooLarge ends a download for this run: another try would bring as much.
var errTooLarge = errors.New("it is too large")

// bound is how many bytes an output may have. announced is −1 when the server does not say.
func bound(out wiro.Output, announced int64) (most int64, err error) {
	most = mostBytes
	switch {
	case out.URL != "" && out.Size > 0:
		most = min(most, 2*min(out.Size, mostBytes)+beyondSize)
	case announced < 0:
		most = mostUnsaid
	}
	if announced > most {
		err = fmt.Errorf("%w: %d bytes are announced, %d are the most for what its task says", errTooLarge, announced, most)
	}
	return most, err
}

// A boundedReader reads a body while its bytes come fast enough.
type boundedReader struct {
	r     io.Reader
	ctx   context.Context
	timer *time.Timer // ends ctx when no byte has come for idle
	since time.Time   // of got
	got   int64
}

func (b *boundedReader) Read(p []byte) (int, error) {
	n, err := b.r.Read(p)
	if n > 0 {
		b.timer.Reset(idle)
	}
	if cause := context.Cause(b.ctx); err != nil && err != io.EOF && cause != nil {
		err = cause
	}
	b.got += int64(n)
	if now := time.Now(); now.Sub(b.since) > slowAfter {
		if err == nil && b.got < slowest {
			err = fmt.Errorf("it comes too slowly: %d bytes in %v", b.got, now.Sub(b.since).Round(time.Second))
		}
		b.since, b.got = now, 0
	}
	return n, err
}
