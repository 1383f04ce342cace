package wiro

import (
	"context"
	"io"
	"sync/atomic"
	"time"
)

// guard ends a call that makes no progress, over any transport. Its limits
// are those of one phase; the caller's context limits the whole.
type guard struct {
	ctx     context.Context
	cancel  context.CancelCauseFunc
	timer   *time.Timer
	reason  atomic.Value // timeout
	sending atomic.Bool
}

func newGuard(parent context.Context) (context.Context, *guard) {
	ctx, cancel := context.WithCancelCause(parent)
	g := &guard{ctx: ctx, cancel: cancel}
	g.reason.Store(timeout("no answer within 90 s"))
	g.sending.Store(true)
	g.timer = time.AfterFunc(stallTimeout, func() { cancel(g.reason.Load().(timeout)) })
	return ctx, g
}

// body begins the phase in which an answer's body is read.
func (g *guard) body() {
	g.sending.Store(false)
	g.reason.Store(timeout("the answer's body took longer than 30 s"))
	g.timer.Reset(bodyTimeout)
}

// release leaves the rest of the time to the caller.
func (g *guard) release() {
	g.sending.Store(false)
	g.timer.Stop()
}

// stop ends the call and frees what it holds.
func (g *guard) stop() {
	g.release()
	g.cancel(context.Canceled)
}

// cause is why a call failed: err, unless the guard or the caller ended it.
func (g *guard) cause(err error) error {
	if g.ctx.Err() != nil {
		return context.Cause(g.ctx)
	}
	return err
}

// progress lets each piece of a request's body that is taken start the stall
// limit again.
type progress struct {
	io.Reader
	guard *guard
}

func (p progress) Read(b []byte) (int, error) {
	n, err := p.Reader.Read(b)
	if n > 0 && p.guard.sending.Load() {
		p.guard.timer.Reset(stallTimeout)
	}
	return n, err
}
