package manifest

import (
	"testing"
	"time"
)

func limitsOf(t *testing.T, text string) Limits {
	t.Helper()
	return parse(t, "version: 1\nmodel: a/b\nlimits: {"+text+"}").Limits
}

func TestLimits(t *testing.T) {
	if l := limitsOf(t, ""); l != (Limits{TaskTimeout: 30 * time.Minute, Retries: 2}) {
		t.Errorf("the defaults are %+v", l)
	}
	for text, want := range map[string]struct {
		rate  float64
		burst int
	}{
		"rate: 5/s":            {5, 5},
		"rate: 300/m":          {5, 5},
		"rate: 1800/h":         {0.5, 1},
		"rate: 2.5":            {2.5, 3},
		"rate: 5 / s":          {5, 5},
		"rate: 5/s, burst: 1":  {5, 1},
		"burst: 20, rate: 0.1": {0.1, 20},
	} {
		if l := limitsOf(t, text); l.Rate != want.rate || l.Burst != want.burst {
			t.Errorf("%s is %v a second, %d at once", text, l.Rate, l.Burst)
		}
	}
	l := limitsOf(t, "concurrency: 8, budget_usd: 2.50, deadline: 06:00, task_timeout: 90s, retries: 0, max_failures: 7")
	if l.Concurrency != 8 || l.Deadline != "06:00" || l.TaskTimeout != 90*time.Second || l.Retries != 0 || l.MaxFailures != (MaxFailures{Count: 7}) {
		t.Errorf("got %+v", l)
	}
	if l.Budget.Decimal.String() != "2.5" || !l.Budget.Valid {
		t.Errorf("the budget is %v", l.Budget)
	}
	if l := limitsOf(t, "budget_usd: '0.000000000001', max_failures: 2.5 %"); l.Budget.Decimal.String() != "0.000000000001" || l.MaxFailures.Percent != 2.5 {
		t.Errorf("got %+v", l)
	}
}

// The flag takes what the manifest takes.
func TestParseRate(t *testing.T) {
	if rate, burst, err := ParseRate("90/m"); rate != 1.5 || burst != 2 || err != nil {
		t.Errorf("90/m is %v a second, %d at once, %v", rate, burst, err)
	}
	for _, text := range []string{"", "0", "0/s", "-1", "5/d", "5/", "/s", "1e3", "5 per s", "9999999"} {
		if rate, _, err := ParseRate(text); err == nil {
			t.Errorf("%q is %v a second", text, rate)
		}
	}
}

func TestPollRateAndWatch(t *testing.T) {
	if l := limitsOf(t, "poll_rate: 90/m"); l.PollRate != 1.5 {
		t.Errorf("90/m is %v a second", l.PollRate)
	}
	if m := parse(t, "version: 1\nmodel: a/b"); m.Watch != WatchAuto {
		t.Errorf("by default %q", m.Watch)
	}
	for _, mode := range WatchModes {
		if m := parse(t, "version: 1\nmodel: a/b\nwatch: "+mode); m.Watch != mode {
			t.Errorf("%s is read as %q", mode, m.Watch)
		}
	}
	for _, text := range []string{"watch: callback", "watch: [list]", "watch:", "limits: {poll_rate: 0}", "limits: {poll_rate: often}"} {
		if _, err := Parse("x.yaml", []byte("version: 1\nmodel: a/b\n"+text)); err == nil {
			t.Errorf("%s is taken", text)
		}
	}
}

func TestMaxFailuresReached(t *testing.T) {
	for _, row := range []struct {
		why           string
		f             MaxFailures
		failed, cells int
		want          bool
	}{
		{"no limit", MaxFailures{}, 100, 100, false},
		{"below the count", MaxFailures{Count: 3}, 2, 100, false},
		{"at the count", MaxFailures{Count: 3}, 3, 100, true},
		{"below the percentage", MaxFailures{Percent: 5}, 4, 100, false},
		{"at the percentage", MaxFailures{Percent: 5}, 5, 100, true},
		{"a percentage of few cells needs one failure at least", MaxFailures{Percent: 5}, 0, 0, false},
		{"and one is enough there", MaxFailures{Percent: 5}, 1, 3, true},
		{"all of them", MaxFailures{Percent: 100}, 2, 3, false},
	} {
		if got := row.f.Reached(row.failed, row.cells); got != row.want {
			t.Errorf("%s: %v", row.why, got)
		}
	}
}

func TestParseDeadline(t *testing.T) {
	zone := time.FixedZone("east", 2*3600)
	now := time.Date(2025, 12, 31, 22, 30, 5, 0, zone)
	for _, row := range []struct{ why, text, want string }{
		{"from now", "6h", "2026-01-01T04:30:05+02:00"},
		{"with minutes", "1h30m", "2026-01-01T00:00:05+02:00"},
		{"the next morning, over the end of the year", "06:00", "2026-01-01T06:00:00+02:00"},
		{"later today", "23:00", "2025-12-31T23:00:00+02:00"},
		{"this minute has begun, so tomorrow's", "22:30", "2026-01-01T22:30:00+02:00"},
		{"one digit", "6:05", "2026-01-01T06:05:00+02:00"},
	} {
		got, err := ParseDeadline(row.text, now)
		if err != nil || got.Format(time.RFC3339) != row.want {
			t.Errorf("%s: %s is %v, %v; want %s", row.why, row.text, got, err, row.want)
		}
	}
	if got, _ := ParseDeadline("22:30", now.Truncate(time.Minute)); got.Day() != 1 {
		t.Errorf("at 22:30 sharp, 22:30 is %v", got)
	}
	for _, text := range []string{"", "6", "24:00", "12:60", "-1h", "0s", "9000h", "6 h", "tomorrow", "06:00:00"} {
		if got, err := ParseDeadline(text, now); err == nil {
			t.Errorf("%q is %v", text, got)
		}
	}
}

// A clock that is put forward has no such time: the run ends within the hour.
func TestParseDeadlineWithoutThatTime(t *testing.T) {
	zone, err := time.LoadLocation("Europe/Berlin")
	if err != nil {
		t.Skip("no time zones here")
	}
	now := time.Date(2026, 3, 29, 0, 0, 0, 0, zone)
	got, err := ParseDeadline("02:30", now)
	if d := got.Sub(now); err != nil || d < time.Hour || d > 3*time.Hour {
		t.Errorf("got %v, %v", got, err)
	}
}

func TestDefaultName(t *testing.T) {
	for path, want := range map[string]string{
		"a/b/dragons.yaml":  "dragons",
		"dragons.night.yml": "dragons.night",
		`C:\x\my grid.yaml`: "my-grid",
		"-":                 "manifest",
		"":                  "manifest",
		".yaml":             "yaml",
		"../..":             "manifest",
		"con.yaml":          "run-con",
		"Übung.yaml":        "bung",
		"stdin":             "stdin",
	} {
		m, err := Parse(path, []byte("version: 1\nmodel: a/b"))
		if err != nil || m.Name != want {
			t.Errorf("%q gives %q, %v; want %q", path, m.Name, err, want)
		}
		if !folderName.MatchString(m.Name) || reserved(m.Name) {
			t.Errorf("%q is not safe as a name", m.Name)
		}
	}
	if m := parse(t, "version: 1\nmodel: a/b\nname: Night-2"); m.Name != "Night-2" || m.Version != 1 || m.Model != "a/b" || m.Path != "test.yaml" {
		t.Errorf("got %+v", m)
	}
}
