package simulation

import (
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"
)

var (
	weaken   *regexp.Regexp
	countAll = flag.Bool("weaken.count", false, "with -weaken: live through all seeds, and count those that turn red")
)

func init() {
	flag.BoolFunc("weaken", "take the rules that the promise rests on out of the code, one at a time, and see the tests turn red; =REGEXP for those that it matches", func(s string) (err error) {
		if s == "true" {
			s = ""
		}
		weaken, err = regexp.Compile(s)
		return err
	})
}

const (
	// weakSeeds is how many seeds a weakened rule has to turn red, the same as in the tests; firstSeeds are lived through at a time.
	weakSeeds, firstSeeds = 200, 25
	// patience is more than what is weakened may take, where it comes to an end at all.
	patience = 15 * time.Minute
)

// TestWeakened shows that the tests can tell: code without one of its rules does not pass them. Without -weaken it looks
// only whether the lines are still in the code.
func TestWeakened(t *testing.T) {
	chosen := 0
	for _, w := range weakenings {
		t.Run(w.rule, func(t *testing.T) {
			overlay := w.overlay(t)
			if weaken == nil || !weaken.MatchString(w.rule) {
				return
			}
			chosen++
			if w.seeds {
				seedsWithout(t, overlay)
			}
			if w.tests != "" {
				testsWithout(t, overlay, strings.Fields(w.tests))
			}
		})
	}
	if weaken != nil && chosen == 0 {
		t.Errorf("no rule matches %q", weaken)
	}
}

// overlay writes the weakened files, and gives the name of what tells the go command to take them in place of those that
// stand.
func (w weakening) overlay(t *testing.T) string {
	t.Helper()
	dir := t.TempDir()
	replace := map[string]string{}
	for i, e := range w.edits {
		stands, err := filepath.Abs(filepath.Join("..", filepath.FromSlash(e.file)))
		if err != nil {
			t.Fatal(err)
		}
		from := stands
		if weak, again := replace[stands]; again {
			from = weak
		}
		text, err := os.ReadFile(from)
		if err != nil {
			t.Fatal(err)
		}
		if n := strings.Count(string(text), e.stands); n != 1 {
			t.Fatalf("these lines are %d times in pipeline/%s, not once: mend the table in weakenings_test.go\n%s", n, e.file, e.stands)
		}
		replace[stands] = filepath.Join(dir, fmt.Sprintf("%d.go", i))
		if err := os.WriteFile(replace[stands], []byte(strings.Replace(string(text), e.stands, e.weak, 1)), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	text, err := json.Marshal(map[string]any{"Replace": replace})
	if err != nil {
		t.Fatal(err)
	}
	name := filepath.Join(dir, "overlay.json")
	if err := os.WriteFile(name, text, 0o644); err != nil {
		t.Fatal(err)
	}
	return name
}

var (
	redSeed   = regexp.MustCompile(`(?m)^ *--- FAIL: TestSimulation/seed/(\d+) `)
	redTest   = regexp.MustCompile(`(?m)^--- FAIL: (\w+) `)
	complaint = regexp.MustCompile(`(?m)^ +\w+_test\.go:\d+: (.{0,160})`)
)

// seedsWithout lives through the seeds with the weakened code, until some are red.
func seedsWithout(t *testing.T, overlay string) {
	test := compile(t, overlay, ".")
	seeds, red, step, first := 0, 0, firstSeeds, ""
	if *countAll {
		step = weakSeeds
	}
	for seeds < weakSeeds && (red == 0 || *countAll) {
		said := test("-test.run=^TestSimulation$", fmt.Sprintf("-simulation.first=%d", seeds+1), fmt.Sprintf("-simulation.seeds=%d", step))
		seeds += step
		at := redSeed.FindAllStringSubmatchIndex(said, -1)
		red += len(at)
		if first == "" && len(at) > 0 {
			first = "seed " + said[at[0][2]:at[0][3]]
			if why := complaint.FindStringSubmatch(said[at[0][1]:]); why != nil {
				first += ": " + why[1]
			}
		}
	}
	if red == 0 {
		t.Errorf("none of %d seeds went red: the simulation does not see whether the rule is there", seeds)
		return
	}
	t.Logf("%d of %d seeds went red; %s", red, seeds, first)
}

// testsWithout runs these tests of package pipeline with the weakened code. Each must turn red.
func testsWithout(t *testing.T, overlay string, names []string) {
	said := compile(t, overlay, "..")("-test.run=^(" + strings.Join(names, "|") + ")$")
	red := map[string]bool{}
	for _, name := range redTest.FindAllStringSubmatch(said, -1) {
		red[name[1]] = true
	}
	for _, name := range names {
		if !red[name] {
			t.Errorf("%s did not go red: it does not see whether the rule is there, or is not there itself", name)
		}
	}
	t.Logf("%d of %d tests went red: %v", len(red), len(names), names)
}

// compile builds the tests of a package with the weakened code, and gives how to run them.
func compile(t *testing.T, overlay, dir string) func(args ...string) (said string) {
	t.Helper()
	program := filepath.Join(t.TempDir(), "weakened.exe")
	build := exec.Command("go", "test", "-c", "-overlay", overlay, "-o", program, ".")
	build.Dir = dir
	if out, err := build.CombinedOutput(); err != nil {
		t.Fatalf("the weakened code does not compile, which shows nothing: mend the table in weakenings_test.go: %v\n%s", err, out)
	}
	return func(args ...string) string {
		t.Helper()
		c := exec.Command(program, append(args, "-test.timeout="+patience.String())...)
		c.Dir = dir
		c.Env = append(os.Environ(), "GOGC=800")
		out, err := c.CombinedOutput()
		if exit := (*exec.ExitError)(nil); err != nil && !errors.As(err, &exit) {
			t.Fatal(err)
		}
		said := string(out)
		if err != nil && !strings.Contains(said, "--- FAIL: ") {
			t.Fatalf("%v: %v, and no test says that it failed:\n%.4000s", args, err, said)
		}
		return said
	}
}
