package grids

import (
	"image"
	"image/color"

	"github.com/hajimehoshi/bitmapfont/v4"
	"golang.org/x/image/draw"
	"golang.org/x/image/font"
	"golang.org/x/image/font/gofont/gomedium"
	"golang.org/x/image/font/gofont/goregular"
	"golang.org/x/image/font/opentype"
	"golang.org/x/image/font/sfnt"
	"golang.org/x/image/math/fixed"
	"golang.org/x/text/unicode/bidi"
)

var (
	regular = parsed(goregular.TTF)
	medium  = parsed(gomedium.TTF)
)

func parsed(ttf []byte) *opentype.Font {
	f, err := opentype.Parse(ttf)
	if err != nil {
		panic(err) // it is in the binary
	}
	return f
}

// typeface is a font in a size. Letters that it lacks come from the bitmap font, which has those of Chinese, Japanese and Korean, but draws
// each in one way: Chinese shows in the shapes that Japanese has.
type typeface struct {
	font.Face
	font   *opentype.Font
	size   float64
	glyphs sfnt.Buffer
	drawn  map[rune]*image.Alpha // of the bitmap font, in this size
}

func newTypeface(f *opentype.Font, size float64) (*typeface, error) {
	face, err := opentype.NewFace(f, &opentype.FaceOptions{Size: size, DPI: 72, Hinting: font.HintingNone})
	return &typeface{Face: face, font: f, size: size, drawn: map[rune]*image.Alpha{}}, err
}

func (t *typeface) line() int          { return int(t.size*1.32 + 0.5) }
func (t *typeface) width(s string) int { return font.MeasureString(t, s).Ceil() }

// draw writes a line whose top left corner is given.
func (t *typeface) draw(img *image.RGBA, x, y int, ink color.Color, text string) {
	d := font.Drawer{Dst: img, Src: image.NewUniform(ink), Face: t}
	d.Dot = fixed.P(x, y+int(t.size*1.02+0.5))
	d.DrawString(text)
}

// has tells whether there is a glyph that can stand by itself, one after the other from left to right.
func (t *typeface) has(r rune) bool { return t.outlined(r) || pixels(r) != nil }

func (t *typeface) outlined(r rune) bool {
	i, err := t.font.GlyphIndex(&t.glyphs, r)
	return err == nil && i != 0
}

// The bitmap font's em, and how far its baseline is below the top of a glyph.
const em, ascent = 12, 12

// pixels is a letter of the bitmap font, nil where it has none.
func pixels(r rune) *image.Alpha {
	if way, _ := bidi.LookupRune(r); way.Class() == bidi.R || way.Class() == bidi.AL || way.Class() == bidi.NSM {
		return nil
	}
	box, mask, at, _, ok := bitmapfont.Face.Glyph(fixed.P(0, ascent), r)
	if !ok {
		return nil
	}
	img := image.NewAlpha(box)
	draw.Draw(img, box, mask, at, draw.Src)
	for _, a := range img.Pix {
		if a != 0 {
			return img
		}
	}
	return nil
}

// scaled draws the outline that the pixels tell of: several times as large, where it is half as dark as ink, and then down to size.
func scaled(img *image.Alpha, by float64) *image.Alpha {
	const finer, half = 4, 112
	w, h := int(float64(img.Rect.Dx())*by+0.5), int(float64(img.Rect.Dy())*by+0.5)
	large := image.NewAlpha(image.Rect(0, 0, w*finer, h*finer))
	draw.CatmullRom.Scale(large, large.Rect, img, img.Rect, draw.Src, nil)
	for i, a := range large.Pix {
		large.Pix[i] = map[bool]uint8{true: 255}[a >= half]
	}
	out := image.NewAlpha(image.Rect(0, 0, w, h))
	draw.BiLinear.Scale(out, out.Rect, large, large.Rect, draw.Src, nil)
	return out
}

func (t *typeface) Glyph(dot fixed.Point26_6, r rune) (box image.Rectangle, mask image.Image, at image.Point, advance fixed.Int26_6, ok bool) {
	if t.outlined(r) {
		return t.Face.Glyph(dot, r)
	}
	if _, known := t.drawn[r]; !known {
		small := pixels(r)
		if small == nil {
			return t.Face.Glyph(dot, r)
		}
		t.drawn[r] = scaled(small, t.size/em)
	}
	advance, _ = t.GlyphAdvance(r)
	glyph := t.drawn[r]
	return glyph.Rect.Add(image.Pt(dot.X.Round(), dot.Y.Round()-int(ascent*t.size/em+0.5))), glyph, image.Point{}, advance, true
}

func (t *typeface) GlyphAdvance(r rune) (fixed.Int26_6, bool) {
	if t.outlined(r) {
		return t.Face.GlyphAdvance(r)
	}
	wide, ok := bitmapfont.Face.GlyphAdvance(r)
	return fixed.Int26_6(float64(wide) * t.size / em), ok
}

func (t *typeface) Kern(a, b rune) fixed.Int26_6 {
	if t.outlined(a) && t.outlined(b) {
		return t.Face.Kern(a, b)
	}
	return 0
}
