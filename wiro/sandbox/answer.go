package sandbox

import (
	"fmt"
	"net/http"
	"strconv"
	"time"
)

// lateness is how late a slow answer is, by the sandbox's clock.
const lateness = 5 * time.Second

// refusal is an error as the API answers it.
type refusal struct {
	code    int
	message string
	status  int // HTTP status in the reading of the documentation that uses them
}

func (e *refusal) body() []byte {
	j := &jsonText{}
	j.open('{')
	j.raw("result", "false")
	j.name("errors").open('[')
	j.open('{')
	j.raw("code", strconv.Itoa(e.code))
	j.str("message", e.message)
	j.close('}')
	j.close(']')
	j.close('}')
	return j.b
}

// Refusals with the texts that Wiro documents.
var (
	errInvalid    = invalid("Request parameters are invalid.")
	errTooBig     = invalid("File is too large.") // undocumented
	errNoURL      = &refusal{0, "Error parsing url.", http.StatusNotFound}
	errNoModel    = &refusal{1, "slug-owner-project-not-exist", http.StatusNotFound}
	errNoTask     = &refusal{1, "There is no task yet.", http.StatusNotFound}
	errNoTaskSlug = &refusal{1, "task-not-founded", http.StatusNotFound} // also seen
	errNoTaskID   = &refusal{0, "taskid or socketaccesstoken is required", http.StatusBadRequest}
	errNotQueued  = &refusal{1, "Task is not in a cancellable state.", http.StatusBadRequest}
	errNotRunning = &refusal{1, "Task could not be killed: it has already ended.", http.StatusBadRequest}
	errNotEnded   = &refusal{1, "Task is not in a terminal state.", http.StatusBadRequest}
	errNoMoney    = &refusal{97, "Insufficient balance", http.StatusForbidden}
	errSignIn     = &refusal{98, "sign in to run this model", http.StatusForbidden}
	errToken      = &refusal{99, "Authorization bearer token is invalid.", http.StatusUnauthorized}
	errPassing    = &refusal{0, "An error occurred on the server. Please try again later.", http.StatusInternalServerError}
)

// invalid is a mistake in the request, for good.
func invalid(format string, args ...any) *refusal {
	return &refusal{0, fmt.Sprintf(format, args...), http.StatusBadRequest}
}

// refuse answers an error. Both readings of the documentation are played: "everything is 200 but
// 401 and 404 of an unknown path", and an HTTP status for each kind of error.
func (s *Sandbox) refuse(w http.ResponseWriter, r *http.Request, e *refusal) {
	status := e.status
	if e != errNoURL && status != http.StatusUnauthorized && !s.usesStatus(e) {
		status = http.StatusOK
	}
	s.send(w, r, status, e.body(), none)
}

// send answers JSON, or fails to.
func (s *Sandbox) send(w http.ResponseWriter, r *http.Request, status int, body []byte, m mishap) {
	switch m {
	case only502:
		gateway(w, http.StatusBadGateway)
		return
	case badGateway:
		gateway(w, badGateways[len(body)%len(badGateways)])
		return
	case html:
		gateway(w, http.StatusOK)
		return
	case drop:
		panic(http.ErrAbortHandler)
	case tooMany:
		w.Header().Set("Retry-After", "2")
		status = http.StatusTooManyRequests
		body = (&refusal{0, "Too many requests", status}).body()
	case slow:
		if !s.pause(r.Context(), lateness) {
			panic(http.ErrAbortHandler)
		}
	case hang:
		s.hang(r.Context())
	}
	w.Header().Set("Content-Type", "application/json; charset=utf-8")
	w.Header().Set("Content-Length", strconv.Itoa(len(body)))
	w.WriteHeader(status)
	if m == cut {
		abort(w, body[:len(body)*2/3])
	}
	_, _ = w.Write(body) // the client has gone: nobody is left to tell
}

// abort sends what there is and closes the connection.
func abort(w http.ResponseWriter, part []byte) {
	_, _ = w.Write(part)
	_ = http.NewResponseController(w).Flush()
	panic(http.ErrAbortHandler)
}

var badGateways = []int{http.StatusBadGateway, http.StatusServiceUnavailable, http.StatusInternalServerError}

// gateway answers the page of a gateway in front of the API.
func gateway(w http.ResponseWriter, status int) {
	w.Header().Set("Content-Type", "text/html; charset=utf-8")
	w.WriteHeader(status)
	_, _ = fmt.Fprintf(w, "<html>\r\n<head><title>%[1]d %[2]s</title></head>\r\n<body>\r\n<center><h1>%[1]d %[2]s</h1></center>\r\n<hr><center>gateway</center>\r\n</body>\r\n</html>\r\n",
		status, http.StatusText(status))
}
