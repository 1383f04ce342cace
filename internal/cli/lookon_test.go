package cli

import (
	"bytes"
	"encoding/json"
	"flag"
	"os"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/shopspring/decimal"

	"wirobatch/pipeline/journal"
)

var update = flag.Bool("update", false, "write the golden file of status --json again")

// looked is what somebody sees of a run in the middle of its work.
func looked() view {
	usd := decimal.RequireFromString
	began := time.Date(2026, 3, 1, 11, 0, 0, 0, time.UTC)
	v := view{
		dir: "out/dragons", atWork: true, now: began.Add(time.Hour),
		holder: journal.Holder{PID: 4711, Host: "elsewhere", Since: began.Add(-time.Second)},
		Standing: journal.Standing{
			Name: "dragons", Service: "https://api.wiro.ai/v1", Cells: 2000,
			Counts: journal.Counts{
				States: map[journal.State]int{
					journal.Done: 1200, journal.Failed: 30, journal.Cancelled: 4, journal.Unknown: 1, journal.Held: 2,
					journal.Intended: 3, journal.Submitted: 70, journal.Pending: 690,
				},
				Former: map[journal.State]int{journal.Done: 12}, Undelivered: 10, Spent: usd("4.2123"), Reserved: usd("0.2457"),
			},
			Run:   journal.Run{Number: 3, StartedAt: began, Limit: 1500, Before: 47, Budget: decimal.NewNullDecimal(usd("20"))},
			Price: decimal.NewNullDecimal(usd("0.00351")),
			Failures: []journal.Failure{
				{Cell: "857645c61bfaa274a4de", Number: 1207, At: began.Add(59 * time.Minute), Error: "exit code 1: CUDA out of memory\nTried to <allocate>"},
				{Cell: "d3f1", Number: 9, Undelivered: true, Error: "\x1b]0;title\a 404 \u009b2J\x7f"},
			},
		},
	}
	for i := range 600 {
		v.Ends = append(v.Ends, journal.Ends{At: began.Add(30*time.Minute + time.Duration(3*i)*time.Second), N: 2})
	}
	v.ends = since(began, began.Add(time.Minute), v.Ends)
	return v
}

// The keys of status --json are a contract: scripts read them. What is added needs -update.
func TestStatusJSON(t *testing.T) {
	over := looked()
	over.atWork, over.Failures, over.Run.EndedAt, over.Run.ExitCode = false, nil, over.now.Add(-time.Minute), 3
	over.Run.Limit, over.Run.Budget = 0, decimal.NullDecimal{}
	killed := view{dir: "out/x", now: over.now, Standing: journal.Standing{Run: journal.Run{Number: 1, StartedAt: over.Run.StartedAt}}}
	var got bytes.Buffer
	for _, v := range []view{looked(), over, killed} {
		e := json.NewEncoder(&got)
		e.SetIndent("", "  ")
		if err := e.Encode(v.json()); err != nil {
			t.Fatal(err)
		}
	}
	const golden = "testdata/status.json"
	if *update {
		if err := os.WriteFile(golden, got.Bytes(), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(golden)
	if err != nil {
		t.Fatal(err)
	}
	if want = bytes.ReplaceAll(want, []byte("\r\n"), []byte("\n")); !bytes.Equal(got.Bytes(), want) {
		t.Errorf("not as in %s:\n%s", golden, got.Bytes())
	}
	for _, key := range regexp.MustCompile(`"([a-z_]+)": `).FindAllStringSubmatch(got.String(), -1) {
		if !strings.Contains(readme(t), "`"+key[1]+"`") {
			t.Errorf("the README lacks the key %s", key[1])
		}
	}
	if i := strings.IndexFunc(got.String(), func(r rune) bool { return r != '\n' && visible(string(r)) != string(r) }); i >= 0 {
		t.Errorf("a terminal would obey %q", got.String()[i:i+10])
	}
}

// Each cell of the grid is counted once.
func TestStatusCountsEachCellOnce(t *testing.T) {
	c := looked().json().Cells
	if sum := c.Done + c.Failed + c.Cancelled + c.Held + c.Undelivered + c.InFlight + c.Pending; sum != c.Total {
		t.Errorf("%d of %d: %+v", sum, c.Total, c)
	}
}

func TestWorkIsSaid(t *testing.T) {
	host, err := os.Hostname()
	if err != nil {
		t.Skip(err)
	}
	now := noon
	start := journal.Run{Number: 2, StartedAt: now.Add(-time.Hour)}
	ended := start
	ended.EndedAt, ended.ExitCode = now.Add(-25*time.Hour), 130
	for _, row := range []struct {
		v    view
		want string
	}{
		{view{atWork: true, holder: journal.Holder{PID: 7, Host: host}, Standing: journal.Standing{Run: start}}, "a run is at work since 11:00:00 (1h0m), process 7"},
		{view{atWork: true, holder: journal.Holder{PID: 7, Host: "far\x1b[31m", Since: now.Add(-3 * time.Second)}, Standing: journal.Standing{Run: ended, Opening: true}}, "a run is at work since 11:59:57 (3s), process 7 on far [31m"},
		{view{atWork: true}, "a run is at work"},
		{view{}, "no run is at work, and none has got as far as to begin"},
		{view{Standing: journal.Standing{Run: start}}, "no run is at work; run 2, begun at 11:00:00, was killed"},
		{view{Standing: journal.Standing{Run: ended}}, "no run is at work; run 2 ended at 2026-02-28 11:00:00 with exit code 130"},
		{view{Standing: journal.Standing{Run: ended, Opening: true}}, "no run is at work; the last one was stopped before it began, run 2 before it at 11:00:00"},
	} {
		row.v.now = now
		if got := row.v.heading()[1]; got != row.want {
			t.Errorf("%q\nwant %q", got, row.want)
		}
	}
}
