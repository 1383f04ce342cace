package cli

import (
	"bytes"
	"errors"
	"flag"
	"fmt"
	"maps"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"
)

var (
	inject      = flag.Bool("inject", false, "let system calls of a run fail, by strace")
	injectEvery = flag.Int("inject.every", 1, "of the injected failures take each nth")
)

// injections are what strace lets fail, each at several places: it counts the calls of each thread by itself, and a run
// makes about 360 write, 930 pwrite64, 200 fsync, 130 openat, 55 renameat in a dozen threads. SQLite asks for open and
// unlink, Go for openat and unlinkat. A ? before a call: not every architecture has it.
var injections = []struct {
	call    string
	effects string
	at      string // the nth call of a thread; with a + all later ones as well
	paths   string // the files of the folder that alone are meant; "" all
}{
	// What is written to a file, a socket, the screen: an error comes anywhere.
	{"write", "KILL ENOSPC EIO", "1 5 11 19 47", ""},
	{"write", "KILL ENOSPC EIO", "1 2 4 9 1+", "results.csv"},
	{"pwrite64", "KILL ENOSPC EIO", "1 2 3 8 21 40 77 120", ""},
	{"pwrite64", "ENOSPC EIO", "1+ 30+", ""},
	{"pwrite64", "KILL ENOSPC EIO", "1 2", ".wirobatch/journal.db"},
	{"fsync", "KILL EIO ENOSPC", "1 2 3 5 8 13 20", ""},
	{"fsync", "KILL EIO", "1 3 6 2+", ".wirobatch/journal.db-wal"},
	{"fsync", "KILL EIO", "1 2 4", ".wirobatch/journal.db .wirobatch/journal.db-wal"},
	{"fsync", "EIO", "1 2 4", "images"},
	{"renameat", "KILL ENOSPC EIO", "1 2 3 5", ""},
	{"renameat", "KILL EIO", "1", "results.csv"},
	{"renameat", "KILL EIO", "1", "summary.json"},
	{"openat", "KILL EIO ENOSPC", "1 2 4", "images .wirobatch/tmp"},
	{"openat", "KILL EIO ENOSPC", "6 9 14 18 21 25", ""},
	{"openat", "KILL EIO ENOSPC", "1 2", "results.csv"},
	{"openat", "KILL EIO", "1 2", ".wirobatch/lock"},
	{"?open", "KILL EIO ENOSPC", "1 2", ".wirobatch/journal.db .wirobatch/journal.db-wal"},
	{"ftruncate", "KILL EIO", "1", ""},
	{"mkdirat", "KILL ENOSPC", "1 2", ""},
	{"unlinkat", "KILL EIO", "1 2", ""},
	{"?unlink", "KILL EIO", "1", ""},
	{"?unlink", "KILL EIO", "1", ".wirobatch/journal.db-wal"},
	{"fchmod", "KILL EIO", "1 3", ""},
	{"fchmodat", "KILL EIO", "1", ""},
}

// targets are the kinds of places where the calls must have struck when all injections are tried.
var targets = []string{
	"write part", "write results.csv", "write socket", "pwrite64 journal.db", "pwrite64 journal.db-wal", "fsync part", "fsync images",
	"fsync journal.db", "fsync journal.db-wal", "renameat images", "renameat manifest.yaml", "renameat results.csv", "renameat summary.json",
	"openat tmp", "openat results.csv", "open journal.db", "open journal.db-wal", "ftruncate journal.db-shm", "mkdirat out", "unlinkat tmp", "unlink journal.db-wal",
	"fchmod part", "fchmodat .wirobatch",
}

// TestInjectedFailures lets one kind of system call of the real program fail, or kills it there, and then goes on without:
// rows, files and the sandbox's ledger must agree to the last cent, as after a crash.
//
// It takes two to three minutes:
//
//	go test ./internal/cli -run InjectedFailures -inject -parallel 12 -v
func TestInjectedFailures(t *testing.T) {
	if !*inject {
		t.Skip("-inject lets it run")
	}
	strace, err := exec.LookPath("strace")
	if err != nil {
		t.Skip("strace is not there, or not for this system")
	}
	dir := t.TempDir()
	program := build(t)
	manifest := filepath.Join(dir, "inject.yaml")
	const cells = 50
	text := fmt.Sprintf("{version: 1, name: inject, model: Qwen/Qwen-Image-Fast, matrix: {prompt: [a], seed: 1..%d}, limits: {concurrency: 8}}", cells)
	if err := os.WriteFile(manifest, []byte(text), 0o644); err != nil {
		t.Fatal(err)
	}
	n, ran, struck, codes, where := 0, 0, 0, map[string]int{}, map[string]int{}
	var mu sync.Mutex
	each := func(t *testing.T, call, effect, at, paths string) {
		t.Parallel() // a lost submit is waited for, 20 s and more
		out := t.TempDir()
		run := injected{t: t, out: filepath.Join(out, "out"), program: program, manifest: manifest}
		ledger := filepath.Join(out, "ledger.jsonl")
		service := serve(t, program, "--instant", "--picture-size", "16", "--ledger", ledger)
		run.url = service.url

		what := "error=" + effect
		if effect == "KILL" {
			what = "signal=KILL"
		}
		log := filepath.Join(out, "strace")
		args := []string{strace, "-f", "-y", "-qq", "-o", log, "-e", "trace=close," + call, "-e", fmt.Sprintf("inject=%s:%s:when=%s", call, what, at)}
		for _, path := range strings.Fields(paths) {
			args = append(args, "-P", filepath.Join(run.out, path))
		}
		code, said := run.start(args...)
		calls := readTrace(t, log)
		hits := struckBy(calls, strings.TrimPrefix(call, "?"), effect, at)
		mu.Lock()
		if ran++; len(hits) > 0 {
			struck++
		}
		for _, c := range hits {
			where[c.name+" "+c.target()]++
		}
		codes[fmt.Sprintf("%s exit %d", effect, code)]++
		mu.Unlock()
		run.sane(effect, code, len(hits), said)
		neverSyncedAgain(t, calls)

		if code, said := run.start(); code != 0 && code != 8 {
			t.Errorf("exit %d after the resume:\n%s", code, said)
		}
		service.end()
		held := audit{out: run.out, ledger: ledger, cells: cells}.check(t)
		t.Logf("%d times, exit %d, then %d held: %s", len(hits), code, held, lastLine(said))
	}
	t.Run("each", func(t *testing.T) {
		for _, i := range injections {
			for effect := range strings.FieldsSeq(i.effects) {
				for at := range strings.FieldsSeq(i.at) {
					if n++; n%*injectEvery == 0 {
						t.Run(strings.Join([]string{i.call, effect, at, i.paths}, " "), func(t *testing.T) { each(t, i.call, effect, at, i.paths) })
					}
				}
			}
		}
	})
	t.Logf("%d of %d injections struck: %v", struck, ran, codes)
	for _, name := range slices.Sorted(maps.Keys(where)) {
		t.Logf("%4d %s", where[name], name)
	}
	if struck < ran/2 {
		t.Errorf("only %d of %d injections struck: the places are wrong", struck, ran)
	}
	if *injectEvery > 1 || runtime.GOARCH != "amd64" { // others have not all of the calls
		return
	}
	for _, name := range targets {
		if where[name] == 0 {
			t.Errorf("no %s failed", name)
		}
	}
}

// injected is one run that is disturbed, and gone on with.
type injected struct {
	t                           *testing.T
	out, program, manifest, url string
}

// start runs the program to its end, under the given command if any. The code is -1 when it was killed.
func (i injected) start(under ...string) (code int, said string) {
	i.t.Helper()
	args := append(slices.Clone(under), i.program, "run", i.manifest, "--out", i.out)
	run := exec.Command(args[0], args[1:]...)
	run.Env = append(os.Environ(), "WIRO_BASE_URL="+i.url, "WIRO_API_KEY=sandbox", "XDG_CACHE_HOME=none") // what strikes is to strike the output folder
	var all bytes.Buffer
	run.Stdout, run.Stderr = &all, &all
	run.WaitDelay = time.Second
	timer := time.AfterFunc(2*time.Minute, func() { run.Process.Kill() })
	err := run.Run()
	if !timer.Stop() {
		i.t.Errorf("it did not end in two minutes:\n%s", all.String())
	}
	if err != nil && !errors.As(err, new(*exec.ExitError)) && !errors.Is(err, exec.ErrWaitDelay) {
		i.t.Fatal(err)
	}
	return run.ProcessState.ExitCode(), all.String()
}

// sane checks what the disturbed run said of itself: a failing disk is exit 74 and told of, a few times at most.
func (i injected) sane(effect string, code, hits int, said string) {
	i.t.Helper()
	switch {
	case effect == "KILL" && code != -1 && hits > 0:
		i.t.Errorf("it was killed, and its exit code is %d:\n%s", code, said)
	case effect == "KILL", code == 0, code == 8:
	case code == 74:
		// Its last words may be what could not be written.
		if n := strings.Count("\n"+said, "\nwirobatch: "); n > 1 {
			i.t.Errorf("%d errors at the end:\n%s", n, said)
		}
	case code == 64 && strings.Contains(said, "cannot read the manifest"):
	case code == 2 && strings.Contains(said, "runtime: "): // Go's own calls cannot fail
	default:
		i.t.Errorf("exit %d:\n%s", code, said)
	}
}

func lastLine(said string) string {
	lines := strings.Split(strings.TrimSpace(said), "\n")
	return lines[len(lines)-1]
}
