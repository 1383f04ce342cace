package journal

import (
	"os"
	"runtime"
	"syscall"
	"testing"
)

// asNobody lets this goroutine touch files as somebody who owns none, until back. Who runs the tests without being root is that already.
func asNobody(t *testing.T) (back func()) {
	t.Helper()
	if os.Geteuid() > 0 {
		return func() {}
	}
	const nobody = 65534
	runtime.LockOSThread() // and it ends with the goroutine if it can't come back
	syscall.RawSyscall(syscall.SYS_SETFSUID, nobody, 0, 0)
	return func() {
		syscall.RawSyscall(syscall.SYS_SETFSUID, 0, 0, 0)
		runtime.UnlockOSThread()
	}
}
