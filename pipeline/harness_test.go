package pipeline_test

import (
	"context"
	"crypto/sha256"
	"encoding/csv"
	"encoding/hex"
	"errors"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/shopspring/decimal"

	"wirobatch/manifest"
	"wirobatch/pipeline"
	"wirobatch/wiro"
	"wirobatch/wiro/sandbox"
)

// place is an output folder and the service that it belongs to, both real. Only the network between them is in memory,
// so that the whole can live in a synctest bubble, where waiting costs nothing.
type place struct {
	t         *testing.T
	out       string
	sandbox   *sandbox.Sandbox
	client    *wiro.Client
	transport http.RoundTripper
	mu        sync.Mutex
	warnings  []string
}

// memory is a folder of files in memory, where the system has such: a bubble's clock stands while a disk is waited for.
func memory(t *testing.T) string {
	if dir, err := os.MkdirTemp("/dev/shm", "pipeline-"); err == nil {
		t.Cleanup(func() { os.RemoveAll(dir) })
		return dir
	}
	return t.TempDir()
}

// in runs a test in a bubble with a service of its own.
func in(t *testing.T, o sandbox.Options, test func(*place)) {
	t.Helper()
	out := filepath.Join(memory(t), "out")
	synctest.Test(t, func(t *testing.T) {
		if o.PictureSize == 0 {
			o.PictureSize = 8
		}
		p := &place{t: t, out: out, sandbox: sandbox.New(o)}
		wire := listen()
		server := &http.Server{Handler: p.sandbox}
		served := make(chan struct{})
		go func() { defer close(served); server.Serve(wire) }()
		transport := transport(wire)
		key := o.Key
		if key == "" {
			key = "sandbox"
		}
		p.transport = transport
		p.client = p.dial(transport, key)
		defer func() {
			transport.CloseIdleConnections()
			server.Close()
			p.sandbox.Close()
			<-served
		}()
		test(p)
	})
}

func (p *place) dial(transport http.RoundTripper, key string) *wiro.Client {
	p.t.Helper()
	return p.connect(wiro.Options{Key: wiro.NewSecret(key), Transport: transport})
}

func (p *place) connect(o wiro.Options) *wiro.Client {
	p.t.Helper()
	o.BaseURL = "http://127.0.0.1:1/v1"
	c, err := wiro.New(o)
	if err != nil {
		p.t.Fatal(err)
	}
	return c
}

// socket makes the service's websocket known to the client.
func (p *place) socket() {
	p.client = p.connect(wiro.Options{Key: wiro.NewSecret("sandbox"), Transport: p.transport, SocketURL: "ws://127.0.0.1:1" + sandbox.SocketPath})
}

// run is one start on the folder, to its end.
func (p *place) run(yaml string, set ...func(*pipeline.Options)) pipeline.Result {
	p.t.Helper()
	result, err := p.try(context.Background(), nil, yaml, set...)
	if err != nil {
		p.t.Fatalf("run: %v", err)
	}
	return result
}

func (p *place) try(ctx context.Context, stop <-chan pipeline.Reason, yaml string, set ...func(*pipeline.Options)) (pipeline.Result, error) {
	p.t.Helper()
	m, err := manifest.Parse("test.yaml", []byte(yaml))
	if err != nil {
		p.t.Fatalf("manifest: %v", err)
	}
	o := pipeline.Options{
		Manifest: m, Limits: m.Limits, Client: p.client, Out: p.out, Service: "test", Version: "test", Grace: 30 * time.Second,
		Warn: func(text string) {
			p.mu.Lock()
			defer p.mu.Unlock()
			p.warnings = append(p.warnings, text)
		},
	}
	for _, f := range set {
		f(&o)
	}
	r, err := pipeline.Open(ctx, o)
	if err != nil {
		return pipeline.Result{}, err
	}
	defer r.Close()
	return r.Do(ctx, stop)
}

// byDetail asks after each task, so that other calls of the list can be counted, and those of Detail are many.
func byDetail(o *pipeline.Options) { o.Watch = "detail" }

func (p *place) warned(text string) bool {
	return strings.Contains(strings.Join(p.warnings, "\n"), text)
}

// rows reads results.csv as a person's script would.
func (p *place) rows() []map[string]string {
	p.t.Helper()
	f, err := os.Open(filepath.Join(p.out, "results.csv"))
	if err != nil {
		p.t.Fatal(err)
	}
	defer f.Close()
	lines, err := csv.NewReader(f).ReadAll()
	if err != nil {
		p.t.Fatal(err)
	}
	rows := make([]map[string]string, 0, len(lines))
	for _, line := range lines[1:] {
		row := map[string]string{}
		for i, name := range lines[0] {
			row[name] = line[i]
		}
		rows = append(rows, row)
	}
	return rows
}

// statuses counts the rows by status.
func (p *place) statuses() map[string]int {
	n := map[string]int{}
	for _, row := range p.rows() {
		n[row["status"]]++
	}
	return n
}

// audit holds the folder against the service's own books: no cell is charged twice, the costs are equal, and each done
// cell has its files as they were delivered.
func (p *place) audit() {
	p.t.Helper()
	charged := map[string]decimal.Decimal{}
	total := decimal.Zero
	for _, c := range p.sandbox.Charges() {
		charged[c.Task] = c.Cost
		total = total.Add(c.Cost)
	}
	owned, listed := map[string]string{}, decimal.Zero
	for _, row := range p.rows() {
		if cost := row["cost_usd"]; cost != "" {
			listed = listed.Add(decimal.RequireFromString(cost))
			if row["attempts"] == "1" && !charged[row["task_id"]].Equal(decimal.RequireFromString(cost)) {
				p.t.Errorf("cell %s has the cost %s (%s), its task %s was charged for %s", row["id"], cost, row["cost_source"], row["task_id"], charged[row["task_id"]])
			}
		}
		if row["status"] != "done" {
			continue
		}
		if row["cost_usd"] == "" {
			p.t.Errorf("cell %s is done, and its cost is not known: %v", row["id"], row)
		}
		if other, twice := owned[row["task_id"]]; twice {
			p.t.Errorf("cells %s and %s have the same task %s", other, row["id"], row["task_id"])
		}
		owned[row["task_id"]] = row["id"]
		if _, ok := charged[row["task_id"]]; !ok {
			p.t.Errorf("cell %s is done by task %s, which nobody was charged for", row["id"], row["task_id"])
		}
		p.verify(row)
	}
	if !listed.Equal(total) {
		p.t.Errorf("results.csv adds up to $%s, the service charged $%s", listed, total)
	}
}

// verify checks the files of a row against its sizes and checksums.
func (p *place) verify(row map[string]string) {
	p.t.Helper()
	files, sums := strings.Split(row["file"], ";"), strings.Split(row["sha256"], ";")
	for i, name := range files {
		if !strings.Contains(name, row["id"]) {
			p.t.Errorf("file %s does not carry the id %s of its cell", name, row["id"])
		}
		data, err := os.ReadFile(filepath.Join(p.out, name))
		if err != nil {
			p.t.Error(err)
			continue
		}
		if sum := sha256.Sum256(data); hex.EncodeToString(sum[:]) != sums[i] {
			p.t.Errorf("%s is not what its checksum says", name)
		}
	}
}

func transport(w *wire) *http.Transport {
	return &http.Transport{DialContext: w.dial, MaxIdleConnsPerHost: 64}
}

// wire is a network of one listener, in memory.
type wire struct {
	conns  chan net.Conn
	closed chan struct{}
}

func listen() *wire { return &wire{conns: make(chan net.Conn), closed: make(chan struct{})} }

func (w *wire) dial(ctx context.Context, _, _ string) (net.Conn, error) {
	near, far := net.Pipe()
	select {
	case w.conns <- far:
		return near, nil
	case <-w.closed:
		return nil, net.ErrClosed
	case <-ctx.Done():
		return nil, ctx.Err()
	}
}

func (w *wire) Accept() (net.Conn, error) {
	select {
	case c := <-w.conns:
		return c, nil
	case <-w.closed:
		return nil, net.ErrClosed
	}
}

func (w *wire) Close() error   { close(w.closed); return nil }
func (w *wire) Addr() net.Addr { return &net.TCPAddr{IP: net.IPv4(127, 0, 0, 1), Port: 1} }

const (
	multiModel   = "sandbox/samples" // several pictures a run
	textModel    = "sandbox/text"
	failingModel = "sandbox/failing"
)

// sevenSeconds is what each task takes, from Run to its end.
var sevenSeconds = sandbox.Timing{Preprocess: sandbox.Exactly(2), Run: sandbox.Exactly(4), Postprocess: sandbox.Exactly(1)}

func usd(s string) decimal.NullDecimal { return decimal.NewNullDecimal(decimal.RequireFromString(s)) }

func split(field string) []string { return strings.Split(field, ";") }

func total(counts map[string]int) (n int) {
	for _, c := range counts {
		n += c
	}
	return n
}

func as[E error](err error) (e E, ok bool) {
	ok = errors.As(err, &e)
	return e, ok
}

// errors are those that the rows name.
func (p *place) errors() (all []string) {
	for _, row := range p.rows() {
		if row["error"] != "" {
			all = append(all, row["id"]+": "+row["error"])
		}
	}
	return all
}

// figures is for tests of numbers, which a race detector only makes slow: what they run, others run under it.
func figures(t *testing.T) {
	t.Helper()
	if racing {
		t.Skip("figures are the same under the race detector")
	}
}

// charged is what the service was paid for.
func (p *place) charged() (sum decimal.Decimal) {
	for _, c := range p.sandbox.Charges() {
		sum = sum.Add(c.Cost)
	}
	return sum
}
