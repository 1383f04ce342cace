package pictures

import (
	"fmt"
	"image"
	"math"

	"github.com/corona10/goimagehash"
	"golang.org/x/image/draw"
)

// see keeps what a person or a check needs of a picture.
func (e *seen) see(img image.Image) {
	small := shrink(img, Side, Side)
	e.Width, e.Height = img.Bounds().Dx(), img.Bounds().Dy()
	e.image = small
	if e.Blank = blank(small); e.Blank {
		return
	}
	if h, err := goimagehash.PerceptionHash(square(small)); err == nil {
		e.Hash = fmt.Sprintf("%016x", h.GetHash())
	}
}

// shrink fits a picture into a box, in its own proportions; what is smaller stays as it is.
func shrink(img image.Image, width, height int) *image.RGBA {
	b := img.Bounds()
	w, h := Fit(b.Dx(), b.Dy(), width, height)
	small := image.NewRGBA(image.Rect(0, 0, w, h))
	if w == b.Dx() && h == b.Dy() {
		draw.Copy(small, image.Point{}, img, b, draw.Src, nil)
	} else {
		draw.CatmullRom.Scale(small, small.Bounds(), img, b, draw.Src, nil)
	}
	return small
}

// Fit gives the size of w × h within a box, never larger than it is, and never nothing.
func Fit(w, h, width, height int) (int, int) {
	scale := min(1, float64(width)/float64(w), float64(height)/float64(h))
	return max(1, int(math.Round(float64(w)*scale))), max(1, int(math.Round(float64(h)*scale)))
}

// square is what the hash looks at: its own resizing would leave out most pixels of a larger one.
func square(small image.Image) image.Image {
	s := image.NewRGBA(image.Rect(0, 0, 64, 64))
	draw.CatmullRom.Scale(s, s.Bounds(), small, small.Bounds(), draw.Src, nil)
	return s
}

// blank tells whether no channel strays from its mean by more than noise does. A few stars in a black sky are no noise.
func blank(small *image.RGBA) bool {
	const noise = 2.0 // of 255
	var sum, squares [4]float64
	for i, v := range small.Pix {
		sum[i&3] += float64(v)
		squares[i&3] += float64(v) * float64(v)
	}
	n := float64(len(small.Pix) / 4)
	for c := range sum {
		mean := sum[c] / n
		if squares[c]/n-mean*mean > noise*noise {
			return false
		}
	}
	return true
}

func opaque(img image.Image) bool {
	o, ok := img.(interface{ Opaque() bool })
	return ok && o.Opaque()
}
