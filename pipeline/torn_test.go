package pipeline_test

import (
	"bytes"
	"encoding/csv"
	"encoding/json"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"wirobatch/pipeline"
	"wirobatch/wiro/sandbox"
)

// Fields that a cut can hit in their midst: quotes, line breaks, letters of several bytes.
const manyWords = `
version: 1
name: words
model: Qwen/Qwen-Image-Fast
matrix:
  prompt: ["Ein Drache, \"grün\" und 水", "two\nlines, 🐉", plain]
  seed: 1..4
limits: {concurrency: 3}
`

// timings are the columns that two runs do not share; where a cost stands differs from one answer of the sandbox to another.
var timings = []string{"task_id", "cost_source", "polls", "elapsed_s", "queue_s", "run_s", "postprocess_s", "wait_s", "download_s", "total_s", "submitted_at", "finished_at"}

// A run that was stopped, and whose reports and log were torn by a power cut, is gone on with: the reports are then those of
// a run that never was stopped, byte for byte but for the timings.
func TestTornReportsAreMended(t *testing.T) {
	timing := sandbox.Options{Timing: sevenSeconds}
	var want, wantLines []byte
	in(t, timing, func(p *place) {
		p.run(manyWords)
		want, wantLines = p.timeless()
	})
	in(t, timing, func(p *place) {
		p.run(manyWords, func(o *pipeline.Options) { o.Limit = 5 })
		whole := map[string][]byte{}
		for _, name := range []string{"results.csv", "results.jsonl"} {
			data, err := os.ReadFile(filepath.Join(p.out, name))
			if err != nil {
				t.Fatal(err)
			}
			whole[name] = data
		}
		cuts := 0
		for _, tear := range []string{"grün", "\"\"gr", "水", "lines, 🐉", "two\n", "image", ",done,"} {
			stopped := p.out
			p.out = filepath.Join(t.TempDir(), "out")
			if err := os.CopyFS(p.out, os.DirFS(stopped)); err != nil {
				t.Fatal(err)
			}
			for name, data := range whole {
				at := bytes.LastIndex(data, []byte(tear))
				if at < 0 {
					at = len(data) * 2 / 3 // JSON spells it in another way
				}
				at += len(tear) - 1 // in a letter of several bytes, or a field
				torn := append(data[:at:at], make([]byte, 100)...)
				if err := os.WriteFile(filepath.Join(p.out, name), torn, 0o644); err != nil {
					t.Fatal(err)
				}
				cuts++
			}
			r := p.run(manyWords)
			if r.ExitCode() != 0 || p.statuses()["done"] != 12 {
				t.Errorf("torn after %q: exit %d, %v", tear, r.ExitCode(), p.statuses())
			}
			if got, gotLines := p.timeless(); !bytes.Equal(got, want) || !bytes.Equal(gotLines, wantLines) {
				t.Errorf("torn after %q:\n%s\n%s\nwant\n%s\n%s", tear, got, gotLines, want, wantLines)
			}
			p.out = stopped
		}
		if cuts != 14 {
			t.Errorf("%d cuts", cuts)
		}
	})
}

// The end of the journal's log is torn away while tasks run: what was not durable is found again on the service, and no
// cell is paid twice.
func TestTornJournalIsGoneOnWith(t *testing.T) {
	in(t, sandbox.Options{Timing: sevenSeconds}, func(p *place) {
		whole := p.out
		var crashed string
		stop := make(chan pipeline.Reason)
		go func() {
			time.Sleep(10 * time.Second) // some are done, some run
			crashed = filepath.Join(filepath.Dir(whole), "crashed", "out")
			if err := os.CopyFS(crashed, os.DirFS(whole)); err != nil {
				t.Error(err)
			}
			stop <- pipeline.Interrupted
		}()
		if _, err := p.try(p.t.Context(), stop, manyWords); err != nil {
			t.Fatal(err)
		}
		made := p.sandbox.Accepted()
		log := filepath.Join(crashed, ".wirobatch", "journal.db-wal")
		data, err := os.ReadFile(log)
		if err != nil || len(data) < 5000 {
			t.Fatal(len(data), err)
		}
		// In the midst of the last page: the commit that it ends is not there.
		if err := os.WriteFile(log, append(data[:len(data)-2000:len(data)-2000], make([]byte, 512)...), 0o600); err != nil {
			t.Fatal(err)
		}
		p.out = crashed
		r := p.run(manyWords)
		if r.ExitCode() != 0 || p.statuses()["done"] != 12 || p.sandbox.Accepted() != 12 {
			t.Errorf("exit %d, %v, %d tasks for 12 cells, %d before the crash\n%s", r.ExitCode(), p.statuses(), p.sandbox.Accepted(), made, strings.Join(p.warnings, "\n"))
		}
		p.audit()
	})
}

// timeless gives the reports without what no two runs share.
func (p *place) timeless() (table, lines []byte) {
	p.t.Helper()
	read := func(name string) []byte {
		data, err := os.ReadFile(filepath.Join(p.out, name))
		if err != nil {
			p.t.Fatal(err)
		}
		return data
	}
	raw := read("results.csv")
	all, err := csv.NewReader(bytes.NewReader(raw)).ReadAll()
	if err != nil {
		p.t.Fatal(err)
	}
	again := func() (b []byte) {
		for _, line := range all {
			var one bytes.Buffer
			w := csv.NewWriter(&one)
			w.Write(line)
			w.Flush()
			b = append(append(b, bytes.TrimSuffix(one.Bytes(), []byte("\n"))...), "\r\n"...)
		}
		return b
	}
	if !bytes.Equal(again(), raw) {
		p.t.Errorf("results.csv has bytes that are none of its fields: %q", raw)
	}
	for _, line := range all[1:] {
		for c, name := range all[0] {
			if slices.Contains(timings, name) {
				line[c] = "-"
			}
		}
	}
	for line := range bytes.Lines(read("results.jsonl")) {
		var row map[string]any
		if err := json.Unmarshal(line, &row); err != nil {
			p.t.Fatalf("%v: %s", err, line)
		}
		for _, name := range timings {
			delete(row, name)
		}
		for _, f := range row["files"].([]any) {
			delete(f.(map[string]any), "url")
		}
		b, _ := json.Marshal(row)
		lines = append(append(lines, b...), '\n')
	}
	return again(), lines
}
