package cli

import (
	"bytes"
	"io/fs"
	"maps"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
	"testing"
	"time"
)

// TestKilledExportIsGoneOnWith ends the real program at random moments of an export, with SIGKILL and as Ctrl-C does. Gone on with, it makes the
// same bytes as one that nobody disturbs. How often: -crash.kills.
func TestKilledExportIsGoneOnWith(t *testing.T) {
	if testing.Short() {
		t.Skip("it is about processes, not about what goes on in one")
	}
	t.Parallel()
	program := build(t)
	dir := t.TempDir()
	manifest := filepath.Join(dir, "many.yaml")
	text := "{version: 1, name: many, model: Qwen/Qwen-Image-Fast, matrix: {prompt: [a, b, c, d, e], seed: 1..60}, limits: {concurrency: 16}}"
	if err := os.WriteFile(manifest, []byte(text), 0o644); err != nil {
		t.Fatal(err)
	}
	out := filepath.Join(dir, "many")
	service := serve(t, program, "--instant", "--picture-size=64")
	c := exec.Command(program, "run", manifest, "--out", out, "--report", "off")
	c.Env = append(os.Environ(), "WIRO_BASE_URL="+service.url, "WIRO_API_KEY=sandbox", "XDG_CACHE_HOME="+filepath.Join(dir, "cache"))
	if said, err := c.CombinedOutput(); err != nil {
		t.Fatalf("%v\n%s", err, said)
	}
	for _, format := range []string{"webdataset", "imagefolder", "parquet", "jsonl"} {
		t.Run(format, func(t *testing.T) {
			e := exported{t: t, program: program, out: filepath.Join(t.TempDir(), "set"), args: []string{"export", out, "--format", format, "--split", "train=0.6,test=0.4"}}
			if format == "webdataset" {
				e.args = append(e.args, "--shard-count", "20", "--embed")
			} else if format == "parquet" {
				e.args = append(e.args, "--shard-count", "20", "--shard-size", "200kB")
			}
			begun := time.Now()
			if code, said := e.run(0); code != 0 {
				t.Fatalf("exit %d: %s", code, said)
			}
			whole, took := e.tree(), time.Since(begun)
			if len(whole) < 4 {
				t.Fatalf("it has %d files", len(whole))
			}
			for kills, going := 0, 0; kills < *crashKills; {
				if going == 0 {
					if err := os.RemoveAll(e.out); err != nil {
						t.Fatal(err)
					}
				}
				switch code, said := e.run(time.Millisecond + rand.N(took)); {
				case code == -1, code == 130 && strings.Contains(said, "stopped: the same command goes on with "+e.out):
					kills++
					going++
					continue
				case code != 0:
					t.Fatalf("exit %d: %s", code, said)
				}
				e.same(whole, going)
				going = 0
			}
			if code, said := e.run(0); code != 0 {
				t.Fatalf("exit %d: %s", code, said)
			}
			e.same(whole, *crashKills)
		})
	}
}

// exported is a dataset that export after export is started for.
type exported struct {
	t            *testing.T
	program, out string
	args         []string
}

// run gives the exit code, -1 when it was killed.
func (e exported) run(killed time.Duration) (code int, said string) {
	e.t.Helper()
	c := exec.Command(e.program, append(e.args, "--out", e.out)...)
	var all bytes.Buffer
	c.Stdout, c.Stderr = &all, &all
	if err := c.Start(); err != nil {
		e.t.Fatal(err)
	}
	if killed > 0 {
		by := os.Kill
		if rand.IntN(2) == 0 && runtime.GOOS != "windows" { // it has no other
			by = os.Interrupt
		}
		defer time.AfterFunc(killed, func() { c.Process.Signal(by) }).Stop()
	}
	c.Wait()
	return c.ProcessState.ExitCode(), all.String()
}

func (e exported) tree() map[string]string {
	e.t.Helper()
	all := map[string]string{}
	err := filepath.WalkDir(e.out, func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		data, err := os.ReadFile(path)
		all[strings.TrimPrefix(path, e.out)] = string(data)
		return err
	})
	if err != nil {
		e.t.Fatal(err)
	}
	return all
}

// same holds the dataset against one that nobody disturbed.
func (e exported) same(whole map[string]string, kills int) {
	e.t.Helper()
	if got := e.tree(); !maps.Equal(got, whole) {
		e.t.Fatalf("after %d kills it is another: %d files of %d", kills, len(got), len(whole))
	}
	if left, _ := filepath.Glob(e.out + ".partial"); len(left) > 0 {
		e.t.Fatalf("left over: %q", left)
	}
}

// A disk that is full, or fails, ends an export with 74 and leaves nothing in the dataset's place; the same command completes it later.
func TestExportOnAFullDisk(t *testing.T) {
	if testing.Short() {
		t.Skip("it moves many bytes, which is slow under the race detector")
	}
	strace, err := exec.LookPath("strace")
	if err != nil || exec.Command(strace, "-qq", "-e", "trace=none", "true").Run() != nil {
		t.Skip("strace is not there, or may not trace")
	}
	t.Parallel()
	program := build(t)
	few := filepath.Join(t.TempDir(), "few")
	if said, err := exec.Command(program, "run", "--sandbox", "../../examples/quickstart.yaml", "--limit", "4", "--out", few, "--report", "off").CombinedOutput(); err != nil {
		t.Fatalf("%v\n%s", err, said)
	}
	for _, row := range []struct{ format, fault string }{
		{"webdataset", "fsync:error=ENOSPC"}, {"webdataset", "renameat:error=EIO"}, {"imagefolder", "syncfs:error=ENOSPC"}, {"csv", "mkdirat:error=ENOSPC"},
	} {
		e := exported{t: t, program: program, out: filepath.Join(t.TempDir(), "set"), args: []string{"export", few, "--format", row.format}}
		call, _, _ := strings.Cut(row.fault, ":")
		faulty := e
		faulty.program = strace
		faulty.args = append([]string{"-f", "-qq", "-o", os.DevNull, "-e", "trace=" + call, "-e", "inject=" + row.fault + ":when=1", program}, e.args...)
		if code, said := faulty.run(0); code != 74 || !strings.Contains(said, "run the same command again") {
			t.Errorf("%v: exit %d: %s", row, code, said)
		}
		if _, err := os.Stat(e.out); err == nil {
			t.Errorf("%v: the dataset is there", row)
		}
		if code, said := e.run(0); code != 0 {
			t.Errorf("%v, and then: exit %d: %s", row, code, said)
		}
		e.same(e.tree(), 0)
	}
}
