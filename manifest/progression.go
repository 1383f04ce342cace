package manifest

import (
	"fmt"
	"math/big"
	"regexp"
	"strconv"
	"strings"
)

// maxCells bounds a grid, and so an axis. Cells cost no memory, but what comes
// of them does.
const maxCells = 100_000_000

// A progression is the values from, from+step, from+2·step … of a range. They
// are exact: whole numbers of units of 10^-decimals.
type progression struct {
	from, step int64
	n          int
	decimals   int
}

func (p progression) at(i int) string {
	v := p.from + p.step*int64(i)
	if p.decimals == 0 {
		return strconv.FormatInt(v, 10)
	}
	var buf [32]byte
	out := buf[:0]
	if v < 0 {
		out, v = append(out, '-'), -v
	}
	var digits [24]byte
	ds := strconv.AppendInt(digits[:0], v, 10)
	for len(ds) <= p.decimals { // 0.05 needs its zeros
		ds = append([]byte{'0'}, ds...)
	}
	out = append(out, ds[:len(ds)-p.decimals]...)
	out = append(out, '.')
	return string(append(out, ds[len(ds)-p.decimals:]...))
}

// position gives where a value stands, spelled as at spells it.
func (p progression) position(value string) (int, bool) {
	v, decimals, ok := units(value)
	if !ok || decimals != p.decimals {
		return 0, false
	}
	i := int64(0)
	if p.step != 0 {
		i = (v - p.from) / p.step
	}
	if i < 0 || i >= int64(p.n) || p.at(int(i)) != value {
		return 0, false
	}
	return int(i), true
}

var (
	number     = `-?\d+(?:\.\d+)?`
	plainRange = regexp.MustCompile(`^(` + number + `)\.\.(` + number + `)(?: +step +(` + number + `))?$`)
	oneNumber  = regexp.MustCompile(`^` + number + `$`)
	// nearRange is what was meant as a range and is none: 1...4, 1.., 1..9 by 2, 1..x, 0x1..3.
	nearRange = regexp.MustCompile(`^[-+]?\d[\d.]*\s*\.\.[-+\d.\s]*((step|by)\b.*)?$|^\d\w{0,8}\.\.\w{1,8}$`)
)

const rangeAdvice = "a range is written 1..4, 1..100 step 5 or 2.0..6.0 step 0.5"

// parseRange reads "1..4" and "1..100 step 5". ok is false for a text that is
// no range; a range that cannot be counted through is an error.
func parseRange(s string) (p progression, ok bool, err error) {
	m := plainRange.FindStringSubmatch(s)
	if m == nil {
		return p, false, nil
	}
	p, err = newProgression(m[1], m[2], m[3])
	return p, true, err
}

// newProgression counts from one number to another, both included if reached.
// Without a step it goes by 1 in the direction of to. The values are spelled
// with as many decimals as the finest of the operands.
func newProgression(from, to, step string) (progression, error) {
	if step == "" {
		step = "1"
	}
	u, decimals, err := align(from, to, step)
	if err != nil {
		return progression{}, err
	}
	a, b, s := u[0], u[1], u[2]
	switch {
	case s == 0:
		return progression{}, fmt.Errorf("a step of 0 never arrives; write the distance between two values")
	case a > b && s > 0:
		s = -s // 10..1 and 10..1 step 3 count down
	case a < b && s < 0:
		return progression{}, fmt.Errorf("the step %s leads away from %s; write it without the minus", step, to)
	}
	n := (b-a)/s + 1
	if n > maxCells {
		return progression{}, fmt.Errorf("the range has %d values; a grid has at most %d cells", n, maxCells)
	}
	return progression{from: a, step: s, n: int(n), decimals: decimals}, nil
}

// evenly gives n values at equal distances, both ends included. It adds up to
// six decimals when the distance needs them, and refuses one that has no end.
func evenly(from, to string, n int) (progression, error) {
	u, decimals, err := align(from, to)
	if err != nil {
		return progression{}, err
	}
	a, b := u[0], u[1]
	if n == 1 {
		if a != b {
			return progression{}, fmt.Errorf("one value cannot be both %s and %s; write a count of 2 or more", from, to)
		}
		return progression{from: a, n: 1, decimals: decimals}, nil
	}
	for range 7 {
		if (b-a)%int64(n-1) == 0 {
			return progression{from: a, step: (b - a) / int64(n-1), n: n, decimals: decimals}, nil
		}
		if abs(a) >= limit/10 || abs(b) >= limit/10 {
			break
		}
		a, b, decimals = a*10, b*10, decimals+1
	}
	d := new(big.Rat).SetFrac64(b-a, int64(n-1))
	d.Quo(d, new(big.Rat).SetInt(new(big.Int).Exp(big.NewInt(10), big.NewInt(int64(decimals)), nil)))
	return progression{}, fmt.Errorf("%d values from %s to %s are %s… apart, which has no end; write a step or another count", n, from, to, d.FloatString(6))
}

// limit keeps sums and differences of aligned numbers within an int64.
const limit = 1_000_000_000_000_000_000

func abs(v int64) int64 { return max(v, -v) }

// align writes numbers as whole units of the finest among them.
func align(numbers ...string) (out []int64, decimals int, err error) {
	for _, s := range numbers {
		if digits := strings.TrimLeft(s, "-"); len(digits) > 1 && digits[0] == '0' && digits[1] != '.' {
			return nil, 0, fmt.Errorf("%s begins with a 0, which a range does not keep; list the values in quotes instead", quote(s))
		}
		if _, d, ok := units(s); ok {
			decimals = max(decimals, d)
		}
	}
	for _, s := range numbers {
		v, d, ok := units(s)
		for ; ok && d < decimals; d++ {
			if ok = abs(v) < limit/10; ok {
				v *= 10
			}
		}
		if !ok {
			return nil, 0, fmt.Errorf("%s has too many digits for a range; list the values instead", quote(s))
		}
		out = append(out, v)
	}
	return out, decimals, nil
}

// units reads a number as whole units of its last decimal.
func units(s string) (v int64, decimals int, ok bool) {
	if len(s) > 20 || !oneNumber.MatchString(s) {
		return 0, 0, false
	}
	whole, fraction, _ := strings.Cut(s, ".")
	v, err := strconv.ParseInt(whole+fraction, 10, 64)
	return v, len(fraction), err == nil && abs(v) < limit
}
