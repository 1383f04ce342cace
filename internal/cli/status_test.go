package cli

import (
	"strings"
	"testing"
	"time"
	"unicode"

	"github.com/mattn/go-runewidth"
	"github.com/shopspring/decimal"

	"wirobatch/pipeline/journal"
)

func TestRough(t *testing.T) {
	for _, row := range []struct {
		d    time.Duration
		want string
	}{
		{123456 * time.Microsecond, "120ms"},
		{2871 * time.Millisecond, "2.9s"},
		{9960 * time.Millisecond, "10s"}, // not 10.0s
		{42499 * time.Millisecond, "42s"},
		{12*time.Minute + 10*time.Second, "12m10s"}, // the 0 of 10 is no empty unit
		{12 * time.Minute, "12m"},
		{time.Hour, "1h0m"},
		{time.Hour + 12*time.Minute + 31*time.Second, "1h13m"},
		{30 * time.Hour, "30h0m"},
	} {
		if got := rough(row.d); got != row.want {
			t.Errorf("rough(%v) = %q, want %q", row.d, got, row.want)
		}
	}
}

func TestDollars(t *testing.T) {
	for _, row := range []struct{ usd, want string }{
		{"0", "0.00"},
		{"2.5", "2.50"},
		{"0.00351", "0.0035"},
		{"0.003999", "0.004"},
		{"1234567.89", "1234567.89"},
		{"0.000000000001", "0.00"}, // shown, not summed: the CSV has every digit
	} {
		if got := dollars(decimal.RequireFromString(row.usd)); got != row.want {
			t.Errorf("dollars(%s) = %q, want %q", row.usd, got, row.want)
		}
	}
}

// noon is when the tests look.
var noon = time.Date(2026, 3, 1, 12, 0, 0, 0, time.Local)

func busy() status {
	usd := decimal.RequireFromString
	return status{
		Progress: journal.Progress{
			Cells: 10_000, Done: 1200, Failed: 30, Held: 2, Undelivered: 1, LookedUp: 3, InFlight: 64, Downloading: 12,
			Spent: usd("4.2123"), Reserved: usd("0.25"),
		},
		stages: stages{Waiting: 20, Running: 40}, before: 233, now: noon,
		tempo: tempo{each: 600 * time.Millisecond, gap: 2 * time.Second},
		price: decimal.NewNullDecimal(usd("0.0035")), budget: decimal.NewNullDecimal(usd("20")),
		failures: []journal.Failure{
			{Cell: "a", Number: 17, At: noon.Add(-70 * time.Second), Error: "the prompt is refused: " + strings.Repeat("no dragons ", 40)},
			{Cell: "b", Number: 9, At: noon.Add(-26 * time.Hour), Undelivered: true, Error: "\x1b[2J\u009b31mHTTP 404\r\nnot found\u202e"},
			{Cell: "c", Number: 4, Error: "龍龍龍龍龍龍龍龍龍龍龍龍龍龍龍龍龍龍龍龍龍龍龍龍龍龍龍龍龍龍龍龍龍龍龍龍龍龍龍龍龍龍龍"},
			{Cell: "d", Number: 3, Error: "the fourth"},
		},
	}
}

func TestLine(t *testing.T) {
	want := " 1233/10000 · 1200 done · 30 failed · 2 held · 1 undelivered · 3 looked up · 64 running · $4.2123 · 100/min · 1h28m left · 12 downloading"
	if got := busy().line(); got != want {
		t.Errorf("line:\n%s\nwant\n%s", got, want)
	}
	fresh := status{Progress: journal.Progress{Cells: 24, InFlight: 8}}
	if got, want := fresh.line(), " 0/24 · 0 done · 8 running · $0.00"; got != want { // no pace yet: nothing has ended
		t.Errorf("line: %q, want %q", got, want)
	}
}

func TestPanel(t *testing.T) {
	want := ` 1233/10000  ━━━━━───────────────────────────────────────────  12% · 1h28m left
in flight 20 waiting · 40 running · 4 sent · 12 downloading · 3 looked up
ended     1200 done · 30 failed · 2 held · 1 undelivered · 100/min
cost      $4.21 of about $34.90 · $15.54 of the budget left
failed    11:58:50 cell 17: the prompt is refused: no dragons no dragons no dr…
missing   2026-02-28 10:00:00 cell 9:  [2J 31mHTTP 404  not found 
failed    cell 4: 龍龍龍龍龍龍龍龍龍龍龍龍龍龍龍龍龍龍龍龍龍龍龍龍龍龍龍龍龍龍…`
	if got := strings.Join(busy().panel(79, plain), "\n"); got != want {
		t.Errorf("panel:\n%s\nwant\n%s", got, want)
	}
	want = ` 0/24  ────────────────────────────────────────────────  0%
in flight nothing
ended     0 done
cost      $0.00`
	if got := strings.Join(status{Progress: journal.Progress{Cells: 24}}.panel(79, plain), "\n"); got != want {
		t.Errorf("before anything is known:\n%s\nwant\n%s", got, want)
	}
}

// After a stop nothing is said of what is not made any more.
func TestStopping(t *testing.T) {
	s := busy()
	s.stages.Stopping = true
	lines := s.panel(79, plain)
	if want := " 1233/10000  ━━━━━───────────────────────────────────────────  12% · stopping"; lines[0] != want {
		t.Errorf("%q, want %q", lines[0], want)
	}
	if want := "cost      $4.21 · $15.54 of the budget left · $0.2500 held for tasks"; lines[3] != want {
		t.Errorf("%q, want %q", lines[3], want)
	}
	if want := " · 100/min · stopping · 12 downloading"; !strings.HasSuffix(s.line(), want) {
		t.Errorf("%q, want %q", s.line(), want)
	}
}

// Where the service tells nothing of its tasks, they are on it.
func TestStagesThatAreNotKnown(t *testing.T) {
	s := busy()
	s.stages.Waiting, s.stages.Running = 0, 0
	if got, want := s.flight(70), "64 on the service · 12 downloading · 3 looked up"; got != want {
		t.Errorf("%q, want %q", got, want)
	}
}

// Nothing is wider than the terminal, and what is left out is left out whole.
func TestPanelFits(t *testing.T) {
	for width := range 200 {
		for _, line := range busy().panel(width, plain) {
			if n := runewidth.StringWidth(line); n > width {
				t.Errorf("%d columns in %d: %q", n, width, line)
			}
			if strings.ContainsFunc(line, func(r rune) bool { return !unicode.IsPrint(r) }) {
				t.Errorf("a terminal would obey %q", line)
			}
		}
	}
	if got, want := busy().ends(30), "1200 done · 30 failed · 2 held"; got != want {
		t.Errorf("%q, want %q", got, want)
	}
}

// With --limit the bar looks forward to its end, not to that of the grid, and so do time and money.
func TestLimitBoundsTheBar(t *testing.T) {
	s := busy()
	s.limit = 1067
	if got := s.head(); got != "1233/1300" {
		t.Errorf("head: %q", got)
	}
	if got := s.left(); got != 40200*time.Millisecond {
		t.Errorf("left: %v", got)
	}
	if got := s.expected().Decimal.String(); got != "4.4538" { // 67 and 2 that are held
		t.Errorf("expected: %s", got)
	}
	s.limit = 1_000_000
	if got := s.total(); got != 10_000 {
		t.Errorf("total: %d", got)
	}
}

// The bar moves with what is told of the running cells, and never past its end.
func TestBarIsFilledByWhatRuns(t *testing.T) {
	s := status{Progress: journal.Progress{Cells: 10, Done: 4}, stages: stages{Underway: 2.5}}
	if got := s.filled(); got != 0.65 {
		t.Errorf("%v", got)
	}
	s.limit, s.stages.Underway = 5, 3
	if got := s.filled(); got != 1 {
		t.Errorf("with a limit: %v", got)
	}
	if got := (status{}).filled(); got != 0 {
		t.Errorf("before anything is known: %v", got)
	}
}

// What is over budget is nothing that is left, and what has no end in sight has no expected cost.
func TestMoney(t *testing.T) {
	s := busy()
	s.budget = decimal.NewNullDecimal(decimal.RequireFromString("4"))
	if got := s.unspent().Decimal; !got.IsZero() {
		t.Errorf("$%s left", got)
	}
	s.price = decimal.NullDecimal{}
	if got, want := s.cost(70), "$4.21 · $0.00 of the budget left · $0.2500 held for tasks"; got != want {
		t.Errorf("%q, want %q", got, want)
	}
}
