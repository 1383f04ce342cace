package wiro

import (
	"bytes"
	"compress/gzip"
	"net/http"
	"runtime"
	"strings"
	"testing"
)

// An answer that is small on the way and unpacks to a thousand times that is given up at the size that any answer may have.
func TestAnAnswerThatUnpacksWithoutEnd(t *testing.T) {
	if testing.Short() {
		t.Skip("it moves many bytes, which is slow under the race detector")
	}
	var bomb bytes.Buffer
	z := gzip.NewWriter(&bomb)
	z.Write([]byte(`{"result":true,"taskid":"1","x":"`))
	for block := []byte(strings.Repeat("x", 1<<20)); bomb.Len() < 64<<10; { // a thousandth of what it unpacks to
		z.Write(block)
	}
	z.Close()
	c, _ := serve(t, func(w http.ResponseWriter, r *http.Request) {
		if r.Header.Get("Accept-Encoding") != "gzip" {
			t.Errorf("Accept-Encoding: %s", r.Header.Get("Accept-Encoding"))
		}
		w.Header().Set("Content-Encoding", "gzip")
		w.Write(bomb.Bytes())
	})
	for op, call := range map[string]func() error{
		"Run":    func() error { _, err := c.Run(t.Context(), "a/b", Input{}); return err },
		"Detail": func() error { _, err := c.Detail(t.Context(), "1"); return err },
	} {
		var before, after runtime.MemStats
		runtime.ReadMemStats(&before)
		err := call()
		runtime.ReadMemStats(&after)
		e := failure(t, err)
		if !strings.Contains(e.Error(), "larger than 8 MiB") || e.Disposition() != map[string]Disposition{"Run": Unknown, "Detail": Retry}[op] {
			t.Errorf("%s: %v: %s", op, e, e.Disposition())
		}
		if used := after.TotalAlloc - before.TotalAlloc; used > 128<<20 {
			t.Errorf("%s: %d bytes of memory", op, used)
		}
	}
}
