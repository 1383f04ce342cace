package cli

import (
	"os/exec"
	"runtime"
	"testing"
)

// A shell is the judge of what can be pasted.
func TestShellWordIsTheOneWordThatItWas(t *testing.T) {
	sh, err := exec.LookPath("sh")
	if err != nil || runtime.GOOS == "windows" {
		t.Skip("there is no sh to ask")
	}
	for _, path := range []string{
		"grid.yaml", "my grid.yaml", "it's.yaml", "''", "$HOME/a", "~", "a;b&c|d", "`x`", `a\b`, `a"b`, "*", "#x", "!x", "a\nb", "ü ✓.yaml", "=x", "{a,b}", "(x)",
	} {
		got, err := exec.Command(sh, "-c", "printf %s "+shellWord(path)).CombinedOutput()
		if err != nil || string(got) != path {
			t.Errorf("%q is pasted as %s, and read as %q: %v", path, shellWord(path), got, err)
		}
	}
	for path, want := range map[string]string{"out/grid-2.yaml": "out/grid-2.yaml", "-x.yaml": "./-x.yaml", "--help me": "'./--help me'"} {
		if got := shellWord(path); got != want {
			t.Errorf("%q is %s, want %s", path, got, want)
		}
	}
}
