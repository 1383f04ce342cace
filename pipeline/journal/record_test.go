package journal

import (
	"fmt"
	"testing"
	"time"
)

// full is a record with every field set.
func full() Record {
	day := time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)
	return Record{State: Done, Attempt: 1, IntendedAt: day, NewestKnown: "99", Reserved: usd("0.01").Decimal, TaskID: "101", TaskToken: "tok",
		SubmittedAt: day.Add(1500 * time.Millisecond), FinishedAt: day.Add(9 * time.Second), TaskStatus: "task_postprocess_end", Exit: "0",
		Elapsed: usd("6.0000"), Queue: usd("1"), Run: usd("4"), Postprocess: usd("0"), Wait: Took(1250 * time.Millisecond), Download: Took(0), Total: Took(9 * time.Second), Polls: 4,
		Cost: usd("0.00351"), CostSource: "reported", Error: "size differs",
		Files: []File{{N: 0, Name: "0.png", URL: "https://cdn1.wiro.ai/x/0.png", ContentType: "image/png", Path: "images/a.png", Bytes: 202472, Width: 512, Height: 288, SHA256: "ab"},
			{N: 1, Path: "images/b.png"}}}
}

func TestRecordIsReadBack(t *testing.T) {
	f := newFolder(t)
	j := f.start(2, options)
	ends := j.Outcomes()
	finish(t, lease(t, j), full())
	empty := Record{State: Failed, Attempt: 1}
	finish(t, lease(t, j), empty)
	for i, r := range rows(t, j) {
		want := []Record{full(), empty}[i]
		if got, want := fmt.Sprintf("%+v", r.Record), fmt.Sprintf("%+v", want); got != want {
			t.Errorf("read back:\n%s\nwant\n%s", got, want)
		}
		if out := <-ends; fmt.Sprintf("%+v", out) != fmt.Sprintf("%+v", r) {
			t.Errorf("outcome:\n%+v\nwant\n%+v", out, r)
		}
	}
}

func TestRunsAndTasks(t *testing.T) {
	f := newFolder(t)
	day := time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)
	j := f.start(2, options)
	if err := j.StartRun(t.Context(), Run{Version: "0.1.0", StartedAt: day, Concurrency: 8, BaseURL: options.Service}); err != nil {
		t.Fatal(err)
	}
	l := lease(t, j)
	save(t, l, record(l, Submitted))
	j.NoteTask("99")
	j.NoteTask("nonsense")
	if got := j.NewestTask(t.Context()); got != "101" {
		t.Errorf("newest task %q", got)
	}
	j.NoteTask("0001000") // more digits, not later in the alphabet
	save(t, l, l.Record)
	f.kill(j)
	j = f.open(options)
	if got := j.NewestTask(t.Context()); got != "0001000" {
		t.Errorf("newest task after a restart %q", got)
	}
	if id, ok, err := j.TaskKnown(t.Context(), "101"); id != l.Cell.ID || !ok || err != nil {
		t.Errorf("TaskKnown: %q, %v, %v", id, ok, err)
	}
	if id, ok, err := j.TaskKnown(t.Context(), "102"); ok || err != nil {
		t.Errorf("TaskKnown of a stranger: %q, %v, %v", id, ok, err)
	}
	second := Run{Version: "0.1.0", StartedAt: day.Add(time.Hour), Concurrency: 8, BaseURL: options.Service}
	if err := j.StartRun(t.Context(), second); err != nil {
		t.Fatal(err)
	}
	second.EndedAt, second.ExitCode = day.Add(2*time.Hour), 3
	if err := j.EndRun(t.Context(), second); err != nil {
		t.Fatal(err)
	}
	runs, err := j.Runs(t.Context())
	if err != nil || len(runs) != 2 || !runs[0].EndedAt.IsZero() || runs[0].Number != 1 || runs[1].Number != 2 || runs[1].ExitCode != 3 || !runs[1].EndedAt.Equal(second.EndedAt) {
		t.Errorf("%+v, %v", runs, err)
	}
}

func TestProgressAddsUp(t *testing.T) {
	f := newFolder(t)
	j := f.start(10, options)
	for _, s := range []State{Done, Failed, Cancelled, Held, Submitted, Unknown, Intended} {
		l := lease(t, j)
		save(t, l, record(l, s))
		switch s {
		case Submitted:
			l.FreeSlot() // downloading
		case Unknown: // being looked up
		case Intended: // being submitted
		default:
			finish(t, l, l.Record)
		}
	}
	p := j.Progress()
	if p.Cells != 10 || p.Done != 1 || p.Failed != 1 || p.Cancelled != 1 || p.Held != 1 || p.Downloading != 1 || p.LookedUp != 1 || p.InFlight != 1 || p.Pending != 3 {
		t.Errorf("%+v", p)
	}
	f.kill(j)
	j = f.open(options)
	if p := j.Progress(); p.Held != 2 || p.Pending != 6 || p.Downloading+p.LookedUp+p.InFlight+p.Cancelled != 0 {
		t.Errorf("after a restart: %+v", p)
	}
	for range 4 { // the task is followed, the others are looked up: without a slot once they have been
		lease(t, j).FreeSlot()
	}
	if p := j.Progress(); p.LookedUp != 3 || p.InFlight != 0 || p.Downloading != 1 || p.Held != 0 {
		t.Errorf("taken up again: %+v", p)
	}
}

func TestSecondsAreSpelled(t *testing.T) {
	for want, s := range map[string]Seconds{"": {}, "0.000": Took(0), "1.235": Took(1234567 * time.Microsecond), "3600.000": Took(time.Hour)} {
		if s.String() != want {
			t.Errorf("%v: %q, want %q", s.Duration, s, want)
		}
	}
}

// A reader of Outcomes that has gone away must not keep Close from ending.
func TestCloseWithAFullBuffer(t *testing.T) {
	f := newFolder(t)
	j := f.start(1, options)
	j.Outcomes()
	for range outcomesAhead {
		j.emit(t.Context(), Row{})
	}
	l := lease(t, j)
	done := make(chan error)
	go func() { done <- l.Finish(t.Context(), record(l, Done)) }()
	for states(t, j)[0] != Done {
	}
	j.Close()
	if err := <-done; err != nil {
		t.Error(err)
	}
}
