package export

import (
	"crypto/sha256"
	"encoding/binary"
	"fmt"
	"math/big"
	"regexp"
	"strings"

	"github.com/shopspring/decimal"
)

// Splits are the parts of a dataset, in order.
type Splits []Share

// A Share is a part that is about so large.
type Share struct {
	Name string
	Part decimal.Decimal // of 1

	end uint64 // texts whose hash is lower, and not lower than the ends before, belong to it; 0 of the last: all others
}

var splitName = regexp.MustCompile(`^[A-Za-z][A-Za-z0-9_]{0,39}$`)

// ParseSplits reads "train=0.9,validation=0.05,test=0.05".
func ParseSplits(text string) (Splits, error) {
	const form = "write train=0.9,validation=0.05,test=0.05"
	var all Splits
	sum, names := decimal.Zero, map[string]bool{}
	for one := range strings.SplitSeq(text, ",") {
		name, share, found := strings.Cut(strings.TrimSpace(one), "=")
		name, share = strings.TrimSpace(name), strings.TrimSpace(share)
		if !found || !splitName.MatchString(name) {
			return nil, fmt.Errorf("%q is no part with its share: %s; a name has letters, digits and _", one, form)
		}
		part, err := decimal.NewFromString(share)
		if err != nil || len(share) > 20 || part.Exponent() < -20 || part.Exponent() > 0 || !part.IsPositive() {
			return nil, fmt.Errorf("the share of %s must be a number above 0 and up to 1, not %q: %s", name, share, form)
		}
		if folded := strings.ToLower(name); names[folded] {
			return nil, fmt.Errorf("there are two parts called %s", name)
		} else {
			names[folded] = true
		}
		sum = sum.Add(part)
		all = append(all, Share{Name: name, Part: part, end: bound(sum)})
	}
	if !sum.Equal(decimal.NewFromInt(1)) {
		return nil, fmt.Errorf("the shares come to %s, and not to 1: %s", sum, form)
	}
	return all, nil
}

// bound is a share of all hashes.
func bound(sum decimal.Decimal) uint64 {
	whole := decimal.NewFromBigInt(new(big.Int).Lsh(big.NewInt(1), 64), 0)
	return sum.Mul(whole).BigInt().Uint64() // 0 for 1
}

// String is what ParseSplits reads.
func (s Splits) String() string {
	all := make([]string, len(s))
	for i, one := range s {
		all[i] = one.Name + "=" + one.Part.String()
	}
	return strings.Join(all, ",")
}

// of gives the part of a text, by its hash alone: whatever else is in the dataset, it stays there.
func (s Splits) of(text string) string {
	if len(s) == 0 {
		return ""
	}
	sum := sha256.Sum256([]byte(text))
	at := binary.BigEndian.Uint64(sum[:])
	for _, one := range s[:len(s)-1] {
		if at < one.end {
			return one.Name
		}
	}
	return s[len(s)-1].Name
}
