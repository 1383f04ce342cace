package cli

import (
	"context"
	"errors"
	"fmt"
	"path/filepath"
	"sync"
	"time"

	"github.com/dustin/go-humanize/english"

	"wirobatch/pipeline"
	"wirobatch/pipeline/journal"
	"wirobatch/pipeline/report/grids"
	"wirobatch/pipeline/report/page"
	"wirobatch/pipeline/report/pictures"
)

// When report.html is made by a run.
const (
	reportOff  = "off"
	reportEnd  = "end"
	reportLive = "live"
)

var reportModes = []string{reportOff, reportEnd, reportLive}

const (
	firstPage   = 5 * time.Second  // of a live report
	pageEvery   = 30 * time.Second // from the end of one to the beginning of the next, but
	pageShare   = 10               // times as long as one takes, at least, up to
	longestWait = 5 * time.Minute
	tellEvery   = 10 * time.Second // of thumbnails at the end
)

// writePage makes report.html from the journal as anyone else would, and after it the grid pictures, where they are wanted: a run
// that goes on is not held up by it.
func writePage(ctx context.Context, out string, o page.Options, withGrids bool) (sheets int, err error) {
	j, err := journal.OpenToLook(ctx, filepath.Join(out, ".wirobatch"))
	if err != nil {
		return 0, err
	}
	defer j.Close()
	if o.X, o.Y, err = layout(ctx, j); err != nil {
		return 0, err
	}
	o.Version = version()
	if err := page.Write(ctx, j, out, o); err != nil || !withGrids {
		return 0, err
	}
	names, err := grids.Write(ctx, out, j, grids.Options{X: o.X, Y: o.Y})
	return len(names), err
}

// looks makes the page again and again while a run goes on, or without live its thumbnails alone, so that the page does not take
// long at the end. stop does not wait for one to become whole.
func (s *screen) looks(ctx context.Context, o pipeline.Options, live bool) (stop func()) {
	if o.Manifest.Grid().Len() > page.MostCells {
		return func() {}
	}
	ctx, cancel := context.WithCancel(ctx)
	var over sync.WaitGroup
	over.Go(func() {
		for wait := firstPage; ; {
			select {
			case <-ctx.Done():
				return
			case <-time.After(wait):
			}
			began := time.Now()
			err := writeThumbs(ctx, o.Out)
			if err == nil && live {
				_, err = writePage(ctx, o.Out, page.Options{}, false)
			}
			if err != nil && ctx.Err() == nil {
				s.warn(fmt.Sprintf("%s: %v", page.File, err))
				return // the end tries once more
			}
			wait = max(pageEvery, min(pageShare*time.Since(began), longestWait))
		}
	})
	return func() {
		cancel()
		over.Wait()
	}
}

// writeThumbs makes the small pictures of what has been delivered so far.
func writeThumbs(ctx context.Context, out string) error {
	j, err := journal.OpenToLook(ctx, filepath.Join(out, ".wirobatch"))
	if err != nil {
		return err
	}
	defer j.Close()
	_, err = pictures.Update(ctx, out, j.Rows(ctx), nil)
	return err
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
	sheets, err := writePage(ctx, out, page.Options{Progress: func(done, total int) {
		if done < total && time.Since(told) >= tellEvery {
			told = time.Now()
			fmt.Fprintf(p.stderr, "%s: %d of %d thumbnails\n", page.File, done, total)
		}
	}}, true)
	tooMany := (*page.TooManyError)(nil)
	switch {
	case err == nil:
		fmt.Fprintf(p.stdout, "%-8s %s\n", "Page", filepath.Join(out, page.File))
		if sheets > 0 {
			fmt.Fprintf(p.stdout, "%-8s %s (%s)\n", "", filepath.Join(out, grids.Folder), english.Plural(sheets, "picture", ""))
		}
	case errors.As(err, &tooMany):
		fmt.Fprintln(p.stderr, err)
	case ctx.Err() != nil:
		fmt.Fprintf(p.stderr, "%s is not made: interrupted; wirobatch report %s makes it\n", page.File, out)
	default:
		fmt.Fprintf(p.stderr, "%s is not made: %v; wirobatch report %s tries again\n", page.File, err, out)
	}
}
