package pipeline

import (
	"math"
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

// farFrom reports whether a number that is shown can't be what became of the one that was sent by any rounding: to the digits that
// are shown, or to as few as a half-sized float has. Whole numbers are not rounded, but for those that no 32 bits hold; 0 and
// less may stand for any, as a seed that is drawn.
func farFrom(shown, sent string) bool {
	x, isX := number(shown)
	y, isY := number(sent)
	if !isX || !isY || math.IsInf(x, 0) || math.IsInf(y, 0) || math.IsNaN(x) || math.IsNaN(y) {
		return false
	}
	if whole(shown) && whole(sent) {
		return x != y && y > 0 && y <= math.MaxInt32
	}
	return math.Abs(x-y) > max(lastDigit(shown), math.Abs(y)/200)
}

func whole(s string) bool { return strings.Trim(strings.TrimSpace(s), "+-0123456789") == "" }

// lastDigit is what the last digit of a number stands for, but for zeros behind its point.
func lastDigit(s string) float64 {
	digits, exponent, _ := strings.Cut(strings.ToLower(strings.TrimSpace(s)), "e")
	_, fraction, _ := strings.Cut(digits, ".")
	n, _ := strconv.Atoi(exponent) // none is 0
	return math.Pow10(n - len(strings.TrimRight(fraction, "0")))
}
