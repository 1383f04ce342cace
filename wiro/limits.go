package wiro

import (
	"net/http"
	"regexp"
	"strconv"
	"strings"
	"time"

	"github.com/shopspring/decimal"
)

// maxRetryAfter bounds what a server can make a caller wait.
const maxRetryAfter = time.Hour

// parseRetryAfter reads a Retry-After header: seconds, whole or not (Wiro's
// own clients honour numbers), or a date. What it cannot read is 0.
func parseRetryAfter(s string, now time.Time) time.Duration {
	s = strings.TrimSpace(s)
	if n := number(s); n.Valid { // bounded before it is a number of nanoseconds, which may be too many for an int64
		most := decimal.NewFromFloat(maxRetryAfter.Seconds())
		return time.Duration(decimal.Max(decimal.Zero, decimal.Min(n.Decimal, most)).Shift(9).IntPart())
	}
	at, err := http.ParseTime(s)
	if err != nil {
		return 0
	}
	return min(max(at.Sub(now), 0), maxRetryAfter)
}

// The text of code 96 (documentation): "You have reached your concurrent task
// limit. With your current balance of $50.00, you can run up to 5 tasks at the
// same time. …".
var (
	limitText   = regexp.MustCompile(`(?i)\bup to (\d{1,6}) `)
	balanceText = regexp.MustCompile(`\$ ?(\d[\d,]{0,15}(?:\.\d{1,12})?)`)
	// The rule behind it (documentation): a tenth of the balance, at least one.
	slotShare = decimal.New(1, -1)
)

// SlotLimit reads the account's limit of tasks at once, and its balance in USD,
// from the text of code 96. Without a limit in the text it follows from the
// balance (a tenth, at least 1); a balance that is not in the text is zero.
// ok is false for other errors and for texts with neither.
func (e *Error) SlotLimit() (limit int, balance decimal.Decimal, ok bool) {
	if !e.Refused || e.Code != "96" {
		return 0, decimal.Zero, false
	}
	if m := balanceText.FindStringSubmatch(e.Message); m != nil {
		if n := number(strings.ReplaceAll(m[1], ",", "")); n.Valid {
			balance = n.Decimal
			limit = int(max(1, balance.Mul(slotShare).IntPart()))
			ok = true
		}
	}
	if m := limitText.FindStringSubmatch(e.Message); m != nil {
		if n, err := strconv.Atoi(m[1]); err == nil && n > 0 {
			limit, ok = n, true
		}
	}
	return limit, balance, ok
}
