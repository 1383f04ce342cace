package cli

import (
	"os/user"
	"path/filepath"
	"strings"
	"testing"
)

// Runs of one user find each other whether HOME is set or not.
func TestNeighboursWithoutHome(t *testing.T) {
	self, err := user.Current()
	if err != nil {
		t.Skip(err)
	}
	for _, name := range []string{"HOME", "XDG_CACHE_HOME", "LocalAppData"} {
		t.Setenv(name, "")
	}
	without := neighbours()
	if !strings.HasPrefix(without, self.HomeDir) || !strings.HasSuffix(without, filepath.Join("wirobatch", "runs")) {
		t.Errorf("%q, though the user is at home in %q", without, self.HomeDir)
	}
	t.Setenv("HOME", self.HomeDir)
	t.Setenv("LocalAppData", filepath.Join(self.HomeDir, "AppData", "Local"))
	if with := neighbours(); with != without {
		t.Errorf("%q with HOME, %q without", with, without)
	}
}
