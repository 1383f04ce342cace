package wiro

import (
	"errors"
	"fmt"
	"net/http"
	"regexp"
	"strings"
	"time"
)

var (
	// ErrInvalid is wrapped by errors of requests that cannot be made at all,
	// such as one for a model without an owner. Nothing was sent.
	ErrInvalid = errors.New("invalid request")
	// ErrForbidden is wrapped by errors of Fetch for an address that outputs
	// must not come from. Nothing was sent to it.
	ErrForbidden = errors.New("address not allowed")
)

// Error is the error of every call. Its text holds no secret, no signature, no
// query string of a URL, and no control characters.
type Error struct {
	// Op is the call: "Run", "Task/Detail", "Fetch"….
	Op string
	// Status is the HTTP status, 0 when no answer came.
	Status int
	// Code is the API's code in its plain spelling, "" when there was none.
	// Known: 0 general, 1 not found or wrong state, 96 concurrent task limit,
	// 97 insufficient balance, 98 sign-in required, 99 token invalid
	// (documentation).
	Code string
	// Message is what the API said, or what went wrong with its answer;
	// at most 500 characters, printable.
	Message string
	// Refused: the API itself answered, with "result": false. So it was heard,
	// and it did not do what was asked.
	Refused bool
	// RetryAfter is the wait that the server asked for, 0 for none.
	RetryAfter time.Duration
	// Sent is false only when no connection was got, so that nothing can have
	// left. In doubt it is true.
	Sent bool
	// Err is the cause, if there is one: a network error, the error of the
	// context, ErrInvalid, ErrForbidden.
	Err error
}

// Error gives call, status, code and text in one line.
func (e *Error) Error() string {
	var b strings.Builder
	b.WriteString("wiro: ")
	b.WriteString(e.Op)
	if e.Status != 0 {
		fmt.Fprintf(&b, ": HTTP %d", e.Status)
		if text := http.StatusText(e.Status); text != "" && e.Status != http.StatusOK {
			b.WriteString(" " + text)
		}
	}
	if e.Code != "" {
		fmt.Fprintf(&b, ": code %s", e.Code)
	}
	if e.Message != "" {
		b.WriteString(": " + e.Message)
	}
	if e.Err != nil {
		b.WriteString(": " + clean(withoutQueries(e.Err.Error()), maxMessage))
	}
	if e.Status == 0 && !e.Sent {
		b.WriteString(" (nothing was sent)")
	}
	return b.String()
}

// Unwrap returns the cause.
func (e *Error) Unwrap() error { return e.Err }

// Unauthorised reports whether the service does not accept the credentials,
// so that no further call can succeed: HTTP 401, codes 98 and 99, and the
// documented texts where they come with another status, that of a suspended
// account included.
func (e *Error) Unauthorised() bool {
	if e.Op == opFetch || e.Op == opSocket {
		return false // no credentials were sent
	}
	return e.Status == http.StatusUnauthorized || e.Refused && (e.Code == "98" || e.Code == "99" || isAuthText(e.Message))
}

// BalanceExhausted reports whether the account has no money left (code 97).
func (e *Error) BalanceExhausted() bool { return e.Refused && e.Code == "97" }

// NotFound reports whether what was asked for does not exist or is in the
// wrong state for it (code 1, or a list without it).
func (e *Error) NotFound() bool { return e.Refused && e.Code == "1" }

func isAuthText(s string) bool {
	return strings.HasPrefix(s, "Project authorization is not") ||
		strings.HasPrefix(s, "Project requires signature authentication") ||
		strings.HasPrefix(s, "Your account has been suspended") ||
		strings.HasPrefix(s, "Requested ip ") && strings.Contains(s, "is not allowed")
}

// isValidationText knows the documented texts of permanent mistakes in a
// request; the same code 0 carries passing server errors too.
func isValidationText(s string) bool {
	for _, prefix := range []string{
		"Request parameter [", "Request files [", "Request parameters are invalid",
		"You don't have any permission for this action",
	} {
		if strings.HasPrefix(s, prefix) {
			return true
		}
	}
	return false
}

// How a service speaks of trouble of its own, and of having too much to do.
var (
	passingText = regexp.MustCompile(`(?i)try again|server error|error occurred on the server|internal (server )?error|temporar(y|ily)|unavailable|timed out|maintenance`)
	busyText    = regexp.MustCompile(`(?i)too many (requests|tasks)|slow down|rate.?limit|overload|at capacity|is busy|queue is full`)
)

// Passing reports whether the API says that the trouble is its own, by the status or by the text: the same call may do better
// later. The texts that go with code 0 are not documented, but that some of them are a passing failure of the server is.
func (e *Error) Passing() bool {
	return e.Status >= http.StatusInternalServerError || e.Busy() || passingText.MatchString(e.Message)
}

// Busy reports whether the API says that it has too much to do.
func (e *Error) Busy() bool {
	return e.Status == http.StatusTooManyRequests || e.Status == http.StatusServiceUnavailable || busyText.MatchString(e.Message)
}
