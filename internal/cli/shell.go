package cli

import (
	"regexp"
	"runtime"
	"strings"
)

// plainWord is what no shell takes for anything but itself.
var plainWord = regexp.MustCompile(`^[\pL\pN_./:-]+$`)

// shellWord writes a path so that it can be pasted into a command line: in quotes when it needs them, and never as a flag.
func shellWord(path string) string {
	if strings.HasPrefix(path, "-") {
		path = "./" + path
	}
	windows := runtime.GOOS == "windows"
	switch {
	case plainWord.MatchString(path), windows && plainWord.MatchString(strings.ReplaceAll(path, `\`, "/")):
		return path
	case windows: // cmd knows no other quotes, and no path has them in it
		return `"` + path + `"`
	}
	return "'" + strings.ReplaceAll(path, "'", `'\''`) + "'"
}
