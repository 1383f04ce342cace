//go:build unix

package pipeline_test

import (
	"syscall"
	"testing"
)

// strange makes what has no end when it is read.
func strange(t *testing.T, name string) {
	t.Helper()
	if err := syscall.Mkfifo(name, 0o600); err != nil {
		t.Fatal(err)
	}
}
