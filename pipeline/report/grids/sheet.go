package grids

import (
	"context"
	"fmt"
	"image"
	"image/color"
	"io"
	"slices"

	"image/png"
)

var (
	paper  = color.RGBA{0xfb, 0xfa, 0xf8, 0xff}
	ink    = color.RGBA{0x1d, 0x1c, 0x1a, 0xff}
	dim    = color.RGBA{0x6a, 0x66, 0x60, 0xff}
	empty  = color.RGBA{0xf0, 0xee, 0xea, 0xff}
	failed = color.RGBA{0xf8, 0xe9, 0xe6, 0xff}
	bad    = color.RGBA{0x9c, 0x2f, 0x22, 0xff}
)

// strip is as much of a sheet as is in memory at a time: the title, labels, or one row.
type strip struct {
	height int
	draw   func(img *image.RGBA) error
}

// strips gives the sheet from top to bottom.
func (s *sheet) strips(out string) (width int, all []strip, err error) {
	text, err := newTypeface(regular, s.m.text)
	if err != nil {
		return 0, nil, err
	}
	small, err := newTypeface(regular, s.m.small)
	if err != nil {
		return 0, nil, err
	}
	strong, err := newTypeface(medium, s.m.text)
	if err != nil {
		return 0, nil, err
	}
	title, err := newTypeface(medium, s.m.text*1.5)
	if err != nil {
		return 0, nil, err
	}
	for _, b := range s.blocks {
		w, _ := s.size(b)
		width = max(width, w)
	}
	width = max(width, min(2*s.box+2*s.m.pad, 700)) // room for the title
	all = append(all, s.titled(width, title, strong, small))
	for i, b := range s.blocks {
		if i > 0 {
			all = append(all, drawn(int(s.m.text*0.7), nil))
		}
		all = append(all, s.labelled(b, i == 0, text, small))
		for y := b.y0; y < b.y1; y++ {
			all = append(all, strip{s.tall[y] + s.m.gap, func(img *image.RGBA) error { return s.row(img, out, b, y, text, small) }})
		}
	}
	return width, append(all, strip{s.m.pad - s.m.gap, func(*image.RGBA) error { return nil }}), nil
}

// written is a line of text in its place.
type written struct {
	x, y int
	face *typeface
	ink  color.Color
	text string
}

func drawn(height int, lines []written) strip {
	return strip{height, func(img *image.RGBA) error {
		for _, l := range lines {
			l.face.draw(img, l.x, l.y, l.ink, l.text)
		}
		return nil
	}}
}

// titled says what the picture is of, what is fixed in it, and what is the same for all.
func (s *sheet) titled(width int, title, strong, small *typeface) strip {
	var lines []written
	x, y, room := s.m.pad, s.m.pad, width-2*s.m.pad
	put := func(t *typeface, ink color.Color, most int, value string) {
		for _, l := range t.wrap(value, room, most) {
			lines = append(lines, written{x, y, t, ink, l})
			y += t.line()
		}
	}
	put(title, ink, 1, s.title[0])
	under := s.title[1]
	if s.of > 1 {
		under += fmt.Sprintf(" • sheet %d of %d", s.n, s.of)
	}
	put(small, dim, 1, under)
	y += int(s.m.text * 0.4)
	for _, f := range s.fixed {
		put(strong, ink, 3, f.name+": "+shownValue(f.value))
	}
	same := ""
	for _, f := range s.same {
		if same != "" {
			same += " • "
		}
		same += f.name + ": " + f.value
	}
	put(small, dim, 2, same)
	return drawn(y+int(s.m.text*0.6), lines)
}

// labelled are the values of X above their columns, at the bottom of the strip, and once the names of both axes.
func (s *sheet) labelled(b block, named bool, text, small *typeface) strip {
	var lines []written
	var columns [][]written
	left, top := s.m.pad+s.m.side, 0
	if s.xName != "" && named {
		lines = append(lines, written{left, 0, small, dim, s.axisName(small, s.xName, s.widths[b.x0])})
		top = small.line()
	}
	bottom := top
	for x := b.x0; x < b.x1; x++ {
		var c []written
		if s.xName != "" {
			y := top
			for _, l := range text.wrap(shownValue(s.xs[x].value), s.widths[x], 3) {
				c = append(c, written{left, y, text, ink, l})
				y += text.line()
			}
			for _, more := range s.xs[x].more {
				for _, l := range small.wrap(more, s.widths[x], 1) {
					c = append(c, written{left, y, small, dim, l})
					y += small.line()
				}
			}
			bottom = max(bottom, y)
		}
		columns = append(columns, c)
		left += s.widths[x] + s.m.gap
	}
	if s.yName != "" {
		bottom = max(bottom, small.line())
		lines = append(lines, written{s.m.pad, bottom - small.line(), small, dim, s.axisName(small, s.yName, s.m.side-int(s.m.text)/2)})
	}
	return drawn(bottom+int(s.m.text*0.45), slices.Concat(append(columns, lines)...))
}

func (s *sheet) axisName(t *typeface, name string, room int) string {
	for _, l := range t.wrap(name, max(room, int(t.size*6)), 1) {
		return l
	}
	return ""
}

// streamed is a sheet that is drawn strip by strip while it is encoded from top to bottom.
type streamed struct {
	ctx    context.Context
	width  int
	height int
	strips []strip
	top    int // of the strip in memory
	now    *image.RGBA
	pixel  color.RGBA
	err    error
}

func (s *streamed) ColorModel() color.Model { return color.RGBAModel }
func (s *streamed) Bounds() image.Rectangle { return image.Rect(0, 0, s.width, s.height) }
func (s *streamed) Opaque() bool            { return true }

// At gives the same colour each time, with another value: an encoder looks at one pixel at a time, and millions of colours would be garbage.
func (s *streamed) At(x, y int) color.Color {
	for s.now == nil || y >= s.top+s.now.Rect.Max.Y {
		if s.now != nil {
			s.top += s.now.Rect.Max.Y
		}
		next := s.strips[0]
		s.strips = s.strips[1:]
		if s.now == nil || s.now.Rect.Max.Y != next.height {
			s.now = image.NewRGBA(image.Rect(0, 0, s.width, next.height))
		}
		fill(s.now, s.now.Rect, paper)
		if s.err == nil {
			s.err = s.ctx.Err()
		}
		if s.err == nil {
			s.err = next.draw(s.now)
		}
	}
	i := s.now.PixOffset(x, y-s.top)
	p := s.now.Pix[i : i+4 : i+4]
	s.pixel = color.RGBA{p[0], p[1], p[2], p[3]}
	return &s.pixel
}

// encode writes the sheet as PNG, with as much memory as one row takes.
func (s *sheet) encode(ctx context.Context, out string, w io.Writer) error {
	width, strips, err := s.strips(out)
	if err != nil {
		return err
	}
	img := &streamed{ctx: ctx, width: width, strips: strips}
	for _, one := range strips {
		img.height += one.height
	}
	if err := png.Encode(w, img); err != nil {
		return err
	}
	return img.err
}
