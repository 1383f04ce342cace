package pipeline_test

import (
	"fmt"
	"io"
	"io/fs"
	"net/http"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"wirobatch/pipeline"
	"wirobatch/wiro/sandbox"
)

const twoCells = `{version: 1, name: grid, model: Qwen/Qwen-Image-Fast, matrix: {prompt: [A lighthouse], seed: 1..2}}`

// hostile is what a file server does in place of delivering, and what the row then says.
type hostile struct {
	why    string
	output func(output map[string]any) // what the task says of its output
	file   http.HandlerFunc            // what the file server answers; nil: the file
	says   string
	most   int64 // bytes that the file server gets rid of, for one cell; 0: does not matter
	within time.Duration
}

// nowhere are addresses that an output must not come from.
var nowhere = map[string]string{
	"http://127.0.0.1:2/0.png": "only https is", "https://127.0.0.1/0.png": "not allowed", "http://localhost:1/0.png": "only https is",
	"https://[::1]/0.png": "not allowed", "https://169.254.169.254/latest/meta-data": "not allowed", "https://10.0.0.1/0.png": "not allowed",
	"https://192.168.1.1/0.png": "not allowed", "https://2130706433/0.png": "not allowed", "https://0x7f.1/0.png": "not allowed",
	"https://[fe80::1%25eth0]/0.png": "not allowed", "https://files.example/0.png": "if files.example is right, allow that host",
	"https://cdn1.wiro.ai.files.example/0.png": "not allowed", "https://cdn1.wiro.ai@files.example/0.png": "user name",
	"http://cdn1.wiro.ai/0.png": "only https is", "ftp://cdn1.wiro.ai/0.png": "only https is", "gopher://127.0.0.1:1/x": "only https is",
	"file:///etc/passwd": "", "data:image/png;base64,AAAA": "",
}

// drip sends the beginning of a picture, and then a byte now and then, for ever.
func drip(every time.Duration) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		io.WriteString(w, pngMagic)
		for http.NewResponseController(w).Flush() == nil {
			select {
			case <-r.Context().Done():
				return
			case <-time.After(every):
			}
			io.WriteString(w, "x")
		}
	}
}

// flood sends bytes without end.
func flood(w http.ResponseWriter, r *http.Request) {
	block := []byte(pngMagic + strings.Repeat("x", 64<<10))
	for {
		if _, err := w.Write(block); err != nil {
			return
		}
	}
}

func says(kind, body string) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Content-Type", kind)
		io.WriteString(w, body)
	}
}

var hostiles = []hostile{
	{why: "a body without end", file: flood, says: "too large", most: 70 << 20},
	{why: "a terabyte is announced, of a size that the task does not tell", file: func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Content-Length", fmt.Sprint(1<<40))
		flood(w, r)
	}, output: func(o map[string]any) { delete(o, "size") }, says: "too large", most: 1 << 20},
	{why: "a terabyte is announced", file: func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Content-Length", fmt.Sprint(1<<40))
		flood(w, r)
	}, says: "1099511627776 bytes are announced", most: 1 << 20},
	{why: "an exabyte by the task's own word, of which little comes", file: says("image/png", pngMagic),
		output: func(o map[string]any) { o["size"] = "1152921504606846976" }, says: "it breaks off"},
	{why: "a drip", file: drip(10 * time.Second), says: "too slowly", within: 15 * time.Minute},
	{why: "a drip that hardly is one", file: drip(50 * time.Second), says: "too slowly", within: 20 * time.Minute},
	{why: "a drip that is none", file: drip(time.Hour), says: "no byte came for", within: 15 * time.Minute},
	{why: "HTML", file: says("image/png", "<!DOCTYPE html><html><body>Sign in"), says: "an HTML page came in place of image/png"},
	{why: "JSON", file: says("image/png", `{"error":"expired"}`), says: "text came in place of image/png"},
	{why: "nothing", file: says("image/png", ""), says: "it is empty"},
	{why: "a part", file: func(w http.ResponseWriter, r *http.Request) { w.WriteHeader(206); io.WriteString(w, pngMagic) }, says: "HTTP 206"},
	{why: "redirects without end", file: func(w http.ResponseWriter, r *http.Request) { http.Redirect(w, r, r.URL.Path, http.StatusFound) }, says: "stopped after"},
	{why: "an address of 100,000 characters", output: func(o map[string]any) { o["url"] = "https://" + strings.Repeat("x", 100_000) + "/" }, says: "not allowed"},
	{why: "an address with a NUL", output: func(o map[string]any) { o["url"] = "https://cdn1.wiro.ai/\x00" }, says: "no URL"},
}

func init() {
	for url, says := range nowhere {
		if says == "" {
			says = "Fetch"
		}
		hostiles = append(hostiles,
			hostile{why: "an output at " + url, output: func(o map[string]any) { o["url"] = url }, says: says},
			hostile{why: "a redirect to " + url, file: func(w http.ResponseWriter, r *http.Request) {
				w.Header().Set("Location", url)
				w.WriteHeader(http.StatusFound)
			}, says: says})
	}
}

func TestHostileServers(t *testing.T) {
	if testing.Short() {
		t.Skip("its many cases take long under the race detector; others of the same code are short")
	}
	for _, h := range hostiles {
		t.Run(h.why, func(t *testing.T) {
			in(t, sandbox.Options{}, func(p *place) {
				struck, sent := new(atomic.Int64), new(atomic.Int64)
				dialled, restore := p.behind(func(w http.ResponseWriter, r *http.Request, service http.Handler) {
					switch {
					case isRead(r) && h.output != nil:
						retell(w, r, service, func(o map[string]any) { struck.Add(1); h.output(o) })
					case r.Method == http.MethodGet && h.file != nil:
						struck.Add(1)
						notForFileServers(t, r)
						h.file(counted{w, sent}, r)
					default:
						service.ServeHTTP(w, r)
					}
				})
				began, before := time.Now(), allocated()
				r := p.run(twoCells, func(o *pipeline.Options) { o.Limits.Concurrency = 1 })
				took, used := time.Since(began), allocated()-before
				restore()
				if struck.Load() < 2 {
					t.Fatalf("it struck %d times", struck.Load())
				}
				if r.ExitCode() != 3 || p.statuses()["pending"] != 2 {
					t.Errorf("exit %d, %v", r.ExitCode(), p.statuses())
				}
				for _, row := range p.rows() {
					if !strings.Contains(row["error"], h.says) || len(row["error"]) > 2000 || row["task_id"] == "" || row["cost_usd"] == "" || row["file"] != "" {
						t.Errorf("the row says %q (cost %s, file %q), and not %q", row["error"], row["cost_usd"], row["file"], h.says)
					}
				}
				if at := dialled(); !slices.Equal(at, []string{"127.0.0.1:1"}) {
					t.Errorf("connections to %v", at)
				}
				if n := sent.Load(); h.most > 0 && n > 2*h.most {
					t.Errorf("%d bytes were taken", n)
				}
				if h.within > 0 && took > h.within {
					t.Errorf("it took %v", took)
				}
				if used > 64<<20 {
					t.Errorf("%d bytes of memory", used)
				}
				p.only()
				// The service is well again: what was paid for is brought, and nothing is paid again.
				if r = p.run(twoCells); r.ExitCode() != 0 || r.Submits != 0 || p.sandbox.Accepted() != 2 {
					t.Errorf("then: exit %d, %d submits, %v", r.ExitCode(), r.Submits, p.errors())
				}
				p.audit()
				p.only()
			})
		})
	}
}

// only checks that there is nothing beside what the rows name and what is ours.
func (p *place) only() {
	p.t.Helper()
	ours := map[string]bool{"manifest.yaml": true, "results.csv": true, "results.jsonl": true, "summary.json": true}
	for _, row := range p.rows() {
		for _, name := range split(row["file"]) {
			ours[name] = true
		}
	}
	filepath.WalkDir(filepath.Dir(p.out), func(path string, d fs.DirEntry, err error) error {
		if err != nil {
			p.t.Error(err)
			return nil
		}
		name, err := filepath.Rel(p.out, path)
		name = filepath.ToSlash(name)
		switch {
		case err != nil:
			p.t.Error(err)
		case d.IsDir(), ours[name], filepath.Dir(name) == ".wirobatch":
		default:
			p.t.Errorf("there is %s", name)
		}
		return nil
	})
}

// notForFileServers checks that a request says nothing of the key.
func notForFileServers(t *testing.T, r *http.Request) {
	for name := range r.Header {
		if strings.HasPrefix(name, "X-") || name == "Authorization" || name == "Cookie" || name == "Referer" {
			t.Errorf("%s was sent to the file server", name)
		}
	}
}

// counted counts the bytes of an answer that were taken.
type counted struct {
	http.ResponseWriter
	n *atomic.Int64
}

func (c counted) Unwrap() http.ResponseWriter { return c.ResponseWriter }
func (c counted) Write(p []byte) (int, error) {
	n, err := c.ResponseWriter.Write(p)
	c.n.Add(int64(n))
	return n, err
}

func allocated() uint64 {
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	return m.TotalAlloc
}

const pngMagic = "\x89PNG\r\n\x1a\n"
