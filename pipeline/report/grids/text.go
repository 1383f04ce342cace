package grids

import (
	"fmt"
	"image"
	"image/color"
	"strings"
	"unicode"

	"golang.org/x/image/font"
	"golang.org/x/image/font/gofont/gomedium"
	"golang.org/x/image/font/gofont/goregular"
	"golang.org/x/image/font/opentype"
	"golang.org/x/image/font/sfnt"
	"golang.org/x/image/math/fixed"
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

// typeface is a font in a size.
type typeface struct {
	face   font.Face
	font   *opentype.Font
	size   float64
	glyphs sfnt.Buffer
}

func newTypeface(f *opentype.Font, size float64) (*typeface, error) {
	face, err := opentype.NewFace(f, &opentype.FaceOptions{Size: size, DPI: 72, Hinting: font.HintingNone})
	return &typeface{face: face, font: f, size: size}, err
}

func (t *typeface) line() int          { return int(t.size*1.32 + 0.5) }
func (t *typeface) width(s string) int { return font.MeasureString(t.face, s).Ceil() }

// draw writes a line whose top left corner is given.
func (t *typeface) draw(img *image.RGBA, x, y int, ink color.Color, text string) {
	d := font.Drawer{Dst: img, Src: image.NewUniform(ink), Face: t.face}
	d.Dot = fixed.P(x, y+int(t.size*1.02+0.5))
	d.DrawString(text)
}

// wrap breaks a text into lines of a width, at most so many. What does not fit ends in an ellipsis.
func (t *typeface) wrap(text string, width, most int) (lines []string) {
	words := strings.Fields(t.plain(text))
	for len(words) > 0 {
		n := 1
		line := words[0]
		for n < len(words) && t.width(line+" "+words[n]) <= width {
			line += " " + words[n]
			n++
		}
		words = words[n:]
		if t.width(line) > width { // one word, too long
			runes := []rune(line)
			k := len(runes) - 1
			for k > 1 && t.width(string(runes[:k])) > width {
				k = min(k-1, max(1, k*width*11/10/max(1, t.width(string(runes[:k])))))
			}
			line = string(runes[:k])
			words = append([]string{string(runes[k:])}, words...)
		}
		if lines = append(lines, line); len(lines) == most && len(words) > 0 {
			lines[most-1] = t.cut(line+"…", width)
			break
		}
	}
	return lines
}

// cut shortens a line that ends in an ellipsis.
func (t *typeface) cut(line string, width int) string {
	runes := []rune(strings.TrimSuffix(line, "…"))
	for len(runes) > 0 && t.width(string(runes)+"…") > width {
		runes = runes[:len(runes)-1]
	}
	return strings.TrimRight(string(runes), " ,.;:-–") + "…"
}

// longest is how much of a text is looked at: no sheet shows more.
const longest = 2000

// plain is a text in the glyphs that there are. The font has Latin, Greek and Cyrillic; of other letters the code points stand there, so that
// values can be told apart, and nobody takes a box for a mistake of the model.
func (t *typeface) plain(text string) string {
	var b strings.Builder
	var strange []rune
	flush := func() {
		if len(strange) == 0 {
			return
		}
		b.WriteString(" [U+")
		for i, r := range strange {
			if i == 6 {
				fmt.Fprintf(&b, " and %d more", len(strange)-i)
				break
			}
			if i > 0 {
				b.WriteByte(' ')
			}
			fmt.Fprintf(&b, "%04X", r)
		}
		b.WriteString("] ")
		strange = nil
	}
	for _, r := range text[:min(len(text), longest)] {
		switch {
		case unicode.IsSpace(r) || unicode.IsControl(r):
			if len(strange) == 0 {
				b.WriteByte(' ')
			}
		case unicode.In(r, unicode.Cf, unicode.Variation_Selector): // joiners and marks of direction
		case t.has(r):
			flush()
			b.WriteRune(r)
		default:
			strange = append(strange, r)
		}
	}
	flush()
	return b.String()
}

func (t *typeface) has(r rune) bool {
	i, err := t.font.GlyphIndex(&t.glyphs, r)
	return err == nil && i != 0
}
