package wiro

import (
	"errors"
	"io"
	"net/http"
	"testing"
	"time"

	"github.com/shopspring/decimal"
)

func TestDisposition(t *testing.T) {
	refused := func(code, message string) Error {
		return Error{Status: 200, Sent: true, Refused: true, Code: code, Message: message}
	}
	for _, tt := range []struct {
		why              string
		e                Error
		run, read, fetch Disposition
	}{
		{"no connection", Error{Err: io.EOF}, Retry, Retry, Retry},
		{"lost on the way", Error{Sent: true, Err: io.EOF}, Unknown, Retry, Retry},
		{"cannot be made", Error{Err: ErrInvalid}, FailCell, FailCell, FailCell},
		{"address not allowed, after a redirect", Error{Sent: true, Err: ErrForbidden}, FailCell, FailCell, FailCell},
		{"too many requests", Error{Status: 429, Sent: true}, Retry, Retry, Retry},
		{"too many requests, with any body", Error{Status: 429, Sent: true, Refused: true, Code: "1"}, Retry, Retry, Retry},
		{"401 without a body", Error{Status: 401, Sent: true}, StopRun, StopRun, FailCell},
		{"98", refused("98", ""), StopRun, StopRun, Retry},
		{"99", refused("99", ""), StopRun, StopRun, Retry},
		{"97", refused("97", ""), StopRun, StopRun, FailCell},
		{"97 with a status", Error{Status: 400, Sent: true, Refused: true, Code: "97"}, StopRun, StopRun, FailCell},
		{"97 that nobody said", Error{Status: 200, Sent: true, Code: "97"}, Unknown, Retry, Retry},
		{"an IP address that is not allowed", refused("0", "Requested ip 1.2.3.4 is not allowed."), StopRun, StopRun, Retry},
		{"the project must sign", refused("0", "Project requires signature authentication. x-signature and x-nonce headers are required."), StopRun, StopRun, Retry},
		{"a suspended account", refused("0", "Your account has been suspended. Please contact support if you believe this is a mistake."), StopRun, StopRun, Retry},
		{"a suspended account, with a status", Error{Status: 403, Sent: true, Refused: true, Code: "0", Message: "Your account has been suspended."}, StopRun, StopRun, Retry},
		{"a task or model of somebody else", refused("0", "You don't have any permission for this action."), FailCell, FailCell, FailCell},
		{"96", refused("96", ""), WaitSlot, Retry, Retry},
		{"96 with the status of one page", Error{Status: 429, Sent: true, Refused: true, Code: "96"}, WaitSlot, Retry, Retry},
		{"96 with a server error's status", Error{Status: 500, Sent: true, Refused: true, Code: "96"}, WaitSlot, Retry, Retry},
		{"1", refused("1", "slug-owner-project-not-exist"), FailCell, FailCell, FailCell},
		{"missing", refused("0", "Request parameter [x] required"), FailCell, FailCell, FailCell},
		{"no number", refused("0", "Request parameter [scale] must be integer or float"), FailCell, FailCell, FailCell},
		{"out of bounds", refused("0", "Request parameter [scale] must be between 1 and 20"), FailCell, FailCell, FailCell},
		{"missing file", refused("0", "Request files [inputImage] required"), FailCell, FailCell, FailCell},
		{"invalid", refused("0", "Request parameters are invalid."), FailCell, FailCell, FailCell},
		{"invalid, with a status", Error{Status: 400, Sent: true, Refused: true, Code: "0", Message: "Request parameters are invalid."}, FailCell, FailCell, FailCell},
		{"a text of no meaning to us", refused("0", "Something went wrong"), Retry, Retry, Retry},
		{"a code of tomorrow", refused("120", ""), Retry, Retry, Retry},
		{"the API's own no counts, also with 500", Error{Status: 500, Sent: true, Refused: true, Code: "0"}, Retry, Retry, Retry},
		{"502", Error{Status: 502, Sent: true}, Unknown, Retry, Retry},
		{"a firewall's page", Error{Status: 403, Sent: true}, Unknown, Retry, FailCell},
		{"a file that is gone", Error{Status: 410, Sent: true}, Unknown, Retry, FailCell},
		{"408", Error{Status: 408, Sent: true}, Unknown, Retry, Retry},
		{"a redirect", Error{Status: 302, Sent: true}, Unknown, Retry, FailCell},
		{"unreadable", Error{Status: 200, Sent: true}, Unknown, Retry, Retry},
	} {
		for op, want := range map[string]Disposition{opRun: tt.run, opDetail: tt.read, opList: tt.read, opUpload: tt.read, opFetch: tt.fetch} {
			e := tt.e
			e.Op = op
			if got := e.Disposition(); got != want {
				t.Errorf("%s, %s: %s, want %s", tt.why, op, got, want)
			}
		}
	}
}

func TestEveryRowOfTheTableHasAReason(t *testing.T) {
	for _, row := range dispositions {
		if row.name == "" || row.why == "" {
			t.Errorf("row %+v", row)
		}
	}
	if last := dispositions[len(dispositions)-1]; !last.match(&Error{}) || last.run != Unknown {
		t.Error("what matches no row must be unknown for a Run")
	}
	names := map[string]bool{}
	for d := Retry; d <= Unknown; d++ {
		names[d.String()] = true
	}
	if len(names) != 5 {
		t.Errorf("names of dispositions: %v", names)
	}
}

func TestWhatStopsARun(t *testing.T) {
	for _, tt := range []struct {
		e                *Error
		unauthorised, no bool
	}{
		{&Error{Op: opRun, Status: 401}, true, false},
		{&Error{Op: opList, Status: 200, Refused: true, Code: "99"}, true, false},
		{&Error{Op: opRun, Status: 200, Refused: true, Code: "97"}, false, true},
		{&Error{Op: opFetch, Status: 401}, false, false}, // a file server knows no keys of ours
		{&Error{Op: opRun, Status: 500}, false, false},
	} {
		if u, b := tt.e.Unauthorised(), tt.e.BalanceExhausted(); u != tt.unauthorised || b != tt.no {
			t.Errorf("%v: unauthorised %v, balance %v", tt.e, u, b)
		}
	}
}

func TestErrorText(t *testing.T) {
	for _, tt := range []struct {
		e    Error
		want string
	}{
		{Error{Op: "Run", Status: 200, Sent: true, Code: "97", Message: "Insufficient balance"}, "wiro: Run: HTTP 200: code 97: Insufficient balance"},
		{Error{Op: "Task/List", Status: 503, Sent: true, Message: "the answer is empty"}, "wiro: Task/List: HTTP 503 Service Unavailable: the answer is empty"},
		{Error{Op: "Run", Err: errors.New("dial tcp: refused")}, "wiro: Run: dial tcp: refused (nothing was sent)"},
		{Error{Op: "Fetch", Sent: true, Err: errors.New(`Get "https://u:p@x.wiro.ai/a?sig=1": line` + "\nbreak\x07")}, `wiro: Fetch: Get "https://x.wiro.ai/a": line break`},
	} {
		if got := tt.e.Error(); got != tt.want {
			t.Errorf("%q, want %q", got, tt.want)
		}
	}
	if e := (&Error{Err: io.EOF}); !errors.Is(e, io.EOF) {
		t.Error("the cause is lost")
	}
}

func TestSlotLimit(t *testing.T) {
	const documented = "You have reached your concurrent task limit. With your current balance of $50.00, you can run up to 5 tasks at the same time. Add credits."
	for _, tt := range []struct {
		why, code, message string
		limit              int
		balance            string
		ok                 bool
	}{
		{"as documented", "96", documented, 5, "50", true},
		{"one task", "96", "With your current balance of $3.20, you can run up to 1 task at the same time.", 1, "3.2", true},
		{"thousands", "96", "your current balance of $1,234.56, you can run up to 123 tasks", 123, "1234.56", true},
		{"the balance alone gives the rule", "96", "Your balance is $49.99.", 4, "49.99", true},
		{"hardly any balance", "96", "Your balance is $0.10.", 1, "0.1", true},
		{"the limit alone", "96", "you can run up to 7 tasks", 7, "0", true},
		{"neither", "96", "Too many tasks.", 0, "0", false},
		{"a limit of none is no limit to go by", "96", "up to 0 tasks", 0, "0", false},
		{"another code", "97", documented, 0, "0", false},
	} {
		e := &Error{Op: opRun, Refused: true, Code: tt.code, Message: tt.message}
		limit, balance, ok := e.SlotLimit()
		if limit != tt.limit || !balance.Equal(decimal.RequireFromString(tt.balance)) || ok != tt.ok {
			t.Errorf("%s: %d %s %v", tt.why, limit, balance, ok)
		}
	}
}

func TestRetryAfter(t *testing.T) {
	now := time.Date(2026, 5, 4, 12, 0, 0, 0, time.UTC)
	for in, want := range map[string]time.Duration{
		"7": 7 * time.Second, " 1.5 ": 1500 * time.Millisecond, "0": 0, "": 0, "soon": 0, "-3": 0,
		"86400": time.Hour, "1e30": time.Hour, "99999999999999999999": time.Hour,
		"Mon, 04 May 2026 12:00:30 GMT": 30 * time.Second,
		"Mon, 04 May 2026 11:00:00 GMT": 0,
		"Mon, 04 May 2099 11:00:00 GMT": time.Hour,
	} {
		if got := parseRetryAfter(in, now); got != want {
			t.Errorf("Retry-After: %s is %s, want %s", in, got, want)
		}
	}
}

func TestRetryAfterReachesTheCaller(t *testing.T) {
	c, _ := serve(t, func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Retry-After", "7")
		w.WriteHeader(http.StatusTooManyRequests)
	})
	_, err := c.Run(t.Context(), "a/b", Input{})
	if e := failure(t, err); e.RetryAfter != 7*time.Second || e.Disposition() != Retry {
		t.Errorf("%v: wait %s, %s", e, e.RetryAfter, e.Disposition())
	}
}
