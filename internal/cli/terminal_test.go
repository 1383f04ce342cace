package cli

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"testing"
	"time"
)

// terminal is a tmux of its own, with what runs in its windows.
type terminal struct {
	t    *testing.T
	name string
}

func openTerminal(t *testing.T) terminal {
	t.Helper()
	if testing.Short() {
		t.Skip("it waits for a terminal, not for us")
	}
	if _, err := exec.LookPath("tmux"); err != nil {
		if os.Getenv("CI") == "true" {
			t.Fatal("tmux is not there: apt-get install tmux")
		}
		t.Skip("SKIPPED: the program on a terminal needs tmux, and it is not there")
	}
	m := terminal{t, fmt.Sprintf("wirobatch-test-%d-%d", os.Getpid(), time.Now().UnixNano())}
	m.tmux("-f", os.DevNull, "new-session", "-d", "-x", "200", "-y", "40", "cat") // a window that stays
	socket := strings.TrimSpace(m.tmux("display-message", "-p", "#{socket_path}"))
	t.Cleanup(func() {
		exec.Command("tmux", "-L", m.name, "kill-server").Run()
		os.Remove(socket) // which it leaves behind
	})
	m.tmux("set-option", "-g", "remain-on-exit", "on")
	m.tmux("set-option", "-g", "status", "off")
	return m
}

func (m terminal) tmux(args ...string) string {
	m.t.Helper()
	c := exec.Command("tmux", append([]string{"-u", "-L", m.name}, args...)...)
	c.Env = append(os.Environ(), "TMUX=", "LC_ALL=C.UTF-8")
	out, err := c.CombinedOutput()
	if err != nil {
		m.t.Fatalf("tmux %s: %v\n%s", strings.Join(args, " "), err, out)
	}
	return string(out)
}

// run starts a command of the shell in a window of its own.
func (m terminal) run(window int, dir, command string) {
	m.t.Helper()
	m.tmux("new-window", "-d", "-t", ":"+strconv.Itoa(window), "-c", dir, command)
	m.resize(window, 200, 40)
}

func (m terminal) resize(window, width, height int) {
	m.t.Helper()
	m.tmux("resize-window", "-t", ":"+strconv.Itoa(window), "-x", strconv.Itoa(width), "-y", strconv.Itoa(height))
}

// all is what was shown, and what has scrolled away too.
var all = []string{"-S", "-"}

// pane is what a window shows, without the empty lines below.
func (m terminal) pane(window int, more ...string) []string {
	m.t.Helper()
	text := m.tmux(append([]string{"capture-pane", "-p", "-t", ":" + strconv.Itoa(window)}, more...)...)
	return strings.Split(strings.TrimRight(text, "\n"), "\n")
}

// await polls a window until it is as wanted. What is left over by mistake stays, so that this fails.
func (m terminal) await(window int, what string, wanted func(lines []string) error) []string {
	m.t.Helper()
	for end := time.Now().Add(patience); ; time.Sleep(20 * time.Millisecond) {
		lines := m.pane(window, all...)
		err := wanted(lines)
		if err == nil {
			return lines
		}
		if time.Now().After(end) {
			m.t.Fatalf("%s: %v\n%s", what, err, strings.Join(lines, "\n"))
		}
	}
}

var panelHead = regexp.MustCompile(`^ *(\d+)/110  `)

// panelAt finds the one panel of a pane, below which there is nothing, and tells how many cells have ended by it.
func panelAt(lines []string, width int) (ended int, err error) {
	at := -1
	for i, line := range lines {
		if m := panelHead.FindStringSubmatch(line); m != nil {
			if at >= 0 {
				return 0, fmt.Errorf("two bars, in lines %d and %d", at, i)
			}
			at = i
			ended, _ = strconv.Atoi(m[1])
		}
	}
	if at < 0 {
		return 0, fmt.Errorf("there is no bar")
	}
	labels := []string{"in flight ", "ended ", "cost "}
	for i, line := range lines[at+1:] {
		switch {
		case i < len(labels):
			if !strings.HasPrefix(line, labels[i]) {
				return 0, fmt.Errorf("%q is no line of %q", line, labels[i])
			}
		case i >= len(labels)+shownFailures || !strings.HasPrefix(line, "failed ") && !strings.HasPrefix(line, "missing "):
			return 0, fmt.Errorf("%q is left over", line)
		}
		if n := len([]rune(line)); n >= width {
			return 0, fmt.Errorf("%d columns of %d: %q", n, width, line)
		}
	}
	if n := len(lines) - at - 1; n < len(labels) {
		return 0, fmt.Errorf("%d lines below the bar", n)
	}
	for _, label := range labels {
		n := 0
		for _, line := range lines {
			if strings.HasPrefix(line, label) {
				n++
			}
		}
		if n != 1 {
			return 0, fmt.Errorf("%d lines begin with %q", n, label)
		}
	}
	return ended, nil
}

// above is what was on the terminal before: nothing of it is lost, or there twice.
func above(lines []string) error {
	text := "\n" + strings.Join(lines, "\n") + "\n"
	for i := 1; i <= 5; i++ {
		if n := strings.Count(text, fmt.Sprintf("\nbefore %d\n", i)); n != 1 {
			return fmt.Errorf("what was before is there %d times", n)
		}
	}
	return nil
}

// A run and one that looks on from another window, both resized in the middle of their work.
func TestTerminal(t *testing.T) {
	m := openTerminal(t)
	program := build(t)
	dir := t.TempDir()
	manifest := "{version: 1, name: grid, model: Qwen/Qwen-Image-Fast, matrix: {prompt: [a], seed: 1..110}, limits: {concurrency: 10, retries: 0, budget_usd: 3}}"
	if err := os.WriteFile(filepath.Join(dir, "grid.yaml"), []byte(manifest), 0o644); err != nil {
		t.Fatal(err)
	}
	service := serve(t, program, "--speed", "6", "--picture-size", "16", "--shape", "documentation", "--faults", "task_fail=0.05,run_502_after=0.03")
	m.run(1, dir, fmt.Sprintf("seq -f 'before %%g' 5; WIRO_API_KEY=sandbox WIRO_BASE_URL=%s '%s' run grid.yaml", service.url, program))
	shows := func(window, width, least int) func([]string) error {
		return func(lines []string) error {
			ended, err := panelAt(lines, width)
			switch {
			case err != nil:
				return err
			case ended < least:
				return fmt.Errorf("%d cells have ended", ended)
			}
			return above(lines)
		}
	}
	m.await(1, "a run at 200 columns", shows(1, 200, 1))
	m.run(2, dir, fmt.Sprintf("seq -f 'before %%g' 5; '%s' status out/grid --follow", program))
	m.await(2, "one that looks on at 200 columns", shows(2, 200, 2))
	ended := 2
	for _, size := range [][2]int{{80, 24}, {200, 40}, {80, 40}, {132, 10}, {100, 24}, {80, 24}} {
		for window := 1; window <= 2; window++ {
			m.resize(window, size[0], size[1])
		}
		for window := 1; window <= 2; window++ {
			lines := m.await(window, fmt.Sprintf("window %d made %d × %d", window, size[0], size[1]), shows(window, size[0], ended+1))
			if window == 2 {
				ended, _ = panelAt(lines, size[0])
			}
			if testing.Verbose() && size[0] == 80 {
				t.Logf("window %d:\n%s", window, strings.Join(lines, "\n"))
			}
		}
	}

	// Narrower than the panel the terminal breaks its lines, and what that scrolls away nobody can take back. What is seen is
	// whole.
	m.resize(2, 64, 12)
	for end := time.Now().Add(patience); ; time.Sleep(20 * time.Millisecond) {
		lines := m.pane(2)
		now, err := panelAt(lines, 64)
		if err == nil && now > ended {
			ended = now
			break
		}
		if time.Now().After(end) {
			t.Fatalf("64 columns: %v\n%s", err, strings.Join(lines, "\n"))
		}
	}
	if ended > 100 {
		t.Errorf("all was over before the last resize: %d cells", ended)
	}

	// At the end nothing of the panel is left of the run, and one that looks on leaves the last of it.
	lines := m.await(1, "the end of the run", func(lines []string) error {
		if text := strings.Join(lines, "\n"); !strings.Contains(text, "\nDone ") || !strings.Contains(text, "results.csv") {
			return fmt.Errorf("it has not ended")
		}
		return above(lines)
	})
	if at, err := panelAt(lines, 80); err == nil || strings.Contains(strings.Join(lines, "\n"), "in flight") {
		t.Errorf("the panel is still there: %d\n%s", at, strings.Join(lines, "\n"))
	}
	m.await(2, "the end of looking on", func(lines []string) error {
		if !strings.Contains(strings.Join(lines, "\n"), "\nno run is at work; run 1 ended at") {
			return fmt.Errorf("it does not say that the run has ended")
		}
		return nil
	})
	if n := service.struck(); n["task_fail"] == 0 || n["run_502_after"] == 0 {
		t.Errorf("the faults struck %v", n)
	}

	// Colours are there where they are wanted alone.
	status := fmt.Sprintf("'%s' status out/grid", program)
	for i, row := range []struct {
		env  string
		want bool
	}{{"", true}, {"NO_COLOR=1 ", false}, {"TERM=dumb ", false}} {
		m.run(3+i, dir, row.env+status)
		m.await(3+i, row.env+"status", func(lines []string) error {
			if !strings.Contains(strings.Join(lines, "\n"), "\ncost ") {
				return fmt.Errorf("there is no status")
			}
			return nil
		})
		if got := strings.Contains(strings.Join(m.pane(3+i, "-e"), "\n"), "\x1b["); got != row.want {
			t.Errorf("%sstatus: colours %v", row.env, got)
		}
	}
}
