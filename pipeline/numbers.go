package pipeline

import (
	"math"
	"strconv"
	"strings"
)

// numbers is how a service shows the numbers of one parameter, as tasks of ours tell: those of the cells are known. It may keep
// them within bounds, and bring them to steps: where it shows another whole number than was sent it does something.
type numbers struct {
	noted       int
	any         bool    // one was shown as it was sent
	least, most float64 // of those that were
	step        int64   // all whole ones of them are multiples of it, 0 none
	changed     bool    // another was shown than was sent, and no rounding explains it
}

// note takes in what was shown for what one of ours has sent.
func (n *numbers) note(shown, sent string) {
	n.noted++
	x, isX := finite(shown)
	y, isY := finite(sent)
	switch {
	case !isX || !isY || drawn(sent):
	case x != y:
		n.changed = n.changed || !rounded(shown, sent)
	default:
		if !n.any {
			n.any, n.least, n.most = true, x, x
		}
		n.least, n.most = min(n.least, x), max(n.most, x)
		if whole(sent) && math.Abs(y) <= math.MaxInt32 {
			n.step = divisor(n.step, int64(math.Abs(y)))
		}
	}
}

// rulesOut reports whether the number that is shown can't be what became of the one that was sent.
func (n numbers) rulesOut(shown, sent string) bool {
	x, isX := finite(shown)
	y, isY := finite(sent)
	if !isX || !isY || !n.any || n.changed || drawn(sent) || rounded(shown, sent) {
		return false
	}
	switch {
	case y > n.most && x >= n.most && x < y, y < n.least && x <= n.least && x > y: // a bound may be there
		return false
	case whole(sent) && n.step > 0 && int64(y)%n.step != 0 && math.Abs(x-y) < float64(n.step): // steps may be as wide
		return false
	}
	return true
}

// drawn reports whether a number may stand for any, as a seed of 0 or less does.
func drawn(sent string) bool {
	y, _ := number(sent)
	return whole(sent) && y <= 0
}

// rounded reports whether the number that is shown can be the one that was sent with fewer digits: those that are shown, or as few
// as a half-sized float has. Whole numbers are not rounded, but for those that no 32 bits hold.
func rounded(shown, sent string) bool {
	x, _ := number(shown)
	y, _ := number(sent)
	if whole(shown) && whole(sent) {
		return x == y || y > math.MaxInt32
	}
	return math.Abs(x-y) <= max(lastDigit(shown), math.Abs(y)/200)
}

func finite(s string) (float64, bool) {
	x, is := number(s)
	return x, is && !math.IsInf(x, 0) && !math.IsNaN(x)
}

func whole(s string) bool { return strings.Trim(strings.TrimSpace(s), "+-0123456789") == "" }

// lastDigit is what the last digit of a number stands for, but for zeros behind its point.
func lastDigit(s string) float64 {
	digits, exponent, _ := strings.Cut(strings.ToLower(strings.TrimSpace(s)), "e")
	_, fraction, _ := strings.Cut(digits, ".")
	n, _ := strconv.Atoi(exponent) // none is 0
	return math.Pow10(n - len(strings.TrimRight(fraction, "0")))
}

// divisor is the greatest that two whole numbers have in common.
func divisor(a, b int64) int64 {
	for b != 0 {
		a, b = b, a%b
	}
	return a
}
