package export

import (
	"crypto/sha256"
	"fmt"

	"wirobatch/pipeline/report/pictures"
)

// duplicates knows the files before, by some bytes of each.
type duplicates struct {
	dedupe string
	cells  map[[16]byte]bool // cell and output
	files  map[[16]byte]bool // cell, output and bytes
	bytes  map[[16]byte]bool
	looks  pictures.Looks
	eye    *pictures.Eye
	of     int // folder of the eye
}

func short(parts ...any) (sum [16]byte) {
	h := sha256.New()
	fmt.Fprintln(h, parts...)
	copy(sum[:], h.Sum(nil))
	return sum
}

// look tells why a file is left out, or whether its key is taken by another.
func (d *duplicates) look(c candidate, fs *folders) (suffixed bool, why string, err error) {
	if d.cells == nil {
		d.cells, d.files, d.bytes = map[[16]byte]bool{}, map[[16]byte]bool{}, map[[16]byte]bool{}
	}
	if len(fs.all) > 1 { // within one, cells differ
		cell, file := short(c.row.ID, c.file.N), short(c.row.ID, c.file.N, c.file.SHA256)
		if d.files[file] {
			return false, twice, nil
		}
		suffixed = d.cells[cell]
		d.cells[cell], d.files[file] = true, true
	}
	if d.dedupe == "" || c.file.SHA256 == "" {
		return suffixed, "", nil
	}
	sum := short(c.file.SHA256)
	if d.bytes[sum] {
		return false, sameBytes, nil
	}
	d.bytes[sum] = true
	if d.dedupe != Near {
		return suffixed, "", nil
	}
	if d.eye == nil || d.of != c.in {
		d.close()
		if d.eye, err = pictures.OpenEye(fs.all[c.in].dir); err != nil {
			return false, "", err
		}
		d.of = c.in
	}
	l, ok, err := d.eye.Look(c.file)
	if err == nil && ok && !d.looks.Add(l) {
		why = alike
	}
	return suffixed, why, err
}

func (d *duplicates) close() {
	if d.eye != nil {
		d.eye.Close()
		d.eye = nil
	}
}
