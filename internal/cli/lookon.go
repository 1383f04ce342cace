package cli

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"wirobatch/pipeline/journal"
)

func (p *program) status() *cobra.Command {
	var follow, asJSON bool
	c := &cobra.Command{
		Use:   "status DIR",
		Short: "Say where the run in an output folder stands, from another terminal",
		Long: `Say where the run in an output folder stands: whether one is at work and since when,
what has ended, how fast, what it cost and is expected to cost, and the last failures.
All of it comes from the journal and the lock in the folder: no network is used, no key
is needed, and the run is not disturbed.

With --follow it goes on until the run ends: a panel on a terminal, a line each ten
seconds elsewhere. With --json it prints one object, and with both one in a line each
second; keys are only ever added.`,
		Example: `  wirobatch status out/dragons
  wirobatch status out/dragons --follow
  wirobatch status out/dragons --json`,
		Args:              exactly("DIR"),
		ValidArgsFunction: completeDir,
		RunE: func(c *cobra.Command, args []string) error {
			if info, err := os.Stat(args[0]); err == nil && !info.IsDir() {
				return usage("%s is a file: write the output folder of a run", args[0])
			}
			ctx, release := untilSignal(c.Context())
			defer release()
			v, err := lookOn(ctx, args[0])
			switch {
			case err != nil:
			case follow && asJSON:
				err = p.followJSON(ctx, v)
			case follow:
				err = p.follow(ctx, v)
			case asJSON:
				e := json.NewEncoder(p.stdout)
				e.SetIndent("", "  ")
				err = e.Encode(v.json())
			default:
				err = p.show(v)
			}
			if ctx.Err() != nil {
				return context.Cause(ctx)
			}
			return err
		},
	}
	c.Flags().BoolVar(&follow, "follow", false, "go on until the run ends")
	c.Flags().BoolVar(&asJSON, "json", false, "print one JSON object")
	return c
}

// view is what somebody who looks on can know of a folder at one moment.
type view struct {
	journal.Standing
	dir    string
	atWork bool
	holder journal.Holder
	stages *stages // nil where no run says
	ends   pace
	now    time.Time
}

// paceKnown is how far back the ends of cells are read.
const paceKnown = time.Hour

// lookOn reads the lock first: a run that ends meanwhile has still written all by the time that the journal is read.
func lookOn(ctx context.Context, dir string) (v view, err error) {
	v = view{dir: dir, now: time.Now()}
	own := filepath.Join(dir, ".wirobatch")
	if v.holder, v.atWork, err = journal.AtWork(own); err != nil {
		return v, err
	}
	if v.atWork {
		v.stages = readStages(own, v.holder.PID, v.now)
	}
	j, err := journal.OpenToLook(ctx, own)
	if errors.Is(err, fs.ErrNotExist) {
		if v.atWork {
			return v, usage("the run in %s has only just begun: there is nothing to tell yet", dir)
		}
		return v, usage("%s holds no run: it has no .wirobatch folder with a journal", dir)
	}
	if err != nil {
		return v, err
	}
	defer j.Close()
	known := v.now.Add(-paceKnown)
	v.Standing, err = j.Standing(ctx, known, shownFailures)
	v.ends = since(v.Run.StartedAt, known, v.Ends)
	return v, err
}

// begun is since when the run is at work.
func (v view) begun() time.Time {
	if v.Opening || v.Run.StartedAt.IsZero() {
		return v.holder.Since
	}
	return v.Run.StartedAt
}

// status is what is known of the cells, as a run shows its own.
func (v view) status() status {
	s := status{
		Progress: journal.Progress{
			Cells: v.Cells, Done: v.States[journal.Done], Failed: v.States[journal.Failed], Cancelled: v.States[journal.Cancelled],
			Held: v.States[journal.Held] + v.States[journal.Unknown], Undelivered: v.Undelivered, Pending: v.States[journal.Pending],
			Spent: v.Spent, Reserved: v.Reserved, Unpriced: v.Unpriced, Attempts: v.Attempts,
		},
		price: v.Price, budget: v.Run.Budget, failures: v.Failures, now: v.now,
	}
	s.InFlight = v.States[journal.Intended] + v.States[journal.Submitted] - v.Undelivered
	if v.atWork && !v.Opening {
		s.before, s.limit, s.tempo = v.Run.Before, v.Run.Limit, v.ends.at(v.now)
	}
	if v.stages != nil {
		s.stages, s.Downloading, s.LookedUp = *v.stages, v.stages.Downloading, v.stages.LookedUp
	}
	return s
}

// heading says what runs, and where.
func (v view) heading() []string {
	what := fmt.Sprintf("%s in %s", v.Name, v.dir)
	if v.Name == "" {
		what = v.dir
	}
	return []string{visible(what), visible(v.work())}
}

// work says whether a run is at work, and else how the last one ended.
func (v view) work() string {
	n := v.Run.Number
	switch {
	case v.atWork:
		text := "a run is at work"
		if begun := v.begun(); !begun.IsZero() {
			text += fmt.Sprintf(" since %s (%s)", clock(begun, v.now), rough(max(v.now.Sub(begun).Truncate(time.Second), time.Second)))
		}
		if v.holder.PID > 0 {
			text += fmt.Sprintf(", process %d", v.holder.PID)
			if host, _ := os.Hostname(); v.holder.Host != host {
				text += " on " + v.holder.Host
			}
		}
		return text
	case n == 0:
		return "no run is at work, and none has got as far as to begin"
	case v.Opening:
		return fmt.Sprintf("no run is at work; the last one was stopped before it began, run %d before it at %s", n, clock(v.Run.StartedAt, v.now))
	case v.Run.EndedAt.IsZero():
		return fmt.Sprintf("no run is at work; run %d, begun at %s, was killed", n, clock(v.Run.StartedAt, v.now))
	}
	return fmt.Sprintf("no run is at work; run %d ended at %s with exit code %d", n, clock(v.Run.EndedAt, v.now), v.Run.ExitCode)
}

// lines is all of it for a person.
func (v view) lines(width int, paint painter) []string {
	var lines []string
	for _, line := range v.heading() {
		lines = append(lines, fit(line, min(width, widest)))
	}
	return append(lines, v.status().panel(width, paint)...)
}

// show prints it once.
func (p *program) show(v view) error {
	s := p.screen(p.stdout)
	width, _ := s.size()
	_, err := fmt.Fprintln(p.stdout, strings.Join(v.lines(width-1, s.paint), "\n"))
	return err
}

// follow shows it until the run ends, and then how it ended.
func (p *program) follow(ctx context.Context, v view) error {
	s := p.screen(p.stdout)
	defer s.stop()
	views := make(chan view, 1)
	s.live(func() ([]string, shown) {
		select {
		case v = <-views:
		default:
		}
		v := v
		v.now = time.Now()
		return v.heading(), v.status()
	})
	last, err := watchOn(ctx, v, func(next view) error {
		select {
		case <-views: // it was not shown
		default:
		}
		views <- next
		return nil
	})
	s.stop()
	if err != nil {
		return err
	}
	return p.show(last)
}

func (p *program) followJSON(ctx context.Context, v view) error {
	e := json.NewEncoder(p.stdout)
	if err := e.Encode(v.json()); err != nil {
		return err
	}
	_, err := watchOn(ctx, v, func(next view) error { return e.Encode(next.json()) })
	return err
}

// watchOn looks again each second until no run is at work, and gives the last view.
func watchOn(ctx context.Context, v view, tell func(view) error) (view, error) {
	for v.atWork {
		select {
		case <-ctx.Done():
			return v, ctx.Err()
		case <-time.After(max(readEvery, readRest*time.Since(v.now))):
		}
		next, err := lookOn(ctx, v.dir)
		if err != nil {
			return v, err
		}
		if err := tell(next); err != nil {
			return next, err
		}
		v = next
	}
	return v, nil
}
