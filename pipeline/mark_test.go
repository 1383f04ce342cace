package pipeline

import (
	"context"
	"net/url"
	"slices"
	"strings"
	"testing"
	"time"

	"wirobatch/wiro"
)

const (
	oneMark     = "0123456789abcdef0123456789abcdef"
	anotherMark = "fedcba9876543210fedcba9876543210"
)

func TestAMarkIsAddedToTheQuery(t *testing.T) {
	for _, row := range []struct{ url, sent string }{
		{"https://a.example/done", "https://a.example/done?wirobatch=#"},
		{"http://127.0.0.1:9", "http://127.0.0.1:9?wirobatch=#"},
		{"https://a.example/?", "https://a.example/?wirobatch=#"},
		{"https://a.example/?key=%7E+é&", "https://a.example/?key=%7E+é&wirobatch=#"},
		{"https://a.example/?b=2&a=1;c", "https://a.example/?b=2&a=1;c&wirobatch=#"},
		{"https://a.example/done#top?x=1", "https://a.example/done?wirobatch=##top?x=1"},
		{"https://a.example/?wirobatch=mine", "https://a.example/?wirobatch=mine&wirobatch=#"},
		{"https://a.example/?wirobatch=" + anotherMark, "https://a.example/?wirobatch=" + anotherMark + "&wirobatch=#"},
		{"", ""},
		{"done", ""},
		{"/done", ""},
		{"mailto:a@a.example", ""},
		{"ftp://a.example/", ""},
		{"https:///done", ""},
		{" https://a.example/", ""},
		{"https://a.example/\x7f", ""},
		{"http://[::1/", ""},
		{"You can provide a callback URL", ""},
	} {
		m := markingOf("secret", "cell", map[string]string{"callbackUrl": row.url, "prompt": "a"}, time.Now())
		if row.sent == "" {
			if m.mark != "" || m.sent() != row.url {
				t.Errorf("%q is no URL, and became %q", row.url, m.sent())
			}
			continue
		}
		if want := strings.Replace(row.sent, "wirobatch=#", "wirobatch="+m.mark, 1); m.sent() != want {
			t.Errorf("%q became %q, want %q", row.url, m.sent(), want)
		}
		if got := marksIn(m.sent()); !slices.Contains(got, m.mark) || len(m.mark) != markDigits {
			t.Errorf("%q shows the marks %q, want %q", m.sent(), got, m.mark)
		}
		if u, err := url.Parse(m.sent()); err != nil || !strings.Contains(u.RawQuery, m.mark) {
			t.Errorf("%q: %v", m.sent(), err)
		}
	}
}

func TestEachSubmitHasAMarkOfItsOwn(t *testing.T) {
	sent, at := map[string]string{"callbackUrl": "https://a.example/"}, time.Date(2026, 1, 2, 3, 4, 5, 678901234, time.UTC)
	mark := func(secret, cell string, at time.Time) string { return markingOf(secret, cell, sent, at).mark }
	one := mark("secret", "cell", at)
	if again := mark("secret", "cell", at.Truncate(time.Millisecond).Local()); again != one {
		t.Errorf("read back, its intent gives the mark %s, not %s", again, one)
	}
	for why, another := range map[string]string{
		"another folder": mark("secret2", "cell", at), "another cell": mark("secret", "cell2", at), "another time": mark("secret", "cell", at.Add(time.Millisecond)),
	} {
		if another == one {
			t.Errorf("%s has the same mark", why)
		}
	}
}

func TestWhatIsNoMark(t *testing.T) {
	for _, shown := range []string{
		"", "https://a.example/", "https://a.example/wirobatch=" + oneMark, "https://a.example/?xwirobatch=" + oneMark, "wirobatch=" + oneMark,
		"https://a.example/?wirobatch=" + oneMark[1:], "https://a.example/?wirobatch=" + oneMark + "0", "https://a.example/?wirobatch=" + strings.ToUpper(anotherMark),
		"https://a.example/?x=1#?wirobatch=" + oneMark,
	} {
		if marks := marksIn(shown); len(marks) > 0 {
			t.Errorf("%q shows the marks %s", shown, marks)
		}
	}
	for _, shown := range []string{
		"https://a.example/?x=1&amp;wirobatch=" + oneMark, "https://a.example/?wirobatch=" + oneMark + "&added=1",
		"https://a.example/?wirobatch=" + anotherMark + "&wirobatch=" + oneMark + "#x", "https://a.example/?wirobatch=" + oneMark + "&wirobatch=cut",
		"https://a.example/?wirobatch=" + oneMark + "&wirobatch=" + anotherMark,
	} {
		if marks := marksIn(shown); !slices.Contains(marks, oneMark) {
			t.Errorf("%q shows the marks %q", shown, marks)
		}
	}
}

func TestWhatAMarkRulesOut(t *testing.T) {
	const to = "https://a.example/?key=1"
	shows := func(id, url string) wiro.Task { return wiro.Task{ID: id, CallbackURL: &url} }
	with := func(mark string) string { return marking{to, mark}.sent() }
	mine := marking{to, oneMark}
	ours := map[string]marking{ // by task
		"1": {to, "11111111111111111111111111111111"}, "2": {to, "22222222222222222222222222222222"},
		"3": {"https://a.example/?key=2", "33333333333333333333333333333333"}, "4": {},
	}
	own := func(id string) wiro.Task { return shows(id, ours[id].sent()) }
	silent := wiro.Task{ID: "9"}
	for why, row := range map[string]struct {
		of    marking
		tasks []wiro.Task
		off   bool
		task  wiro.Task
		want  bool
	}{
		"its own":                               {mine, []wiro.Task{own("1")}, false, shows("9", with(oneMark)), false},
		"another":                               {mine, nil, false, shows("9", with(anotherMark)), true},
		"another, of a submit without a mark":   {marking{}, nil, false, shows("9", with(anotherMark)), true},
		"another, of what has no proper URL":    {marking{url: "done"}, nil, false, shows("9", with(anotherMark)), true},
		"one that its URL has of itself":        {marking{to + "&wirobatch=" + anotherMark, oneMark}, nil, false, shows("9", to+"&wirobatch="+anotherMark), false},
		"another, where tasks were taken":       {mine, []wiro.Task{own("1")}, true, shows("9", with(anotherMark)), false},
		"none":                                  {mine, nil, false, shows("9", ""), false},
		"none, where ours show theirs":          {mine, []wiro.Task{own("1")}, false, shows("9", ""), true},
		"a URL without, where ours show theirs": {mine, []wiro.Task{own("1")}, false, shows("9", to), true},
		"none, where tasks were taken":          {mine, []wiro.Task{own("1")}, true, shows("9", ""), false},
		"none, where one of ours shows none":    {mine, []wiro.Task{own("1"), shows("2", "")}, false, shows("9", ""), false},
		"none, where one of ours shows another": {mine, []wiro.Task{own("1"), shows("2", with(anotherMark))}, false, shows("9", ""), false},
		"none, where one of ours shows no URL":  {mine, []wiro.Task{own("1"), {ID: "2"}}, false, shows("9", ""), true},
		"none, where those of others show":      {mine, []wiro.Task{shows("8", with(anotherMark))}, false, shows("9", ""), false},
		"none, where ours went elsewhere":       {mine, []wiro.Task{own("3"), own("4")}, false, shows("9", ""), false},
		"none, of a submit without a mark":      {marking{}, []wiro.Task{own("1"), own("4")}, false, shows("9", ""), false},
		"not shown, where ours show theirs":     {mine, []wiro.Task{own("1")}, false, silent, false},
		"cut, where ours are whole":             {mine, []wiro.Task{own("1")}, false, shows("9", with(oneMark[:20])), true},
		"cut, as ours":                          {mine, []wiro.Task{shows("1", ours["1"].sent()[:50])}, false, shows("9", with(oneMark[:20])), false},
	} {
		m := &marks{of: row.of, tasks: row.tasks, off: row.off, sentBy: func(_ context.Context, task wiro.Task) (marking, error) { return ours[task.ID], nil }}
		for range 2 {
			if got, err := m.ruleOut(context.Background(), row.task); got != row.want || err != nil {
				t.Errorf("%s: ruled out %v, %v", why, got, err)
			}
		}
	}
}
