package watch

import (
	"context"
	"errors"
	"time"

	"wirobatch/wiro"
)

// Tries is how often a read or a download is made before its trouble counts.
const Tries = 5

// Try makes a call when its turn has come, at the latest by that time, and lets the line know what came of it. Errors that
// are no *wiro.Error count as the host's trouble too: a body that breaks off.
func (l *Line) Try(ctx context.Context, by time.Time, call func() error) error {
	done, err := l.Turn(ctx, by)
	if err != nil {
		return err
	}
	return l.settle(ctx, done, call)
}

// settle is Try for a call whose turn has come.
func (l *Line) settle(ctx context.Context, done func(), call func() error) error {
	defer done()
	err := call()
	e, known := errors.AsType[*wiro.Error](err)
	switch {
	case ctx.Err() != nil: // we hung up
	case err == nil:
		l.Answered()
	case !known || e.Disposition() == wiro.Retry:
		l.Failed(asked(err))
	case e.Status != 0: // else nobody was asked
		l.Answered()
		if e.Disposition() == wiro.StopRun && l.stops != nil {
			l.stops(e)
		}
	}
	return err
}

// Read makes a read again while its trouble looks passing, and the trouble of the line has not gone on for hours.
func (l *Line) Read(ctx context.Context, read func() error) error {
	for try := 1; ; try++ {
		err := l.Try(ctx, l.Hopeless(), read)
		e, known := errors.AsType[*wiro.Error](err)
		if !known || e.Disposition() != wiro.Retry || ctx.Err() != nil {
			return err
		}
		if err := l.Again(ctx, try, err); err != nil {
			return err
		}
	}
}

// Again waits before the next try of what failed with err, which it returns when there is to be none.
func (l *Line) Again(ctx context.Context, try int, err error) error {
	if end := l.Hopeless(); ctx.Err() != nil || try >= Tries || !end.IsZero() && !time.Now().Before(end) {
		return err
	}
	return Sleep(ctx, max(Backoff(try), asked(err)))
}

// Hopeless is when the trouble of the line will have gone on for so long that no read waits for its end; zero: there is none.
func (l *Line) Hopeless() time.Time {
	l.mu.Lock()
	row, end := l.row, l.since.Add(patience)
	l.mu.Unlock()
	if row == 0 {
		return time.Time{}
	}
	if l.all != nil {
		if all := l.all.Hopeless(); !all.IsZero() {
			return all
		}
	}
	return end
}
