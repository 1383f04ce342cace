package cli

import (
	"context"
	"errors"
	"fmt"
	"path/filepath"
	"sync"
	"time"

	"wirobatch/pipeline"
	"wirobatch/pipeline/journal"
	"wirobatch/pipeline/report/page"
)

// When report.html is made by a run.
const (
	reportOff  = "off"
	reportEnd  = "end"
	reportLive = "live"
)

var reportModes = []string{reportOff, reportEnd, reportLive}

const (
	firstPage = 5 * time.Second  // of a live report
	pageEvery = 30 * time.Second // from the end of one to the beginning of the next
	tellEvery = 10 * time.Second // of thumbnails at the end
)

// writePage makes report.html from the journal as anyone else would: a run that goes on is not held up by it.
func writePage(ctx context.Context, out string, o page.Options) error {
	j, err := journal.OpenReadOnly(ctx, filepath.Join(out, ".wirobatch"))
	if err != nil {
		return err
	}
	defer j.Close()
	o.Version = version()
	return page.Write(ctx, j, out, o)
}

// livePage makes the page again and again until stop is called, which does not wait for one to become whole.
func (s *screen) livePage(ctx context.Context, out string) (stop func()) {
	ctx, cancel := context.WithCancel(ctx)
	var over sync.WaitGroup
	over.Go(func() {
		for wait := firstPage; ; wait = pageEvery {
			select {
			case <-ctx.Done():
				return
			case <-time.After(wait):
			}
			err := writePage(ctx, out, page.Options{})
			if err != nil && ctx.Err() == nil {
				s.warn(fmt.Sprintf("%s: %v", page.File, err))
				return // the end tries once more
			}
		}
	})
	return func() {
		cancel()
		over.Wait()
	}
}

// lastPage makes the page once the run is over and all is said. A signal ends it, and changes nothing about how the run ended:
// all that it shows is in the journal.
func (p *program) lastPage(ctx context.Context, stop <-chan pipeline.Reason, out string) {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	go func() {
		select {
		case <-stop:
			cancel()
		case <-ctx.Done():
		}
	}()
	told := time.Now()
	err := writePage(ctx, out, page.Options{Progress: func(done, total int) {
		if time.Since(told) >= tellEvery {
			told = time.Now()
			fmt.Fprintf(p.stderr, "%s: %d of %d thumbnails\n", page.File, done, total)
		}
	}})
	tooMany := (*page.TooManyError)(nil)
	switch {
	case err == nil:
		fmt.Fprintf(p.stdout, "%-8s %s\n", "Page", filepath.Join(out, page.File))
	case errors.As(err, &tooMany):
		fmt.Fprintln(p.stderr, err)
	case ctx.Err() != nil:
		fmt.Fprintf(p.stderr, "%s is not made: interrupted; wirobatch report %s makes it\n", page.File, out)
	default:
		fmt.Fprintf(p.stderr, "%s is not made: %v; wirobatch report %s tries again\n", page.File, err, out)
	}
}
