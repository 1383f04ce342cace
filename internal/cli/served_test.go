package cli

import (
	"bufio"
	"bytes"
	"errors"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strconv"
	"strings"
	"testing"
)

// build makes the program as a user has it.
func build(t *testing.T) string {
	t.Helper()
	program := filepath.Join(t.TempDir(), "wirobatch")
	if runtime.GOOS == "windows" {
		program += ".exe"
	}
	if out, err := exec.Command("go", "build", "-o", program, "wirobatch").CombinedOutput(); err != nil {
		t.Fatalf("go build: %v\n%s", err, out)
	}
	return program
}

// served is a sandbox in a process of its own.
type served struct {
	t       *testing.T
	process *exec.Cmd
	stdout  io.ReadCloser
	stderr  bytes.Buffer
	url     string // the first line that it prints
	ended   bool
}

func serve(t *testing.T, program string, args ...string) *served {
	t.Helper()
	s := &served{t: t, process: exec.Command(program, append([]string{"sandbox"}, args...)...)}
	s.process.Env = append(os.Environ(), "WIRO_API_KEY=sandbox", "WIRO_API_SECRET=")
	s.process.Stderr = &s.stderr
	var err error
	if s.stdout, err = s.process.StdoutPipe(); err == nil {
		err = s.process.Start()
	}
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(s.end)
	if s.url, err = bufio.NewReader(s.stdout).ReadString('\n'); err != nil {
		t.Fatalf("the sandbox said nothing: %v", err)
	}
	s.url = strings.TrimSpace(s.url)
	return s
}

// end stops it; its ledger is complete then.
func (s *served) end() {
	if s.ended {
		return
	}
	s.ended = true
	if s.process.Process.Signal(os.Interrupt) != nil { // Windows knows no such signal
		s.process.Process.Kill()
	}
	if err := s.process.Wait(); err != nil && !errors.As(err, new(*exec.ExitError)) {
		s.t.Error(err)
	}
}

// struck is how often each fault struck, as the sandbox says in its last words.
func (s *served) struck() map[string]int {
	s.end()
	_, lines, _ := strings.Cut(s.stderr.String(), "Faults that struck:\n")
	counts := map[string]int{}
	for line := range strings.Lines(lines) {
		fields := strings.Fields(line)
		n, err := strconv.Atoi(fields[len(fields)-1])
		if err != nil {
			s.t.Fatalf("the sandbox says %q", line)
		}
		counts[fields[0]] = n
	}
	return counts
}
