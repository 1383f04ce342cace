//go:build linux || darwin

package durable

import "golang.org/x/sys/unix"

// Free is how many bytes this user can still write on the file system of dir; ok is false where that is not known.
func Free(dir string) (bytes int64, ok bool) {
	var s unix.Statfs_t
	if err := unix.Statfs(dir, &s); err != nil || s.Blocks == 0 { // some network file systems count nothing
		return 0, false
	}
	return int64(s.Bavail) * int64(s.Bsize), true
}
