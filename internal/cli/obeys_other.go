//go:build !windows

package cli

import "os"

// obeys reports whether a terminal takes control sequences.
func obeys(*os.File) bool { return true }
