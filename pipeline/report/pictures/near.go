package pictures

import (
	"fmt"
	"math"
	"math/bits"
	"slices"
)

// NearBits is by how many of its 64 bits a hash may differ for two pictures to look alike. Of one picture in another size and as a poor JPEG
// it is 0 to 2, of the sandbox's pictures of one prompt with different seeds 10 and more.
const NearBits = 4

// bands is into how many parts a hash is cut: hashes that differ in fewer bits than there are parts have one part in common.
const bands = NearBits + 1

// crowd is how many of those that have a part in common are compared with each. Only where pictures in thousands look almost alike are
// there more, and then the finding is long enough.
const crowd = 2000

func band(hash uint64, n int) uint16 {
	const width = (64 + bands - 1) / bands
	return uint16(hash >> (n * width) & (1<<width - 1))
}

// likeness is what is compared. Pictures of other proportions are no duplicates, even when the same scene is in them.
type likeness struct {
	hash  uint64
	shape int
}

func likenessOf(p Picture) likeness {
	return likeness{p.Hash, int(math.Round(8 * math.Log(float64(max(1, p.Width))/float64(max(1, p.Height)))))}
}

func (l likeness) apart(m likeness) int { return bits.OnesCount64(l.hash ^ m.hash) }

// Apart tells in how many of the 64 bits of their hashes two pictures differ: the same bytes in none, pictures that look alike in NearBits or fewer,
// unrelated ones in about half. It is not known of what has no hash, such as one colour, video or text.
func Apart(a, b Picture) (bits int, known bool) {
	switch {
	case a.SHA256 == b.SHA256 && a.SHA256 != "":
		return 0, true
	case !a.Hashed || !b.Hashed:
		return 0, false
	}
	return likenessOf(a).apart(likenessOf(b)), true
}

// near puts pictures that look like the first of a group into it: not a chain, at whose ends nothing looks alike any more. The same bytes are
// another finding, and replicates of the same inputs are meant to look alike.
func near(all []shown) (checks []Check) {
	byLook := map[likeness][]shown{}
	var looks []likeness // in the order of the grid
	for _, p := range all {
		if p.Hashed {
			l := likenessOf(p.Picture)
			if byLook[l] == nil {
				looks = append(looks, l)
			}
			byLook[l] = append(byLook[l], p)
		}
	}
	var buckets [bands]map[uint16][]int
	for n := range bands {
		buckets[n] = map[uint16][]int{}
		for i, l := range looks {
			buckets[n][band(l.hash, n)] = append(buckets[n][band(l.hash, n)], i)
		}
	}
	grouped := make([]bool, len(looks))
	for i, l := range looks {
		if grouped[i] {
			continue
		}
		group := []int{i}
		for n := range bands {
			compared := 0
			bucket := buckets[n][band(l.hash, n)]
			from, _ := slices.BinarySearch(bucket, i+1)
			for _, k := range bucket[from:] {
				if compared++; compared > crowd {
					break
				}
				if !grouped[k] && !slices.Contains(group, k) && looks[k].shape == l.shape && l.apart(looks[k]) <= NearBits {
					group = append(group, k)
				}
			}
		}
		slices.Sort(group)
		var members []shown
		for _, k := range group {
			grouped[k] = true
			members = append(members, byLook[looks[k]]...)
		}
		slices.SortFunc(members, func(a, b shown) int { return a.at - b.at })
		if c, ok := alike(members); ok {
			checks = append(checks, c)
		}
	}
	return checks
}

func alike(members []shown) (Check, bool) {
	first := members[0]
	looks := map[string]bool{}
	for _, p := range members {
		looks[p.SHA256] = true
	}
	if len(looks) < 2 || !slices.ContainsFunc(members, func(p shown) bool { return p.inputs != first.inputs && p.SHA256 != first.SHA256 }) {
		return Check{}, false
	}
	return Check{Near, cellsOf(members), fmt.Sprintf("%d pictures of different inputs look almost the same", len(looks))}, true
}
