package grids

import (
	"image"
	"image/color"
	_ "image/jpeg"
	"os"
	"path/filepath"
	"strconv"

	"golang.org/x/image/draw"

	"wirobatch/pipeline/report/pictures"
)

func fill(img *image.RGBA, r image.Rectangle, c color.RGBA) {
	draw.Draw(img, r, image.NewUniform(c), image.Point{}, draw.Src)
}

// row draws one row: its label, and its pictures.
func (s *sheet) row(img *image.RGBA, out string, b block, y int, text, small *typeface) error {
	s.beside(img, y, text, small)
	left := s.m.pad + s.m.side
	for x := b.x0; x < b.x1; x++ {
		if one := s.tiles[y][x]; one != nil {
			box := image.Rect(left, 0, left+s.widths[x], s.tall[y])
			if !s.picture(img, box, out, one, small) {
				s.placeholder(img, box, one, small)
			}
		}
		left += s.widths[x] + s.m.gap
	}
	return nil
}

// beside is the label of a row, as many lines of it as the row is high.
func (s *sheet) beside(img *image.RGBA, y int, text, small *typeface) {
	if s.yName == "" {
		return
	}
	room, top := s.m.side-int(s.m.text), 0
	l := s.ys[y]
	most := max(1, (s.tall[y]-len(l.more)*small.line())/text.line())
	for _, line := range text.wrap(shownValue(l.value), room, most) {
		text.draw(img, s.m.pad, top, ink, line)
		top += text.line()
	}
	for _, more := range l.more {
		if top+small.line() > s.tall[y] {
			break
		}
		for _, line := range small.wrap(more, room, max(1, min(3, (s.tall[y]-top)/small.line()))) {
			small.draw(img, s.m.pad, top, dim, line)
			top += small.line()
		}
	}
}

// picture draws what there is, in its own proportions, at the left top as the labels are.
func (s *sheet) picture(img *image.RGBA, box image.Rectangle, out string, one *tile, small *typeface) bool {
	if one.thumb == "" {
		return false
	}
	f, err := os.Open(filepath.Join(out, filepath.FromSlash(one.thumb))) // a name that we gave
	if err != nil {
		return false
	}
	defer f.Close()
	thumb, _, err := image.Decode(f)
	if err != nil {
		return false
	}
	w, h := pictures.Fit(one.width, one.height, s.box, s.box)
	at := image.Rect(0, 0, w, h).Add(box.Min)
	checkered(img, at, thumb)
	if b := thumb.Bounds(); b.Dx() == w && b.Dy() == h {
		draw.Draw(img, at, thumb, b.Min, draw.Over)
	} else {
		draw.ApproxBiLinear.Scale(img, at, thumb, b, draw.Over, nil) // at most by half: no pixel is left out
	}
	if one.outputs > 1 {
		mark := "1 of " + strconv.Itoa(one.outputs)
		pad := int(small.size / 3)
		tag := image.Rect(at.Min.X, at.Max.Y-small.line()-pad, at.Min.X+small.width(mark)+4*pad, at.Max.Y).Intersect(at)
		fill(img, tag, paper)
		small.draw(img, tag.Min.X+2*pad, tag.Min.Y+pad/2, ink, mark)
	}
	return true
}

// checkered lies below what is transparent.
func checkered(img *image.RGBA, r image.Rectangle, thumb image.Image) {
	if o, ok := thumb.(interface{ Opaque() bool }); ok && o.Opaque() {
		return
	}
	const side = 8
	fill(img, r, color.RGBA{0xff, 0xff, 0xff, 0xff})
	for y := r.Min.Y; y < r.Max.Y; y += side {
		for x := r.Min.X + (y-r.Min.Y)/side%2*side; x < r.Max.X; x += 2 * side {
			fill(img, image.Rect(x, y, x+side, y+side).Intersect(r), color.RGBA{0xe6, 0xe4, 0xe0, 0xff})
		}
	}
}

// placeholder says why there is no picture.
func (s *sheet) placeholder(img *image.RGBA, box image.Rectangle, one *tile, small *typeface) {
	ground, colour, word := empty, dim, one.status
	switch {
	case one.status == "failed":
		ground, colour = failed, bad
	case one.status == "done" && one.err != "":
		ground, colour, word = failed, bad, "unreadable"
	case one.status == "done":
		word = "no picture"
	}
	fill(img, box, ground)
	pad := int(small.size * 0.7)
	room, top := box.Dx()-2*pad, box.Min.Y+pad
	lines := small.wrap(word, room, 1)
	if most := (box.Dy()-2*pad)/small.line() - 1; most > 0 && one.err != "" {
		lines = append(lines, small.wrap(one.err, room, most)...)
	}
	for i, line := range lines {
		small.draw(img, box.Min.X+pad, top, map[bool]color.Color{true: colour, false: dim}[i == 0], line)
		top += small.line()
	}
}
