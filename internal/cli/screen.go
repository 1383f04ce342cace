package cli

import (
	"fmt"
	"io"
	"os"
	"strings"
	"sync"
	"time"

	"github.com/vbauerster/mpb/v8"
	"github.com/vbauerster/mpb/v8/decor"
	"golang.org/x/term"

	"wirobatch/pipeline"
)

// screen shows a run while it goes on: a bar on a terminal, a line each ten seconds elsewhere. All of it is on stderr.
type screen struct {
	w     io.Writer // where lines go; on a terminal above the bar
	tty   *os.File  // nil: no terminal
	bars  *mpb.Progress
	bar   *mpb.Bar
	color bool

	over    chan struct{}
	done    sync.WaitGroup
	stopped sync.Once
}

const (
	barEvery  = 100 * time.Millisecond
	lineEvery = 10 * time.Second
)

func (p *program) screen() *screen {
	s := &screen{w: p.stderr, over: make(chan struct{})}
	if f, ok := p.stderr.(*os.File); ok && term.IsTerminal(int(f.Fd())) && p.getenv("TERM") != "dumb" {
		s.tty, s.color = f, p.getenv("NO_COLOR") == ""
		s.bars = mpb.New(mpb.WithOutput(f), mpb.WithRefreshRate(barEvery), mpb.WithAutoRefresh())
		s.w = s.bars
	}
	return s
}

// say prints a line.
func (s *screen) say(text string) { fmt.Fprintln(s.w, text) }

// warn says what a person should know without stopping for it.
// warn tells of a trouble in one line: errors that are joined come in several.
func (s *screen) warn(text string) {
	s.say(s.paint("33", "warning:") + " " + strings.ReplaceAll(text, "\n", "; "))
}

// paint colours text by an SGR code, where colours are wanted.
func (s *screen) paint(code, text string) string {
	if !s.color {
		return text
	}
	return "\x1b[" + code + "m" + text + "\x1b[0m"
}

// home puts the cursor back to the first column, from where the terminal's echo of ^C has moved it: the bar is redrawn
// from where the cursor is.
func (s *screen) home() {
	if s.tty != nil {
		io.WriteString(s.tty, "\r")
	}
}

// start shows the run until stop. With a limit, that many cells more are all that is looked forward to.
func (s *screen) start(r *pipeline.Run, limit int) {
	begun, before := time.Now(), ended(r.Progress())
	now := func() status {
		return status{Progress: r.Progress(), underway: r.Underway(), before: before, limit: limit, since: time.Since(begun)}
	}
	every, show := lineEvery, func() { s.say(now().line()) }
	if s.bars != nil {
		every, show = barEvery, s.draw(now)
	}
	s.done.Go(func() {
		tick := time.NewTicker(every)
		defer tick.Stop()
		for {
			select {
			case <-s.over:
				return
			case <-tick.C:
				show()
			}
		}
	})
}

// draw makes the bar with what is known beside it, and gives what moves it.
func (s *screen) draw(now func() status) (show func()) {
	paint := func(code string) func(string) string {
		return func(text string) string { return s.paint(code, text) }
	}
	style := mpb.BarStyle().Lbound("").Filler("━").Tip("━").Padding("─").Rbound("").
		FillerMeta(paint("36")).TipMeta(paint("36")).PaddingMeta(paint("2"))
	s.bar = s.bars.New(0, style,
		mpb.BarRemoveOnComplete(),
		mpb.BarFillerMiddleware(func(bar mpb.BarFiller) mpb.BarFiller {
			return mpb.BarFillerFunc(func(w io.Writer, at decor.Statistics) error {
				at.AvailableWidth = min(at.AvailableWidth-margin, longestBar)
				return bar.Fill(w, at)
			})
		}),
		mpb.PrependDecorators(decor.Any(func(decor.Statistics) string { return now().head() })),
		mpb.AppendDecorators(decor.Any(func(at decor.Statistics) string { return now().detail(at.AvailableWidth - shortestBar - margin) })),
	)
	return func() {
		at := now()
		done, all := at.filled()
		s.bar.SetTotal(all, false)
		s.bar.SetCurrent(done)
	}
}

const (
	// shortestBar is the columns that the bar keeps for itself on a narrow terminal.
	shortestBar = 10
	// longestBar keeps the line together on a wide one, and from wrapping when that is made narrower.
	longestBar = 48
	// margin is left free at the right, so that a line that the echo of two ^C has shifted does not wrap.
	margin = 4
)

// stop takes the bar away; what is said next stands in its place.
func (s *screen) stop() {
	s.stopped.Do(func() {
		close(s.over)
		s.done.Wait()
		if s.bar != nil {
			s.bar.Abort(true)
			s.bar.Wait()
		}
		if s.bars != nil {
			s.bars.Shutdown()
		}
	})
}
