package sandbox

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"net/http"
	"path"
	"strconv"
	"strings"
	"sync"
	"time"
)

// uploads keeps input files by their content, the oldest ones go first when there are too many.
type uploads struct {
	mu     sync.Mutex
	room   int
	byHash map[string]file
	order  []string
}

func newUploads(room int) *uploads { return &uploads{room: room, byHash: map[string]file{}} }

// add keeps a file and returns its path, which follows from its content and its name.
func (u *uploads) add(x file) string {
	sum := sha256.Sum256(x.data)
	hash := hex.EncodeToString(sum[:15])
	u.mu.Lock()
	defer u.mu.Unlock()
	if _, ok := u.byHash[hash]; !ok {
		u.byHash[hash] = x
		u.order = append(u.order, hash)
		u.room -= len(x.data)
		for u.room < 0 && len(u.order) > 1 {
			u.room += len(u.byHash[u.order[0]].data)
			delete(u.byHash, u.order[0])
			u.order = u.order[1:]
		}
	}
	return filePath + hash + "/" + fileName(x)
}

func (u *uploads) get(hash string) (file, bool) {
	u.mu.Lock()
	defer u.mu.Unlock()
	x, ok := u.byHash[hash]
	return x, ok
}

// fileName is the name that an uploaded file gets: its field, its size, its ending.
func fileName(x file) string {
	ending := path.Ext(x.name)
	if len(ending) > 6 || strings.ContainsAny(ending, `/\?#% "`) {
		ending = ""
	}
	return x.field + "-" + strconv.Itoa(len(x.data)) + ending
}

// upload answers File/Upload.
func (s *Sandbox) upload(w http.ResponseWriter, r *http.Request, f *form) *refusal {
	for _, x := range f.files {
		if x.field != "file" {
			continue
		}
		where := s.uploads.add(x)
		now := strconv.FormatInt(s.date(s.now()).Unix(), 10)
		hash := strings.Split(strings.TrimPrefix(where, filePath), "/")[0]
		j := &jsonText{}
		j.open('{')
		j.raw("result", "true")
		j.raw("errors", "[]")
		j.name("list").open('[')
		j.open('{')
		j.str("id", hash)
		j.str("name", x.name)
		j.str("contenttype", x.contentType)
		j.num("size", strconv.Itoa(len(x.data)), s.o.Shape != ShapeDocumentation)
		j.str("parentid", f.get("folderid"))
		j.str("url", origin(r)+where)
		j.str("addedtime", now)
		j.str("accesskey", hash[:22])
		j.close('}')
		j.close(']')
		j.close('}')
		s.send(w, r, http.StatusOK, j.b, none)
		return nil
	}
	return invalid("Request files [%s] required", "file")
}

// input serves an uploaded file.
func (s *Sandbox) input(w http.ResponseWriter, r *http.Request, p string) {
	hash, _, _ := strings.Cut(p, "/")
	x, ok := s.uploads.get(hash)
	if !ok {
		http.NotFound(w, r)
		return
	}
	w.Header().Set("Content-Type", x.contentType)
	w.Header().Set("X-Content-Type-Options", "nosniff") // what it holds is the uploader's
	http.ServeContent(w, r, "", time.Time{}, bytes.NewReader(x.data))
}
