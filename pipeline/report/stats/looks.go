package stats

import (
	"crypto/sha256"
	"encoding/binary"
	"fmt"

	"wirobatch/pipeline/journal"
	"wirobatch/pipeline/report/pictures"
)

// Looks is how far pictures are from those of the first value of the axis that have all else in common, in bits of 64: 0 are the same,
// pictures.NearBits look alike, about 32 have nothing in common.
type Looks struct {
	N       int // cells compared, by their first output
	Unknown int // cells that could be compared, if it were known how both look
	Mean    float64
	Most    int
}

func (c *cells) look(row journal.Row) (l look) {
	if row.State != journal.Done || len(row.Files) == 0 {
		return l
	}
	sums := sha256.New()
	whole := true
	for i, f := range row.Files {
		if whole = whole && f.Path != "" && f.SHA256 != ""; !whole {
			return l
		}
		fmt.Fprintf(sums, "%d %s\n", f.N, f.SHA256)
		if p, seen := c.options.Known.Of(row.ID, f); seen && i == 0 {
			l.hash, l.hashed = p.Hash, p.Hashed
		}
	}
	copy(l.sum[:], sums.Sum(nil))
	return l
}

func (l look) apart(m look) (bits int, known bool) {
	switch {
	case l.sum == [8]byte{} || m.sum == [8]byte{}:
		return 0, false
	case l.sum == m.sum:
		return 0, true
	}
	return pictures.Apart(pictures.Picture{Hash: l.hash, Hashed: l.hashed}, pictures.Picture{Hash: m.hash, Hashed: m.hashed})
}

// but names what a cell has apart from one axis: cells with the same name differ in that axis alone.
func (c *cells) but(axis int, cell int32) string {
	name := make([]byte, 0, 4*len(c.places))
	for k := range c.places {
		if k != axis {
			name = binary.LittleEndian.AppendUint32(name, uint32(c.places[k][cell]))
		}
	}
	return string(name)
}

// distances are those of each cell from its counterpart, -1: not known, -2: nothing to compare.
type distances []int8

// fromFirst compares over one axis; over two there is no one picture to compare with.
func (c *cells) fromFirst(by []int) (d distances) {
	if len(by) != 1 {
		return nil
	}
	axis := by[0]
	first := map[string]look{}
	for i, place := range c.places[axis] {
		if place == 0 && c.looks[i].sum != [8]byte{} {
			first[c.but(axis, int32(i))] = c.looks[i]
		}
	}
	if len(first) == 0 {
		return nil
	}
	d = make(distances, len(c.looks))
	for i := range d {
		d[i] = -2
		if c.looks[i].sum == [8]byte{} {
			continue
		}
		counterpart, there := first[c.but(axis, int32(i))]
		if !there {
			continue
		}
		d[i] = -1
		if bits, known := counterpart.apart(c.looks[i]); known {
			d[i] = int8(bits)
		}
	}
	return d
}

func (d distances) of(members []int32) *Looks {
	if d == nil {
		return nil
	}
	l := &Looks{}
	sum := 0
	for _, i := range members {
		switch bits := int(d[i]); bits {
		case -2:
		case -1:
			l.Unknown++
		default:
			l.N++
			l.Most = max(l.Most, bits)
			sum += bits
		}
	}
	if l.N > 0 {
		l.Mean = float64(sum) / float64(l.N)
	}
	return l
}
