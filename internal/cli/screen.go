package cli

import (
	"context"
	"fmt"
	"io"
	"os"
	"strings"
	"sync"
	"time"

	"github.com/shopspring/decimal"
	"golang.org/x/term"

	"wirobatch/pipeline"
	"wirobatch/pipeline/journal"
)

// screen shows a run, or an export, while it goes on: a panel on a terminal, a line each ten seconds elsewhere.
type screen struct {
	w     io.Writer
	tty   *os.File // nil: no terminal
	color bool

	mu      sync.Mutex // held for each write
	panel   bool       // there is one
	heading []string   // what it shows, below that
	now     shown

	over    context.Context
	end     context.CancelFunc
	done    sync.WaitGroup
	stopped sync.Once
}

// shown is where something stands that takes its time.
type shown interface {
	panel(width int, paint painter) []string
	line() string // all of it in one
}

const (
	panelEvery = 200 * time.Millisecond
	lineEvery  = 10 * time.Second
	readEvery  = time.Second // of the journal,
	readRest   = 50          // but no more than so small a part of the time
)

// screen is that of a stream of the program.
func (p *program) screen(w io.Writer) *screen {
	s := &screen{w: w}
	s.over, s.end = context.WithCancel(context.Background())
	if f, ok := w.(*os.File); ok && term.IsTerminal(int(f.Fd())) && p.getenv("TERM") != "dumb" && obeys(f) {
		s.tty, s.color = f, p.getenv("NO_COLOR") == ""
	}
	return s
}

// say prints a line, on a terminal above the panel.
func (s *screen) say(text string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if !s.panel {
		fmt.Fprintln(s.w, text)
		return
	}
	io.WriteString(s.w, wipe+text+"\r\n"+s.frame())
}

// warn tells of a trouble in one line: errors that are joined come in several.
func (s *screen) warn(text string) {
	s.say(s.paint("33", "warning:") + " " + visible(strings.ReplaceAll(text, "\n", "; ")))
}

// paint colours text by an SGR code, where colours are wanted.
func (s *screen) paint(code, text string) string {
	if !s.color || text == "" {
		return text
	}
	return "\x1b[" + code + "m" + text + "\x1b[0m"
}

// The cursor rests at the beginning of the panel. A terminal that is made narrower or wider breaks the lines anew, and keeps the
// cursor at its place in the text: so the panel is drawn over itself, however many lines it has become.
const (
	wipe   = "\r\x1b[J"
	below  = "\x1b[J"                // whatever is left there
	begin  = "\x1b[?2026h\x1b[?7l\r" // shown when it is whole, where the terminal can; what is too wide is cut, not wrapped
	finish = "\r\x1b[?7h\x1b[?2026l"
)

// size is that of the terminal, and a common one where there is none.
func (s *screen) size() (width, height int) {
	if s.tty != nil {
		if width, height, err := term.GetSize(int(s.tty.Fd())); err == nil && width > 0 && height > 0 {
			return width, height
		}
	}
	return 80, 24
}

// frame is the panel as it is written. The caller holds the lock.
func (s *screen) frame() string {
	width, height := s.size()
	var lines []string
	for _, line := range s.heading {
		lines = append(lines, fit(line, min(width-1, widest)))
	}
	lines = append(lines, s.now.panel(width-1, s.paint)...)
	lines = lines[:max(min(len(lines), height-1), 1)]
	up := ""
	if n := len(lines) - 1; n > 0 {
		up = fmt.Sprintf("\x1b[%dA", n)
	}
	return begin + strings.Join(lines, "\x1b[K\r\n") + below + up + finish
}

// draw brings the panel up to date.
func (s *screen) draw(heading []string, now shown) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.panel, s.heading, s.now = true, heading, now
	io.WriteString(s.w, s.frame())
}

// home draws the panel over the terminal's echo of ^C.
func (s *screen) home() {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.panel {
		io.WriteString(s.w, s.frame())
	}
}

// live shows until stop what tell tells: a panel below some lines of a heading, or a line now and then.
func (s *screen) live(tell func() (heading []string, now shown)) {
	s.done.Go(func() {
		tick, said := time.NewTicker(panelEvery), time.Now()
		defer tick.Stop()
		for {
			select {
			case <-s.over.Done():
				return
			case at := <-tick.C:
				heading, now := tell()
				if s.tty != nil {
					s.draw(heading, now)
				} else if at.Sub(said) >= lineEvery {
					s.say(now.line())
					said = at
				}
			}
		}
	})
}

// start shows the run until stop.
func (s *screen) start(r *pipeline.Run, o pipeline.Options) {
	pace, before := pace{begun: time.Now()}, ended(r.Progress())
	pace.count = over(r.Progress())
	var (
		price    decimal.NullDecimal
		failures []journal.Failure
		read     time.Time // when it is time to
		troubled int
	)
	s.live(func() ([]string, shown) {
		now, p := time.Now(), r.Progress()
		pace.note(now, over(p))
		if s.tty != nil && now.After(read) {
			if usd, err := r.Price(s.over); err == nil {
				price = usd
			}
			if n := p.Failed + p.Undelivered; n != troubled {
				if last, err := r.Failures(s.over, shownFailures); err == nil {
					failures, troubled = last, n
				}
			}
			read = time.Now().Add(max(readEvery, readRest*time.Since(now)))
		}
		return nil, status{
			Progress: p, stages: stagesOf(r), before: before, limit: o.Limit,
			tempo: pace.at(now), price: price, budget: o.Limits.Budget, failures: failures, now: now,
		}
	})
}

// stop takes the panel away; what is said next stands in its place.
func (s *screen) stop() {
	s.stopped.Do(func() {
		s.end()
		s.done.Wait()
		s.mu.Lock()
		defer s.mu.Unlock()
		if s.panel {
			s.panel = false
			io.WriteString(s.w, wipe)
		}
	})
}
