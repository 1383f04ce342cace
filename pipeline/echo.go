package pipeline

import (
	"strconv"
	"strings"

	"wirobatch/manifest"
)

// echo is how the parameters of a task compare with those that a submit has sent.
type echo int

const (
	same      echo = iota // each as it was sent; keys that the service adds do not count
	unclear               // it could be the same, respelled, cut, or not shown
	different             // at least one value is clearly another
)

// compare holds what a task shows against what was sent. Nothing shown is unclear; a name that was sent and is not shown
// is unclear too, for the service may leave out what it uses up.
func compare(task, sent map[string]string) echo {
	if len(task) == 0 {
		return unclear
	}
	result := same
	for name, value := range sent {
		if manifest.Addressed(name) {
			continue
		}
		got, shown := task[name]
		switch {
		case shown && got == value:
		case shown && clearlyOther(got, value):
			return different
		default:
			result = unclear
		}
	}
	return result
}

// clearlyOther reports whether two values cannot be spellings of one: numbers that differ, or texts of which neither
// begins with the other, whatever their case and spaces. Numbers too alike for a float to tell apart count as one.
func clearlyOther(a, b string) bool {
	x, isX := number(a)
	y, isY := number(b)
	if isX && isY {
		return x != y
	}
	a, b = plain(a), plain(b)
	return !strings.HasPrefix(a, b) && !strings.HasPrefix(b, a)
}

func plain(s string) string { return strings.ToLower(strings.Join(strings.Fields(s), " ")) }

func number(s string) (float64, bool) {
	x, err := strconv.ParseFloat(strings.TrimSpace(s), 64)
	return x, err == nil
}
