package cli

import (
	"os"
	"os/exec"
	"regexp"
	"strconv"
	"strings"
	"syscall"
	"time"

	"github.com/rogpeppe/go-internal/testscript"
)

// jobs are the programs that a session has started beside itself, by name.
type jobs map[string]*exec.Cmd

func job(ts *testscript.TestScript, name string) *exec.Cmd {
	c := ts.Value(jobsKey).(jobs)[name]
	if c == nil {
		ts.Fatalf("nothing was started under the name %s", name)
	}
	return c
}

type keyOfJobs struct{}

var jobsKey = keyOfJobs{}

func start(ts *testscript.TestScript, _ bool, args []string) {
	name := args[0]
	c := exec.Command("wirobatch", args[1:]...)
	c.Dir = ts.MkAbs(".")
	for _, key := range []string{"PATH", "HOME", "TMPDIR", "XDG_CACHE_HOME", "WIRO_API_KEY", "WIRO_API_SECRET", "WIRO_BASE_URL", "GOCOVERDIR"} {
		if value := ts.Getenv(key); value != "" {
			c.Env = append(c.Env, key+"="+value)
		}
	}
	out, err := os.Create(ts.MkAbs(name + ".out"))
	ts.Check(err)
	defer out.Close()
	errs, err := os.Create(ts.MkAbs(name + ".err"))
	ts.Check(err)
	defer errs.Close()
	c.Stdout, c.Stderr = out, errs
	ts.Check(c.Start())
	ts.Value(jobsKey).(jobs)[name] = c
	ts.Defer(func() {
		if c.ProcessState == nil {
			c.Process.Kill()
			c.Wait()
		}
	})
}

// patience is how long a session waits for what must come; nothing is judged by how long it takes.
const patience = time.Minute

func await(ts *testscript.TestScript, _ bool, args []string) {
	pattern := regexp.MustCompile("(?m)" + args[1])
	for end := time.Now().Add(patience); ; time.Sleep(10 * time.Millisecond) {
		data, err := os.ReadFile(ts.MkAbs(args[0]))
		if err == nil && pattern.Match(data) {
			return
		}
		if time.Now().After(end) {
			ts.Fatalf("no line of %s matches %s: %v\n%s", args[0], args[1], err, data)
		}
	}
}

func sendSignal(ts *testscript.TestScript, _ bool, args []string) {
	s, ok := map[string]os.Signal{"INT": os.Interrupt, "TERM": syscall.SIGTERM, "KILL": os.Kill}[args[1]]
	if !ok {
		ts.Fatalf("no such signal: %s", args[1])
	}
	ts.Check(job(ts, args[0]).Process.Signal(s))
}

func awaitEnd(ts *testscript.TestScript, _ bool, args []string) {
	want, err := strconv.Atoi(args[1])
	ts.Check(err)
	c := job(ts, args[0])
	err = c.Wait()
	errs := strings.TrimSpace(ts.ReadFile(args[0] + ".err"))
	ts.Logf("%s ended: %v\n%s%s", args[0], err, ts.ReadFile(args[0]+".out"), errs)
	if got := exitCode(err); got != want {
		ts.Fatalf("%s: exit code %d, not %d", args[0], got, want)
	}
}
