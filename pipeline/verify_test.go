package pipeline_test

import (
	"context"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"wirobatch/pipeline"
	"wirobatch/pipeline/durable"
	"wirobatch/wiro"
	"wirobatch/wiro/sandbox"
)

// spoil changes the first file of a row.
func (p *place) spoil(row map[string]string, how func(name string) error) {
	p.t.Helper()
	if err := how(filepath.Join(p.out, split(row["file"])[0])); err != nil {
		p.t.Fatal(err)
	}
}

func flip(name string) error { // a damage that keeps the size
	data, err := os.ReadFile(name)
	if err != nil {
		return err
	}
	data[len(data)/2] ^= 1
	return os.WriteFile(name, data, 0o644)
}

func cut(name string) error { return os.Truncate(name, 3) }

func TestMissingAndDamagedFilesAreDownloadedNotPaidAgain(t *testing.T) {
	in(t, sandbox.Options{}, func(p *place) {
		p.run(grid)
		before := p.sandbox.Requests()
		rows := p.rows()
		p.spoil(rows[0], os.Remove)
		p.spoil(rows[7], cut)
		p.spoil(rows[23], flip)

		r := p.run(grid)
		if r.ExitCode() != 0 || r.Submits != 0 || p.statuses()["done"] != 24 || !r.Spent.IsZero() {
			t.Errorf("exit %d, %d submits, $%s, %v", r.ExitCode(), r.Submits, r.Spent, p.statuses())
		}
		if n := total(p.sandbox.Requests()) - total(before) - 2; n < 1 || n > 2 { // both may share a page of the list
			t.Errorf("%d calls asked after tasks, 2 files were missing or cut", n)
		}
		if !p.warned("not paid again: 2: "+split(rows[0]["file"])[0]+" is missing") || !p.warned("has 3 bytes in place of") {
			t.Errorf("%q", p.warnings)
		}
		// A damage that keeps the size is found by the checksum alone.
		r = p.run(grid, func(o *pipeline.Options) { o.Checksums = true })
		if r.ExitCode() != 0 || r.Submits != 0 || !p.warned("is damaged") {
			t.Errorf("exit %d, %d submits, %q", r.ExitCode(), r.Submits, p.warnings)
		}
		if p.sandbox.Accepted() != 24 {
			t.Errorf("%d tasks for 24 cells", p.sandbox.Accepted())
		}
		for i, row := range p.rows() {
			if row["attempts"] != "1" || row["error"] != "" || row["sha256"] != rows[i]["sha256"] {
				t.Errorf("row %d: %v", i+1, row)
			}
		}
		p.audit()
	})
}

// expired is a CDN that no longer has what it had.
type expired struct{ http.RoundTripper }

func (e expired) RoundTrip(r *http.Request) (*http.Response, error) {
	if strings.HasPrefix(r.URL.Path, "/cdn/") {
		r = r.Clone(r.Context())
		r.URL.Path = "/cdn/gone"
	}
	return e.RoundTripper.RoundTrip(r)
}

func TestLostFileWhoseURLIsGoneStaysPending(t *testing.T) {
	in(t, sandbox.Options{}, func(p *place) {
		p.run(grid)
		row := p.rows()[4]
		p.spoil(row, os.Remove)
		old := func(o *pipeline.Options) { o.Client = p.past() }
		for start := range 2 {
			r := p.run(grid, old, func(o *pipeline.Options) { o.RetryFailed = true })
			now := p.rows()[4]
			if r.ExitCode() != 3 || r.Submits != 0 || now["status"] != "pending" || now["file"] != "" || now["error"] == "" || now["cost_usd"] != row["cost_usd"] {
				t.Errorf("start %d: exit %d, %d submits, %v", start+2, r.ExitCode(), r.Submits, now)
			}
			if r.Summary.Totals.Files != 23 {
				t.Errorf("%d files are counted, 23 are there", r.Summary.Totals.Files)
			}
		}
		if r := p.run(grid); r.ExitCode() != 0 || p.rows()[4]["sha256"] != row["sha256"] {
			t.Errorf("when it is there again: exit %d, %v", r.ExitCode(), p.rows()[4])
		}
		p.audit()
	})
}

// past is a client to which the CDN denies every file.
func (p *place) past() *wiro.Client { return p.dial(expired{p.transport}, "sandbox") }

func TestRedoOfALostFileIsRedone(t *testing.T) {
	in(t, sandbox.Options{}, func(p *place) {
		p.run(grid)
		row := p.rows()[2]
		p.spoil(row, os.Remove)
		r := p.run(grid, func(o *pipeline.Options) { o.Redo = []string{row["id"]} })
		if r.ExitCode() != 0 || r.Submits != 1 || p.rows()[2]["attempts"] != "2" {
			t.Errorf("exit %d, %d submits, %v", r.ExitCode(), r.Submits, p.rows()[2])
		}
	})
}

func TestLostFilesOfASandboxThatIsGoneAreMadeAgain(t *testing.T) {
	forgetful := func(o *pipeline.Options) { o.Sandbox = true }
	in(t, sandbox.Options{}, func(p *place) {
		p.run(grid, forgetful)
		for _, row := range p.rows()[:5] {
			p.spoil(row, os.Remove)
		}
		r := p.run(grid, forgetful)
		if r.ExitCode() != 0 || r.Submits != 5 || p.statuses()["done"] != 24 {
			t.Errorf("exit %d, %d submits, %v", r.ExitCode(), r.Submits, p.statuses())
		}
		if !p.warned("made again by the sandbox: 5: ") || !p.warned("; and 2 more files") {
			t.Errorf("%q", p.warnings)
		}
		for _, row := range p.rows() {
			p.verify(row)
		}
	})
}

func TestFilesThatCannotBeLookedAt(t *testing.T) {
	in(t, sandbox.Options{}, func(p *place) {
		p.run(grid)
		images := filepath.Join(p.out, "images")
		if err := os.Rename(images, images+"-aside"); err != nil {
			t.Fatal(err)
		}
		if err := os.Symlink("images", images); err != nil { // round in circles
			t.Skip(err)
		}
		_, err := p.try(context.Background(), nil, grid)
		if _, ok := as[*durable.Error](err); !ok {
			t.Errorf("a disk in trouble is no reason to download: %v", err)
		}
		if err := os.Remove(images); err != nil {
			t.Fatal(err)
		}
		if err := os.Rename(images+"-aside", images); err != nil {
			t.Fatal(err)
		}
		if r := p.run(grid); r.ExitCode() != 0 || r.Submits != 0 {
			t.Errorf("exit %d, %d submits", r.ExitCode(), r.Submits)
		}
	})
}
