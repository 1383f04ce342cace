package sandbox

import (
	"net"
	"net/http"
	"strings"
)

// Paths that the sandbox serves besides the API below /v1.
const (
	SocketPath = "/v1/socket" // the websocket
	cdnPath    = "/cdn/"      // outputs, public
	filePath   = "/v1/File/"  // uploaded inputs, public, followed by a hash and a name
)

// handler answers one endpoint of the API, whose caller is authorized.
type handler func(s *Sandbox, w http.ResponseWriter, r *http.Request, f *form) *refusal

var endpoints = map[string]handler{
	"Task/Detail":            (*Sandbox).detail,
	"Task/List":              (*Sandbox).list,
	"Task/Kill":              (*Sandbox).kill,
	"Task/Cancel":            (*Sandbox).cancel,
	"Task/InputOutputDelete": (*Sandbox).inputOutputDelete,
	"Tool/Detail":            (*Sandbox).toolDetail,
	"Tool/List":              (*Sandbox).toolList,
	"File/Upload":            (*Sandbox).upload,
}

// ServeHTTP serves the API below /v1, the outputs below /cdn/, and the websocket at SocketPath.
func (s *Sandbox) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	path := r.URL.Path
	switch {
	case path == SocketPath:
		s.count("socket")
		s.socket(w, r)
	case strings.HasPrefix(path, cdnPath):
		s.count("cdn")
		s.download(w, r, strings.TrimPrefix(path, cdnPath))
	case strings.HasPrefix(path, filePath) && r.Method != http.MethodPost:
		s.count("File")
		s.input(w, r, strings.TrimPrefix(path, filePath))
	default:
		s.api(w, r, strings.TrimPrefix(path, "/v1/"))
	}
}

func (s *Sandbox) count(endpoint string) {
	s.mu.Lock()
	s.requests[endpoint]++
	s.settle()
	s.mu.Unlock()
}

// api finds the endpoint, checks who calls, reads the body, and answers.
func (s *Sandbox) api(w http.ResponseWriter, r *http.Request, endpoint string) {
	answer := endpoints[endpoint]
	if model, ok := strings.CutPrefix(endpoint, "Run/"); ok {
		endpoint = "Run"
		answer = func(s *Sandbox, w http.ResponseWriter, r *http.Request, f *form) *refusal {
			return s.run(w, r, model, f)
		}
	}
	if answer == nil || r.Method != http.MethodPost || !strings.HasPrefix(r.URL.Path, "/v1/") {
		s.count("unknown")
		s.refuse(w, r, errNoURL)
		return
	}
	s.count(endpoint)
	if s.isRevoked() {
		s.refuse(w, r, errNoProject)
		return
	}
	if e := s.authorize(r.Header); e != nil {
		s.refuse(w, r, e)
		return
	}
	r.Body = http.MaxBytesReader(w, r.Body, maxBody+4*s.o.UploadLimit)
	f, e := decode(r, s.o.UploadLimit)
	if e != nil {
		s.refuse(w, r, e)
		return
	}
	if e := answer(s, w, r, f); e != nil {
		s.refuse(w, r, e)
	}
}

func (s *Sandbox) isRevoked() bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.revoked
}

// origin is the sandbox as the caller of a request reached it.
func origin(r *http.Request) string {
	scheme := "http://"
	if r.TLS != nil {
		scheme = "https://"
	}
	return scheme + r.Host
}

// callerIP is for the text of the refusal that names it.
func callerIP(r *http.Request) string {
	host, _, err := net.SplitHostPort(r.RemoteAddr)
	if err != nil {
		return r.RemoteAddr
	}
	return host
}
