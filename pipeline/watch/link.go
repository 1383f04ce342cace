package watch

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"time"

	"wirobatch/wiro"
)

const (
	burst  = 100                    // registrations at once: as many as a page of the list shows
	breath = 100 * time.Millisecond // bursts
	pulse  = time.Second            // for what silence can be noticed by
	steady = time.Minute            // a connection that has lasted so long has been a good one
)

// errSilent ends a connection that tells nothing.
var errSilent = errors.New("it has said nothing of tasks that have ended")

// run keeps a connection up while there are tasks to follow, until ctx ends.
func (f *feed) run(ctx context.Context) {
	defer close(f.done)
	row, warned := 0, false
	for f.wanted(ctx) {
		begun := time.Now()
		err := f.session(ctx)
		if ctx.Err() != nil {
			return
		}
		if time.Since(begun) >= steady {
			row = 0
		}
		row++
		if !warned && (row > 1 || errors.Is(err, errSilent)) { // a connection that breaks now and then is nothing to tell
			warned = true
			f.warn(fmt.Sprintf("the websocket is of no use at the moment (%v); the tasks are looked at without it, and it is tried again up to once a minute", err))
		}
		if Sleep(ctx, max(Pause(row), asked(err))) != nil {
			return
		}
	}
}

// wanted waits for a task to follow.
func (f *feed) wanted(ctx context.Context) bool {
	for {
		f.mu.Lock()
		n := len(f.byToken)
		f.mu.Unlock()
		if n > 0 {
			return true
		}
		select {
		case <-f.wake:
		case <-ctx.Done():
			return false
		}
	}
}

// session is one connection, from its beginning to its end.
func (f *feed) session(ctx context.Context) error {
	socket, err := f.client.Socket(ctx)
	if err != nil {
		return err
	}
	f.opened()
	var hearing sync.WaitGroup
	ended := make(chan error, 1)
	hearing.Go(func() {
		for {
			frame, err := socket.Next(ctx)
			if err != nil {
				ended <- err
				return
			}
			f.hear(frame)
		}
	})
	err = f.enrol(ctx, socket, ended)
	socket.Close()
	hearing.Wait()
	f.closed()
	return err
}

// enrol registers what is followed, a burst at a time, until the connection ends or is of no use.
func (f *feed) enrol(ctx context.Context, socket *wiro.Socket, ended <-chan error) error {
	beat := time.NewTicker(pulse)
	defer beat.Stop()
	for {
		batch := f.batch(burst)
		for _, m := range batch {
			if err := socket.Register(ctx, m.token); err != nil && !errors.Is(err, wiro.ErrInvalid) {
				return err
			}
		}
		f.registered(batch)
		wake, next := f.wake, beat.C
		if len(batch) == burst {
			wake, next = nil, time.After(breath)
		}
		select {
		case err := <-ended:
			return err
		case <-wake:
		case <-next:
			f.check()
			if f.silent() {
				return errSilent
			}
		case <-ctx.Done():
			return ctx.Err()
		}
	}
}

func (f *feed) silent() bool {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.hearing.silent(time.Now())
}
