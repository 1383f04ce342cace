package cli

import (
	"bytes"
	"errors"
	"flag"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
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
// makes about 370 write, 790 pwrite64, 190 fsync, 130 openat, 55 renameat in a dozen threads.
var injections = []struct {
	call    string
	effects []string
	at      []int  // the nth call of a thread; a + after it lets all later ones fail as well
	paths   string // the files of the folder that alone are meant, separated by blanks; "" all
}{
	// What is written to a file, a socket, the screen: an error comes anywhere.
	{"write", []string{"KILL", "ENOSPC", "EIO"}, []int{1, 5, 11, 19, 47}, ""},
	{"write", []string{"ENOSPC", "EIO"}, []int{1, 2, 4, 9}, "results.csv"},
	{"pwrite64", []string{"KILL", "ENOSPC", "EIO"}, []int{1, 2, 3, 8, 21, 40, 77, 120}, ""},
	{"fsync", []string{"KILL", "EIO", "ENOSPC"}, []int{1, 2, 3, 5, 8, 13, 20}, ""},
	{"fsync", []string{"EIO"}, []int{1, 3, 6}, ".wirobatch/journal.db-wal"},
	{"fsync", []string{"EIO"}, []int{1, 2, 4}, "images"},
	{"renameat", []string{"KILL", "ENOSPC", "EIO"}, []int{1, 2, 3, 5}, ""},
	{"openat", []string{"KILL", "EIO", "ENOSPC"}, []int{1, 2, 4}, "images .wirobatch/tmp"},
	{"openat", []string{"KILL", "EIO"}, []int{1, 2}, ".wirobatch/journal.db .wirobatch/journal.db-wal results.csv .wirobatch/lock"},
	{"ftruncate", []string{"KILL", "EIO"}, []int{1}, ""},
	{"mkdirat", []string{"KILL", "ENOSPC"}, []int{1, 2}, ""},
}

// TestInjectedFailures lets one kind of system call of the real program fail, or kills it there, and then goes on without:
// rows, files and the sandbox's ledger must agree to the last cent, as after a crash.
//
//	go test ./internal/cli -run InjectedFailures -inject -v
func TestInjectedFailures(t *testing.T) {
	if !*inject {
		t.Skip("-inject lets it run")
	}
	strace, err := exec.LookPath("strace")
	if err != nil {
		t.Skip("strace is not there, or not for this system")
	}
	dir := t.TempDir()
	program := filepath.Join(dir, "wirobatch"+exe())
	if out, err := exec.Command("go", "build", "-o", program, "wirobatch").CombinedOutput(); err != nil {
		t.Fatalf("go build: %v\n%s", err, out)
	}
	manifest := filepath.Join(dir, "inject.yaml")
	const cells = 50
	text := fmt.Sprintf("{version: 1, name: inject, model: Qwen/Qwen-Image-Fast, matrix: {prompt: [a], seed: 1..%d}, limits: {concurrency: 8}}", cells)
	if err := os.WriteFile(manifest, []byte(text), 0o644); err != nil {
		t.Fatal(err)
	}
	n, ran, struck, codes := 0, 0, 0, map[string]int{}
	var mu sync.Mutex
	each := func(t *testing.T) {
		for _, i := range injections {
			for _, effect := range i.effects {
				for _, at := range i.at {
					if n++; n%*injectEvery != 0 {
						continue
					}
					t.Run(fmt.Sprintf("%s %s %d %s", i.call, effect, at, i.paths), func(t *testing.T) {
						t.Parallel() // a lost submit is waited for, 20 s and more
						out := t.TempDir()
						run := injected{t: t, out: filepath.Join(out, "out"), program: program, manifest: manifest}
						ledger := filepath.Join(out, "ledger.jsonl")
						run.url = serveSandbox(t, program, "--instant", "--picture-size", "16", "--ledger", ledger)

						what := "error=" + effect
						if effect == "KILL" {
							what = "signal=KILL"
						}
						log := filepath.Join(out, "strace")
						args := []string{"-f", "-qq", "-o", log, "-e", "trace=" + i.call, "-e", fmt.Sprintf("inject=%s:%s:when=%d", i.call, what, at)}
						for _, path := range strings.Fields(i.paths) {
							args = append(args, "-P", filepath.Join(run.out, path))
						}
						code, said := run.start(append([]string{strace}, args...)...)
						trace, _ := os.ReadFile(log)
						hits := bytes.Count(trace, []byte("(INJECTED)")) + bytes.Count(trace, []byte("+++ killed by SIGKILL"))
						mu.Lock()
						if ran++; hits > 0 {
							struck++
						}
						codes[fmt.Sprintf("%s exit %d", effect, code)]++
						mu.Unlock()
						run.sane(effect, code, hits, said)

						if code, said := run.start(); code != 0 && code != 8 {
							t.Errorf("exit %d after the resume:\n%s", code, said)
						}
						held := agree(t, run.out, ledger, cells)
						t.Logf("%d times, exit %d, then %d held: %s", hits, code, held, lastLine(said))
					})
				}
			}
		}
	}
	t.Run("each", each)
	t.Logf("%d of %d injections struck: %v", struck, ran, codes)
	if struck < ran/2 {
		t.Errorf("only %d of %d injections struck: the places are wrong", struck, ran)
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
	run.Env = append(os.Environ(), "WIRO_BASE_URL="+i.url, "WIRO_API_KEY=sandbox")
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
	case code == 2 && strings.Contains(said, "runtime: "): // Go's own calls cannot fail
	default:
		i.t.Errorf("exit %d:\n%s", code, said)
	}
}

func lastLine(said string) string {
	lines := strings.Split(strings.TrimSpace(said), "\n")
	return lines[len(lines)-1]
}
