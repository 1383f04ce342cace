package cli

import (
	"errors"
	"flag"
	"fmt"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"testing"

	"github.com/rogpeppe/go-internal/testscript"
)

// The test binary is the program as well, so that sessions run it as a process of its own: real streams, signals and exit codes.
func TestMain(m *testing.M) {
	testscript.Main(patient{m}, map[string]func(){
		"wirobatch": func() { localPictures = 96; os.Exit(Main(os.Args[1:], os.Getenv, os.Stdout, os.Stderr)) },
	})
}

// patient runs more tests at once than there are processors, for they wait more than they work; -parallel says otherwise.
type patient struct{ *testing.M }

func (m patient) Run() int {
	flag.Parse()
	if p := flag.Lookup("test.parallel"); p.Value.String() == p.DefValue {
		p.Value.Set("8")
	}
	return m.M.Run()
}

// concurrent are the sessions that -short leaves: those in which most goes on at the same time.
var concurrent = []string{"quickstart", "signals", "codes", "status", "secrets", "cancel", "cut", "locked"}

func TestSessions(t *testing.T) { play(t, "testdata") }

// Each example is shown by the session beside it.
func TestExamples(t *testing.T) {
	if testing.Short() {
		t.Skip("its many cases take long under the race detector; others of the same code are short")
	}
	manifests, err := filepath.Glob("../../examples/*.yaml")
	if err != nil || len(manifests) == 0 {
		t.Fatalf("no examples: %v", err)
	}
	for _, m := range manifests {
		if _, err := os.Stat(strings.TrimSuffix(m, ".yaml") + ".txt"); err != nil {
			t.Errorf("%s has no session that shows it: %v", m, err)
		}
	}
	play(t, "../../examples")
}

// play runs the sessions of a folder. They find the examples in examples/, and have these commands beside testscript's own:
//
//	exits CODE PROGRAM ARGS...  run it, and hold its exit code against CODE
//	start NAME ARGS...          run wirobatch beside the session, its streams in NAME.out and NAME.err
//	await FILE PATTERN          until the file has a line that matches
//	signal NAME INT|TERM|KILL   to what was started
//	ended NAME CODE             wait for its end, and hold its exit code against CODE
//	use NAME                    set WIRO_BASE_URL to the sandbox that was started
//	id FILE N VAR               set VAR to the id of cell N in a results.csv
//	nowhere TEXT                no file of the session has it, and neither had the last command's output
//	duckdb FILE                 print DuckDB's answers to the file, a row a line with | between; [duckdb] tells whether it is there
func play(t *testing.T, dir string) {
	t.Helper()
	var files []string // all of dir
	if testing.Short() {
		for _, name := range concurrent {
			files = append(files, filepath.Join(dir, name+".txt"))
		}
		dir = ""
	}
	testscript.Run(t, testscript.Params{
		Dir: dir, Files: files,
		Setup: func(env *testscript.Env) error {
			env.Values[jobsKey] = jobs{}
			env.Vars = append(env.Vars, "NO_COLOR=1", "XDG_CACHE_HOME="+filepath.Join(env.WorkDir, ".cache"), "DUCKDB_JS="+os.Getenv("DUCKDB_JS"))
			return os.CopyFS(filepath.Join(env.WorkDir, "examples"), manifestsOnly{os.DirFS("../../examples")})
		},
		Cmds: map[string]func(*testscript.TestScript, bool, []string){
			"exits": exits, "start": start, "await": await, "signal": sendSignal, "ended": awaitEnd, "use": use, "id": id, "nowhere": nowhere,
			"duckdb": duckdb,
		},
		Condition: func(what string) (bool, error) {
			if what != "duckdb" {
				return false, fmt.Errorf("there is no condition %q", what)
			}
			return os.Getenv("DUCKDB_JS") != "" || os.Getenv("CI") == "true", nil // where all is installed, it fails
		},
	})
}

func exits(ts *testscript.TestScript, _ bool, args []string) {
	want, err := strconv.Atoi(args[0])
	ts.Check(err)
	if got := exitCode(ts.Exec(args[1], args[2:]...)); got != want {
		ts.Fatalf("%s: exit code %d, not %d", strings.Join(args[1:], " "), got, want)
	}
}

// exitCode of a process, −1 when a signal ended it or it could not be run.
func exitCode(err error) int {
	var e *exec.ExitError
	switch {
	case err == nil:
		return 0
	case errors.As(err, &e):
		return e.ExitCode()
	}
	return -1
}

// use takes the first line of a sandbox's stdout: that it stands there alone is a contract.
func use(ts *testscript.TestScript, _ bool, args []string) {
	await(ts, false, []string{args[0] + ".out", `^ws://`})
	lines := strings.Split(ts.ReadFile(args[0]+".out"), "\n")
	if !regexp.MustCompile(`^http://127\.0\.0\.1:\d+/v1$`).MatchString(lines[0]) {
		ts.Fatalf("the first line of a sandbox is its base URL alone, not %q", lines[0])
	}
	if want := "ws" + strings.TrimPrefix(lines[0], "http") + "/socket"; len(lines) != 3 || lines[1] != want || lines[2] != "" {
		ts.Fatalf("the second and last line of a sandbox is its websocket URL %q, not %q", want, lines[1:])
	}
	ts.Setenv("WIRO_BASE_URL", lines[0])
}

func id(ts *testscript.TestScript, _ bool, args []string) {
	for line := range strings.Lines(ts.ReadFile(args[0])) {
		if cell := strings.SplitN(line, ",", 3); cell[0] == args[1] {
			ts.Setenv(args[2], cell[1])
			return
		}
	}
	ts.Fatalf("%s has no cell %s", args[0], args[1])
}

func nowhere(ts *testscript.TestScript, _ bool, args []string) {
	seen := 0
	err := filepath.WalkDir(ts.Getenv("WORK"), func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() || filepath.Ext(path) == ".lock" {
			return err
		}
		seen++
		data, err := os.ReadFile(path)
		if err == nil && strings.Contains(string(data), args[0]) {
			err = fmt.Errorf("%s has %q in it", path, args[0])
		}
		return err
	})
	ts.Check(err)
	if last := ts.ReadFile("stdout") + ts.ReadFile("stderr"); strings.Contains(last, args[0]) {
		ts.Fatalf("the last command printed %q", args[0])
	}
	if seen == 0 {
		ts.Fatalf("there was no file to look into")
	}
}

func duckdb(ts *testscript.TestScript, _ bool, args []string) {
	script, err := filepath.Abs("../../pipeline/report/export/testdata/duckdb.js")
	ts.Check(err)
	ts.Check(ts.Exec("node", script, ts.MkAbs(args[0])))
}

// manifestsOnly is the examples without the sessions and pictures beside them.
type manifestsOnly struct{ fs.FS }

func (m manifestsOnly) ReadDir(name string) ([]fs.DirEntry, error) {
	all, err := fs.ReadDir(m.FS, name)
	kept := all[:0]
	for _, e := range all {
		if filepath.Ext(e.Name()) == ".yaml" {
			kept = append(kept, e)
		}
	}
	return kept, err
}
