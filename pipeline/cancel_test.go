package pipeline_test

import (
	"context"
	"errors"
	"maps"
	"net/http"
	"strings"
	"testing"
	"time"

	"wirobatch/pipeline"
	"wirobatch/pipeline/journal"
	"wirobatch/wiro"
	"wirobatch/wiro/sandbox"
)

// abandon starts the grid and leaves it at once after 5 s: with sevenSeconds six tasks go on on the service.
func (p *place) abandon() { p.t.Helper(); p.abandonAfter(5 * time.Second) }

func (p *place) abandonAfter(d time.Duration) {
	p.t.Helper()
	ctx, leave := context.WithTimeout(context.Background(), d)
	defer leave()
	if _, err := p.try(ctx, nil, grid); err != nil {
		p.t.Fatal(err)
	}
}

func (p *place) cancel(client *wiro.Client) (fates map[pipeline.Fate]int, told []pipeline.Cancelled, err error) {
	fates, err = pipeline.Cancel(context.Background(), pipeline.CancelOptions{
		Client: client, Out: p.out, Service: "test", Tell: func(c pipeline.Cancelled) { told = append(told, c) },
	})
	return fates, told, err
}

func TestCancelEndsWhatARunLeft(t *testing.T) {
	for _, row := range []struct {
		faults sandbox.Faults
		why    string
	}{
		{nil, "the usual case"},
		{sandbox.Faults{"kill_5xx": 1}, "each takes effect, and answers 5xx"},
		{sandbox.Faults{"kill_drop": 1}, "each takes effect, and the answer is lost"},
		{sandbox.Faults{"detail_5xx": 0.3}, "looks fail now and then"},
	} {
		in(t, sandbox.Options{Timing: sevenSeconds, Workers: 3, Faults: row.faults}, func(p *place) {
			p.abandon()
			fates, told, err := p.cancel(p.client)
			if err != nil || fates[pipeline.OutOfQueue]+fates[pipeline.Killed] != 6 || len(told) != 6 {
				t.Fatalf("%s: %v, %v, %v", row.why, err, fates, told)
			}
			if n := fates[pipeline.Killed]; n < 3 || row.faults == nil && n != 3 {
				t.Errorf("%s: %d were killed, 3 were running", row.why, n)
			}
			if p.statuses()["cancelled"] != 6 || p.statuses()["pending"] != 18 {
				t.Errorf("%s: %v", row.why, p.statuses())
			}
			time.Sleep(time.Minute)
			if n := len(p.sandbox.Charges()); n != 0 {
				t.Errorf("%s: %d tasks were charged", row.why, n)
			}
			if r := p.run(grid); r.ExitCode() != 0 || p.sandbox.Accepted() != 30 {
				t.Errorf("%s: then exit %d, %d tasks", row.why, r.ExitCode(), p.sandbox.Accepted())
			}
			p.audit()
		})
	}
}

func TestCancelLeavesWhatHasEnded(t *testing.T) {
	in(t, sandbox.Options{Timing: sevenSeconds}, func(p *place) {
		p.abandon()
		time.Sleep(time.Minute)
		fates, _, err := p.cancel(p.client)
		if err != nil || !maps.Equal(fates, map[pipeline.Fate]int{pipeline.EndedSo: 6}) {
			t.Errorf("%v, %v", err, fates)
		}
		if n := p.sandbox.Requests(); n["Task/Kill"]+n["Task/Cancel"] != 0 {
			t.Errorf("%v", n)
		}
		if r := p.run(grid); r.ExitCode() != 0 || p.sandbox.Accepted() != 24 {
			t.Errorf("then exit %d, %d tasks for 24 cells", r.ExitCode(), p.sandbox.Accepted())
		}
		p.audit()
	})
}

// deaf is a service that does not answer calls of some names.
type deaf struct {
	http.RoundTripper
	to string
}

func (d deaf) RoundTrip(r *http.Request) (*http.Response, error) {
	if strings.HasSuffix(r.URL.Path, d.to) {
		return nil, errors.New("not today")
	}
	return d.RoundTripper.RoundTrip(r)
}

func TestCancelThatCannot(t *testing.T) {
	in(t, sandbox.Options{Timing: sevenSeconds}, func(p *place) {
		p.abandon()
		for _, call := range []string{"/Task/Detail", "/Task/Kill"} {
			fates, told, err := p.cancel(p.dial(deaf{p.transport, call}, "sandbox"))
			ended := fates[pipeline.EndedSo] // while Kill was tried
			if err != nil || fates[pipeline.LeftAlone]+ended != 6 || call == "/Task/Detail" && ended > 0 {
				t.Errorf("%s: %v, %v", call, err, fates)
			}
			for _, c := range told {
				if c.Fate == pipeline.LeftAlone && (c.Err == nil || c.Task == "" || c.Cell == "") {
					t.Errorf("%s: %+v", call, c)
				}
			}
		}
		_, told, err := p.cancel(p.dial(p.transport, "another"))
		if e, ok := as[*wiro.Error](err); !ok || !e.Unauthorised() || len(told) != 0 {
			t.Errorf("another key: %v, %v", err, told)
		}
		if r := p.run(grid); r.ExitCode() != 0 || p.sandbox.Accepted() != 24 {
			t.Errorf("then exit %d, %d tasks for 24 cells", r.ExitCode(), p.sandbox.Accepted())
		}
		p.audit()
	})
}

func TestCancelLeavesUnansweredSubmits(t *testing.T) {
	in(t, sandbox.Options{Timing: sevenSeconds, Faults: sandbox.Faults{"run_drop_after": 1, "list_5xx": 1}}, func(p *place) {
		p.abandonAfter(time.Minute)
		fates, told, err := p.cancel(p.client)
		if err != nil || fates[pipeline.LeftAlone] == 0 || len(fates) != 1 {
			t.Fatalf("%v, %v", err, fates)
		}
		for _, c := range told {
			if c.Task != "" || c.Err == nil {
				t.Errorf("%+v", c)
			}
		}
	})
}

func TestCancelTakesTheLock(t *testing.T) {
	in(t, sandbox.Options{}, func(p *place) {
		p.run(grid)
		j, err := journal.Open(context.Background(), p.out+"/.wirobatch", journal.Options{Service: "test"})
		if err != nil {
			t.Fatal(err)
		}
		_, _, err = p.cancel(p.client)
		if _, ok := as[*journal.LockedError](err); !ok {
			t.Errorf("%v", err)
		}
		j.Close()
		if fates, _, err := p.cancel(p.client); err != nil || len(fates) != 0 || p.statuses()["done"] != 24 {
			t.Errorf("%v, %v, %v", err, fates, p.statuses())
		}
	})
}
