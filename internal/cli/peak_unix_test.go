//go:build unix

package cli

import (
	"os"
	"runtime"
	"syscall"
)

// peakMB is the most memory that an ended process had at once, in megabytes.
func peakMB(s *os.ProcessState) int {
	most := s.SysUsage().(*syscall.Rusage).Maxrss
	if runtime.GOOS == "darwin" {
		return int(most >> 20) // bytes there, kilobytes elsewhere
	}
	return int(most >> 10)
}
