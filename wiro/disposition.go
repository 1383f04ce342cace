package wiro

import (
	"errors"
	"net/http"
)

// Disposition is what to do about an [Error].
type Disposition int

const (
	// Retry: nothing was made; the same call may be made again after a while.
	Retry Disposition = iota
	// WaitSlot: the account runs as many tasks as it may; wait for one to end.
	WaitSlot
	// StopRun: no further call will do better; stop and tell the person.
	StopRun
	// FailCell: this request will never succeed; others may.
	FailCell
	// Unknown: a task may have been made and be paid for. Look it up in
	// Task/List before anything is sent again.
	Unknown
)

// String is the name in lower case: "retry", "wait for a slot"….
func (d Disposition) String() string {
	switch d {
	case Retry:
		return "retry"
	case WaitSlot:
		return "wait for a slot"
	case StopRun:
		return "stop the run"
	case FailCell:
		return "fail the cell"
	}
	return "unknown"
}

// dispositions is the whole policy: the first row that matches decides, by
// what was called. Run is the call that costs money, fetch the one that goes
// to a file server without credentials, read is every other.
var dispositions = []struct {
	name             string
	match            func(*Error) bool
	run, read, fetch Disposition
	why              string
}{
	{"cannot be made", wraps(ErrInvalid), FailCell, FailCell, FailCell,
		"the request itself is wrong, and will be each time"},
	{"address not allowed", wraps(ErrForbidden), FailCell, FailCell, FailCell,
		"an output where none may come from: only another setting helps"},
	{"not sent", func(e *Error) bool { return e.Status == 0 && !e.Sent }, Retry, Retry, Retry,
		"no connection was got, so nothing was made"},
	{"balance", (*Error).BalanceExhausted, StopRun, StopRun, FailCell,
		"97: until someone pays in, every submit will fail"},
	{"not authorised", (*Error).Unauthorised, StopRun, StopRun, FailCell,
		"401, 98, 99, a suspended account: no call with these credentials will do better"},
	{"no slot", refusedWith("96"), WaitSlot, Retry, Retry,
		"96: refused for now, and a task that ends makes room; one page gives it status 429"},
	{"429", status(http.StatusTooManyRequests), Retry, Retry, Retry,
		"turned away at the door, for a reason that is none of those; RetryAfter may say how long"},
	{"wrong request", isWrongRequest, FailCell, FailCell, FailCell,
		"code 1 and the documented validation texts are permanent, with any status"},
	{"refused", func(e *Error) bool { return e.Refused }, Retry, Retry, Retry,
		"result false with a text that is not known to be permanent: the API itself says, with any status, that nothing was made, and the trouble may pass"},
	{"5xx", func(e *Error) bool { return e.Status >= 500 }, Unknown, Retry, Retry,
		"a server or gateway that failed may have passed the submit on before"},
	{"slow client", status(http.StatusRequestTimeout, http.StatusTooEarly), Unknown, Retry, Retry,
		"408 and 425 ask for another try, which a submit must not have blindly"},
	{"other status", func(e *Error) bool { return e.Status >= 300 }, Unknown, Retry, FailCell,
		"not an answer of the API but of something before it; for a file, 403, 404 and 410 are final"},
	{"no usable answer", func(*Error) bool { return true }, Unknown, Retry, Retry,
		"timeouts, resets, bodies cut off or unreadable, a result true without a task id"},
}

// Disposition says what to do about the error, by one table.
func (e *Error) Disposition() Disposition {
	for _, row := range dispositions {
		if !row.match(e) {
			continue
		}
		switch e.Op {
		case opRun:
			return row.run
		case opFetch:
			return row.fetch
		}
		return row.read
	}
	return Unknown
}

func wraps(target error) func(*Error) bool {
	return func(e *Error) bool { return errors.Is(e.Err, target) }
}

func status(codes ...int) func(*Error) bool {
	return func(e *Error) bool {
		for _, c := range codes {
			if e.Status == c {
				return true
			}
		}
		return false
	}
}

func refusedWith(code string) func(*Error) bool {
	return func(e *Error) bool { return e.Refused && e.Code == code }
}

func isWrongRequest(e *Error) bool {
	return e.Refused && (e.Code == "1" || isValidationText(e.Message))
}
