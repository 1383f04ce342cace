package sandbox

import (
	"bytes"
	"net/http"
	"strconv"
	"time"
)

// download serves an output. Outputs are public, as on Wiro's CDN.
func (s *Sandbox) download(w http.ResponseWriter, r *http.Request, path string) {
	if r.Method != http.MethodGet && r.Method != http.MethodHead {
		http.Error(w, "method not allowed", http.StatusMethodNotAllowed)
		return
	}
	v, n := s.locate(path, origin(r))
	if v == nil {
		http.NotFound(w, r)
		return
	}
	key, nth := v.task.key, uint64(v.task.gets)*8+uint64(n)
	if s.strikes("out_gone", key, uint64(n)) {
		http.NotFound(w, r)
		return
	}
	if s.spoiled(w, r, key, nth) {
		return
	}
	data := s.draw(v, n)
	added := s.date(v.task.timeline().end)
	w.Header().Set("Content-Type", "image/png")
	w.Header().Set("Cache-Control", "public, max-age=86400")
	w.Header().Set("ETag", strconv.Quote(s.hex32("etag", key, uint64(n))))
	switch {
	case s.strikes("out_cut", key, nth):
		w.Header().Set("Content-Length", strconv.Itoa(len(data)))
		abort(w, data[:len(data)/2])
	case s.strikes("out_stall", key, nth):
		w.Header().Set("Content-Length", strconv.Itoa(len(data)))
		_, _ = w.Write(data[:len(data)/2])
		_ = http.NewResponseController(w).Flush()
		s.hang(r.Context())
	case s.strikes("out_short", key, nth):
		data = data[:len(data)*3/4]
	}
	http.ServeContent(w, r, "", added.Truncate(time.Second), bytes.NewReader(data))
}

// spoiled answers a download whose bytes will not come, or lets it wait.
func (s *Sandbox) spoiled(w http.ResponseWriter, r *http.Request, key, nth uint64) bool {
	switch m := s.mishap("out", key, nth, badGateway, drop, html, tooMany); m {
	case none:
	case badGateway:
		gateway(w, badGateways[key%uint64(len(badGateways))])
		return true
	default:
		s.send(w, r, http.StatusOK, nil, m)
		return true
	}
	if s.strikes("out_redirect_private", key, nth) {
		http.Redirect(w, r, privatePlaces[key%uint64(len(privatePlaces))], http.StatusFound)
		return true
	}
	if s.strikes("out_slow", key, nth) && !s.pause(r.Context(), lateness) {
		panic(http.ErrAbortHandler)
	}
	return false
}

// privatePlaces are where a redirect must never lead.
var privatePlaces = []string{
	"http://169.254.169.254/latest/meta-data/", "https://10.0.0.1/0.png", "http://127.0.0.1:1/0.png",
	"https://[::1]/0.png", "https://192.168.1.1/0.png", "file:///etc/passwd",
}

// locate finds the output of a path, if it is there to be downloaded.
func (s *Sandbox) locate(path, origin string) (*view, int) {
	folder, n, ok := split(path)
	if !ok {
		return nil, 0
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	index, ok := s.byFolder(folder)
	if !ok {
		return nil, 0
	}
	v := s.view(index, origin)
	t := &v.task
	if !t.succeeded(v.at) || t.is(erased) || t.model.kind != makesPicture || n >= int(t.outputs) {
		return nil, 0
	}
	if s.o.OutputTTL > 0 && s.now() >= t.ends()+s.o.OutputTTL {
		return nil, 0
	}
	s.tasks[index].gets++
	return v, n
}
