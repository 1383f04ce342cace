package cli

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"os"
	"os/signal"
	"slices"
	"syscall"

	"github.com/dustin/go-humanize/english"

	"wirobatch/manifest"
	"wirobatch/pipeline"
	"wirobatch/wiro"
)

// execute runs against the service, or a sandbox of its own, until the end or a signal.
func (p *program) execute(ctx context.Context, o pipeline.Options, sandbox bool, reports string) (err error) {
	if p.getenv("GOGC") == "" {
		defer pipeline.PaceCollector()()
	}
	if sandbox {
		local, err := startSandbox()
		if err != nil {
			return err
		}
		defer local.close()
		o.Client, o.Service = local.client, sandboxService
	} else {
		if o.Client, err = p.client(cmp.Or(o.Limits.Concurrency, pipeline.MostSlots), o.Manifest.Output.AllowHosts); err != nil {
			return err
		}
		o.Service, o.Neighbours = o.Client.BaseURL(), neighbours()
	}
	if o.Watch == manifest.WatchSocket && !o.Client.HasSocket() {
		return &exit{code: codeUsage, err: errors.New("--watch websocket: this service has no websocket that is known"),
			hint: "set WIRO_SOCKET_URL, or leave it out: the best way that there is is taken then"}
	}
	screen := p.screen(p.stderr)
	defer screen.stop()
	ctx, leave := context.WithCancelCause(ctx)
	defer leave(nil)
	stop, release := signals(leave, screen.home)
	defer release()

	signal.Ignore(syscall.SIGPIPE) // a reader of its words that has left, such as head, is no reason to leave tasks behind
	o.Warn = screen.warn
	r, err := pipeline.Open(ctx, o)
	if err != nil {
		return notBegun(told(ctx, err), o.Out)
	}
	defer func() { err = errors.Join(err, r.Close()) }()
	screen.say(opening(o))
	screen.start(r, o)
	screen.tellStages(r, o.Out)
	endPages := func() {}
	if reports != reportOff {
		endPages = screen.looks(ctx, o, reports == reportLive)
	}
	result, err := r.Do(ctx, stop)
	endPages()
	screen.stop()
	if err != nil {
		e := classify(told(ctx, err))
		e.hint = onceOnly(o, e.hint)
		return e
	}
	last := closing(result, o)
	if ctx.Err() != nil {
		last = departure(result, o)
	}
	for _, line := range last {
		if _, err := fmt.Fprintln(p.stdout, onceOnly(o, line)); err != nil && !errors.Is(err, syscall.EPIPE) {
			return err
		}
	}
	if err := r.Close(); err != nil { // the folder is free: what follows only reads it
		return err
	}
	if reports != reportOff && ctx.Err() == nil && result.Disk == nil && !slices.Contains(result.Reasons, pipeline.Terminated) {
		p.lastPage(ctx, stop, o.Out)
	}
	code := result.ExitCode()
	if cause, ok := errors.AsType[*exit](context.Cause(ctx)); ok { // at once, maybe before the run heard of the first signal
		code = cause.code
	}
	if code != 0 {
		return &exit{code: code, err: result.Disk}
	}
	return nil
}

// opening is the first word of a run. It names the service where that is not the usual one.
func opening(o pipeline.Options) string {
	text := fmt.Sprintf("%s of %s into %s", english.Plural(o.Manifest.Grid().Len(), "cell", ""), o.Manifest.Model, o.Out)
	if !o.Sandbox && o.Service != wiro.DefaultBaseURL {
		text += ", on " + o.Service
	}
	return text
}

// told is the error of a run that was told to leave at once: the first signal says with which code.
func told(ctx context.Context, err error) error {
	if cause, ok := errors.AsType[*exit](context.Cause(ctx)); ok && errors.Is(err, context.Canceled) {
		return cause
	}
	return err
}

// signals turns the first signal into a reason to stop, and the second into leaving at once, with the exit code as the
// cause. A third is the system's again: it ends the process whatever that is waiting for. Each is told of by came.
func signals(leave context.CancelCauseFunc, came func()) (stop <-chan pipeline.Reason, release func()) {
	signalled := make(chan os.Signal, 2)
	signal.Notify(signalled, os.Interrupt, syscall.SIGTERM)
	reason := make(chan pipeline.Reason, 1)
	over := make(chan struct{})
	go func() {
		first := codeInterrupted
		for n := 0; ; n++ {
			select {
			case s := <-signalled:
				came()
				if n > 0 {
					signal.Stop(signalled)
					leave(&exit{code: first})
					return
				}
				if s == syscall.SIGTERM {
					first = codeTerminated
					reason <- pipeline.Terminated
				} else {
					reason <- pipeline.Interrupted
				}
			case <-over:
				return
			}
		}
	}()
	return reason, func() {
		signal.Stop(signalled)
		close(over)
	}
}
