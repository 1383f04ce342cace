package compare

import (
	"image"
	_ "image/jpeg"
	_ "image/png"
	"os"
	"path/filepath"

	"golang.org/x/image/draw"
)

// The perceptual hash looks at light and dark alone: what is blue in one picture may be red in the other. Two that are as near as that still differ
// when their colours do, by more than mostShift of 255 on the whole. A poor JPEG of a picture shifts them by 1 or 2.
const mostShift = 8

// recoloured compares the small pictures of two that are alike but for their colours. Where one cannot be read it says nothing.
func recoloured(folders [2]Folder, s shown) bool {
	a, err := small(folders[0].Dir, s.a.seen.Thumb)
	if err != nil {
		return false
	}
	b, err := small(folders[1].Dir, s.b.seen.Thumb)
	if err != nil {
		return false
	}
	sum := 0
	for i := range a.Pix {
		sum += max(int(a.Pix[i])-int(b.Pix[i]), int(b.Pix[i])-int(a.Pix[i]))
	}
	return sum > mostShift*len(a.Pix)*3/4 // a fourth of them is how opaque a pixel is
}

// small is a picture in so few pixels that only its colours are left.
func small(dir, thumb string) (*image.RGBA, error) {
	root, err := os.OpenRoot(dir)
	if err != nil {
		return nil, err
	}
	defer root.Close()
	f, err := root.Open(filepath.FromSlash(thumb))
	if err != nil {
		return nil, err
	}
	defer f.Close()
	img, _, err := image.Decode(f)
	if err != nil {
		return nil, err
	}
	few := image.NewRGBA(image.Rect(0, 0, 16, 16))
	draw.CatmullRom.Scale(few, few.Bounds(), img, img.Bounds(), draw.Src, nil)
	return few, nil
}
