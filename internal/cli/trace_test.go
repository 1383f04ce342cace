package cli

import (
	"os"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"testing"
)

// syscalled is one system call in strace's log. It began and ended at those lines.
type syscalled struct {
	thread, name, args, answer string
	began, ended               int
}

var (
	callLine    = regexp.MustCompile(`^(\d+) +(\w+)\((.*?)(?:\) += (.*)| <unfinished \.\.\.>)$`)
	resumedLine = regexp.MustCompile(`^(\d+) +<\.\.\. \w+ resumed>(.*?)\) += (.*)$`)
	descriptor  = regexp.MustCompile(`^(\d+)<(.*?)>`)
	quoted      = regexp.MustCompile(`"([^"]*)"`)
)

// readTrace reads what strace -f -y wrote, in the order in which the calls began.
func readTrace(t *testing.T, name string) (calls []*syscalled) {
	t.Helper()
	data, err := os.ReadFile(name)
	if err != nil {
		t.Fatal(err)
	}
	open := map[string]*syscalled{} // by thread
	for n, line := range strings.Split(string(data), "\n") {
		if m := callLine.FindStringSubmatch(line); m != nil {
			c := &syscalled{thread: m[1], name: m[2], args: m[3], answer: m[4], began: n, ended: n}
			calls = append(calls, c)
			open[c.thread] = c
		} else if m := resumedLine.FindStringSubmatch(line); m != nil && open[m[1]] != nil {
			c := open[m[1]]
			c.args, c.answer, c.ended = c.args+m[2], m[3], n
		}
	}
	return calls
}

// file is the open file that a call is about, "" when it names a path.
func (c *syscalled) file() string { return descriptor.FindString(c.args) }

// target is the kind of what a call is about.
func (c *syscalled) target() string {
	path := ""
	if m := descriptor.FindStringSubmatch(c.args); m != nil {
		path = m[2]
	} else if all := quoted.FindAllStringSubmatch(c.args, -1); len(all) > 0 {
		path = all[len(all)-1][1] // of a rename the new name
	}
	name := filepath.Base(path)
	switch {
	case strings.HasPrefix(path, "socket:"), strings.HasPrefix(path, "TCP"):
		return "socket"
	case strings.HasPrefix(name, "part-"):
		if c.name == "openat" {
			return "tmp"
		}
		return "part"
	case filepath.Base(filepath.Dir(path)) == "images":
		return "images"
	case strings.Contains(path, ":["):
		return path[:strings.Index(path, ":[")]
	}
	return name
}

// struckBy gives the calls that an injection met. strace marks errors; a kill it does not mark, and it comes at the first
// nth call of a thread.
func struckBy(calls []*syscalled, name, effect, at string) (hits []*syscalled) {
	nth, _ := strconv.Atoi(strings.TrimSuffix(at, "+"))
	counts := map[string]int{}
	for _, c := range calls {
		if c.name != name {
			continue
		}
		switch counts[c.thread]++; {
		case effect != "KILL" && strings.HasSuffix(c.answer, "(INJECTED)"):
			hits = append(hits, c)
		case effect == "KILL" && counts[c.thread] == nth && len(hits) == 0:
			hits = append(hits, c)
		}
	}
	return hits
}

// neverSyncedAgain: what an fsync could not write may be marked as clean, so that the next one on the same descriptor
// would say that all is well. Before there is a log, the journal has nothing in it that could be lost.
func neverSyncedAgain(t *testing.T, calls []*syscalled) {
	t.Helper()
	logged := false
	for i, failed := range calls {
		logged = logged || failed.target() == "journal.db-wal"
		if failed.name != "fsync" || !strings.HasSuffix(failed.answer, "(INJECTED)") || failed.target() == "journal.db" && !logged {
			continue
		}
		for _, c := range calls[i+1:] {
			if c.file() != failed.file() || c.began < failed.ended {
				continue
			}
			if c.name == "close" {
				break
			}
			if c.name == "fsync" {
				t.Errorf("fsync(%s) = %s, after it had failed there", c.args, c.answer)
			}
		}
	}
}
