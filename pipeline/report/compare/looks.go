package compare

import (
	"math"

	"wirobatch/pipeline/journal"
	"wirobatch/pipeline/report/pictures"
)

// Look says how a picture of B stands to the one of A in its place.
type Look string

// The looks, in the order in which a person wants to know of them.
const (
	Changed Look = "changed"    // it looks different
	Resized Look = "other_size" // it has other sides
	Other   Look = "other_bytes"
	Alike   Look = "alike" // other bytes, but it looks the same
	Same    Look = "same"  // byte for byte
	OnlyA   Look = "only_a"
	OnlyB   Look = "only_b"
)

// unmeasured is the distance of what has none.
const unmeasured = -1

// shown is one output of a pair. Either may be missing.
type shown struct {
	pair     *pair
	n        int // number of the output
	a, b     *output
	look     Look
	recolour bool // it is changed by its colours alone
	distance int  // in bits of the perceptual hash, unmeasured where there is nothing to measure
}

// output is a delivered file, with what is known by looking at it.
type output struct {
	journal.File
	seen *pictures.Picture // nil: nobody has looked
}

// outputs sets the delivered files of a pair side by side, by their number.
func outputs(p *pair, seen [2]sight) (all []shown) {
	a, b := delivered(p.a, seen[0]), delivered(p.b, seen[1])
	for len(a)+len(b) > 0 {
		s := shown{pair: p, distance: unmeasured}
		if len(b) == 0 || len(a) > 0 && a[0].N <= b[0].N {
			s.a, s.n = &a[0], a[0].N
		}
		if len(a) == 0 || len(b) > 0 && b[0].N <= a[0].N {
			s.b, s.n = &b[0], b[0].N
		}
		if s.a != nil {
			a = a[1:]
		}
		if s.b != nil {
			b = b[1:]
		}
		s.judge()
		all = append(all, s)
	}
	return all
}

// sight tells what a file looks like, and false where nobody has looked.
type sight func(cell string, f journal.File) (pictures.Picture, bool)

// delivered gives the files of a cell that are on disk, in the order of their numbers.
func delivered(row *journal.Row, see sight) (all []output) {
	if row == nil {
		return nil
	}
	for _, f := range row.Files {
		if f.Path == "" {
			continue
		}
		one := output{File: f}
		if see != nil {
			if p, seen := see(row.ID, f); seen {
				one.seen = &p
			}
		}
		all = append(all, one)
	}
	return all
}

// judge compares the two. Other sides come first: what is scaled looks alike, and is not what was asked for.
func (s *shown) judge() {
	switch {
	case s.b == nil:
		s.look = OnlyA
	case s.a == nil:
		s.look = OnlyB
	case s.a.SHA256 != "" && s.a.SHA256 == s.b.SHA256:
		s.look, s.distance = Same, 0
	default:
		s.look = s.measure()
	}
}

func (s *shown) measure() Look {
	a, b := s.a.seen, s.b.seen
	if a == nil || b == nil || a.Err != "" || b.Err != "" || a.Width == 0 || b.Width == 0 {
		return Other
	}
	if bits, known := pictures.Apart(*a, *b); known {
		s.distance = bits
	}
	switch {
	case a.Width != b.Width || a.Height != b.Height:
		return Resized
	case a.Blank && b.Blank: // a hash of one colour would be chance
		return Other
	case s.distance == unmeasured || s.distance > pictures.NearBits:
		return Changed
	}
	return Alike
}

// Looks counts pictures, an output each.
type Looks struct {
	Same     int      `json:"same_bytes"`
	Alike    int      `json:"alike"`
	Changed  int      `json:"changed"`
	Resized  int      `json:"other_size"`
	Other    int      `json:"other_bytes"` // with nothing to measure: video, audio, text, one colour, or unreadable
	OnlyA    int      `json:"only_a"`
	OnlyB    int      `json:"only_b"`
	Neither  int      `json:"cells_without"` // pairs that have no picture in either folder
	Greatest *int     `json:"greatest_bits"`
	Mean     *float64 `json:"mean_bits"` // of those whose distance is known, but for the same bytes

	sum, measured int
}

// Both is how many pictures could be compared.
func (l Looks) Both() int { return l.Same + l.Alike + l.Changed + l.Resized + l.Other }

// Differ is how many of them do not look the same, or cannot be said to.
func (l Looks) Differ() int { return l.Changed + l.Resized + l.Other }

func (l *Looks) add(s shown) {
	switch s.look {
	case Same:
		l.Same++
		return
	case Alike:
		l.Alike++
	case Changed:
		l.Changed++
	case Resized:
		l.Resized++
	case Other:
		l.Other++
	case OnlyA:
		l.OnlyA++
	case OnlyB:
		l.OnlyB++
	}
	if d := s.distance; d != unmeasured {
		l.sum += d
		l.measured++
		l.Greatest = new(max(d, valueOr(l.Greatest, 0)))
		l.Mean = new(math.Round(float64(l.sum)/float64(l.measured)*100) / 100)
	}
}

func valueOr(p *int, none int) int {
	if p == nil {
		return none
	}
	return *p
}
