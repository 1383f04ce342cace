package cli

import (
	"fmt"
	"strings"
	"sync"
	"time"

	"github.com/dustin/go-humanize"

	"wirobatch/pipeline/report/export"
)

// exporting is where an export stands.
type exporting struct {
	export.Progress
	tempo tempo
}

func (e exporting) head() string {
	if e.Total == 0 {
		return fmt.Sprintf("%d %s", e.Done, e.Doing)
	}
	return fmt.Sprintf("%*d/%d %s", len(fmt.Sprint(e.Total)), e.Done, e.Total, e.Doing)
}

func (e exporting) panel(width int, paint painter) []string {
	width = min(width, widest)
	if e.Total == 0 {
		return []string{fit(e.head(), width)}
	}
	return []string{bar(e.head(), float64(e.Done)/float64(e.Total), remaining(e.tempo.left(e.Total-e.Done)), width, paint)}
}

func (e exporting) line() string {
	p := parts{e.head()}
	if e.Bytes > 0 {
		p.add("%s", humanize.Bytes(uint64(max(e.Bytes, 0))))
	}
	if left := e.tempo.left(e.Total - e.Done); left > 0 {
		p.add("%s left", about(left))
	}
	return strings.Join(p, " · ")
}

// show gives the screen what an export tells of itself.
func (s *screen) show() (tell func(export.Progress)) {
	var mu sync.Mutex
	var last export.Progress
	pace := pace{begun: time.Now()}
	s.live(func() ([]string, shown) {
		mu.Lock()
		at := last
		mu.Unlock()
		now := time.Now()
		if at.Total > 0 {
			pace.note(now, at.Done)
		}
		return nil, exporting{at, pace.at(now)}
	})
	return func(p export.Progress) {
		mu.Lock()
		last = p
		mu.Unlock()
	}
}
