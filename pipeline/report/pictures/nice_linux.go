package pictures

import "golang.org/x/sys/unix"

// yieldToOthers is of the calling thread alone, which Linux counts as a process.
func yieldToOthers() { unix.Setpriority(unix.PRIO_PROCESS, unix.Gettid(), 19) }
