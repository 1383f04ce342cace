package cli

import (
	"testing"
	"time"
	"unicode/utf8"

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

func busy() status {
	return status{
		Progress: journal.Progress{
			Cells: 10_000, Done: 1200, Failed: 30, Held: 2, Undelivered: 1, LookedUp: 3, InFlight: 64, Downloading: 12, Spent: decimal.RequireFromString("4.2123"),
		},
		before: 233, since: 10 * time.Minute,
	}
}

func TestLine(t *testing.T) {
	want := " 1233/10000 · 1200 done · 30 failed · 2 held · 1 undelivered · 3 looked up · 64 running · $4.2123 · 100/min · 1h28m left · 12 downloading"
	if got := busy().line(); got != want {
		t.Errorf("line:\n%s\nwant\n%s", got, want)
	}
	fresh := status{Progress: journal.Progress{Cells: 24, InFlight: 8}, since: 3 * time.Second}
	if got, want := fresh.line(), " 0/24 · 0 done · 8 running · $0.00"; got != want { // no pace yet: nothing has ended
		t.Errorf("line: %q, want %q", got, want)
	}
}

// On a narrow terminal what matters less is left out; nothing is cut in two.
func TestDetailFits(t *testing.T) {
	for _, row := range []struct {
		width int
		want  string
	}{
		{200, "30 failed · 2 held · 1 undelivered · 3 looked up · 64 running · $4.2123 · 100/min · 1h28m left · 12 downloading"},
		{75, "30 failed · 2 held · 1 undelivered · 3 looked up · 64 running · $4.2123"},
		{20, "30 failed · 2 held"},
		{0, "30 failed"},
	} {
		got := busy().detail(row.width)
		if got != row.want {
			t.Errorf("detail(%d) = %q, want %q", row.width, got, row.want)
		}
		if n := utf8.RuneCountInString(got); n > max(row.width, 9) {
			t.Errorf("detail(%d) has %d columns", row.width, n)
		}
	}
}

// With --limit the bar looks forward to its end, not to that of the grid.
func TestLimitBoundsTheBar(t *testing.T) {
	s := busy()
	s.limit = 1067
	if got := s.head(); got != "1233/1300" {
		t.Errorf("head: %q", got)
	}
	if got := s.left(); got != 40200*time.Millisecond {
		t.Errorf("left: %v", got)
	}
	s.limit = 1_000_000
	if got := s.total(); got != 10_000 {
		t.Errorf("total: %d", got)
	}
}

// The bar moves with what is told of the running cells, and never past its end.
func TestBarIsFilledByWhatRuns(t *testing.T) {
	s := status{Progress: journal.Progress{Cells: 10, Done: 4}, underway: 2.5}
	if done, all := s.filled(); done != 6500 || all != 10_000 {
		t.Errorf("%d of %d", done, all)
	}
	s.limit, s.underway = 5, 3
	if done, all := s.filled(); done != 5000 || all != 5000 {
		t.Errorf("with a limit: %d of %d", done, all)
	}
	if done, all := (status{}).filled(); done != 0 || all != 1000 {
		t.Errorf("before anything is known: %d of %d", done, all)
	}
}
